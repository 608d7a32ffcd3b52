"""Choose and order rows of a preview: by conditions on columns, by a text, by the values of a column."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from tfspark_magic.errors import OptionError, closest
from tfspark_magic.inspection.mllib import plain
from tfspark_magic.notebook.cell_text import cell_text
from tfspark_magic.notebook.preview_table import Column

Test = Callable[[int], bool]
"""Whether a row, by its position, is chosen."""

_AND = re.compile(r"\s+and\s+(?=(?:[^`'\"]|`[^`]*`|'[^']*'|\"[^\"]*\")*$)", re.IGNORECASE)
_CONDITION = re.compile(
    r"\s*(?:`(?P<quoted>[^`]+)`|(?P<plain>[^\W\d]\w*(?:\.\w+)*))\s*"
    r"(?P<sign>==|!=|<>|<=|>=|=|<|>|is\s+not\b|is\b)\s*(?P<value>.*?)\s*",
    re.IGNORECASE | re.DOTALL,
)
_SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "==": operator.eq, "!=": operator.ne, "<>": operator.ne,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_NAME = re.compile(r"[^\W\d]\w*")


def chosen(columns: Sequence[Column], text: str) -> list[int]:
    """Return the positions of the rows that a filter chooses, in their order.

    >>> chosen(columns, "z > 3 and species = setosa")               # doctest: +SKIP
    [4, 7]

    Parameters
    ----------
    columns
        The columns of the table.
    text
        Conditions such as `z > 3`, ``  `petal width` <= 0.2 ``, `note is null` and `z is NaN`,
        joined by `and`; or a text that a cell of the row contains. Empty chooses all rows.

    Raises
    ------
    OptionError
        If a condition names no column, or compares a column with what it does not hold.
    """
    tests = _tests(columns, text.strip())
    rows = len(columns[0].cells) if columns else 0
    return [row for row in range(rows) if all(test(row) for test in tests)]


def ordered(column: Column, rows: Sequence[int], *, falling: bool) -> list[int]:
    """Return rows by the values of a column; rows with equal values stay in order, nulls are last."""
    values = column.values
    nulls = [row for row in rows if values[row] is None]
    nans = [row for row in rows if _is_nan(values[row])]
    apart = {*nulls, *nans}
    known = [row for row in rows if row not in apart]
    keys = {row: plain(values[row]) for row in known}
    try:
        known = sorted(known, key=keys.__getitem__, reverse=falling)
    except TypeError:
        # Such as arrays with nulls in them.
        known = sorted(known, key=lambda row: column.cells[row].text, reverse=falling)
    return [*known, *nans, *nulls]


def condition(name: str, sign: str, value: Any) -> str:
    """Write a condition, as `chosen` reads it.

    >>> condition("petal width", "<=", 0.2), condition("species", "=", "setosa")
    ('`petal width` <= 0.2', "species = 'setosa'")
    """
    shown = name if _NAME.fullmatch(name) else f"`{name}`"
    return f"{shown} {sign} {value!r}"


def _tests(columns: Sequence[Column], text: str) -> list[Test]:
    if not text:
        return []
    parts = _AND.split(text)
    matches = [_CONDITION.fullmatch(part) for part in parts]
    if not any(matches):
        return [_contains(columns, _unquoted(text))]
    return [
        _compares(columns, match) if match else _contains(columns, _unquoted(part))
        for part, match in zip(parts, matches, strict=True)
    ]


def _contains(columns: Sequence[Column], text: str) -> Test:
    wanted = text.casefold()

    def test(row: int) -> bool:
        for column in columns:
            value = column.values[row]
            shown = value if isinstance(value, str) else column.cells[row].text
            if wanted in shown.casefold():
                return True
        return False

    return test


def _compares(columns: Sequence[Column], match: re.Match[str]) -> Test:
    name = match["quoted"] or match["plain"]
    column = next((one for one in columns if one.name == name), None)
    if column is None:
        names = [one.name for one in columns]
        raise OptionError(
            f"There is no column {name!r}. {closest(name, names)} Quotes search for a text: "
            f'"{match[0].strip()}".'
        )
    sign, text = " ".join(match["sign"].lower().split()), match["value"]
    values = column.values
    if sign in ("is", "is not"):
        if text.lower() not in ("null", "nan"):
            raise OptionError(f"Write {name} {sign} null, or {name} {sign} NaN; got {text!r}.")
        is_one = _is_nan if text.lower() == "nan" else lambda value: value is None
        wanted = sign == "is"
        return lambda row: is_one(values[row]) is wanted
    if not text:
        raise OptionError(f"Write what {name} is compared with, such as {name} {sign} 3.")
    compare, known = _SIGNS[sign], [value for value in values if value is not None]
    if known and all(isinstance(v, int | float | Decimal) for v in known):
        limit = _number(text)
        if limit is None:
            kind = (
                "truths: compare it with true or false" if isinstance(known[0], bool) else "numbers"
            )
            raise OptionError(f"{name} holds {kind}, got {text!r}.")
        return lambda row: values[row] is not None and compare(values[row], limit)
    wanted_text = _unquoted(text)

    def test(row: int) -> bool:
        value = values[row]
        if value is None:
            return False
        # Dates and times as they are written.
        whole = isinstance(value, list | bytes | bytearray)
        return compare(cell_text(value).text if whole else str(value), wanted_text)

    return test


def _number(text: str) -> float | None:
    truths = {"true": 1, "false": 0}
    if text.lower() in truths:
        return truths[text.lower()]
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return None


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        try:
            return str(ast.literal_eval(text))
        except (SyntaxError, ValueError):
            return text[1:-1]
    return text


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)
