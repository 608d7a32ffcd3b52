"""Turn Arrow columns into tensors: as a view if their memory is aligned, else with one copy.

TensorFlow takes foreign memory only if its address is a multiple of 64 bytes, and aborts the
process otherwise. Buffers that rechunking has made are aligned. Batches from Spark may begin
anywhere, and are copied once.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.lib.stride_tricks import as_strided

from tfspark_magic.binding import Feed
from tfspark_magic.errors import InexactValueError, ShapeMismatchError
from tfspark_magic.graph.runtime import tf
from tfspark_magic.schema.arrow import (
    CARRIERS,
    arrow_from_cell,
    inner_of,
    is_list,
    leaf_of,
    nested,
    with_values,
)
from tfspark_magic.schema.spec import CellSpec, Shape, format_shape, reshaped, unreshaped

_ALIGNMENT = 64

Array = np.ndarray[Any, Any]


def unify(array: pa.Array, feed: Feed) -> pa.Array:
    """Bring a column to a plain form: a `list` for each axis, integers for times.

    Raises
    ------
    InexactValueError
        If a time is not a whole number of microseconds.
    """
    plain = _as_lists(array.type)
    if plain is not array.type:
        array = array.cast(plain)
    leaf, rank = leaf_of(array.type)
    if pa.types.is_temporal(leaf):
        array = _as_integers(array, leaf, rank, feed)
    if feed.cell.dtype == "uint8" and feed.source.dtype == "binary":
        array = _bytes_as_lists(array)
    return array


def _as_lists(arrow: pa.DataType) -> pa.DataType:
    if not is_list(arrow):
        return arrow
    inner = _as_lists(arrow.value_type)
    same = pa.types.is_list(arrow) and inner == arrow.value_type
    return arrow if same else pa.list_(inner)


def _as_integers(array: pa.Array, leaf: pa.DataType, rank: int, feed: Feed) -> pa.Array:
    if pa.types.is_date(leaf):
        days = array.cast(nested(pa.date32(), rank)).cast(nested(pa.int32(), rank))
        return days.cast(nested(pa.int64(), rank))
    try:
        array = array.cast(nested(pa.timestamp("us", leaf.tz), rank))
    except pa.ArrowInvalid:
        raise InexactValueError(
            _subject(feed),
            "a time finer than microseconds, or too far from 1970",
            "int64",
            "round its times to microseconds",
        ) from None
    return array.cast(nested(pa.int64(), rank))


def side_by_side(columns: Sequence[pa.Array], cell: CellSpec) -> pa.Array:
    """Return columns of scalars as one column of vectors.

    >>> side_by_side([pa.array([1, 2]), pa.array([3, None])], CellSpec("int64", (2,))).to_pylist()
    [[1, 3], [2, None]]

    Parameters
    ----------
    columns
        Columns of equal length.
    cell
        The cells of the vectors; each scalar fits their dtype.
    """
    # Times keep their type, as in a single column.
    kind = columns[0].type if cell.kind else arrow_from_cell(CellSpec(cell.dtype))
    values = pa.concat_arrays([column.cast(kind) for column in columns])
    rows, size = len(columns[0]), len(columns)
    order = np.arange(rows * size).reshape(size, rows).T.reshape(-1)
    offsets = np.arange(rows + 1, dtype=np.int32) * np.int32(size)
    return pa.ListArray.from_arrays(pa.array(offsets), values.take(pa.array(order)))


def _bytes_as_lists(array: pa.Array) -> pa.Array:
    if is_list(array.type):
        inner = _bytes_as_lists(array.values)
        return with_values(array, pa.list_(inner.type), inner)
    array = array.cast(pa.binary())
    data = array.buffers()[2]
    size = data.size if data is not None else 0
    pixels = pa.Array.from_buffers(pa.uint8(), size, [None, data])
    return with_values(array, pa.list_(pa.uint8()), pixels)


@dataclass(frozen=True, repr=False)
class Cells:
    """The parts of a column whose cells differ in shape.

    Parameters
    ----------
    leaf
        All values, one after the other.
    starts
        The index of the first value of each row.
    shapes
        The shape of each cell, as `[rows, rank]` integers.
    """

    leaf: pa.Array
    starts: Array
    shapes: Array


def cells_of(array: pa.Array, column: str) -> Cells:
    """Split a column into its parts.

    Raises
    ------
    ShapeMismatchError
        If the inner arrays of one cell have several lengths.
    """
    sizes: list[Array] = []
    rows = len(array)
    starts = np.arange(rows + 1)
    while is_list(array.type):
        inner, array = inner_of(array)
        lengths = np.diff(inner)
        sizes.append(_common_lengths(lengths, starts, column) if sizes else lengths)
        starts = inner[starts]
    shapes = np.stack(sizes, axis=1) if sizes else np.zeros((rows, 0), np.int32)
    return Cells(array, starts[:-1], shapes)


def _common_lengths(lengths: Array, starts: Array, column: str) -> Array:
    """Return the common length of the inner arrays of each row; 0 for a row without inner arrays."""
    size = np.zeros(len(starts) - 1, lengths.dtype)
    inner = starts[1:] > starts[:-1]
    at = starts[:-1][inner]
    if not len(at):
        return size
    size[inner] = np.maximum.reduceat(lengths, at)
    wrong = size[inner] != np.minimum.reduceat(lengths, at)
    if wrong.any():
        row = int(np.flatnonzero(inner)[wrong][0])
        raise ShapeMismatchError(
            f"Row {row} of a block of column {column!r}",
            "inner arrays of one length",
            f"lengths {lengths[starts[row] : starts[row + 1]].tolist()}",
            "pad them, or flatten the column",
        )
    return size


def dense_shape(array: pa.Array) -> tuple[pa.Array, Shape] | None:
    """Return a column's leaf values and the shape of its cells; None if the cells differ in shape.

    If an axis has size 0, the column does not show the sizes of the axes inside it.
    """
    sizes: list[int | None] = []
    while is_list(array.type):
        starts, array = inner_of(array)
        lengths = np.diff(starts)
        size = int(lengths[0]) if len(lengths) else None
        if len(lengths) and (lengths != size).any():
            return None
        sizes.append(size)
    return array, tuple(sizes)


def to_tensor(array: pa.Array, feed: Feed) -> tf.Tensor | None:
    """Return a column without nulls as a tensor `[rows, *cell]`; None if its cells are ragged.

    Raises
    ------
    ShapeMismatchError
        If the cells do not have the placeholder's shape.
    InexactValueError
        If a value does not fit a dtype that Spark does not have (uint8, float16).
    """
    dense = dense_shape(array)
    if dense is None:
        return None
    leaf, cell = dense
    shape = (len(array), *_cell_shape(cell, feed))
    if feed.cell.dtype == "string":
        return tf.constant(_objects(leaf).reshape(shape), tf.string)
    if 0 in shape:
        return tf.zeros(shape, feed.cell.dtype)
    if _is_aligned(leaf) and leaf.type.to_pandas_dtype() == np.dtype(feed.cell.dtype):
        flat = tf.experimental.dlpack.from_dlpack(_capsule(leaf))
        return flat if len(shape) == 1 else tf.reshape(flat, shape)
    values = _exact(leaf.to_numpy(zero_copy_only=False), feed)
    return _from_numpy(values.reshape(shape))


class RaggedTensors:
    """Makes tensors of those rows of a ragged column that have the same shape.

    Parameters
    ----------
    cells, feed
        The column without nulls, and its feed.
    """

    def __init__(self, cells: Cells, feed: Feed) -> None:
        self._feed = feed
        self._cells = cells
        if feed.cell.dtype == "string":
            self._values = _objects(cells.leaf)
        else:
            self._values = _exact(cells.leaf.to_numpy(zero_copy_only=False), feed)

    def __call__(self, rows: Array) -> tf.Tensor:
        """Return `[rows, *cell]`; there is at least one row."""
        shape = (len(rows), *_cell_shape(_sizes(self._cells.shapes[rows[0]]), self._feed))
        size = int(np.prod(shape[1:], dtype=np.int64))
        if not size:
            return tf.zeros(shape, self._feed.cell.dtype)
        # A window begins at each of the values; the windows at the starts of the rows are the
        # cells.
        values = self._values
        count = len(values) - size + 1
        windows = as_strided(values, (count, size), values.strides * 2, writeable=False)
        block = windows[self._cells.starts[rows]].reshape(shape)
        return tf.constant(block) if block.dtype == object else _from_numpy(block)


def _cell_shape(found: Shape, feed: Feed) -> tuple[int, ...]:
    """Return the shape in which cells are fed; a size that is not known anywhere is 0."""
    shape = reshaped(found, feed.held or (), feed.cell.shape)
    if shape is None:
        raise _wrong_shape(_subject(feed), found, feed)
    return tuple(size or 0 for size in shape)


def check_shapes(cells: Cells, feed: Feed) -> None:
    """Raise ShapeMismatchError with the row's number if a cell cannot feed the placeholder."""
    for rows in buckets(cells.shapes):
        found = _sizes(cells.shapes[rows[0]])
        if reshaped(found, feed.held or (), feed.cell.shape) is None:
            subject = f"Row {rows[0]} of a block of column {feed.column!r}"
            raise _wrong_shape(f"{subject} for placeholder {feed.placeholder!r}", found, feed)


