"""Turn the results of a graph into columns of a pandas frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tfspark_magic.schema.spec import INTEGERS, TEXT, CellSpec

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]


def column_from_arrow(
    array: pa.Array | pa.ChunkedArray, cell: CellSpec, index: pd.Index | Sequence[Any]
) -> pd.Series[Any]:
    """Return a result as a pandas column with its own memory and unchanged values.

    >>> column_from_arrow(pa.array([1, None], pa.int16()), CellSpec("uint8"), [0, 1])
    0       1
    1    <NA>
    dtype: UInt8

    Parameters
    ----------
    array
        The result as the worker gives it; uint8 and float16 may be in a wider type.
    cell
        The cells of the result. Numbers get NumPy's dtype, or with nulls the nullable dtype of
        pandas (Float32 for float16, which has none). Text is `str`, binary is `bytes`. Arrays are
        NumPy arrays in an object column, and null arrays are `None`.
    index
        The index of the column.
    """
    import pandas as pd

    chunks = array.chunks if isinstance(array, pa.ChunkedArray) else [array]
    if cell.shape:
        cells = [value for chunk in chunks for value in _cells(chunk, cell)]
        return pd.Series(cells, index, dtype=object)
    if cell.dtype in TEXT:
        return pd.Series(array.to_numpy(zero_copy_only=False), index, dtype=object)
    missing = np.asarray(array.is_null()) if array.null_count else None
    if missing is not None:
        array = pc.fill_null(array, pa.scalar(0).cast(array.type))
    values = np.array(array.to_numpy(zero_copy_only=False), cell.dtype)
    if missing is None:
        return pd.Series(values, index)
    if cell.dtype == "bool":
        return pd.Series(pd.arrays.BooleanArray(values, missing), index)
    if cell.dtype in INTEGERS:
        return pd.Series(pd.arrays.IntegerArray(values, missing), index)
    if cell.dtype == "float16":
        values = values.astype(np.float32)
    return pd.Series(pd.arrays.FloatingArray(values, missing), index)


def _cells(array: pa.Array, cell: CellSpec) -> Iterator[Array | None]:
    """Yield a NumPy array for each row of a column of lists, None for a null."""
    from tfspark_magic.worker.columns_to_tensors import cells_of

    found = cells_of(array.drop_null(), "")
    values = found.leaf.to_numpy(zero_copy_only=False)
    leaf = np.array(values, object if cell.dtype in TEXT else cell.dtype)
    # Lists do not show the axes inside an axis of size 0.
    known = np.array([-1 if size is None else size for size in cell.shape or ()])
    shapes = np.where(known < 0, found.shapes, known)
    rows = zip(found.starts.tolist(), shapes.prod(axis=1).tolist(), shapes.tolist(), strict=True)
    for valid in np.asarray(array.is_valid()).tolist():
        if valid:
            start, size, shape = next(rows)
            yield leaf[start : start + size].reshape(shape)
        else:
            yield None
