"""pandas frames: what their columns hold, their columns as Arrow's, and results as new columns.

Nothing of Spark is started. The graph runs in this process, by the code that runs beside Spark's
data. Start reading at `append_pandas`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tfspark_magic.binding import Columns, Feed, Plan
from tfspark_magic.errors import TfSparkError, UnsupportedTypeError
from tfspark_magic.executor.pandas_columns import arrow_array, arrow_type
from tfspark_magic.schema.arrow import DTYPES_OF_ARROW, arrow_from_cell, is_list
from tfspark_magic.schema.spec import INTEGERS, TEXT, CellSpec
from tfspark_magic.schema.vector import vector_of
from tfspark_magic.worker.mapping import MapBatches, MapColumns, without_bytes
from tfspark_magic.worker.shipped import source_here

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]

_WIDER = {"uint16": "int32", "uint32": "int64"}


def is_pandas(value: object) -> bool:
    """Whether `value` is a pandas DataFrame; pandas is not imported to find out."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.DataFrame)


def columns_of_pandas(df: pd.DataFrame) -> Columns:
    """Describe the columns of a pandas frame in the neutral language.

    >>> columns_of_pandas(pd.DataFrame({"x": [1.5], "v": [np.ones((2, 2), np.float32)]}))
    [('x', CellSpec(dtype='float64', shape=(), kind='')), ('v', CellSpec(dtype='float32', ...))]

    The dtype tells what a column holds, but for object columns: there the cells do. Columns whose
    label is no string cannot feed a graph, and are left out.
    """
    columns: list[tuple[str, CellSpec | TfSparkError]] = []
    structs: list[tuple[str, CellSpec | TfSparkError]] = []
    for position, label in enumerate(df.columns):
        if not isinstance(label, str):
            continue
        try:
            arrow = arrow_type(df.iloc[:, position], label)
            if pa.types.is_struct(arrow):
                structs.append((f"{label}.*", _fields_cell(arrow, label)))
            columns.append((label, _cell(arrow, label)))
        except UnsupportedTypeError as error:
            columns.append((label, error))
    names = {name for name, _ in columns}
    return columns + [(name, cell) for name, cell in structs if name not in names]


def to_arrow(df: pd.DataFrame, names: Sequence[str]) -> list[pa.Array]:
    """Return columns of a pandas frame as Arrow arrays, numbers without a copy.

    NaN in a column of numbers is a value; `None`, `pd.NA`, `NaT`, and NaN beside text, bytes or
    arrays are nulls. `"s.*"` is the vector of the fields of struct column `s`.

    Raises
    ------
    UnsupportedTypeError
        If the cells of an object column have not all the type of the first.
    """
    return [_named(df, name) for name in names]


def fed_arrays(df: pd.DataFrame, feeds: Iterable[Feed]) -> list[pa.Array]:
    """Return what feeds a plan, in the order of `plan.columns`."""
    from tfspark_magic.worker.columns_to_tensors import side_by_side

    fed = {}
    for feed in feeds:
        if feed.parts:
            fed[feed.column] = side_by_side(to_arrow(df, feed.parts), feed.source)
        elif feed.column not in fed:
            fed[feed.column] = _named(df, feed.column)
    return list(fed.values())


