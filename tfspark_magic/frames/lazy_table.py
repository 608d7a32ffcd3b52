"""The result of a map in this process: a table that is computed on request."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any, Protocol

import pyarrow as pa

from tfspark_magic.binding import Plan
from tfspark_magic.errors import ShapeMismatchError, TfSparkError
from tfspark_magic.executor.failures import sentences
from tfspark_magic.frames.pandas_columns import column_from_arrow
from tfspark_magic.schema.arrow import arrow_from_cell, is_list, leaf_of, nested
from tfspark_magic.schema.spec import CellSpec
from tfspark_magic.worker.failed_rows import FailedRows, counting, warn
from tfspark_magic.worker.mapping import MapTable
from tfspark_magic.worker.nulls import null_rows
from tfspark_magic.worker.rechunk import Columns

Cells = Sequence["CellSpec | TfSparkError"]


class Source(Protocol):
    """Rows for a map in this process."""

    @property
    def schema(self) -> pa.Schema:
        """The schema of the passthrough columns."""

    def reading(
        self, failed: FailedRows | None = None
    ) -> AbstractContextManager[Iterator[tuple[Columns, Columns]]]:
        """Give, for each batch, the passthrough columns and the columns that feed the plan.

        In the end, the error of the first row in `failed` names what has the row, if it has a name.
        """


class LazyTable:
    """The passthrough columns and the outputs of their rows, not yet computed.

    >>> table = tfs.map_rows(score, "flights/*.parquet", columns=["distance"])    # doctest: +SKIP
    >>> table                                                       # doctest: +SKIP
    LazyTable[distance: int32, score: float]
    >>> for batch in table:                                         # doctest: +SKIP
    ...     print(batch.num_rows)
    2

    Iterating computes `pyarrow.RecordBatch`es, in the order of the rows. Only a few batches are in
    memory at a time, and each iteration computes them again. `to_arrow()` and `to_pandas()` hold
    the whole table in memory; `tfs.write_parquet(table, path)` writes it to a file. It has an Arrow
    stream, so `pyarrow.table`, Polars and DuckDB can read it.

    Parameters
    ----------
    plan
        The plan of the map.
    source
        The rows that it reads.
    cells
        The cells of the passthrough columns.
    """

    def __init__(self, plan: Plan, source: Source, cells: Cells) -> None:
        self._plan = plan
        self._source = source
        self._cells = cells

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema: the passthrough columns with their types, the outputs with their dtypes."""
        outputs = [
            pa.field(name, arrow_from_cell(cell, carried=False))
            for name, cell in self._plan.outputs
        ]
        return pa.schema([*self._source.schema, *outputs])

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Compute batch after batch; closing the iterator stops the prefetch."""
        from tfspark_magic.graph.eager import eagerly

        with (
            sentences(),
            counting(self._plan, warn) as failed,
            self._source.reading(failed) as rows,
        ):
            yield from eagerly(MapTable(self._plan, self.schema, failed)(rows))

    def to(self, output: str) -> Any:
        """Compute the output that `run_local` is asked for."""
        if output == "batches":
            return iter(self)
        return self.to_arrow() if output == "arrow" else self.to_pandas()

    def to_arrow(self) -> pa.Table:
        """Compute a `pyarrow.Table`."""
        batches = list(self)
        return pa.Table.from_batches(batches, self.schema)

    def to_pandas(self) -> Any:
        """Compute a pandas frame.

        Columns of numbers with nulls have nullable dtypes; arrays are NumPy arrays in object
        columns.
        """
        import pandas as pd

        table = self.to_arrow()
        cells = [*self._cells, *(cell for _, cell in self._plan.outputs)]
        columns = [_to_series(*both) for both in zip(table.columns, cells, strict=True)]
        frame = pd.DataFrame(dict(enumerate(columns)), copy=False)
        frame.columns = pd.Index(table.column_names)
        return frame

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """Give the batches as an Arrow stream."""
        reader = pa.RecordBatchReader.from_batches(self.schema, iter(self))
        return reader.__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        fields = ", ".join(f"{field.name}: {field.type}" for field in self.schema)
        return f"LazyTable[{fields}]"


def _to_series(column: pa.ChunkedArray, cell: CellSpec | TfSparkError) -> Any:
    import pandas as pd

    index = pd.RangeIndex(len(column))
    if is_list(column.type):
        # The code below handles one kind of list.
        column = column.cast(nested(*leaf_of(column.type)))
    if isinstance(cell, CellSpec) and not cell.kind and not _holds_nulls(column):
        # NumPy has no arrays of arrays with different lengths.
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
