"""The functions that Spark calls with a partition's batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pyarrow as pa

from tfspark_magic.binding import Plan
from tfspark_magic.worker.rechunk import rechunk
from tfspark_magic.worker.shipped import ProgramSource


@dataclass(frozen=True)
class MapColumns:
    """A scalar iterator Arrow UDF: columns in, the output out, or a struct of several.

    Spark asks only that as many rows come out as went in, in their order; how they are cut into
    batches is ours.

    Parameters
    ----------
    plan
        Its graph has no bytes: they come from `read`.
    digest
        Identifies the graph.
    read
        Gives the graph's bytes where the task runs.
    """

    plan: Plan
    digest: str
    read: ProgramSource

    def __call__(self, batches: Iterator[tuple[pa.Array, ...]]) -> Iterator[pa.Array]:
        """Yield the output, or a struct of the outputs, for each block."""
        # TensorFlow is imported for the first batch: an empty partition should not pay for it.
        width = len(self.plan.columns)
        names = [name for name, _ in self.plan.outputs]
        runner = None
        fed = (tuple(batch[:width]) for batch in batches)
        for block in rechunk(fed, self.plan.rows_per_block, self.plan.row_bytes):
            if runner is None:
                from tfspark_magic.worker.blocks import BlockRunner

                runner = BlockRunner(self.plan, self.digest, self.read)
            columns = runner.run(block)
            yield columns[0] if len(names) == 1 else pa.StructArray.from_arrays(columns, names)


@dataclass(frozen=True)
class MapBatches:
    """A `mapInArrow` function: only the outputs come out, as many rows as they have.

    Parameters
    ----------
    plan, digest, read
        As for `MapColumns`.
    """

    plan: Plan
    digest: str
    read: ProgramSource

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield a record batch for each block."""
        from tfspark_magic.schema.arrow import arrow_from_cell
        from tfspark_magic.worker.blocks import BlockRunner

        schema = pa.schema([(name, arrow_from_cell(cell)) for name, cell in self.plan.outputs])
        runner = None
        columns = (tuple(batch.columns) for batch in batches)
        for block in rechunk(columns, self.plan.rows_per_block, self.plan.row_bytes):
            runner = runner or BlockRunner(self.plan, self.digest, self.read)
            arrays = runner.run(block)
            yield pa.RecordBatch.from_arrays(
                [a.cast(t) for a, t in zip(arrays, schema.types, strict=True)], schema=schema
            )


def without_bytes(plan: Plan) -> Plan:
    """Return a plan whose graph's bytes travel by another way."""
    return replace(plan, graph=plan.graph.without_bytes())
