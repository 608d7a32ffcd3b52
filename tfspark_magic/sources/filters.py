"""Check filters of rows in pyarrow's form, and say what to write if they are wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.dataset as pads
import pyarrow.parquet as pq

from tfspark_magic.errors import OptionError, closest
from tfspark_magic.schema.arrow import leaves_of
from tfspark_magic.sources.partitions import Values

_OPERATORS = "==, !=, <, <=, >, >=, in or not in"
_NO_COLUMN = re.compile(r"No match for FieldRef\.Name\((.*)\)")

# An example value of a column's type, as Python code.
_VALUES: list[tuple[Callable[[pa.DataType], bool], str]] = [
    (pa.types.is_boolean, "True"),
    (pa.types.is_integer, "0"),
    (pa.types.is_float32, "0.5"),
    (pa.types.is_float64, "0.5"),
    (pa.types.is_decimal, "decimal.Decimal('0.5')"),
    (pa.types.is_string, "'a'"),
    (pa.types.is_large_string, "'a'"),
    (pa.types.is_binary, "b'a'"),
    (pa.types.is_date, "datetime.date(2024, 1, 31)"),
    (pa.types.is_timestamp, "datetime.datetime(2024, 1, 31)"),
    (pa.types.is_time, "datetime.time(12)"),
    (pa.types.is_duration, "datetime.timedelta(days=1)"),
]


def check_filters(filters: Any, schema: pa.Schema) -> Any:
    """Return filters as one expression; None for no filters.

    Raises
    ------
    OptionError
        If they are not filters, or name a column that does not exist.
    """
    if filters is None:
        return None
    try:
        expression = pq.filters_to_expression(filters)
        # Arrow finds unknown columns of an expression only by trying it.
        schema.empty_table().filter(expression)
    except (pa.ArrowException, TypeError, ValueError, KeyError, OverflowError) as error:
        raise OptionError(
            f"filters={filters!r} cannot be used: {_what_to_write(filters, schema, error)}."
        ) from None
    return expression


def known_of(values: Values, schema: pa.Schema) -> pads.Expression | None:
    """Return what holds for all rows of a file in which columns have one value; None if none has.

    >>> known_of((("day", 1), ("city", None)), pa.schema([("day", pa.int32()), ("city", pa.string())]))
    <pyarrow.compute.Expression ((day == 1) and is_null(city, {nan_is_null=false}))>
    """
    known = None
    for name, value in values:
        column, arrow = pads.field(name), schema.field(name).type
        one = column.is_null() if value is None else column == pa.scalar(value, arrow)
        known = one if known is None else known & one
    return known


def statistics_mislead(filters: Any, needed: pa.Schema) -> bool:
    """Whether row groups that Arrow leaves out by their statistics may have rows for filters.

    Statistics have the smallest and the largest value, and leave NaNs out, for which filters may be
    true. Their zeros are -0.0 and 0.0, which Arrow tells apart in a list.

    >>> statistics_mislead([("x", "!=", 1.5)], pa.schema([("x", pa.float64())]))
    True
    """
    floats = {
        column.name for column in needed if any(map(pa.types.is_floating, leaves_of(column.type)))
    }
    if not isinstance(filters, list):
        return bool(floats)
    rows = filters if all(isinstance(one, list) for one in filters) else [filters]
    return any(
        name in floats and by in ("!=", "in", "not in") for row in rows for name, by, _ in row
    )


def _what_to_write(filters: Any, schema: pa.Schema, error: Exception) -> str:
    reason = " ".join(str(error).split()).partition(" in ")[0].rstrip(".")
    missing = _NO_COLUMN.fullmatch(reason)
    if missing:
        there = closest(missing[1], schema.names)
        return f"there is no column {missing[1]!r}. {there}".rstrip(".")
    # Python's own messages are about our calls, not about the user's filters.
    found = f"{reason}; " if isinstance(error, pa.ArrowException) else ""
    example = _example(str(filters), schema)
    return (
        f"{found}write filters=[{example}], with {_OPERATORS} and values as the columns have them, "
        f"or an expression of pyarrow.compute that is true or false"
    )


def _example(filters: str, schema: pa.Schema) -> str:
    """Return a working filter, with a column from the user's filters if possible."""
    written = [(column.name, value) for column in schema if (value := _value(column.type))]
    if not written:
        return "(column, '==', value)"
    named = [pair for pair in written if re.search(rf"\b{re.escape(pair[0])}\b", filters)]
    name, value = (named or written)[0]
    return f"({name!r}, '==', {value})"


def _value(arrow: pa.DataType) -> str:
    value = next((text for is_one, text in _VALUES if is_one(arrow)), "")
    if pa.types.is_timestamp(arrow) and arrow.tz:
        return f"pyarrow.scalar({value}, pyarrow.timestamp({arrow.unit!r}, {arrow.tz!r}))"
    return value
