"""Make the columns of a table from those that its files hold: by name or id, with the table's types.

A table may have renamed, added, moved or widened a column after a file was written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from tfspark_magic.schema.arrow import is_list, with_values
from tfspark_magic.sources.schemas import decoded, plain_type, same_type

_ID = b"PARQUET:field_id"
_DIGITS = {8: 3, 16: 5, 32: 10, 64: 19}
"""The digits of the largest integers, by their bits."""
_WIDENS = (
    (pa.types.is_signed_integer, pa.types.is_signed_integer, lambda a, b: a.bit_width <= b.bit_width),
    (pa.types.is_signed_integer, pa.types.is_float64, lambda a, _: a != pa.int64()),
    (pa.types.is_signed_integer, pa.types.is_decimal,
     lambda a, b: b.precision - b.scale >= _DIGITS[a.bit_width]),
    (pa.types.is_floating, pa.types.is_floating, lambda a, b: a.bit_width <= b.bit_width),
    (pa.types.is_decimal, pa.types.is_decimal,
     lambda a, b: b.precision - b.scale >= a.precision - a.scale and b.scale >= a.scale),
    (pa.types.is_date, pa.types.is_timestamp, lambda _, b: b.tz is None),
    # Another unit may lose digits, which the cast tells.
    (pa.types.is_timestamp, pa.types.is_timestamp, lambda a, b: (a.tz is None) == (b.tz is None)),
    (pa.types.is_time, pa.types.is_time, lambda *_: True),
    (pa.types.is_fixed_size_binary, pa.types.is_binary, lambda *_: True),
)  # fmt: skip
"""The types whose values are also values of another one, by the rules of Delta and Iceberg."""


class UnfitError(Exception):
    """A column in a file from which the table's column cannot be made. Facts: (expected, found)."""


@dataclass(frozen=True)
class StoredColumn:
    """A column of a table, or a field inside of one, and how it is found in the table's files.

    Parameters
    ----------
    names
        The names that it may have in files without ids.
    id
        Its id in files with ids; None if names decide.
    inner
        The fields of a struct; the element of a list; the key and the value of a map.
    default
        Its value in files that do not have it; None is a null.
    required
        Whether it has no nulls, so that each file must have it if there is no default.
    """

    names: tuple[str, ...]
    id: int | None = None
    inner: tuple[StoredColumn, ...] = ()
    default: Any = None
    required: bool = False

    def place_in(self, fields: Iterable[pa.Field], *, by_id: bool) -> int | None:
        """Return the place of its field among those of a file or struct; None if it is not there."""
        for place, field in enumerate(fields):
            if (_id(field) == self.id) if by_id else (field.name in self.names):
                return place
        return None


def has_ids(fields: Iterable[pa.Field]) -> bool:
    """Whether a file says the ids of its columns."""
    return any(_id(field) is not None for field in fields)


def made_of(found: pa.Array, column: StoredColumn, wanted: pa.DataType, *, by_id: bool) -> pa.Array:
    """Return the values of a table's column, from an array of its field in a file.

    >>> renamed = StoredColumn(("s",), inner=(StoredColumn(("a",)), StoredColumn(("b",))))
    >>> wanted = pa.struct([("x", pa.int64()), ("y", pa.string())])
    >>> made_of(pa.array([{"a": 1}]), renamed, wanted, by_id=False).to_pylist()
    [{'x': 1, 'y': None}]

    Raises
    ------
    UnfitError
        If the values are of a type that does not become the wanted one without a loss.
    """
    arrow = found.type
    if pa.types.is_null(arrow):
        return pa.nulls(len(found), wanted)
    if pa.types.is_struct(wanted) and pa.types.is_struct(arrow):
        return _struct(found, column, wanted, by_id=by_id)
    if pa.types.is_map(wanted) and pa.types.is_map(arrow):
        key, value = column.inner
        keys = made_of(found.values.field(0), key, wanted.key_type, by_id=by_id)
        items = made_of(found.values.field(1), value, wanted.item_type, by_id=by_id)
        pairs = pa.StructArray.from_arrays(
            [keys, items], fields=[wanted.key_field, wanted.item_field]
        )
        return with_values(found, wanted, pairs)
    if is_list(wanted) and is_list(arrow):
        if not (pa.types.is_list(arrow) or pa.types.is_large_list(arrow)):
            found = found.cast(pa.list_(arrow.value_field))
        values = made_of(found.values, column.inner[0], wanted.value_type, by_id=by_id)
        large = pa.types.is_large_list(found.type)
        made = (pa.large_list if large else pa.list_)(wanted.value_field)
        return with_values(found, made, values).cast(wanted)
    if arrow == wanted:
        return found
    plain = decoded(found)
    widens = any(
        is_from(plain.type) and is_to(wanted) and fits(plain.type, wanted)
        for is_from, is_to, fits in _WIDENS
    )
    # Views of text, as deltalake writes them, are text.
    if not widens and not same_type(plain_type(plain.type), wanted):
        raise UnfitError(str(wanted), str(arrow))
    try:
        return plain.cast(wanted)
    except pa.ArrowException as error:
        raise UnfitError(str(wanted), f"{arrow}: {' '.join(str(error).split())}") from None


def missing(column: StoredColumn, wanted: pa.DataType, rows: int) -> pa.Array:
    """Return the values of a column that a file does not have.

    Raises
    ------
    UnfitError
        If each row needs a value of its own.
    """
    if column.default is None and column.required:
        raise UnfitError(f"{wanted}, which has no nulls", "no such column")
    return pa.repeat(pa.scalar(column.default, wanted), rows)


def _struct(
    found: pa.Array, column: StoredColumn, wanted: pa.StructType, *, by_id: bool
) -> pa.Array:
    fields = list(found.type)
    children = []
    for inner, field in zip(column.inner, wanted, strict=True):
        place = inner.place_in(fields, by_id=by_id)
        if place is None:
            children.append(missing(inner, field.type, len(found)))
        else:
            children.append(made_of(found.field(place), inner, field.type, by_id=by_id))
    return pa.StructArray.from_arrays(children, fields=list(wanted), mask=found.is_null())


def _id(field: pa.Field) -> int | None:
    text = (field.metadata or {}).get(_ID)
    return None if text is None or int(text) < 0 else int(text)
