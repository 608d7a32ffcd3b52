"""Find the partition columns of folders named `key=value`: their types, and their values by file.

Types are inferred as in Spark (`PartitioningUtils`): each text gets the first type that fits, and a
column gets a type that fits all of its texts.
"""

from __future__ import annotations

import datetime as dt
import enum
import math
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from tfspark_magic.errors import OptionError

Values = tuple[tuple[str, Any], ...]
"""Names and values, outermost folder first."""

_WHOLE = re.compile(r"[+-]?\d+")  # digits of any script, as in Java
_NUMBER = re.compile(
    r"[+-]?(?P<digits>[0-9]+(?:\.(?P<some>[0-9]*))?|\.(?P<all>[0-9]+))(?:[eE](?P<power>[+-]?[0-9]{1,9}))?"
)
_HEX = re.compile(r"[+-]?0[xX][0-9a-fA-F]*\.?[0-9a-fA-F]*[pP][+-]?[0-9]+")
_NAMED = {"NaN": math.nan, "Infinity": math.inf}
_DATE = re.compile(r"-?[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?")
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9])?")
_MOST_DIGITS = 38


class _Kind(enum.IntEnum):
    """The types of a text, in the order in which Spark tries them."""

    INT = 0
    LONG = 1
    DECIMAL = 2
    DOUBLE = 3
    TIMESTAMP = 4
    TIME = 5
    DATE = 6
    STRING = 7


def typed(
    found: Sequence[tuple[tuple[str, str | None], ...]], schema: pa.Schema | None
) -> tuple[tuple[pa.Field, ...], tuple[Values, ...]]:
    """Return the partition columns of files, and the values of each file.

    >>> typed([(("day", "1"),), (("day", None),)], None)
    ((pyarrow.Field<day: int32>,), ((('day', 1),), (('day', None),)))

    Parameters
    ----------
    found
        Names and texts, for each file.
    schema
        The schema; for its columns, its types are used.

    Raises
    ------
    OptionError
        If the folders of the files have different names, or a value does not fit the given type.
    """
    if not any(found):
        return (), ()
    names = [name for name, _ in found[0]]
    for other in found:
        if [name for name, _ in other] != names:
            there = "/".join(name for name, _ in other) or "none"
            raise OptionError(
                f"The folders of the files hold the columns {'/'.join(names) or 'none'} here and "
                f"{there} there: read them apart, or pass partitioning=None."
            )
    fields, columns = [], []
    for position, name in enumerate(names):
        texts = [file[position][1] for file in found]
        given = schema.field(name).type if schema is not None and name in schema.names else None
        arrow, values = _column(name, texts, given)
        fields.append(pa.field(name, arrow))
        columns.append(values)
    rows = zip(*columns, strict=True)
    return tuple(fields), tuple(tuple(zip(names, row, strict=True)) for row in rows)


def _column(
    name: str, texts: Sequence[str | None], given: pa.DataType | None
) -> tuple[pa.DataType, list[Any]]:
    if any(text == "" for text in texts):
        raise OptionError(
            f"A folder '{name}=' has no value: give it one, or pass partitioning=None."
        )
    if given is not None:
        return given, [None if text is None else _as_given(name, text, given) for text in texts]
    found = [None if text is None else _read(text) for text in texts]
    kinds = {one[0] for one in found if one is not None}
    kind = _common(kinds)
    digits = max((_digits(*one) for one in found if one is not None), default=0)
    arrow = _ARROW.get(kind) or pa.decimal128(digits, 0)
    values = [
        None if one is None or text is None else _converted(text, *one, kind)
        for text, one in zip(texts, found, strict=True)
    ]
    return arrow, values


def _read(text: str) -> tuple[_Kind, Any]:
    """Return the first kind that fits a text, and its value."""
    if _WHOLE.fullmatch(text):
        number = int(text)
        for kind, bits in ((_Kind.INT, 31), (_Kind.LONG, 63)):
            if -(2**bits) <= number < 2**bits:
                return kind, number
    for kind, read in (
        (_Kind.DECIMAL, _decimal), (_Kind.DOUBLE, _double), (_Kind.TIMESTAMP, _timestamp),
        (_Kind.TIME, _time), (_Kind.DATE, _date),
    ):  # fmt: skip
        try:
            value = read(text)
        except (ValueError, OverflowError):
            continue
        if value is not None:
            return kind, value
    return _Kind.STRING, text