def _sizes(shape: Array) -> Shape:
    """Return the shape of a cell; the axes inside an axis of size 0 have no size."""
    cell: list[int | None] = shape.tolist()
    if 0 in cell:
        inside = cell.index(0) + 1
        cell[inside:] = [None] * (len(cell) - inside)
    return tuple(cell)


def _wrong_shape(subject: str, found: Shape, feed: Feed) -> ShapeMismatchError:
    expected = f"cells of shape {format_shape(feed.cell.shape) or '[]'}"
    if feed.is_reshaped:
        held = format_shape(unreshaped(feed.held, feed.cell.shape))
        expected += f", fed by {held or 'scalars'}"
    advice = "filter such rows, or change the placeholder's shape"
    return ShapeMismatchError(subject, expected, format_shape(found) or "[]", advice)


def _subject(feed: Feed) -> str:
    return f"Column {feed.column!r} for placeholder {feed.placeholder!r}"


def _objects(leaf: pa.Array) -> Array:
    # By measurement, TensorFlow copies an array of bytes objects faster than it parses any packed
    # form.
    objects: Array = leaf.cast(pa.binary()).to_numpy(zero_copy_only=False)
    return objects


def _is_aligned(leaf: pa.Array) -> bool:
    if pa.types.is_boolean(leaf.type):
        return False
    address = leaf.buffers()[1].address + leaf.offset * leaf.type.byte_width
    return bool(address % _ALIGNMENT == 0)