def append_pandas(df: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return a new frame: the columns of `df`, and one for each output."""
    import pandas as pd

    batches = list(outputs_of(plan, iter([tuple(fed_arrays(df, plan.feeds))])))
    outputs = [
        column_from_arrow(_column(batches, position, cell), cell, df.index).rename(name)
        for position, (name, cell) in enumerate(plan.outputs)
    ]
    return pd.concat([df, *outputs], axis=1).__finalize__(df)


def replace_pandas(df: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return a new frame of the outputs alone, with an index of its own."""
    import pandas as pd

    batches = list(outputs_of(plan, iter([tuple(fed_arrays(df, plan.feeds))])))
    rows = sum(batch.num_rows for batch in batches)
    return pd.DataFrame(
        {
            name: column_from_arrow(_column(batches, position, cell), cell, pd.RangeIndex(rows))
            for position, (name, cell) in enumerate(plan.outputs)
        }
    )


def outputs_of(plan: Plan, fed: Iterator[tuple[pa.Array, ...]]) -> Iterator[pa.RecordBatch]:
    """Yield the outputs of a plan, run in this process, for batches of what feeds it.

    Without `trim` they have the rows of the batches, in their order, cut elsewhere.
    """
    from tfspark_magic.graph.eager import eagerly

    names = [name for name, _ in plan.outputs]
    program = without_bytes(plan), plan.graph.digest, source_here(plan.graph)
    if plan.trim:
        columns = list(plan.columns)
        batches = (pa.RecordBatch.from_arrays(list(arrays), columns) for arrays in fed)
        yield from eagerly(MapBatches(*program)(batches))
        return
    for block in eagerly(MapColumns(*program)(fed)):
        arrays = [block] if len(names) == 1 else block.flatten()
        yield pa.RecordBatch.from_arrays(arrays, names)


def column_from_arrow(
    array: pa.Array | pa.ChunkedArray, cell: CellSpec, index: pd.Index | Sequence[Any]
) -> pd.Series[Any]:
    """Return a result as a pandas column of its own memory, no value changed.

    >>> column_from_arrow(pa.array([1, None], pa.int16()), CellSpec("uint8"), [0, 1])
    0       1
    1    <NA>
    dtype: UInt8

    Parameters
    ----------
    array
        As the worker gives it, uint8 and float16 carried by wider types or not.
    cell
        What its cells hold. Numbers have NumPy's dtype, or with nulls the nullable one of
        pandas (Float32 for float16, which has none); text is `str`, binary `bytes`; arrays are
        NumPy arrays in an object column, null ones `None`.
    index
        Of the column.
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


def _column(batches: list[pa.RecordBatch], position: int, cell: CellSpec) -> pa.ChunkedArray:
    chunks = [batch.column(position) for batch in batches]
    return pa.chunked_array(chunks, None if chunks else arrow_from_cell(cell))


def _cells(array: pa.Array, cell: CellSpec) -> Iterator[Array | None]:
    """Yield a NumPy array for each row of a column of lists, None for a null."""
    from tfspark_magic.worker.columns_to_tensors import cells_of

    found = cells_of(array.drop_null(), "")
    values = found.leaf.to_numpy(zero_copy_only=False)
    leaf = np.array(values, object if cell.dtype in TEXT else cell.dtype)
    # An axis inside one of size 0 leaves no trace in lists.
    known = np.array([-1 if size is None else size for size in cell.shape or ()])
    shapes = np.where(known < 0, found.shapes, known)
    rows = zip(found.starts.tolist(), shapes.prod(axis=1).tolist(), shapes.tolist(), strict=True)
    for valid in np.asarray(array.is_valid()).tolist():
        if valid:
            start, size, shape = next(rows)
            yield leaf[start : start + size].reshape(shape)
        else:
            yield None


def _named(df: pd.DataFrame, name: str) -> pa.Array:
    labels = list(df.columns)
    if name in labels:
        return arrow_array(df.iloc[:, labels.index(name)], name)
    from tfspark_magic.worker.columns_to_tensors import side_by_side

    struct = name.removesuffix(".*")
    array = arrow_array(df.iloc[:, labels.index(struct)], struct)
    cell = _fields_cell(array.type, struct)
    assert isinstance(cell, CellSpec)  # or binding has raised it
    return side_by_side(array.flatten(), cell)


def _cell(arrow: pa.DataType, name: str) -> CellSpec:
    leaf, shape = arrow, []
    while is_list(leaf):
        shape.append(leaf.list_size if pa.types.is_fixed_size_list(leaf) else None)
        leaf = leaf.value_type
    if pa.types.is_date(leaf):
        return CellSpec("int64", tuple(shape), "date")
    if pa.types.is_timestamp(leaf):
        return CellSpec("int64", tuple(shape), "timestamp" if leaf.tz else "timestamp_ntz")
    if leaf in DTYPES_OF_ARROW:
        return CellSpec(DTYPES_OF_ARROW[leaf], tuple(shape))
    advice = "convert it to a number, string, bytes or arrays of them"
    if str(leaf) in _WIDER:
        advice = f"write df.astype({{{name!r}: {_WIDER[str(leaf)]!r}}}), which holds each value"
    elif pa.types.is_struct(leaf):
        advice = f"bind '{name}.*', its fields as a vector, or make them columns of their own"
    raise UnsupportedTypeError(f"Column {name!r}", str(arrow), advice)


def _fields_cell(struct: pa.DataType, name: str) -> CellSpec | TfSparkError:
    try:
        parts = [(field.name, _cell(field.type, f"{name}.{field.name}")) for field in struct]
        return vector_of(parts, f"Column '{name}.*'")
    except TfSparkError as error:
        return error
