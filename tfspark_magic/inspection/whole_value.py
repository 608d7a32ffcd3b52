"""Write a value of a DataFrame in full: its text, and what its numbers are."""

from __future__ import annotations

from typing import Any

import numpy as np

from tfspark_magic.inspection.statistics import Statistics
from tfspark_magic.inspection.thumbnail import number, share

_LINE = 100
"""The width of a line in characters."""
_BYTES_IN_LINE = 16
_DOTS = "."


def whole_text(value: Any, most: int) -> str:
    r"""Write a value with all of its elements and digits; a matrix with a line for each of its rows.

    >>> whole_text([[1.5, 2.0], [3.0, 10.0]], 1000)
    '[[ 1.5,  2. ],\n [ 3. , 10. ]]'
    >>> whole_text(b"cafe", 1000)
    '63 61 66 65  cafe'

    Parameters
    ----------
    value
        The value, as Spark returns it.
    most
        The number of characters after which it may end.
    """
    if value is None:
        return "null"
    if isinstance(value, bytes | bytearray):
        return _hexadecimal(bytes(value[: most // 4]))
    array = as_array(value)
    if array is None:
        return str(value)
    # The first elements are enough for so many characters.
    return _array(_head(array, most))


def as_array(value: Any) -> np.ndarray[Any, Any] | None:
    """Return nested lists of numbers of one length, or a vector of MLlib, as an array; else None."""
    if hasattr(value, "toArray"):
        return np.asarray(value.toArray())
    if not isinstance(value, list):
        return None
    try:
        array = np.array(value)
    except ValueError:
        return None
    return array if array.dtype.kind in "biuf" and array.size else None


def facts(value: Any) -> list[tuple[str, str]]:
    """Return what the numbers of an array are, by name.

    >>> facts([0.0, 2.0])
    [('Values', '2'), ('Range', '0 … 2'), ('Mean', '1'), ('Zero', '1 (50 %)')]
    """
    if isinstance(value, str):
        lines = value.count("\n") + 1
        return [
            ("Characters", f"{len(value):,}"),
            *([("Lines", f"{lines:,}")] if lines > 1 else []),
        ]
    if isinstance(value, bytes | bytearray):
        return [("Bytes", f"{len(value):,}")]
    array = as_array(value)
    if array is None or array.size == 1:
        return []
    says = Statistics()
    says.add(array)
    shape = " by ".join(f"{n:,}" for n in array.shape)
    return [("Shape" if array.ndim > 1 else "Values", shape), *facts_of(says)]


def range_of(says: Statistics) -> str:
    """Write the least and the largest number; empty if there is none."""
    return "" if says.least is None else f"{number(says.least)} … {number(says.most)}"


def facts_of(says: Statistics) -> list[tuple[str, str]]:
    """Return the range and mean of numbers, and how many are NaN, infinite or zero, by name."""
    found = [] if says.least is None else [("Range", range_of(says)), ("Mean", number(says.mean))]
    counts = (("NaN", says.nan), ("Infinite", says.infinite), ("Zero", says.zero))
    return found + [
        (name, f"{count:,} ({share(count, says.count)})") for name, count in counts if count
    ]


def _head(array: np.ndarray[Any, Any], most: int) -> np.ndarray[Any, Any]:
    """Return the first rows of an array, of about so many elements."""
    within = max(1, array.size // max(1, len(array)))
    return array[: max(1, most // within)]


def _array(array: np.ndarray[Any, Any]) -> str:
    with np.printoptions(
        threshold=array.size + 1, linewidth=_LINE, nanstr="NaN", floatmode="maxprec"
    ):
        return np.array2string(array, separator=", ", max_line_width=_LINE)


def _hexadecimal(data: bytes) -> str:
    lines = []
    for at in range(0, len(data), _BYTES_IN_LINE):
        part = data[at : at + _BYTES_IN_LINE]
        text = "".join(chr(one) if 32 <= one < 127 else _DOTS for one in part)  # noqa: PLR2004
        width = 3 * _BYTES_IN_LINE - 1 if len(data) > _BYTES_IN_LINE else 0
        lines.append(f"{part.hex(' ').ljust(width)}  {text}")
    return "\n".join(lines)
