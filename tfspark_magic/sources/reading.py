"""Read a piece of files as Arrow batches: the columns asked for, the rows that the filters keep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pyarrow as pa

from tfspark_magic.errors import FileContentError, TfSparkError
from tfspark_magic.sources.filesystem import shown, shown_errors
from tfspark_magic.sources.files import Files, check_columns
from tfspark_magic.sources.formats import Piece, reader_of

BATCH_ROWS = 1 << 16


def read_piece(
    files: Files, piece: Piece, columns: Sequence[str] | None = None, batch_rows: int | None = None
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a piece, in order, as batches of at most `batch_rows`.

    >>> for batch in read_piece(rows, rows.pieces()[0], ["x"]):     # doctest: +SKIP
    ...     batch.num_rows

    Parameters
    ----------
    files, piece
        One of `files.pieces()`.
    columns
        In the order asked for; those of folders are filled in. All if not given.
    batch_rows
        `BATCH_ROWS` if not given. No more than a batch and what the format has to read at once (a
        row group's compressed columns, a stripe) is held.

    Raises
    ------
    FileContentError
        If the file is broken, or its columns are not those of `files`.
    PathNotFoundError, PathAccessError
        If it can no longer be read.
    """
    names = check_columns(files, columns)
    inside = [name for name in files.file_schema.names if name in {*names, *_filtered(files)}]
    # Rows are counted by a column, where only columns of folders are asked for.
    inside = inside or files.file_schema.names[:1]
    schema = pa.schema([files.schema.field(name) for name in names]).remove_metadata()
    reader = reader_of(files.format)
    with content_errors(piece.uri, files.format):
        for found in reader.read(files, piece, inside, batch_rows or BATCH_ROWS):
            batch = _with_partition(found, piece, files.schema)
            if files.expression is not None:
                batch = batch.filter(files.expression)
            if batch.num_rows:
                arrays = [_plain(batch.column(c.name), c, piece.uri) for c in schema]
                yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _filtered(files: Files) -> list[str]:
    """Return the columns that the filters read: those without which they cannot be evaluated."""
    if files.expression is None:
        return []
    needed = []
    for position, column in enumerate(files.schema):
        try:
            files.schema.remove(position).empty_table().filter(files.expression)
        except pa.ArrowException:
            needed.append(column.name)
    return needed


def _with_partition(batch: pa.RecordBatch, piece: Piece, schema: pa.Schema) -> pa.RecordBatch:
    for name, value in piece.partition:
        arrow = schema.field(name).type
        constant = pa.repeat(pa.scalar(value, arrow), batch.num_rows)
        batch = batch.append_column(name, constant)
    return batch


def _plain(array: pa.Array, column: pa.Field, uri: str) -> pa.Array:
    if array.type == column.type:
        return array
    try:
        return array.cast(column.type)
    except pa.ArrowException as error:
        expected = f"column {column.name!r} as {column.type}"
        raise FileContentError(shown(uri), expected, _reason(error), "pass schema=") from None


@contextmanager
def content_errors(uri: str, kind: str) -> Iterator[None]:
    """Turn what a broken file makes a reader raise into one sentence with the file's name."""
    try:
        with shown_errors(uri):
            yield
    except TfSparkError as error:
        # Arrow's own complaints about contents have no error number, those of systems do.
        raise error from None
    except pa.ArrowException as error:
        expected = f"a whole {kind} file"
        advice = "write it again, or leave it out"
        raise FileContentError(shown(uri), expected, _reason(error), advice) from None


def _reason(error: BaseException) -> str:
    return shown(" ".join(str(error).split())).partition(" Details:")[0].rstrip(".")
