"""Run maps beside the data: functions for Spark, and for tables in this process."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from tfspark_magic.binding import Plan
from tfspark_magic.schema.arrow import arrow_from_cell
from tfspark_magic.worker.rechunk import Columns, rechunk

if TYPE_CHECKING:
    from tfspark_magic.worker.failed_rows import FailedRows, Report


def run_blocks(
    plan: Plan, batches: Iterable[Columns], failed: FailedRows | None = None
) -> Iterator[list[pa.Array]]:
    """Yield the outputs of a plan, a column for each, block after block.

    Parameters
    ----------
    plan
        The plan to run.
    batches
        Batches of the columns that feed the plan.
    failed
        As for `BlockRunner`.

    Raises
    ------
    TfSparkError
        As `BlockRunner` does; `rows` gives the place of the block.
    """
    # TensorFlow is imported for the first batch: an empty partition should not pay for it.
    runner = None
    for block in rechunk(batches, plan.rows_per_block, plan.row_bytes, plan.batch):
        if runner is None:
            from tfspark_magic.worker.blocks import BlockRunner

            runner = BlockRunner(plan, failed)
        yield runner.run(block)


def in_tuples(batches: Iterator[Columns | pa.Array]) -> Iterator[Columns]:
    """Yield the arguments of a call, batch after batch, of which Spark puts a single one into no tuple."""
    return (batch if isinstance(batch, tuple) else (batch,) for batch in batches)


@dataclass(frozen=True)
class MapColumns:
    """A scalar iterator Arrow UDF from columns to the output, or to a struct of several outputs.

    Spark requires only the same number of rows, in the same order. We decide how they are cut into
    batches.
    """

    plan: Plan
    report: Report | None = None

    def __call__(self, batches: Iterator[Columns | pa.Array]) -> Iterator[pa.Array]:
        """Yield the output, or a struct of the outputs, for each block."""
        from tfspark_magic.worker.failed_rows import counting

        names = [name for name, _ in self.plan.outputs]
        with counting(self.plan, self.report) as failed:
            for outputs in run_blocks(self.plan, in_tuples(batches), failed):
                yield outputs[0] if len(names) == 1 else pa.StructArray.from_arrays(outputs, names)


@dataclass(frozen=True)
class MapBatches:
    """A `mapInArrow` function that yields only the outputs, with any number of rows."""

    plan: Plan

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield a record batch for each block."""
        schema = pa.schema([(name, arrow_from_cell(cell)) for name, cell in self.plan.outputs])
        fed = (tuple(batch.columns) for batch in batches)
        for outputs in run_blocks(self.plan, fed):
            yield _table(outputs, schema)


@dataclass(frozen=True)
class MapTable:
    """A function from batches of columns to record batches of passthrough columns and outputs.

    Parameters
    ----------
    plan, failed
        As for `run_blocks`.
    schema
        The schema of the result: the passthrough columns, then the outputs.
    """

    plan: Plan
    schema: pa.Schema
    failed: FailedRows | None = None

    def __call__(self, rows: Iterable[tuple[Columns, Columns]]) -> Iterator[pa.RecordBatch]:
        """Yield record batches for batches of passthrough columns and of columns that feed."""
        waiting: deque[Columns] = deque()
        for outputs in run_blocks(self.plan, _fed(rows, waiting), self.failed):
            whole = [tuple(outputs)] if self.plan.trim else _beside(waiting, outputs)
            for columns in whole:
                yield _table(columns, self.schema)


def _fed(rows: Iterable[tuple[Columns, Columns]], waiting: deque[Columns]) -> Iterator[Columns]:
    for passthrough, fed in rows:
        if len(fed[0]):
            if passthrough:
                waiting.append(passthrough)
            yield fed


def _beside(waiting: deque[Columns], outputs: list[pa.Array]) -> Iterator[Columns]:
    """Yield the waiting passthrough columns with the outputs of the same rows, cut to the same lengths."""
    start, stop = 0, len(outputs[0])
    while waiting and start < stop:
        passthrough = waiting.popleft()
        rows = min(len(passthrough[0]), stop - start)
        if rows < len(passthrough[0]):
            waiting.appendleft(tuple(column.slice(rows) for column in passthrough))
        yield (
            *(column.slice(0, rows) for column in passthrough),
            *(output.slice(start, rows) for output in outputs),
        )
        start += rows
    if start < stop:  # There are no passthrough columns.
        yield tuple(outputs)


def _table(columns: Iterable[pa.Array], schema: pa.Schema) -> pa.RecordBatch:
    both = zip(columns, schema.types, strict=True)
    arrays = [column if column.type == kind else column.cast(kind) for column, kind in both]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
