"""The rows of files, for a graph: the columns that stay beside its results, and those that feed it."""

from __future__ import annotations

import bisect
import contextlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import partial

import pyarrow as pa

from tfspark_magic.binding import Feed
from tfspark_magic.errors import (
    InexactValueError,
    NullValuesError,
    ShapeMismatchError,
    TfSparkError,
    WorkerFailedError,
)
from tfspark_magic.sources.ahead import ReadAhead
from tfspark_magic.sources.files import Files, Piece
from tfspark_magic.sources.filesystem import shown
from tfspark_magic.sources.reading import read_piece
from tfspark_magic.sources.writing import lost_value
from tfspark_magic.worker.fed_columns import columns_to_read, fed_columns
from tfspark_magic.worker.rechunk import Columns

NO_COLUMNS = pa.schema([])
_ABOUT_ROWS = (NullValuesError, ShapeMismatchError, InexactValueError, WorkerFailedError)


@dataclass(frozen=True)
class FileRows:
    """The rows of pieces of files, in their order.

    >>> with FileRows(files, files.pieces(), plan.feeds).reading() as rows:    # doctest: +SKIP
    ...     print(next(rows))

    Parameters
    ----------
    files, pieces
        What to read.
    feeds
        Of a plan.
    stay
        The columns that stay beside its results, and the types in which they do.
    threads
        How many pieces are read at a time, ahead of what takes their rows.
    ahead_bytes
        How much may be read that nobody has taken yet.
    """

    files: Files
    pieces: tuple[Piece, ...]
    feeds: tuple[Feed, ...]
    stay: pa.Schema = NO_COLUMNS
    threads: int = 1
    ahead_bytes: int = 32 << 20

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read, each once."""
        fed = columns_to_read(self.feeds, self.files.schema.names)
        return tuple(dict.fromkeys([*self.stay.names, *fed]))

    @property
    def schema(self) -> pa.Schema:
        """Of the columns that stay."""
        return self.stay

    @contextlib.contextmanager
    def reading(self) -> Iterator[Iterator[tuple[Columns, Columns]]]:
        """Give the columns that stay, and those that feed the plan, of batch after batch.

        An error that is about some of the rows names their file. On leaving, what reads ahead ends.
        """
        files: list[tuple[int, str]] = []
        with contextlib.closing(self._rows(files)) as rows:
            try:
                yield rows
            except _ABOUT_ROWS as error:
                raise _in_files(error, files) from None

    def _rows(self, files: list[tuple[int, str]]) -> Generator[tuple[Columns, Columns], None, None]:
        """Yield the columns, and keep with which row each file ends."""
        columns = self.columns
        jobs = [partial(read_piece, self.files, piece, columns) for piece in self.pieces]
        end = 0
        ahead = ReadAhead(jobs, self.threads, self.ahead_bytes)
        try:
            with ahead:
                for number, batch in ahead:
                    uri = self.pieces[number].uri
                    end += batch.num_rows
                    if files and files[-1][1] == uri:
                        files.pop()
                    files.append((end, uri))
                    stay = tuple(_staying(batch, field, uri) for field in self.stay)
                    yield stay, fed_columns(batch, self.feeds)
        finally:
            ahead.join()


def _staying(batch: pa.RecordBatch, field: pa.Field, uri: str) -> pa.Array:
    array = batch.column(field.name)
    try:
        return array if array.type == field.type else array.cast(field.type)
    except pa.ArrowInvalid as error:
        raise InexactValueError(
            f"Column {field.name!r} of {shown(uri)}",
            lost_value(array, error),
            f"Spark's {field.type}",
            "leave it out of the columns that stay",
        ) from None


def _in_files(error: TfSparkError, files: list[tuple[int, str]]) -> TfSparkError:
    """Return an error that names the files of the block that it is about."""
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
