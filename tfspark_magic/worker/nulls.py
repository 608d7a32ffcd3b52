"""Find the rows of a column with nulls, also inside its arrays, or fill the nulls."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tfspark_magic.errors import ShapeMismatchError
from tfspark_magic.schema.arrow import arrow_from_cell, inner_of, is_list, leaf_of
from tfspark_magic.schema.spec import TEXT, CellSpec, Shape

Mask = np.ndarray[Any, np.dtype[np.bool_]]


def null_rows(array: pa.Array) -> Mask | None:
    """Return which rows are null or hold a null; None if there are none.

    >>> null_rows(pa.array([[1, None], [2]])).tolist()
    [True, False]
    """
    mask = None
    if array.null_count:
        mask = array.is_null().to_numpy(zero_copy_only=False)
    if is_list(array.type) and len(array):
        starts, values = inner_of(array)
        inner = null_rows(values)
        if inner is not None:
            total = np.concatenate([[0], np.cumsum(inner)])
            holds = total[starts[1:]] > total[starts[:-1]]
            mask = holds if mask is None else mask | holds
    return mask


def widen(array: pa.Array, dtype: str) -> pa.Array:
    """Cast numbers to the dtype that they feed, which can also hold the values that fill nulls.

    >>> widen(pa.array([1, None], pa.int32()), "float64").type
    DataType(double)
    """
    leaf, rank = leaf_of(array.type)
    if dtype in TEXT or leaf == arrow_from_cell(CellSpec(dtype)):
        return array
    return array.cast(arrow_from_cell(CellSpec(dtype, (None,) * rank)))


def fill(array: pa.Array, value: Any, shape: Shape | None, column: str) -> pa.Array:
    """Replace each null with `value`, and each null array with a cell full of it.

    >>> fill(pa.array([[1, None], None]), 0, (2,), "v").to_pylist()
    [[1, 0], [0, 0]]

    Raises
    ------
    ShapeMismatchError
        If an array is null and the size of the cells is not known.
    """
    if not is_list(array.type):
        return pc.fill_null(array, pa.scalar(value, array.type)) if array.null_count else array
    if array.null_count:
        if not shape or None in shape:
            raise ShapeMismatchError(
                f"Nulls in column {column!r}",
                "a known cell shape to fill whole arrays",
                "arrays of any length",
                "filter them, or give the placeholder its shape",
            )
        cell = np.full([n or 0 for n in shape], value, dtype=object).tolist()
        array = pc.coalesce(array, pa.scalar(cell, array.type))
    starts, values = inner_of(array)
    filled = fill(values, value, shape[1:] if shape else None, column)
    return pa.ListArray.from_arrays(pa.array(starts), filled)
