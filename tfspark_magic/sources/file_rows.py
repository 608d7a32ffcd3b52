"""Read the rows of files for a graph: the passthrough columns, and the columns that feed it."""

from __future__ import annotations

import bisect
import contextlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import pyarrow as pa

from tfspark_magic.binding import Feed
from tfspark_magic.errors import (
    InexactValueError,
    NullValuesError,
    ShapeMismatchError,
    TfSparkError,
    WorkerFailedError,
)
from tfspark_magic.sources.files import Files, Fragment
from tfspark_magic.sources.filesystem import shown
from tfspark_magic.sources.prefetch import Prefetch
from tfspark_magic.sources.reading import read_part
from tfspark_magic.sources.shards import Part
from tfspark_magic.sources.writing import lost_value
from tfspark_magic.worker.failed_rows import FailedRows
from tfspark_magic.worker.fed_columns import columns_to_read, fed_columns
from tfspark_magic.worker.rechunk import Columns

NO_COLUMNS = pa.schema([])
_Error = TypeVar("_Error", bound=TfSparkError)
_ABOUT_ROWS = (NullValuesError, ShapeMismatchError, InexactValueError, WorkerFailedError)


@dataclass(frozen=True)
class FileRows:
    """The rows of fragments of files, in their order.

    >>> with FileRows(files, files.fragments(), plan.feeds).reading() as rows:    # doctest: +SKIP
    ...     print(next(rows))

    Parameters
    ----------
    files, fragments
        The files, and the whole fragments or parts of them to read.
    feeds
        The feeds of a plan.
    passthrough
        The passthrough columns, and the types in which they come out.
    threads
        The number of fragments that are prefetched at a time.
    prefetch_bytes
        The largest size in bytes of prefetched batches.
    """

    files: Files
    fragments: tuple[Fragment | Part, ...]
    feeds: tuple[Feed, ...]
    passthrough: pa.Schema = NO_COLUMNS
    threads: int = 1
    prefetch_bytes: int = 32 << 20

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read, each once."""
        fed = columns_to_read(self.feeds, self.files.schema.names)
        return tuple(dict.fromkeys([*self.passthrough.names, *fed]))

    @property
    def schema(self) -> pa.Schema:
        """The schema of the passthrough columns."""
        return self.passthrough

    @contextlib.contextmanager
    def reading(
        self, failed: FailedRows | None = None
    ) -> Iterator[Iterator[tuple[Columns, Columns]]]:
        """Give, for each batch, the passthrough columns and the columns that feed the plan.

        An error about some rows names their file, and so does that of the first row in `failed`, in
        the end. The prefetch ends with the context.
        """
        files: list[tuple[int, str]] = []
        with contextlib.closing(self._rows(files)) as rows:
            try:
                yield rows
            except _ABOUT_ROWS as error:
                raise _in_files(error, files) from None
            finally:
                if failed is not None and failed.first is not None:
                    failed.first = _in_files(failed.first, files)

    def _rows(self, files: list[tuple[int, str]]) -> Generator[tuple[Columns, Columns], None, None]:
        """Yield the columns, and remember the last row of each file."""
        columns = self.columns
        parts = [one if isinstance(one, Part) else Part(one) for one in self.fragments]
        jobs = [partial(read_part, self.files, part, columns) for part in parts]
        end = 0
        prefetch = Prefetch(jobs, self.threads, self.prefetch_bytes)
        try:
            with prefetch:
                for number, batch in prefetch:
                    uri = parts[number].fragment.uri
                    end += batch.num_rows
                    if files and files[-1][1] == uri:
                        files.pop()
                    files.append((end, uri))
                    passthrough = tuple(
                        _passed_through(batch, field, uri) for field in self.passthrough
                    )
                    yield passthrough, fed_columns(batch, self.feeds)
        finally:
            prefetch.join()


def _passed_through(batch: pa.RecordBatch, field: pa.Field, uri: str) -> pa.Array:
    array = batch.column(field.name)
    try:
        return array if array.type == field.type else array.cast(field.type)
    except pa.ArrowInvalid as error:
        raise InexactValueError(
            f"Column {field.name!r} of {shown(uri)}",
            lost_value(array, error),
            f"Spark's {field.type}",
            "leave it out of the passthrough columns (`columns=`)",
        ) from None


def _in_files(error: _Error, files: list[tuple[int, str]]) -> _Error:
    """Return an error that names the files of its block."""
    if error.rows is None:
        return error
    start, stop = error.rows
    if isinstance(error, NullValuesError):
        start += error.args[3]
        stop = start + 1
    ends = [end for end, _ in files]
    first, last = bisect.bisect_right(ends, start), bisect.bisect_left(ends, stop)
    place = " to ".join(dict.fromkeys(shown(files[at][1]) for at in (first, last)))
    return error.reworded(f"In {place}: {error}")
