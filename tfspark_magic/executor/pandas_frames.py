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

from tfspark_magic.binding import Feed, FrameColumns, Plan
from tfspark_magic.errors import TfSparkError, UnsupportedTypeError
from tfspark_magic.executor.pandas_columns import arrow_array, arrow_type
from tfspark_magic.executor.pandas_conversions import OfPandas
from tfspark_magic.schema.arrow import arrow_from_cell, cell_from_arrow, leaf_of
from tfspark_magic.schema.spec import INTEGERS, TEXT, CellSpec
from tfspark_magic.schema.vector import vector_of
from tfspark_magic.worker.fed_columns import columns_to_read, fed_columns
from tfspark_magic.worker.mapping import run_blocks

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]

_WIDER = {"uint16": "int32", "uint32": "int64"}
_COLUMN_ADVICE = {
    "uint64": "write df.astype({{{0!r}: 'int64'}}) if its values are below 2**63",
    "duration": "write df.assign(**{{{0!r}: df[{0!r}].dt.total_seconds()}})",
    "decimal": "write df.astype({{{0!r}: 'float64'}})",
}


def is_pandas(value: object) -> bool:
    """Whether `value` is a pandas DataFrame; pandas is not imported to find out."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.DataFrame)


def columns_of_pandas(df: pd.DataFrame) -> FrameColumns:
    """Describe the columns of a pandas frame in the neutral language.

    >>> columns_of_pandas(pd.DataFrame({"x": [1.5], "v": [np.ones((2, 2), np.float32)]}))
    [('x', CellSpec(dtype='float64', shape=(), kind='')), ('v', CellSpec(dtype='float32', ...))]

    The dtype tells what a column holds, but for object columns: there the cells do. Columns whose
    label is no string cannot feed a graph, and are left out.
    """
    columns = FrameColumns(case_sensitive=True, conversions=OfPandas(df))
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
    columns.extend((name, cell) for name, cell in structs if name not in names)
    return columns


def to_arrow(df: pd.DataFrame, names: Sequence[str]) -> list[pa.Array]:
    """Return columns of a pandas frame as Arrow arrays, numbers without a copy.

    NaN in a column of numbers is a value; `None`, `pd.NA`, `NaT`, and NaN beside text, bytes or
    arrays are nulls.

    Raises
    ------
    UnsupportedTypeError
        If the cells of an object column have not all the type of the first.
    """
    labels = list(df.columns)
    return [arrow_array(df.iloc[:, labels.index(name)], name) for name in names]


def fed_arrays(df: pd.DataFrame, feeds: Iterable[Feed]) -> tuple[pa.Array, ...]:
    """Return what feeds a plan, in the order of `distinct(feeds)`."""
    feeds = tuple(feeds)
    if any(feed.counts for feed in feeds):  # Then there is no other.
        return (pa.repeat(True, len(df)),)  # noqa: FBT003
    names = columns_to_read(feeds, list(df.columns))
    return fed_columns(pa.RecordBatch.from_arrays(to_arrow(df, names), names), feeds)


def append_pandas(df: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return a new frame: the columns of `df`, and one for each output."""
    import pandas as pd

    outputs = [
        column_from_arrow(column, cell, df.index).rename(name)
        for (name, cell), column in zip(plan.outputs, _outputs(df, plan), strict=True)
    ]
    return pd.concat([df, *outputs], axis=1).__finalize__(df)


def replace_pandas(df: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return a new frame of the outputs alone, with an index of its own."""
    import pandas as pd

    columns = _outputs(df, plan)
    index = pd.RangeIndex(len(columns[0]))
    return pd.DataFrame(
        {
            name: column_from_arrow(column, cell, index)
            for (name, cell), column in zip(plan.outputs, columns, strict=True)
        }
    )


def _outputs(df: pd.DataFrame, plan: Plan) -> list[pa.ChunkedArray]:
    from tfspark_magic.graph.eager import eagerly

    blocks = list(eagerly(run_blocks(plan, [fed_arrays(df, plan.feeds)])))
    return [
        pa.chunked_array([block[at] for block in blocks], None if blocks else arrow_from_cell(cell))
        for at, (_, cell) in enumerate(plan.outputs)
    ]


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


def _cell(arrow: pa.DataType, name: str) -> CellSpec:
    try:
        return cell_from_arrow(pa.field(name, arrow))
    except UnsupportedTypeError:
        leaf, _ = leaf_of(arrow)
    advice = "convert it to a number, string, bytes or arrays of them"
    if str(leaf) in _WIDER:
        advice = f"write df.astype({{{name!r}: {_WIDER[str(leaf)]!r}}}), which holds each value"
    elif pa.types.is_struct(leaf) and leaf == arrow:
        advice = (
            f"make columns of its fields, with df.join(pd.DataFrame([*df[{name!r}]], df.index))"
        )
        if not isinstance(_fields_cell(arrow, name), TfSparkError):
            advice = f"bind '{name}.*', its fields as a vector, or {advice}"
    elif leaf == arrow:
        kind = "decimal" if pa.types.is_decimal(leaf) else str(leaf).partition("[")[0]
        advice = _COLUMN_ADVICE.get(kind, advice).format(name)
    raise UnsupportedTypeError(f"Column {name!r}", str(arrow), advice)


def _fields_cell(struct: pa.DataType, name: str) -> CellSpec | TfSparkError:
    try:
        parts = [(field.name, _cell(field.type, f"{name}.{field.name}")) for field in struct]
        return vector_of(parts, f"Column '{name}.*'")
    except TfSparkError as error:
        return error
