"""Translate Arrow types to and from `CellSpec`s."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from tfspark_magic.errors import Subject, UnsupportedTypeError
from tfspark_magic.schema.spec import DTYPE_KEY, SHAPE_KEY, CellSpec, cell_or_error, vector_of

CARRIERS = {"uint8": "int16", "float16": "float32"}
"""Dtypes that Spark does not have, and the dtypes in which their values travel."""

_LEAVES: dict[str, pa.DataType] = {
    "bool": pa.bool_(), "uint8": pa.uint8(), "int8": pa.int8(), "int16": pa.int16(),
    "int32": pa.int32(), "int64": pa.int64(), "float16": pa.float16(), "float32": pa.float32(),
    "float64": pa.float64(), "string": pa.string(), "binary": pa.binary(),
}  # fmt: skip

DTYPES_OF_ARROW = {
    pa.bool_(): "bool", pa.uint8(): "uint8", pa.int8(): "int8", pa.int16(): "int16",
    pa.int32(): "int32", pa.int64(): "int64", pa.float16(): "float16", pa.float32(): "float32",
    pa.float64(): "float64", pa.string(): "string", pa.large_string(): "string",
    pa.string_view(): "string", pa.binary(): "binary", pa.large_binary(): "binary",
    pa.binary_view(): "binary",
}  # fmt: skip
_ADVICE = {
    "uint16": "write it as int32, which holds each of its values",
    "uint32": "write it as int64, which holds each of its values",
    "uint64": "write it as int64 where its values are below 2**63, else as string",
    "decimal": "write it as double",
    "duration": "write it as int64",
    "time32": "write it as int32",
    "time64": "write it as int64",
    "map": "write its keys and its values as two columns of lists",
    "null": "pass schema= with a type for it, or leave it out",
}
_MLLIB_VECTOR = ["type", "size", "indices", "values"]


def cell_from_arrow(field: pa.Field) -> CellSpec:
    """Return the `CellSpec` of a column of a file.

    >>> cell_from_arrow(pa.field("v", pa.list_(pa.float32(), 3)))
    CellSpec(dtype='float32', shape=(3,), kind='')

    Parameters
    ----------
    field
        The column; its metadata may hold the sizes of the axes of lists, as Spark's metadata does.

    Raises
    ------
    UnsupportedTypeError
        If TensorFlow has no such cells.
    """
    leaf, sizes = field.type, []
    while is_list(leaf):
        sizes.append(leaf.list_size if pa.types.is_fixed_size_list(leaf) else None)
        leaf = leaf.value_type
    metadata = field.metadata or {}
    known = json.loads(metadata.get(SHAPE_KEY.encode(), b"[]"))
    if len(known) == len(sizes):
        sizes = [n if k is None or k < 0 else k for n, k in zip(sizes, known, strict=True)]
    shape = tuple(sizes)
    if pa.types.is_date(leaf):
        return CellSpec("int64", shape, "date")
    if pa.types.is_timestamp(leaf):
        return CellSpec("int64", shape, "timestamp" if leaf.tz else "timestamp_ntz")
    dtype = DTYPES_OF_ARROW.get(leaf)
    if dtype is None:
        advice = _advice(field, leaf)
        raise UnsupportedTypeError(Subject("Column", field.name), str(field.type), advice)
    marked = metadata.get(DTYPE_KEY.encode(), b"").decode()
    if marked in CARRIERS and CARRIERS[marked] == dtype:
        dtype = marked
    return CellSpec(dtype, shape)


def _advice(field: pa.Field, leaf: pa.DataType) -> str:
    name = "decimal" if pa.types.is_decimal(leaf) else str(leaf).partition("<")[0].partition("[")[0]
    if not pa.types.is_struct(leaf):
        return _ADVICE.get(name, "write it as a number, string, binary or lists of them")
    if [inner.name for inner in leaf] == _MLLIB_VECTOR:
        return "write it with pyspark.ml.functions.vector_to_array"
    if leaf is not field.type:
        return "write each of its fields as a column of lists"
    try:
        fields_cell_from_arrow(field)
    except UnsupportedTypeError:
        return FIELDS_APART
    return f"bind '{field.name}.*', its fields as a vector, or {FIELDS_APART}"


FIELDS_APART = "write its fields as columns of their own"


def fields_cell_from_arrow(field: pa.Field) -> CellSpec:
    """Return the `CellSpec` of a struct column's fields side by side as a vector.

    Raises
    ------
    UnsupportedTypeError
        If a field is not a scalar, or no dtype holds the values of all fields.
    """
    parts = [(inner.name, cell_or_error(cell_from_arrow, inner)) for inner in field.type]
    return vector_of(parts, f"Column '{field.name}.*'")


def cells_from_arrow(schema: pa.Schema) -> list[tuple[str, CellSpec | UnsupportedTypeError]]:
    """Return the cells of all columns, and of the vectors of structs, or the errors of those without.

    >>> cells_from_arrow(pa.schema({"s": pa.struct({"a": pa.int8()})}))[1]
    ('s.*', CellSpec(dtype='int8', shape=(1,), kind=''))
    """
    structs = [column for column in schema if pa.types.is_struct(column.type)]
    return [(column.name, cell_or_error(cell_from_arrow, column)) for column in schema] + [
        (f"{column.name}.*", cell_or_error(fields_cell_from_arrow, column))
        for column in structs
        if f"{column.name}.*" not in schema.names
    ]


def arrow_from_cell(cell: CellSpec, *, carried: bool = True) -> pa.DataType:
    """Return the Arrow type of a column of such cells, as Spark expects it.

    >>> arrow_from_cell(CellSpec("uint8", (None, 3)))
    ListType(list<element: list<element: int16>>)

    A cell shape of unknown rank has no Arrow type. Without `carried`, dtypes that Spark does not
    have are themselves.
    """
    arrow = _LEAVES[CARRIERS.get(cell.dtype, cell.dtype) if carried else cell.dtype]
    for _ in cell.shape or ():
        arrow = pa.list_(pa.field("element", arrow))
    return arrow


def is_list(arrow: pa.DataType) -> bool:
    """Whether `arrow` is one of Arrow's list types."""
    return bool(
        pa.types.is_list(arrow)
        or pa.types.is_large_list(arrow)
        or pa.types.is_fixed_size_list(arrow)
        or pa.types.is_list_view(arrow)
        or pa.types.is_large_list_view(arrow)
    )