def _common(kinds: set[_Kind]) -> _Kind:
    """Return the type for the values of all kinds; integers if there are only nulls."""
    for kind, takes in _TAKING:
        if kinds <= takes:
            return kind
    return _Kind.STRING


def _converted(text: str, kind: _Kind, value: Any, wanted: _Kind) -> Any:
    if kind == wanted:
        return value
    if wanted == _Kind.DOUBLE:
        return float(value)
    if wanted == _Kind.DECIMAL:
        return Decimal(value)
    if wanted == _Kind.TIMESTAMP and isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time()).astimezone(dt.UTC)
    return value if wanted == _Kind.LONG else text


def _digits(kind: _Kind, value: Any) -> int:
    """Return the digits that a decimal needs for any value of a kind, or for this decimal."""
    if kind == _Kind.DECIMAL:
        return len(str(abs(int(value))))
    return {_Kind.INT: 10, _Kind.LONG: 20}.get(kind, 1)


def _decimal(text: str) -> Decimal | None:
    found = _NUMBER.fullmatch(text)
    if not found:
        return None
    places = len(found["some"] or found["all"] or "")
    power = int(found["power"] or 0)
    if places > power or power - places > _MOST_DIGITS:
        return None
    value = Decimal(int(Decimal(text)))
    return value if len(str(abs(int(value)))) <= _MOST_DIGITS else None


def _double(text: str) -> float | None:
    text = text.strip("".join(map(chr, range(33))))
    sign, plain = (-1 if text.startswith("-") else 1), text.lstrip("+-")
    if plain in _NAMED and len(text) - len(plain) <= 1:
        return sign * _NAMED[plain]
    text = text[:-1] if text.endswith(("d", "D", "f", "F")) else text
    if _NUMBER.fullmatch(text):
        return float(text)
    return float.fromhex(text) if _HEX.fullmatch(text) else None


def _timestamp(text: str) -> dt.datetime | None:
    if not _TIMESTAMP.fullmatch(text):
        return None
    # As in Spark, a time in this machine's time zone.
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)


def _time(text: str) -> dt.time | None:
    return dt.time.fromisoformat(text) if _TIME.fullmatch(text) else None


def _date(text: str) -> dt.date | int | None:
    if not _DATE.fullmatch(text):
        return None
    if text.startswith("-"):  # Python's dates begin with the year 1, so days since 1970 are used.
        return int(np.datetime64(text, "D").astype(np.int64))
    return dt.date.fromisoformat(text)


def _as_given(name: str, text: str, given: pa.DataType) -> Any:
    """Read a text as a value of the schema's type."""
    kind, value = _read(text)
    try:
        if pa.types.is_string(given) or pa.types.is_large_string(given):
            return text
        if pa.types.is_boolean(given):
            return {"true": True, "false": False}[text.lower()]
        if pa.types.is_floating(given) and kind <= _Kind.DOUBLE:
            value = float(value)
        elif pa.types.is_integer(given) and kind > _Kind.LONG:
            value = text  # refused below
        elif kind == _Kind.STRING:
            return pa.scalar(text).cast(given).as_py()
        return pa.scalar(value, given).as_py()
    except (KeyError, ValueError, OverflowError, TypeError, pa.ArrowException):
        raise OptionError(
            f"The folders' values of column {name!r} are not all {given}: pass schema= with "
            f"pa.string() for it."
        ) from None


_ARROW = {
    _Kind.INT: pa.int32(), _Kind.LONG: pa.int64(), _Kind.DOUBLE: pa.float64(),
    _Kind.TIMESTAMP: pa.timestamp("us", "UTC"), _Kind.TIME: pa.time64("us"),
    _Kind.DATE: pa.date32(), _Kind.STRING: pa.string(),
}  # fmt: skip
# Spark reads int64 together with doubles, or decimals with doubles, as text: neither type holds all
# values of the other.
_TAKING = (
    (_Kind.INT, {_Kind.INT}),
    (_Kind.LONG, {_Kind.INT, _Kind.LONG}),
    (_Kind.DECIMAL, {_Kind.INT, _Kind.LONG, _Kind.DECIMAL}),
    (_Kind.DOUBLE, {_Kind.INT, _Kind.DOUBLE}),
    (_Kind.DATE, {_Kind.DATE}),
    (_Kind.TIMESTAMP, {_Kind.TIMESTAMP, _Kind.DATE}),
    (_Kind.TIME, {_Kind.TIME}),
)
