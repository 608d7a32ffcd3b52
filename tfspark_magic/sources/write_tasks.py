"""Run a graph on fragments of files in Spark's workers, and write the rows from there to files."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from tfspark_magic.sources.filesystem import shown_errors
from tfspark_magic.sources.part_files import PartFiles
from tfspark_magic.sources.staging import Staging
from tfspark_magic.sources.tasks import MapFragments, numbers_in

RESULT = pa.schema([("task", pa.int64()), ("files", pa.string())])
"""What a task returns: its number, and its files as JSON."""


@dataclass(frozen=True)
class WriteFragments:
    """A `mapInArrow` function from the number of a task to the files that it wrote.

    Each attempt of a task writes to a folder of its own, and Spark takes the result of one attempt.

    Parameters
    ----------
    rows
        The map from fragments to rows.
    tasks
        The groups of fragments that are still to be written.
    staging
        Where the files are gathered.
    schema
        The columns of the rows, with the metadata of the files.
    partition_by
        As for `PartFiles`.
    """

    rows: MapFragments
    tasks: tuple[int, ...]
    staging: Staging
    schema: pa.Schema
    partition_by: tuple[str, ...]

    def __call__(self, numbers: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield a row for each group, when all of its rows are in closed files."""
        for at in numbers_in(numbers):
            task = self.tasks[at]
            files = self._write(task)
            yield pa.RecordBatch.from_pydict(
                {"task": [task], "files": [json.dumps(files.written)]}, RESULT
            )

    def _write(self, task: int) -> PartFiles:
        staging, attempt = self.staging, self.staging.attempt(task)
        files = PartFiles(staging.filesystem, attempt, self.schema, self.partition_by)
        try:
            with files, contextlib.closing(self.rows.batches(task)) as batches:
                for batch in batches:
                    # Errors of the rows are not about the target.
                    with shown_errors(staging.location):
                        files.write(batch)
            staging.finish(task, attempt, files.written)
        except BaseException:
            with contextlib.suppress(OSError):
                staging.filesystem.delete_dir(attempt)
            raise
        return files
