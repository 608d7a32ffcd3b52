"""Compare a file's schema with the expected schema; make schemas and arrays of plain types."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from tfspark_magic.errors import FileContentError, OptionError, closest
from tfspark_magic.schema.arrow import is_list, leaf_of, with_leaves, with_values
from tfspark_magic.schema.spec import DTYPE_KEY, SHAPE_KEY
from tfspark_magic.sources.filesystem import shown

if TYPE_CHECKING:
    from tfspark_magic.sources.files import Files

SPARK_KEY = b"org.apache.spark.sql.parquet.row.metadata"
"""The key of a Parquet file at which Spark keeps its types and the metadata of its columns."""
_KEPT = (SHAPE_KEY, DTYPE_KEY)


def plain_schema(schema: pa.Schema) -> pa.Schema:
    """Return the columns with decoded types, and with the shapes that Spark stored."""
    spark = _spark_metadata(schema)
    return pa.schema(
        [pa.field(c.name, plain_type(c.type), c.nullable, _metadata(c, spark)) for c in schema]
    )


def plain_type(arrow: pa.DataType) -> pa.DataType:
    """Return the type from which tensors are made: dictionaries and views are decoded."""
    return with_leaves(arrow, _plain_leaf)


def _plain_leaf(leaf: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(leaf) or pa.types.is_run_end_encoded(leaf):
        return plain_type(leaf.value_type)
    if isinstance(leaf, pa.BaseExtensionType):
        return plain_type(leaf.storage_type)
    if leaf == pa.string_view():
        return pa.string()
    if leaf == pa.binary_view() or pa.types.is_fixed_size_binary(leaf):
        return pa.binary()
    return leaf


def _spark_metadata(schema: pa.Schema) -> dict[str, dict[str, Any]]:
    text = (schema.metadata or {}).get(SPARK_KEY)
    if not text:
        return {}
    try:
        return {column["name"]: column.get("metadata", {}) for column in json.loads(text)["fields"]}
    except (ValueError, KeyError, TypeError):
        return {}


def _metadata(column: pa.Field, spark: dict[str, dict[str, Any]]) -> dict[str, str] | None:
    found = kept_of(spark.get(column.name, {}))
    own = {key.decode(): value.decode() for key, value in (column.metadata or {}).items()}
    return ({key: value for key, value in own.items() if key in _KEPT} | found) or None


def kept_of(spark: Mapping[str, Any]) -> dict[str, str]:
    """Return the metadata of a column of Spark that says what its cells are, as Arrow has it."""
    kept = {key: spark[key] for key in _KEPT if key in spark}
    return {key: v if isinstance(v, str) else json.dumps(v) for key, v in kept.items()}


def with_shapes(schema: pa.Schema, shapes: Mapping[str, Any]) -> pa.Schema:
    """Return the schema with the shapes of the cells of list columns.

    Raises
    ------
    OptionError
        If there is no such column, or it has another number of axes.
    """
    for name, shape in shapes.items():
        if name not in schema.names:
            raise OptionError(f"shapes: no column {name!r}. {closest(name, schema.names)}")
        sizes = [shape] if shape is None or isinstance(shape, int) else list(shape)
        position = schema.get_field_index(name)
        column = schema.field(position)
        rank = leaf_of(column.type)[1]
        if len(sizes) != rank or not all(
            n is None or (isinstance(n, int) and n >= 0) for n in sizes
        ):
            raise OptionError(
                f"shapes: column {name!r} is {column.type} and needs {rank} "
                f"size{'s' if rank != 1 else ''}, each a number or None, got {shape!r}."
            )
        metadata = (column.metadata or {}) | {
            SHAPE_KEY.encode(): json.dumps([-1 if n is None else n for n in sizes]).encode()
        }
        schema = schema.set(position, column.with_metadata(metadata))
    return schema


def check_schema(uri: str, found: pa.Schema, files: Files) -> None:
    """Raise FileContentError if a column is missing in a file, or has another type.

    A column with only nulls, as pandas writes it, or without rows, fits any type.
    """
    source = "as in the first file" if files.inferred else "as in schema="
    for column in files.file_schema:
        positions = found.get_all_field_indices(column.name)
        if len(positions) != 1:
            there = "several" if positions else f"only {', '.join(found.names[:8]) or 'none'}"
            subject = f"a column {column.name!r} ({column.type}), {source}"
            raise FileContentError(shown(uri), subject, there, apart(files))
        there = plain_type(found.field(positions[0]).type)
        if not pa.types.is_null(there) and not same_type(there, column.type):
            subject = f"column {column.name!r} as {column.type}, {source}"
            advice = apart(files, f"write the type found in schema= for {column.name!r}")
            raise FileContentError(shown(uri), subject, str(there), advice)


def apart(files: Files, by_schema: str = "leave it out of schema=") -> str:
    """Return advice about a file whose columns differ from the schema."""
    return "read such files apart" if files.inferred else by_schema


SMALL = {pa.large_string(): pa.string(), pa.large_binary(): pa.binary()}


def same_type(left: pa.DataType, right: pa.DataType) -> bool:
    """Whether columns of two types hold the same values.

    The name of a list's elements does not matter, nor does the size of the offsets of a list or
    text.
    """
    if is_list(left) and is_list(right):
        sizes = [t.list_size if pa.types.is_fixed_size_list(t) else None for t in (left, right)]
        return sizes[0] == sizes[1] and same_type(left.value_type, right.value_type)
    if pa.types.is_struct(left) and pa.types.is_struct(right):
        pairs = zip(left, right, strict=False)
        same = all(one.name == two.name and same_type(one.type, two.type) for one, two in pairs)
        return same and len(left) == len(right)
    return bool(SMALL.get(left, left) == SMALL.get(right, right))


def decoded(array: pa.Array) -> pa.Array:
    """Return an array with the same values that Arrow can cast to its plain type.

    >>> decoded(pa.array(["a", "b", "a"]).dictionary_encode()).to_pylist()
    ['a', 'b', 'a']
    """
    arrow = array.type
    if not _is_encoded(arrow):
        return array
    if isinstance(arrow, pa.BaseExtensionType):
        return decoded(array.storage)
    if pa.types.is_dictionary(arrow):
        values = decoded(array.dictionary)
        # Arrow has no `take` for views.
        return _without_views(values).take(array.indices)
    if pa.types.is_run_end_encoded(arrow):
        values = _without_views(decoded(array.values))
        runs = pa.RunEndEncodedArray.from_arrays(array.run_ends, values)
        return pc.run_end_decode(runs.slice(array.offset, len(array)))
    if pa.types.is_list_view(arrow) or pa.types.is_large_list_view(arrow):
        return _as_list(array)
    return _struct(array) if pa.types.is_struct(arrow) else _lists_or_map(array)


def _struct(array: pa.StructArray) -> pa.Array:
    fields = [decoded(array.field(n)) for n in range(array.type.num_fields)]
    names = [field.name for field in array.type]
    return pa.StructArray.from_arrays(fields, names, mask=array.is_null())


def _map(array: pa.MapArray) -> pa.Array:
    # Pyarrow before 26 ends the process if a map is made of buffers.
    starts = pc.if_else(array.is_null(), None, array.offsets[:-1])
    offsets = pa.concat_arrays([starts, array.offsets[-1:]])
    return pa.MapArray.from_arrays(offsets, decoded(array.keys), decoded(array.items))


def _lists_or_map(array: pa.Array) -> pa.Array:
    """Return lists or a map with decoded values."""
    arrow = array.type
    if pa.types.is_map(arrow):
        return _map(array)
    inner = decoded(array.values)
    if pa.types.is_fixed_size_list(arrow):
        made = pa.list_(inner.type, arrow.list_size)
    else:
        made = pa.large_list(inner.type) if pa.types.is_large_list(arrow) else pa.list_(inner.type)
    return with_values(array, made, inner)


def _is_encoded(arrow: pa.DataType) -> bool:
    if pa.types.is_dictionary(arrow) or pa.types.is_run_end_encoded(arrow):
        return True
    if isinstance(arrow, pa.BaseExtensionType):
        return True
    if pa.types.is_list_view(arrow) or pa.types.is_large_list_view(arrow):
        return True
    if is_list(arrow):
        return _is_encoded(arrow.value_type)
    if pa.types.is_map(arrow):
        return _is_encoded(arrow.key_type) or _is_encoded(arrow.item_type)
    return pa.types.is_struct(arrow) and any(_is_encoded(field.type) for field in arrow)


def _without_views(values: pa.Array) -> pa.Array:
    views = {pa.string_view(): pa.string(), pa.binary_view(): pa.binary()}
    return values.cast(views.get(values.type, values.type))


def _as_list(views: pa.Array) -> pa.Array:
    lengths = pc.fill_null(pc.list_value_length(views), 0).cast(pa.int64())
    offsets = pa.concat_arrays([pa.array([0]), pc.cumulative_sum(lengths)])
    values = decoded(views.flatten())
    return pa.LargeListArray.from_arrays(offsets, values, mask=views.is_null())
