"""Guess the columns that placeholders mean; the user accepts the guesses, or chooses other columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from tfspark_magic.errors import spelling

UNITS = frozenset([
    "ms", "s", "sec", "seconds", "min", "minutes", "h", "hours", "days", "mm", "cm", "m", "km",
    "meters", "metres", "feet", "ft", "inches", "miles", "mi", "mph", "kmh", "kg", "g", "mg",
    "lb", "lbs", "percent", "pct", "usd", "eur", "gbp", "celsius", "fahrenheit", "deg",
    "degrees", "rad", "hz", "px", "bytes",
])  # fmt: skip
"""Words at the end of a name that say a unit: `sepal length (cm)` is `sepal_length`."""


def guesses(fitting: Mapping[str, Iterable[str]], taken: Iterable[str]) -> dict[str, str]:
    """Return a column for each placeholder for which exactly one suggests itself.

    >>> guesses({"worst_radius": ["worst radius", "id"]}, taken=[])
    {'worst_radius': 'worst radius'}

    First comes the column whose name differs only in case and separators, then the one whose name
    differs in a unit too, then the only column that fits. No column is guessed twice.

    Parameters
    ----------
    fitting
        The columns that fit, by placeholder.
    taken
        The columns that are chosen for other placeholders.
    """
    free = set(taken)
    columns = {name: [c for c in found if c not in free] for name, found in fitting.items()}
    found: dict[str, str] = {}
    for same in (_by(spelling), _by(lambda name: spelling(_without_unit(name))), _any):
        wanted = {
            name: matches[0]
            for name, offered in columns.items()
            if name not in found
            and len(matches := [c for c in offered if c not in found.values() and same(name, c)])
            == 1
        }
        uses = Counter(wanted.values())
        found |= {name: column for name, column in wanted.items() if uses[column] == 1}
    return found


def _by(key: Callable[[str], str]) -> Callable[[str, str], bool]:
    return lambda name, column: key(name) == key(column)


def _any(_name: str, _column: str) -> bool:
    return True


def _without_unit(name: str) -> str:
    words = re.findall(r"[^\W_]+", name)
    return " ".join(words[:-1] if len(words) > 1 and words[-1].casefold() in UNITS else words)
