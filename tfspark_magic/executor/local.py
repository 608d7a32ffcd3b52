"""`run_local`: the result of a query, batch by batch, into a program on the driver."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import pyarrow as pa

from tfspark_magic.binding import FeedDict, Nulls, Plan, bind_by_shape
from tfspark_magic.errors import OptionError, ShapeMismatchError, TfSparkError
from tfspark_magic.executor.batches import FrameBatches, QueryBatches, cast
from tfspark_magic.executor.columns import columns_of
from tfspark_magic.executor.failures import short_error
from tfspark_magic.executor.mapping import as_program
from tfspark_magic.executor.pandas_frames import (
    append_pandas,
    column_from_arrow,
    is_pandas,
    outputs_of,
    replace_pandas,
)
from tfspark_magic.schema.arrow import arrow_from_cell, is_list
from tfspark_magic.schema.spec import CellSpec
from tfspark_magic.worker.nulls import null_rows

OUTPUTS = ("pandas", "arrow", "batches")
VERBS = ("map_rows", "map_blocks")


def run_local(
    fetches: Any,
    df: Any,
    feed_dict: FeedDict | None = None,
    *,
    verb: Literal["map_rows", "map_blocks"] | None = None,
    trim: bool = False,
    nulls: Nulls = "error",
    rows_per_block: int | None = None,
    device: str = "auto",
    output: Literal["pandas", "arrow", "batches"] = "pandas",
    session: Any = None,
) -> Any:
    """Compute tensors from the result of a query in this process, with all of its cores.

    >>> tfs.run_local(z, df)                                        # doctest: +SKIP
       x  z
    0  1  3
    1  2  6
    >>> for batch in tfs.run_local(z, df, output="batches"):        # doctest: +SKIP
    ...     writer.write_batch(batch)

    Spark runs the query; its result reaches TensorFlow as Arrow batches, in the order of its rows.
    `output="batches"` and `trim=True` keep a few of them at a time, whatever the size of the
    result; otherwise all of it is held, as what is returned holds it too.

    Parameters
    ----------
    fetches, feed_dict, nulls, rows_per_block, device, session
        As for `map_rows` and `map_blocks`.
    df
        A Spark DataFrame, classic or Connect, or a pandas one.
    verb
        `"map_rows"` or `"map_blocks"`; without, what the placeholders' shapes say: rows if each
        takes a cell of its column.
    trim
        True returns the fetches alone: only the columns that feed the graph leave the JVM.
    output
        `"pandas"`, `"arrow"` for a `pyarrow.Table`, or `"batches"` for an iterator of
        `pyarrow.RecordBatch`; nothing runs before its first.

    Returns
    -------
    The columns of `df`, then one for each fetch. Arrow columns have the types of `df.toArrow()`,
    and those of fetches their own dtypes. pandas columns of numbers with nulls have nullable
    dtypes; arrays are NumPy's in object columns.

    Raises
    ------
    TfSparkError
        If the program does not fit the DataFrame, or its data.
    """
    _check("output", output, OUTPUTS)
    if verb is not None:
        _check("verb", verb, VERBS)
    program = as_program(fetches, session)
    columns = columns_of(df, "run_local")
    options = {
        "trim": trim, "nulls": nulls, "rows_per_block": rows_per_block, "device": device,
    }  # fmt: skip
    plan = bind_by_shape(program, columns, feed_dict, verb, **options)
    if is_pandas(df) and output == "pandas":
        return replace_pandas(df, plan) if trim else append_pandas(df, plan)
    source: FrameBatches | QueryBatches
    if is_pandas(df):
        source = FrameBatches(df, plan)
    else:
        source = QueryBatches(df, plan, stream=trim or output == "batches")
    if output == "batches":
        return _results(plan, source)
    batches = list(_results(plan, source))
    table = pa.Table.from_batches(batches, batches[0].schema if batches else _schema(plan, source))
    if output == "arrow":
        return table
    cells = [cell for _, cell in columns[: source.width]]
    return _to_pandas(table, [*cells, *(cell for _, cell in plan.outputs)])


def _results(plan: Plan, source: QueryBatches | FrameBatches) -> Iterator[pa.RecordBatch]:
    """Yield the columns that stay with the outputs of their rows, or the outputs alone."""
    waiting: deque[pa.RecordBatch] = deque()
    try:
        schema = _schema(plan, source)
        types = schema.types[source.width :]
        for block in outputs_of(plan, _fed(source, None if plan.trim else waiting)):
            outputs = list(map(cast, block.columns, types))
            rows = [outputs] if plan.trim else _beside(waiting, outputs)
            for arrays in rows:
                yield pa.RecordBatch.from_arrays(arrays, schema=schema)
    except Exception as error:
        # Of any class: classic Spark reports a worker's error as one of Java's here.
        short = short_error(error)
        if short is None or short is error:
            raise
        raise short from None


def _fed(
    source: QueryBatches | FrameBatches, waiting: deque[pa.RecordBatch] | None
) -> Iterator[tuple[pa.Array, ...]]:
    for batch in source:
        if not batch.num_rows:
            continue
        if waiting is not None:
            waiting.append(batch.select(range(source.width)))
        yield tuple(batch.column(at) for at in source.fed)


def _beside(waiting: deque[pa.RecordBatch], outputs: list[pa.Array]) -> Iterator[list[pa.Array]]:
    """Yield the columns of the rows that wait and of their outputs, where either is cut."""
    start, stop = 0, len(outputs[0])
    while start < stop:
        batch = waiting.popleft()
        rows = min(batch.num_rows, stop - start)
        if rows < batch.num_rows:
            waiting.appendleft(batch.slice(rows))
        stay = batch.slice(0, rows).columns
        yield [*stay, *(array.slice(start, rows) for array in outputs)]
        start += rows


def _schema(plan: Plan, source: QueryBatches | FrameBatches) -> pa.Schema:
    stay = [source.schema.field(at) for at in range(source.width)]
    return pa.schema([*stay, *(pa.field(name, _type_of(cell)) for name, cell in plan.outputs)])


def _type_of(cell: CellSpec) -> pa.DataType:
    """Return the type of an output, which here needs none of Spark's in its place."""
    arrow = {"uint8": pa.uint8(), "float16": pa.float16()}.get(cell.dtype)
    arrow = arrow_from_cell(CellSpec(cell.dtype)) if arrow is None else arrow
    for _ in cell.shape or ():
        arrow = pa.list_(pa.field("element", arrow))
    return arrow


