"""Decode Arrow arrays to plain ones: dictionaries, runs, list views and extensions, at any depth.

Arrow's own casts do not support dictionaries of views or runs, and give wrong results for list
views.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from tfspark_magic.schema.arrow import is_list


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
    return _struct(array) if pa.types.is_struct(arrow) else _by_buffers(array)


def _struct(array: pa.StructArray) -> pa.Array:
    fields = [decoded(array.field(n)) for n in range(array.type.num_fields)]
    names = [field.name for field in array.type]
    return pa.StructArray.from_arrays(fields, names, mask=array.is_null())


def _by_buffers(array: pa.Array) -> pa.Array:
    """Return lists or a map with decoded values; the buffers of a slice are whole, like its values."""
    arrow = array.type
    inner = decoded(array.values)
    if pa.types.is_map(arrow):
        made = pa.map_(inner.type.field(0).type, inner.type.field(1).type)
        inner = inner.cast(pa.struct([made.key_field, made.item_field]))
    elif pa.types.is_fixed_size_list(arrow):
        made = pa.list_(inner.type, arrow.list_size)
    else:
        made = pa.large_list(inner.type) if pa.types.is_large_list(arrow) else pa.list_(inner.type)
    buffers = array.buffers()[: 1 if pa.types.is_fixed_size_list(arrow) else 2]
    return pa.Array.from_buffers(made, len(array), buffers, array.null_count, array.offset, [inner])


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
