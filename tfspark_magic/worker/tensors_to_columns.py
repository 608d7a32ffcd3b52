"""Turn tensors into Arrow columns: values are wrapped, not copied; arrays get offsets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.lib.stride_tricks import as_strided

from tfspark_magic.errors import FetchError, ShapeMismatchError, not_text
from tfspark_magic.graph.runtime import tf
from tfspark_magic.schema.arrow import CARRIERS, arrow_from_cell
from tfspark_magic.schema.spec import TEXT, CellSpec, format_shape, is_compatible

_MAX_OFFSET = 2**31 - 1

Array = np.ndarray[Any, Any]


def to_column(tensor: tf.Tensor, cell: CellSpec, name: str, rows: int | None) -> pa.Array:
    """Return a tensor `[rows, *cell]` as a column of cells.

    Parameters
    ----------
    tensor
        The fetch's value for one block.
    cell
        The cells of the column.
    name
        The fetch, for messages.
    rows
        The required number of rows; None for any number.

    Raises
    ------
    ShapeMismatchError
        If the fetch has another number of rows, or cells of another shape.
    """
    shape = _block_shape(tensor, cell, name, rows)
    column = _leaf(tensor, cell, name)
    for axis in range(len(shape) - 1, 0, -1):
        count, size = int(np.prod(shape[:axis], dtype=np.int64)), shape[axis]
        _check_offsets(count * size, name)
        offsets = np.arange(count + 1, dtype=np.int32) * np.int32(size)
        column = pa.ListArray.from_arrays(pa.array(offsets), column)
    return column


def to_scattered_column(
    blocks: Sequence[tuple[Array, tf.Tensor]], cell: CellSpec, name: str
) -> pa.Array:
    """Return blocks of cells, each with the numbers of its rows, as one column.

    Parameters
    ----------
    blocks
        Rows and tensor `[rows, *cell]`; the cells of two blocks may differ in shape, and each row
        is in one of them.
    cell, name
        As for `to_column`.

    Raises
    ------
    ShapeMismatchError
        As for `to_column`.
    """
    rank = len(cell.shape or ())
    shapes = np.empty((sum(len(rows) for rows, _ in blocks), rank), np.int64)
    for rows, tensor in blocks:
        shapes[rows] = _block_shape(tensor, cell, name, len(rows))[1:]
    sizes = shapes.prod(axis=1)
    starts = np.cumsum(sizes) - sizes
    text = cell.dtype in TEXT
    flat = np.empty(int(sizes.sum()), object if text else blocks[0][1].dtype.as_numpy_dtype)
    for rows, tensor in blocks:
        size = int(sizes[rows[0]])
        if size:
            values = tensor.numpy() if text else np.asarray(tensor)
            # A window begins at each of the values; the windows at the starts of the rows are the
            # cells.
            windows = as_strided(flat, (len(flat) - size + 1, size), flat.strides * 2)
            windows[starts[rows]] = values.reshape(len(rows), size)
    return to_varying_column(tf.constant(flat, tf.string) if text else flat, shapes, cell, name)


def to_varying_column(values: tf.Tensor, shapes: tf.Tensor, cell: CellSpec, name: str) -> pa.Array:
    """Return cells of different shapes, whose values are in one vector, as a column.

    Parameters
    ----------
    values
        The cells' values one after the other.
    shapes
        int32 `[rows, rank]`.
    cell, name
        As for `to_column`.
    """
    sizes = np.asarray(shapes).astype(np.int64)
    for axis, size in enumerate(cell.shape or ()):
        if size is not None and (sizes[:, axis] != size).any():
            row = int(np.flatnonzero(sizes[:, axis] != size)[0])
            raise ShapeMismatchError(
                f"Fetch {name!r}",
                f"cells of shape {format_shape(cell.shape)}",
                format_shape(tuple(sizes[row].tolist())),
                "give its axis no fixed size, or the same size in each row",
            )
    column = _leaf(values, cell, name)
    # From the outermost axis to the innermost: the number of arrays, and the length of each.
    lengths: list[Array] = []
    repeat = np.ones(len(sizes), np.int64)
    for axis in range(sizes.shape[1]):
        lengths.append(np.repeat(sizes[:, axis], repeat))
        repeat = repeat * sizes[:, axis]
    for axis_lengths in reversed(lengths):
        offsets = np.concatenate([[0], np.cumsum(axis_lengths)])
        _check_offsets(int(offsets[-1]), name)
        column = pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), column)
    return column


def _block_shape(tensor: tf.Tensor, cell: CellSpec, name: str, rows: int | None) -> tuple[int, ...]:
    shape = tuple(tensor.shape)
    if not is_compatible((rows, *(cell.shape or ())), shape):
        raise ShapeMismatchError(
            f"Fetch {name!r}",
            f"a block of shape {format_shape((rows, *(cell.shape or ())))}",
            format_shape(shape) or "a scalar",
            "compute one cell for each row of the block",
        )
    return shape


def _leaf(tensor: tf.Tensor, cell: CellSpec, name: str) -> pa.Array:
    if cell.dtype in TEXT:
        return _text(tensor, cell, name)
    column = pa.array(np.asarray(tensor).reshape(-1))
    carrier = CARRIERS.get(cell.dtype)
    return column if carrier is None else column.cast(arrow_from_cell(CellSpec(carrier)))


def _text(tensor: tf.Tensor, cell: CellSpec, name: str) -> pa.Array:
    flat = tf.reshape(tensor, [-1])
    lengths = np.asarray(tf.strings.length(flat), dtype=np.int64)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    _check_offsets(int(offsets[-1]), name)
    data = tf.strings.reduce_join(flat).numpy()
    buffers = [None, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(data)]
    column = pa.Array.from_buffers(pa.binary(), len(lengths), buffers)
    if cell.dtype == "binary":
        return column
    try:
        return column.cast(pa.string())
    except pa.ArrowInvalid:
        raise not_text(name) from None


def _check_offsets(last: int, name: str) -> None:
    if last > _MAX_OFFSET:
        raise FetchError(
            f"Fetch {name!r} gave {last} values in one block, more than an Arrow column can count: "
            f"pass a smaller rows_per_block."
        )