def _capsule(leaf: pa.Array) -> Any:
    # TensorFlow takes only capsules without a version, which newer versions of Arrow deprecate.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return leaf.__dlpack__()


def _exact(values: Array, feed: Feed) -> Array:
    dtype = np.dtype(feed.cell.dtype)
    if values.dtype == dtype:
        return values
    # The size is checked even if the column's metadata gives it, because the column may have
    # changed since.
    carried = CARRIERS.get(feed.cell.dtype) == values.dtype.name
    if carried or feed.source.dtype in CARRIERS:
        with np.errstate(over="ignore"):
            narrow = values.astype(dtype)
        wrong = ~((narrow == values) | (values != values))  # noqa: PLR0124  (NaN)
        if wrong.any():
            raise InexactValueError(
                _subject(feed),
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


def buckets(shapes: Array) -> list[Array]:
    """Group rows by shape.

    >>> [rows.tolist() for rows in buckets(np.array([[2], [1], [2]]))]
    [[1], [0, 2]]

    Returns
    -------
    The rows of each shape, in their original order.
    """
    if not shapes.shape[1]:
        return [np.arange(len(shapes))]
    order = np.lexsort(shapes.T[::-1])
    ordered = shapes[order]
    starts = np.flatnonzero((ordered[1:] != ordered[:-1]).any(axis=1)) + 1
    return np.split(order, starts)
