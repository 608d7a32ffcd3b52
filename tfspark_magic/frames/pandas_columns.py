"""Turn columns of a pandas frame into Arrow arrays that feed a plan, and results into columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tfspark_magic.binding import Feed
from tfspark_magic.errors import Subject, UnsupportedTypeError
from tfspark_magic.schema.arrow import nested
from tfspark_magic.schema.spec import INTEGERS, TEXT, CellSpec
from tfspark_magic.worker.fed_columns import columns_to_read, fed_columns

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]

_MAX_OFFSET = 2**31 - 1
_REFUSED = (pa.ArrowException, TypeError, ValueError, OverflowError)
# The text of a whole frame may be too long for 32-bit offsets; the text of a block is not.
_LARGE = {pa.string(): pa.large_string(), pa.binary(): pa.large_binary()}


def arrow_type(series: pd.Series[Any], name: str) -> pa.DataType:
    """Return the Arrow type of a column, from its dtype or else from its cells.

    >>> arrow_type(pd.Series([np.ones((2, 3), np.float32), None]), "v")
    ListType(list<item: list<item: float>>)

    Raises
    ------
    UnsupportedTypeError
        If Arrow has no such values, or the cells have several types, or all cells are null.
    """
    if series.dtype != object:
        try:
            arrow = pa.array(series.iloc[:0], from_pandas=False).type
        except _REFUSED:
            advice = "convert it to a number, string, bytes or arrays of them"
            raise UnsupportedTypeError(Subject("Column", name), str(series.dtype), advice) from None
        arrow = arrow.value_type if pa.types.is_dictionary(arrow) else arrow
        return _LARGE.get(arrow, arrow)
    values, missing = _cells(series)
    if missing.all():
        advice = f"give it a dtype, such as with df.astype({{{name!r}: 'string'}})"
        raise UnsupportedTypeError(Subject("Column", name), "object without a value", advice)
    first = values[missing.argmin()]
    try:
        if not _is_array(first):
            arrow = pa.infer_type(values, mask=missing)
        elif first.dtype != object:
            arrow = nested(pa.array(first.reshape(-1)[:0]).type, first.ndim)
        else:
            arrow = nested(pa.infer_type(_flat(values[~missing])), first.ndim)
    except _REFUSED:
        raise _mixed(name) from None
    return _LARGE.get(arrow, arrow)


def any_array(series: pd.Series[Any], name: str) -> pa.Array:
    """Return a column that feeds no graph as an Arrow array; without a type if it holds only nulls."""
    return pa.nulls(len(series)) if series.isna().all() else arrow_array(series, name)


def arrow_array(series: pd.Series[Any], name: str) -> pa.Array:
    """Return a column as an Arrow array of its `arrow_type`, numbers without a copy.

    Raises
    ------
    UnsupportedTypeError
        As `arrow_type` does.
    """
    arrow = arrow_type(series, name)
    if series.dtype != object:
        array = pa.array(series, from_pandas=False).cast(arrow)
        return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    values, missing = _cells(series)
    try:
        if _is_array(values[missing.argmin()]):
            return _array_of_arrays(values, missing, arrow)
        if pa.types.is_floating(arrow):
            # Among numbers, NaN is a number; among other values, it is the null of pandas.
            missing[missing] = [not isinstance(value, float) for value in values[missing]]
        return pa.array(values, arrow, mask=missing, from_pandas=False)
    except _REFUSED:
        raise _mixed(name) from None


def to_arrow(df: pd.DataFrame, names: Sequence[str]) -> list[pa.Array]:
    """Return columns of a pandas frame as Arrow arrays, numbers without a copy.

    NaN in a column of numbers is a value; `None`, `pd.NA`, `NaT`, and NaN beside text, bytes or
    arrays are nulls.

    Raises
    ------
    UnsupportedTypeError
        If the cells of an object column do not all have the type of the first.
    """
    labels = list(df.columns)
    return [arrow_array(df.iloc[:, labels.index(name)], name) for name in names]


def fed_arrays(df: pd.DataFrame, feeds: Iterable[Feed]) -> tuple[pa.Array, ...]:
    """Return the arrays that feed a plan, in the order of `distinct(feeds)`."""
    feeds = tuple(feeds)
    if any(feed.counts for feed in feeds):  # It is the only feed.
        return (pa.repeat(True, len(df)),)  # noqa: FBT003
    names = columns_to_read(feeds, list(df.columns))
    return fed_columns(pa.RecordBatch.from_arrays(to_arrow(df, names), names), feeds)


def _cells(series: pd.Series[Any]) -> tuple[Array, Array]:
    return series.to_numpy(), series.isna().to_numpy(copy=True)


def _is_array(value: object) -> bool:
    return isinstance(value, np.ndarray) and value.ndim > 0


def _flat(cells: Array) -> Array:
    return np.concatenate([cell.reshape(-1) for cell in cells])


def _array_of_arrays(values: Array, missing: Array, arrow: pa.DataType) -> pa.Array:
    cells = values[~missing]
    dtypes = {(cell.dtype.str, cell.ndim) for cell in cells if _is_array(cell)}
    kinds = {dtype[1] for dtype, _ in dtypes}
    # The dtypes of text differ only in length.
    if not all(map(_is_array, cells)) or len(kinds) > 1 or len({rank for _, rank in dtypes}) > 1:
        raise TypeError
    if len(dtypes) > 1 and kinds.isdisjoint("US"):
        raise TypeError
    rank = cells[0].ndim
    sizes = np.zeros((len(values), rank), np.int64)
    sizes[~missing] = [cell.shape for cell in cells]
    leaf = arrow
    for _ in range(rank):
        leaf = leaf.value_type
    column = pa.array(_flat(cells), _LARGE.get(leaf, leaf), from_pandas=False)
    repeat = np.ones(len(values), np.int64)
    lengths = []
    for axis in range(rank):
        lengths.append(np.repeat(sizes[:, axis], repeat))
        repeat = repeat * sizes[:, axis]
    for axis in reversed(range(rank)):
        offsets = np.concatenate([[0], np.cumsum(lengths[axis])])
        small = offsets[-1] <= _MAX_OFFSET
        kind = pa.ListArray if small else pa.LargeListArray
        mask = pa.array(missing) if axis == 0 and missing.any() else None
        offsets = pa.array(offsets.astype(np.int32 if small else np.int64))
        column = kind.from_arrays(offsets, column, mask=mask)
    return column


def _mixed(name: str) -> UnsupportedTypeError:
    advice = "give all of its cells one type, and its arrays one dtype and one rank"
    return UnsupportedTypeError(
        Subject("Column", name), "object with cells of several types", advice
    )


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
        cells = [value for chunk in chunks for value in _cells_of(chunk, cell)]
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


def _cells_of(array: pa.Array, cell: CellSpec) -> Iterator[Array | None]:
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
