"""Arrow columns to tensors: a view where memory allows, one copy where it does not.

TensorFlow takes foreign memory only if it begins at a multiple of 64 bytes, and aborts the
process otherwise. Buffers that rechunking has put together do; batches as Spark sends them begin
anywhere, and are copied once.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tfspark_magic.binding import Feed
from tfspark_magic.errors import InexactValueError, ShapeMismatchError
from tfspark_magic.graph.runtime import tf
from tfspark_magic.schema.arrow import CARRIERS, is_list
from tfspark_magic.schema.spec import Shape, format_shape, is_compatible, merge_shapes

_ALIGNMENT = 64

Array = np.ndarray[Any, Any]


def unify(array: pa.Array, feed: Feed) -> pa.Array:
    """Bring a column to the form the rest works on: `list` for each axis, bytes for text."""
    plain = _as_lists(array.type)
    if plain is not array.type:
        array = array.cast(plain)
    if feed.cell.dtype == "uint8" and feed.source.dtype == "binary":
        array = _bytes_as_lists(array)
    return array


def _as_lists(arrow: pa.DataType) -> pa.DataType:
    if not is_list(arrow):
        return arrow
    inner = _as_lists(arrow.value_type)
    same = pa.types.is_list(arrow) and inner == arrow.value_type
    return arrow if same else pa.list_(inner)


def _bytes_as_lists(array: pa.Array) -> pa.Array:
    if is_list(array.type):
        # From the buffers, which a slice leaves whole: so are the values, and the offset is kept.
        inner = _bytes_as_lists(array.values)
        return pa.Array.from_buffers(
            pa.list_(inner.type),
            len(array),
            array.buffers()[:2],
            array.null_count,
            array.offset,
            [inner],
        )
    array = array.cast(pa.binary())
    validity, offsets, data = array.buffers()
    size = data.size if data is not None else 0
    pixels = pa.Array.from_buffers(pa.uint8(), size, [None, data])
    return pa.Array.from_buffers(
        pa.list_(pa.uint8()),
        len(array),
        [validity, offsets],
        array.null_count,
        array.offset,
        [pixels],
    )


def cell_shapes(array: pa.Array, column: str) -> Array:
    """Return the shape of each cell, as `[rows, rank]` integers.

    Raises
    ------
    ShapeMismatchError
        If the inner arrays of one cell have several lengths.
    """
    sizes: list[Array] = []
    rows = len(array)
    starts = np.arange(rows + 1)
    while is_list(array.type):
        offsets = array.offsets.to_numpy()
        lengths = np.diff(offsets)
        inner = starts[1:] > starts[:-1]
        size = np.zeros(rows, lengths.dtype)
        if inner.any():
            at = starts[:-1][inner]
            size[inner] = np.maximum.reduceat(lengths, at)
            if (size[inner] != np.minimum.reduceat(lengths, at)).any():
                row = int(
                    np.flatnonzero(inner)[(size[inner] != np.minimum.reduceat(lengths, at))][0]
                )
                raise ShapeMismatchError(
                    f"Row {row} of a block of column {column!r}",
                    "inner arrays of one length",
                    f"lengths {lengths[starts[row] : starts[row + 1]].tolist()}",
                    "pad them, or flatten the column",
                )
        sizes.append(size)
        first = int(offsets[0])
        starts = (offsets - first)[starts]
        array = array.values.slice(first, int(offsets[-1]) - first)
    return np.stack(sizes, axis=1) if sizes else np.zeros((rows, 0), np.int32)


def dense_shape(array: pa.Array) -> tuple[pa.Array, Shape] | None:
    """Return a column's leaf values and the one shape of its cells; None if they have several.

    Where an axis has size 0, those inside it have no size that the column could tell.
    """
    sizes: list[int | None] = []
    while is_list(array.type):
        offsets = array.offsets.to_numpy()
        lengths = np.diff(offsets)
        size = int(lengths[0]) if len(lengths) else None
        if len(lengths) and (lengths != size).any():
            return None
        sizes.append(size)
        first = int(offsets[0])
        array = array.values.slice(first, int(offsets[-1]) - first)
    return array, tuple(sizes)


def to_tensor(array: pa.Array, feed: Feed) -> tf.Tensor | None:
    """Return a column without nulls as a tensor `[rows, *cell]`; None if its cells are ragged.

    Raises
    ------
    ShapeMismatchError
        If the cells do not have the placeholder's shape.
    InexactValueError
        If a value does not fit a dtype that Spark lacks (uint8, float16).
    """
    dense = dense_shape(array)
    if dense is None:
        return None
    leaf, cell = dense
    if not is_compatible(feed.cell.shape, cell):
        raise ShapeMismatchError(
            f"Column {feed.column!r} for placeholder {feed.placeholder!r}",
            f"cells of shape {format_shape(feed.cell.shape) or '[]'}",
            format_shape(cell) or "[]",
            "filter such rows, or change the placeholder's shape",
        )
    shape = (len(array), *(size or 0 for size in merge_shapes(cell, feed.cell.shape) or ()))
    if feed.cell.dtype == "string":
        return _text(leaf, shape)
    if 0 in shape:
        return tf.zeros(shape, feed.cell.dtype)
    if _is_aligned(leaf) and leaf.type.to_pandas_dtype() == np.dtype(feed.cell.dtype):
        flat = tf.experimental.dlpack.from_dlpack(_capsule(leaf))
        return flat if len(shape) == 1 else tf.reshape(flat, shape)
    values = _exact(leaf.to_numpy(zero_copy_only=False), feed)
    return _from_numpy(values.reshape(shape))


def _text(leaf: pa.Array, shape: tuple[int, ...]) -> tf.Tensor:
    # Measured: TensorFlow copies an array of bytes objects faster than it parses any packed form.
    objects = leaf.cast(pa.binary()).to_numpy(zero_copy_only=False)
    return tf.constant(objects.reshape(shape), tf.string)


def _is_aligned(leaf: pa.Array) -> bool:
    if pa.types.is_boolean(leaf.type):
        return False
    address = leaf.buffers()[1].address + leaf.offset * leaf.type.byte_width
    return bool(address % _ALIGNMENT == 0)


def _capsule(leaf: pa.Array) -> Any:
    # TensorFlow takes only capsules without a version, which newer Arrows call deprecated.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return leaf.__dlpack__()


def _exact(values: Array, feed: Feed) -> Array:
    dtype = np.dtype(feed.cell.dtype)
    if values.dtype == dtype:
        return values
    # Also where the column's metadata says so: what has been done to it since is not known.
    carried = CARRIERS.get(feed.cell.dtype) == values.dtype.name
    if carried or feed.source.dtype in CARRIERS:
        with np.errstate(over="ignore"):
            narrow = values.astype(dtype)
        wrong = ~((narrow == values) | (values != values))  # noqa: PLR0124  (NaN)
        if wrong.any():
            raise InexactValueError(
                f"Column {feed.column!r} for placeholder {feed.placeholder!r}",
                str(values[wrong][0]),
                feed.cell.dtype,
                f"make the placeholder tf.{values.dtype.name} and cast in the graph",
            )
        return narrow
    return values.astype(dtype)


def _from_numpy(values: Array) -> tf.Tensor:
    if values.dtype == np.bool_:
        return tf.constant(values)
    if values.ctypes.data % _ALIGNMENT or not values.flags.writeable:
        room = np.empty(values.nbytes + _ALIGNMENT, np.uint8)
        start = -room.ctypes.data % _ALIGNMENT
        aligned = room[start : start + values.nbytes].view(values.dtype).reshape(values.shape)
        np.copyto(aligned, values)
        values = aligned
    return tf.experimental.dlpack.from_dlpack(values.__dlpack__())


def buckets(shapes: Array) -> tuple[pa.Array, list[tuple[int, int]]]:
    """Group rows by shape.

    >>> order, runs = buckets(np.array([[2], [1], [2]]))
    >>> order.to_pylist(), runs
    ([1, 0, 2], [(0, 1), (1, 2)])

    Returns
    -------
    The rows sorted by shape, those of one shape in their own order, and for each shape where its
    run begins and how long it is.
    """
    order = np.lexsort(shapes.T[::-1])
    ordered = shapes[order]
    starts = np.flatnonzero(np.r_[True, (ordered[1:] != ordered[:-1]).any(axis=1)])
    lengths = np.diff(np.r_[starts, len(order)])
    return pa.array(order), [(int(s), int(n)) for s, n in zip(starts, lengths, strict=True)]


def take(columns: list[pa.Array], rows: pa.Array) -> list[pa.Array]:
    """Return the rows of all columns in the order asked for."""
    return [pc.take(column, rows) for column in columns]
