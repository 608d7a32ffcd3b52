"""Turn Spark's conditions on rows into Arrow's, if both keep exactly the same rows.

A condition is a tuple: `("and", left, right)`, `("or", left, right)`, `("not", inner)`,
`("null", column)`, `("in", column, constants)`, or an operator with a column and a constant, as in
`(">=", "x", Constant("int", 3))`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Condition = tuple[Any, ...]

_COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge,
}  # fmt: skip
_NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_INTEGERS = ("tinyint", "smallint", "int", "bigint")
_NUMBERS = (*_INTEGERS, "float", "double")
_EXACT_IN_DOUBLE = 32
OPERATORS = (*_COMPARED, "<=>")
TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""What an operator is with its column and its constant exchanged; others stay as they are."""


@dataclass(frozen=True)
class Constant:
    """A constant of a condition: the name of its type in Spark, and its value.

    Dates are days, and timestamps microseconds since 1970.
    """

    kind: str
    value: Any

    def __str__(self) -> str:
        return f"{self.value!r} ({self.kind})"


class DifferentError(ValueError):
    """Arrow would keep other rows, or maybe so; the text says of what."""


def both(before: Condition | None, condition: Condition) -> Condition:
    """Return a condition that is true where two are; there may be none before."""
    return condition if before is None else ("and", before, condition)


def expression(condition: Condition, types: Mapping[str, pa.DataType]) -> Any:
    """Return a condition as an expression of Arrow that is true for the same rows.

    >>> expression(("not", (">", "x", Constant("int", 3))), {"x": pa.int32()})
    <pyarrow.compute.Expression (x <= 3)>

    Raises
    ------
    DifferentError
        If it is not certain that it is true for the same rows.
    """
    return _expression(condition, types, negated=False)


def _expression(condition: Condition, types: Mapping[str, pa.DataType], *, negated: bool) -> Any:
    # Only whole conditions are negated, and not parts of them: an unknown result stays unknown, and
    # Arrow leaves out a row group by its statistics only where a condition is true of no row.
    name, *parts = condition
    if name == "not":
        return _expression(parts[0], types, negated=not negated)
    if name in ("and", "or"):
        left, right = (_expression(part, types, negated=negated) for part in parts)
        return left & right if (name == "and") != negated else left | right
    column, *rest = parts
    field = pc.field(column)
    if name == "null":
        return field.is_valid() if negated else field.is_null()
    if name == "in":
        return _among(column, rest[0], types[column], negated=negated)
    if name == "<=>":
        same = _compared("!=" if negated else "==", column, rest[0], types[column])
        return same | field.is_null() if negated else same
    return _compared(_NEGATED[name] if negated else name, column, rest[0], types[column])


def _compared(name: str, column: str, constant: Constant, arrow: pa.DataType) -> Any:
    field = pc.field(column)
    found = _COMPARED[name](field, _scalar(column, constant, arrow))
    # For Spark, NaN is larger than any number; for Arrow, each comparison with it is false.
    if pa.types.is_floating(arrow) and name in ("!=", ">", ">="):
        return found | field.is_nan()
    return found


def _among(column: str, constants: list[Constant], arrow: pa.DataType, *, negated: bool) -> Any:
    if pa.types.is_floating(arrow):
        raise DifferentError(f"looks for {column!r} in a list of floating-point numbers")
    values = pa.array([_scalar(column, one, arrow) for one in constants], arrow)
    found = pc.field(column).isin(values)
    # A null is in no list, and is not said to be in none.
    return ~found & pc.field(column).is_valid() if negated else found


def _scalar(column: str, constant: Constant, arrow: pa.DataType) -> pa.Scalar:
    """Return a constant as a value of the column's type, if this does not change what it is."""
    kind, value = constant.kind, constant.value
    if value is not None and _fits(kind, value, arrow):
        return pa.scalar(int(value) if pa.types.is_integer(arrow) else value, arrow)
    raise DifferentError(f"compares {column!r} ({arrow}) with {constant}")


def _fits(kind: str, value: Any, arrow: pa.DataType) -> bool:
    if pa.types.is_integer(arrow):
        whole = kind in _INTEGERS or (
            # As Spark does, if each value of the column is a double.
            kind in ("float", "double")
            and arrow.bit_width <= _EXACT_IN_DOUBLE
            and float(value).is_integer()
        )
        limit = 1 << (arrow.bit_width - 1)
        return whole and -limit <= value < limit
    if pa.types.is_floating(arrow) and kind in _NUMBERS:
        with np.errstate(over="ignore"):
            return bool(float(arrow.to_pandas_dtype()(value)) == value)
    return any(
        kind == name and same(arrow)
        for name, same in (
            ("string", pa.types.is_string),
            ("boolean", pa.types.is_boolean),
            ("date", pa.types.is_date32),
            ("timestamp", lambda t: pa.types.is_timestamp(t) and t.tz is not None),
            ("timestamp_ntz", lambda t: pa.types.is_timestamp(t) and t.tz is None),
        )
    )
