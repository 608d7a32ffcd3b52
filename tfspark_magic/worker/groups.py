"""Number the groups that rows belong to, by the values of their key columns.

Two rows are in one group if they are in one group of Spark's `groupBy`: nulls are equal to each
other, NaNs are equal to each other, and zero is equal to minus zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tfspark_magic.schema.arrow import is_list

Codes = np.ndarray[Any, np.dtype[np.int64]]


def group_rows(keys: Sequence[pa.Array]) -> tuple[Codes, Codes]:
    """Return the group of each row, and the first row of each group.

    >>> groups, first = group_rows([pa.array(["b", None, "b"]), pa.array([1, 1, 1])])
    >>> groups.tolist(), first.tolist()
    ([0, 1, 0], [0, 1])

    Groups are numbered from 0 in the order of their first rows.

    Parameters
    ----------
    keys
        At least one column, of any type, also lists, structs and maps.
    """
    codes, count = _codes(keys[0])
    for key in keys[1:]:
        more, size = _codes(key)
        codes, count = _codes(pa.array(codes * size + more))
    rows = len(codes)
    first = np.empty(count, np.int64)
    # Of several assignments to one place, the last one counts: here it is that of the first row.
    first[codes[::-1]] = np.arange(rows - 1, -1, -1)
    return codes, first


def _codes(array: pa.Array) -> tuple[Codes, int]:
    """Return a number for each row: equal for equal values, in the order of their first rows."""
    kind = array.type
    if isinstance(array, pa.ExtensionArray):
        return _codes(array.storage)
    if pa.types.is_struct(kind):
        parts = [_codes(pc.is_null(array))[0], *(_codes(field)[0] for field in array.flatten())]
        return _rows_of(np.stack(parts, axis=1))
    if pa.types.is_map(kind):
        # A map is handled as a list of its entries.
        return _codes(array.cast(pa.list_(pa.struct([kind.key_field, kind.item_field]))))
    if is_list(kind):
        return _codes(_list_codes(array))
    if pa.types.is_float16(kind):
        return _codes(array.cast(pa.float32()))
    if pa.types.is_floating(kind):
        zero, nan = pa.scalar(0, kind), pa.scalar(float("nan"), kind)
        # Minus zero becomes zero, and every NaN the same one.
        array = pc.if_else(pc.is_nan(array), nan, pc.add(array, zero))
    encoded = array.dictionary_encode(null_encoding="encode")
    return encoded.indices.to_numpy().astype(np.int64), len(encoded.dictionary)


def _rows_of(parts: np.ndarray[Any, Any]) -> tuple[Codes, int]:
    width = parts.shape[1] * 8
    data = pa.py_buffer(np.ascontiguousarray(parts))
    return _codes(pa.Array.from_buffers(pa.binary(width), len(parts), [None, data]))


def _list_codes(array: pa.Array) -> pa.Array:
    """Write each list as the bytes of its elements' numbers: equal lists give equal bytes."""
    rows = len(array)
    lengths = np.asarray(pc.fill_null(pc.list_value_length(array), 0)).astype(np.int64)
    elements, _ = _codes(pc.list_flatten(array))
    offsets = np.concatenate([[0], np.cumsum(lengths)]) * 4
    written = pa.Array.from_buffers(
        pa.large_binary(),
        rows,
        [None, pa.py_buffer(offsets), pa.py_buffer(elements.astype(np.int32))],
    )
    return pc.if_else(pc.is_valid(array), written, pa.scalar(None, written.type))
