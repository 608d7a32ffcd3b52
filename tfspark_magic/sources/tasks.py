"""Read fragments of files in functions that Spark calls in its workers, and run a graph on them.

Each task gets the number of a group of fragments, and reads them itself, so that no row of the
files passes through the JVM.
"""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pyarrow as pa

from tfspark_magic.binding import Plan
from tfspark_magic.binding.reductions import ReductionPlan
from tfspark_magic.errors import MissingDependencyError
from tfspark_magic.sources.file_rows import FileRows
from tfspark_magic.sources.files import Fragment
from tfspark_magic.sources.shards import Part
from tfspark_magic.worker.failed_rows import FailedRows, Report, counting
from tfspark_magic.worker.mapping import MapTable
from tfspark_magic.worker.rechunk import Columns
from tfspark_magic.worker.reducing import partial_schema, reduce_batches


class Groups:
    """Groups of fragments or of parts of them, packed because there may be many, and each task gets all.

    >>> Groups([[first], [second, third]])[1]                       # doctest: +SKIP
    (second, third)
    """

    def __init__(self, groups: Sequence[Sequence[Fragment | Part]]) -> None:
        self._packed = zlib.compress(pickle.dumps([tuple(group) for group in groups]))

    def __getitem__(self, number: int) -> tuple[Fragment | Part, ...]:
        """Return a group."""
        groups: list[tuple[Fragment | Part, ...]] = pickle.loads(zlib.decompress(self._packed))  # noqa: S301
        return groups[number]


@dataclass(frozen=True)
class MapFragments:
    """A `mapInArrow` function from the number of a group to the columns of its rows.

    Parameters
    ----------
    plan
        As for `MapTable`.
    schema
        The schema of the result.
    rows
        The settings for reading, without fragments.
    groups
        The groups, by their numbers.
    report
        As for `counting`.
    """

    plan: Plan
    schema: pa.Schema
    rows: FileRows
    groups: Groups
    report: Report | None = None

    def __call__(self, numbers: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield batches of the passthrough columns, and of the outputs of their rows."""
        for number in numbers_in(numbers):
            yield from self.batches(number)

    def batches(self, number: int) -> Generator[pa.RecordBatch, None, None]:
        """Yield the batches of a group."""
        with (
            counting(self.plan, self.report) as failed,
            reading_fragments(self.rows, self.groups[number], failed) as rows,
        ):
            yield from MapTable(self.plan, self.schema, failed)(rows)


@dataclass(frozen=True)
class ReduceFragments:
    """A `mapInArrow` function from the number of a group to a row as in `ReducePartition`."""

    plan: ReductionPlan
    rows: FileRows
    groups: Groups

    def __call__(self, numbers: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the group's number and states, or nothing if it has no rows."""
        for number in numbers_in(numbers):
            with reading_fragments(self.rows, self.groups[number]) as rows:
                fed = (columns for _, columns in rows)
                states = reduce_batches(self.plan, fed)
            if states is not None:
                order = pa.array([number], pa.int64())
                schema = partial_schema(self.plan)
                yield pa.RecordBatch.from_arrays([order, *states], schema=schema)


@contextmanager
def reading_fragments(
    rows: FileRows, fragments: tuple[Fragment | Part, ...], failed: FailedRows | None = None
) -> Iterator[Iterator[tuple[Columns, Columns]]]:
    """Give the rows of fragments as `FileRows.reading` does, in a task."""
    try:
        with replace(rows, fragments=fragments).reading(failed) as batches:
            yield batches
    except MissingDependencyError as error:
        # The package is missing on this node, not on the user's machine.
        what, purpose, _ = error.args
        advice = f"install {what} on each node"
        raise MissingDependencyError(what, f"{purpose} on the workers", advice) from None


def numbers_in(batches: Iterator[pa.RecordBatch]) -> Iterator[int]:
    """Yield the numbers of the groups that a task reads."""
    for batch in batches:
        yield from batch.column(0).to_pylist()