def inner_of(array: pa.Array) -> tuple[Any, pa.Array]:
    """Return where each array of a column of arrays begins in the values of all, and these values.

    >>> starts, values = inner_of(pa.array([[1, 2], [], [3]])[1:])
    >>> starts.tolist(), values.to_pylist()
    ([0, 0, 1], [3])
    """
    offsets = array.offsets.to_numpy()
    first, last = (int(offsets[0]), int(offsets[-1])) if len(offsets) else (0, 0)
    return offsets - first, array.values.slice(first, last - first)


def leaf_of(arrow: pa.DataType) -> tuple[pa.DataType, int]:
    """Return the type of a column's values, and the number of lists around them.

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


def with_leaves(arrow: pa.DataType, change: Callable[[pa.DataType], pa.DataType]) -> pa.DataType:
    """Return a type in which each type inside its lists, structs and maps is changed.

    >>> with_leaves(pa.large_list(pa.int8()), lambda leaf: pa.int16())
    LargeListType(large_list<element: int16>)
    """
    if is_list(arrow):
        inner = pa.field("element", with_leaves(arrow.value_type, change))
        if pa.types.is_fixed_size_list(arrow):
            return pa.list_(inner, arrow.list_size)
        large = pa.types.is_large_list(arrow) or pa.types.is_large_list_view(arrow)
        return pa.large_list(inner) if large else pa.list_(inner)
    if pa.types.is_map(arrow):
        return pa.map_(with_leaves(arrow.key_type, change), with_leaves(arrow.item_type, change))
    if pa.types.is_struct(arrow):
        return pa.struct([inner.with_type(with_leaves(inner.type, change)) for inner in arrow])
    return change(arrow)


def leaves_of(arrow: pa.DataType) -> list[pa.DataType]:
    """Return the types inside the lists, structs and maps of a type; the type itself if it has none.

    >>> leaves_of(pa.map_(pa.string(), pa.list_(pa.int8())))
    [DataType(string), DataType(int8)]
    """
    found: list[pa.DataType] = []
    with_leaves(arrow, lambda leaf: found.append(leaf) or leaf)  # type: ignore[func-returns-value]
    return found


def with_offsets(column: pa.Array) -> pa.Array:
    """Return a column of lists whose inner lists have offsets, even if there are none of them.

    Spark before 4.2 sends no offsets of inner lists if all rows of a batch are null or empty; Arrow
    then crashes in `nbytes`, and cannot concatenate.

    >>> with_offsets(pa.array([[[]], None])).to_pylist()
    [[[]], None]
    """
    if not _has_offsets(column.type) or not _has_offsets(column.type.value_type):
        return column
    values = column.values
    inner = with_offsets(values) if len(values) else pa.array([], values.type)
    if inner is values:
        return column
    return with_values(column, column.type, inner)


def with_values(column: pa.Array, arrow: pa.DataType, values: pa.Array) -> pa.Array:
    """Return a column of lists, or of maps, with another type and other values in place of its own.

    >>> with_values(pa.array([[1], [2, 3]])[1:], pa.list_(pa.string()), pa.array(["a", "b", "c"]))[0]
    <pyarrow.ListScalar: ['b', 'c']>
    """
    # The buffers of a slice are whole, and so are the values; the offset is kept.
    buffers = column.buffers()[: 1 if pa.types.is_fixed_size_list(arrow) else 2]
    return pa.Array.from_buffers(
        arrow, len(column), buffers, column.null_count, column.offset, [values]
    )


def _has_offsets(arrow: pa.DataType) -> bool:
    return bool(pa.types.is_list(arrow) or pa.types.is_large_list(arrow))


_SIGNED = {
    pa.uint8(): pa.int16(), pa.uint16(): pa.int32(), pa.uint32(): pa.int64(),
    pa.uint64(): pa.decimal128(20), pa.float16(): pa.float32(), pa.date64(): pa.date32(),
}  # fmt: skip


def signed(arrow: pa.DataType) -> pa.DataType:
    """Return a type of Spark that holds all values of a type that Spark does not have.

    >>> signed(pa.list_(pa.uint8()))
    ListType(list<element: int16>)
    """
    return with_leaves(arrow, lambda leaf: _SIGNED.get(leaf, leaf))


def in_microseconds(arrow: pa.DataType) -> pa.DataType:
    """Return a type that Spark reads from files: times in microseconds, no run-length encoding.

    >>> in_microseconds(pa.timestamp("ns", "UTC"))
    TimestampType(timestamp[us, tz=UTC])
    """
    return with_leaves(arrow, _microseconds)


def _microseconds(leaf: pa.DataType) -> pa.DataType:
    if pa.types.is_run_end_encoded(leaf):
        return in_microseconds(leaf.value_type)
    if pa.types.is_time32(leaf):
        return pa.time64("us")
    nanoseconds = pa.types.is_timestamp(leaf) and leaf.unit == "ns"
    return pa.timestamp("us", leaf.tz) if nanoseconds else leaf
