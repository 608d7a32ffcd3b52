"""Sum up the values of a column in some rows: a histogram of numbers, the most frequent other values."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice
from typing import Any

import numpy as np

from tfspark_magic.inspection.mllib import plain
from tfspark_magic.inspection.thumbnail import share

_BARS = 16
_TOPS = 3
_LONG = 1_000_000
_MOST_NUMBERS = 100_000
"""Of more numbers inside arrays, the first ones are summed up."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a histogram: how many values are from `low` to `high`, which belongs only to the last one."""

    low: float
    high: float
    count: int
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class Top:
    """A frequent value."""

    value: Any
    count: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What the values of a column are.

    Parameters
    ----------
    rows
        The number of rows.
    bars
        The histogram of the finite numbers, also of those inside arrays; empty for other values.
    tops
        The most frequent values, the first one first; empty for numbers, and where each value is
        another.
    says
        The range of the numbers, or the number of different values.
    lacks
        How many values are null, NaN or infinite, in words; empty if none is.
    inside
        Whether the numbers are those inside arrays.
    """

    rows: int
    bars: tuple[Bar, ...] = ()
    tops: tuple[Top, ...] = ()
    says: str = ""
    lacks: str = ""
    inside: bool = False


def summary(values: Sequence[Any]) -> Summary:
    """Sum up the values of a column.

    >>> summary([1, 2, 2, None]).says, summary([1, 2, 2, None]).lacks
    ('1 … 2', '25 % null')
    >>> summary(["a", "b", "a"]).tops[0]
    Top(value='a', count=2)
    """
    known = [plain(value) for value in values if value is not None]
    found = _of_known(len(values), known, len(values) - len(known))
    if not found.lacks and len(known) < len(values):
        found = replace(found, lacks=_lacks(len(values), null=len(values) - len(known)))
    return found


def _of_known(rows: int, known: list[Any], nulls: int) -> Summary:
    if not known:
        return Summary(rows, says="no values")
    if all(_is_number(value) for value in known):
        return _of_numbers(rows, known, nulls, inside=False)
    if isinstance(known[0], list):
        numbers = list(islice(_inside(known), _MOST_NUMBERS))
        found = [one for one in numbers if one is not None]
        if found and all(map(_is_number, found)):
            return _of_numbers(rows, found, nulls, inside=True)
        return Summary(rows)
    if isinstance(known[0], bytes | bytearray):
        sizes = sorted(map(len, known))
        return Summary(rows, says=f"{sizes[0]:,} … {sizes[-1]:,} bytes")
    return _of_others(rows, known)


def _of_others(rows: int, known: list[Any]) -> Summary:
    try:
        counts = Counter(known)
    except TypeError:
        return Summary(rows)
    different = len(counts)
    tops = [Top(value, count) for value, count in counts.most_common(_TOPS)]
    if different > _TOPS and tops[0].count == 1:
        return Summary(rows, says=f"{different:,} different")
    return Summary(rows, tops=tuple(tops), says=f"{different:,} value{'s'[: different != 1]}")


def _of_numbers(rows: int, known: Sequence[Any], nulls: int, *, inside: bool) -> Summary:
    numbers = np.array([float(value) for value in known])
    finite = numbers[np.isfinite(numbers)]
    nan = int(np.isnan(numbers).sum())
    infinite = numbers.size - finite.size - nan
    of = max(1, numbers.size + nulls) if inside else rows
    lacks = _lacks(of, null=nulls, nan=nan, infinite=infinite)
    if not finite.size:
        return Summary(rows, says="no finite number", lacks=lacks, inside=inside)
    low, high = float(finite.min()), float(finite.max())
    says = _short(low) if low == high else f"{_short(low)} … {_short(high)}"
    whole = all(not isinstance(value, float | Decimal) for value in known)
    bars = _bars(finite, low, high, whole=whole)
    return Summary(rows, bars=bars, says=says, lacks=lacks, inside=inside)


def _bars(finite: Any, low: float, high: float, *, whole: bool) -> tuple[Bar, ...]:
    if low == high:
        return (Bar(low, high, finite.size, is_last=True),)
    if whole and high - low < _BARS:
        # A bar for each whole number.
        edges = np.arange(low, high + 2)
    elif not math.isfinite(high - low):
        return ()
    else:
        edges = np.linspace(low, high, _BARS + 1)
    counts, edges = np.histogram(finite, edges)
    last = len(counts) - 1
    return tuple(
        Bar(float(a), float(b), int(count), is_last=at == last)
        for at, (a, b, count) in enumerate(zip(edges, edges[1:], counts, strict=False))
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _inside(values: Iterable[Any]) -> Iterable[Any]:
    for value in values:
        if isinstance(value, list):
            yield from _inside(value)
        else:
            yield value


def _short(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) and abs(value) < _LONG else f"{value:.3g}"


def _lacks(of: int, *, null: int = 0, nan: int = 0, infinite: int = 0) -> str:
    parts = ((null, "null"), (nan, "NaN"), (infinite, "infinite"))
    return ", ".join(f"{share(count, of)} {name}" for count, name in parts if count)