def _to_pandas(table: pa.Table, cells: Sequence[CellSpec | TfSparkError]) -> Any:
    import pandas as pd

    columns = [_to_series(*both) for both in zip(table.columns, cells, strict=True)]
    frame = pd.DataFrame(dict(enumerate(columns)), copy=False)
    frame.columns = pd.Index(table.column_names)
    return frame


def _to_series(column: pa.ChunkedArray, cell: CellSpec | TfSparkError) -> Any:
    import pandas as pd

    index = pd.RangeIndex(len(column))
    if isinstance(cell, CellSpec) and not cell.kind and not _holds_nulls(column):
        # Arrays of arrays of several lengths are none of NumPy's.
        with contextlib.suppress(ShapeMismatchError):
            return column_from_arrow(column, cell, index)
    if pa.types.is_timestamp(column.type):
        return column.to_pandas()
    return pd.Series(column.to_pylist(), index, dtype=object)


def _holds_nulls(column: pa.ChunkedArray) -> bool:
    """Whether there are nulls inside arrays."""
    if not is_list(column.type):
        return False
    masks = ((null_rows(chunk), chunk) for chunk in column.chunks)
    return any(m is not None and m.sum() > chunk.null_count for m, chunk in masks)


def _check(option: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        names = " or ".join(map(repr, allowed))
        message = f"{option} is {names}, got {value!r}."
        raise OptionError(message)
