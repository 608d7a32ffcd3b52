"""Arrow types to and from the neutral language."""

from __future__ import annotations

import pyarrow as pa

from tfspark_magic.schema.spec import CellSpec

CARRIERS = {"uint8": "int16", "float16": "float32"}
"""Dtypes that Spark lacks, and the ones in which their values travel."""

_LEAVES: dict[str, pa.DataType] = {
    "bool": pa.bool_(),
    "int8": pa.int8(),
    "int16": pa.int16(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float32": pa.float32(),
    "float64": pa.float64(),
    "string": pa.string(),
    "binary": pa.binary(),
}


def arrow_from_cell(cell: CellSpec) -> pa.DataType:
    """Return the Arrow type of a column of such cells, as Spark expects it.

    >>> arrow_from_cell(CellSpec("uint8", (None, 3)))
    ListType(list<element: list<element: int16>>)

    A cell shape of unknown rank has no Arrow type.
    """
    arrow = _LEAVES[CARRIERS.get(cell.dtype, cell.dtype)]
    for _ in cell.shape or ():
        arrow = pa.list_(pa.field("element", arrow))
    return arrow


def is_list(arrow: pa.DataType) -> bool:
    """Whether `arrow` is one of Arrow's list types."""
    return bool(
        pa.types.is_list(arrow)
        or pa.types.is_large_list(arrow)
        or pa.types.is_fixed_size_list(arrow)
    )


def leaf_of(arrow: pa.DataType) -> tuple[pa.DataType, int]:
    """Return the type of a column's values, and how many lists deep they are.

    >>> leaf_of(pa.list_(pa.list_(pa.int8())))
    (DataType(int8), 2)
    """
    rank = 0
    while is_list(arrow):
        arrow, rank = arrow.value_type, rank + 1
    return arrow, rank


def nested(leaf: pa.DataType, rank: int) -> pa.DataType:
    """Return the type of lists, `rank` deep, of values of type `leaf`."""
    for _ in range(rank):
        leaf = pa.list_(leaf)
    return leaf


_SIGNED = {
    pa.uint8(): pa.int16(), pa.uint16(): pa.int32(), pa.uint32(): pa.int64(),
    pa.uint64(): pa.decimal128(20), pa.float16(): pa.float32(), pa.date64(): pa.date32(),
    pa.string_view(): pa.string(), pa.binary_view(): pa.binary(),
}  # fmt: skip


def signed(arrow: pa.DataType) -> pa.DataType:
    """Return a type that Spark has, and that holds each value of one that it lacks.

    >>> signed(pa.list_(pa.uint8()))
    ListType(list<item: int16>)
    """
    if is_list(arrow):
        return pa.list_(arrow.value_field.with_type(signed(arrow.value_type)))
    if pa.types.is_map(arrow):
        return pa.map_(signed(arrow.key_type), signed(arrow.item_type))
    if pa.types.is_struct(arrow):
        return pa.struct([field.with_type(signed(field.type)) for field in arrow])
    if pa.types.is_dictionary(arrow):
        return signed(arrow.value_type)
    return _SIGNED.get(arrow, arrow)
