"""Read a piece of files as Arrow batches: the columns asked for, the rows that the filters keep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from tfspark_magic.errors import FileContentError
from tfspark_magic.sources.decoding import decoded
from tfspark_magic.sources.files import Files, check_columns
from tfspark_magic.sources.filesystem import shown
from tfspark_magic.sources.formats import Piece, content_errors, reader_of

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
    inside = [name for name in files.file_schema.names if name in {*names, *files.filter_columns}]
    # Rows are counted by a column, where only columns of folders are asked for.
    inside = inside or files.file_schema.names[:1]
    schema = pa.schema([files.schema.field(name) for name in inside]).remove_metadata()
    reader = reader_of(files.format)
    with content_errors(piece.uri, files.format):
        for found in reader.read(files, piece, inside, batch_rows or BATCH_ROWS):
            # Filters compare with values of the schema's types.
            arrays = [_plain(found.column(column.name), column, piece.uri) for column in schema]
            plain = pa.RecordBatch.from_arrays(arrays, schema=schema)
            batch = _with_partition(plain, piece, files.schema)
            if files.expression is not None:
                batch = batch.filter(files.expression)
            if batch.num_rows:
                yield batch.select(names)


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
        return decoded(array).cast(column.type)
    except pa.ArrowException as error:
        expected = f"column {column.name!r} as {column.type}"
        advice = f"write {column.name!r} in schema= as {array.type}"
        found = f"{array.type}: {' '.join(str(error).split())}".rstrip(".")
        raise FileContentError(shown(uri), expected, found, advice) from None
