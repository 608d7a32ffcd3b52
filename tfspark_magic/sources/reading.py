"""Read fragments of files as Arrow batches, with the requested columns and the filtered rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pyarrow as pa

from tfspark_magic.errors import FileContentError
from tfspark_magic.sources.files import Files, check_columns
from tfspark_magic.sources.filesystem import shown
from tfspark_magic.sources.formats import WRITTEN_SINCE, Fragment, content_errors, reader_of
from tfspark_magic.sources.schemas import decoded
from tfspark_magic.sources.shards import Part

BATCH_ROWS = 1 << 16


def read_fragment(
    files: Files,
    fragment: Fragment,
    columns: Sequence[str] | None = None,
    batch_rows: int | None = None,
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a fragment, in order, as batches of at most `batch_rows`.

    >>> for batch in read_fragment(rows, rows.fragments()[0], ["x"]):     # doctest: +SKIP
    ...     batch.num_rows

    Parameters
    ----------
    files, fragment
        One of `files.fragments()`.
    columns
        The columns, in this order; partition columns are filled in. All if not given.
    batch_rows
        `BATCH_ROWS` if not given. At most a batch is held, and the part that the format must read
        at once (a row group's compressed columns, a stripe).

    Raises
    ------
    FileContentError
        If the file is broken, or has other columns than `files`.
    PathNotFoundError, PathAccessError
        If it can no longer be read.
    """
    names = check_columns(files, columns)
    constant = {name for name, _ in fragment.partition}
    there = [column for column in files.whole_schema if column.name not in constant]
    needed = [column for column in there if column.name in {*names, *files.filter_columns}]
    # If only partition columns are asked for, another column is read to count the rows.
    schema = pa.schema(needed or there[:1]).remove_metadata()
    reader = reader_of(files.format)
    with content_errors(fragment.uri, fragment.format):
        for found in reader.read(files, fragment, schema.names, batch_rows or BATCH_ROWS):
            # Filters compare with values of the schema's types.
            arrays = [_plain(found.column(column.name), column, fragment.uri) for column in schema]
            plain = pa.RecordBatch.from_arrays(arrays, schema=schema)
            batches = [_with_partition(plain, fragment, files.whole_schema)]
            if files.expression is not None:
                # In pyarrow 20, the filter of a batch fails if it keeps no row.
                kept = pa.Table.from_batches(batches).filter(files.expression)
                batches = kept.combine_chunks().to_batches()
            for batch in batches:
                if batch.num_rows:
                    yield batch.select(names)


def read_part(
    files: Files, part: Part, columns: Sequence[str] | None = None, batch_rows: int | None = None
) -> Iterator[pa.RecordBatch]:
    """Yield some of the rows of a fragment, as `read_fragment` does; later rows are not read.

    Raises
    ------
    FileContentError
        As `read_fragment` does, or if there are fewer rows than before.
    """
    row = 0
    for batch in read_fragment(files, part.fragment, columns, batch_rows):
        start, stop = row, row + batch.num_rows
        row = stop if part.stop is None else min(stop, part.stop)
        if part.first < row:
            yield batch.slice(max(0, part.first - start), row - max(start, part.first))
        if row == part.stop:
            return
    if part.stop is not None and row < part.stop:
        expected = f"{part.stop} rows in a fragment of it"
        raise FileContentError(shown(part.fragment.uri), expected, str(row), WRITTEN_SINCE)


def counted(files: Files, fragments: Sequence[Fragment], threads: int) -> list[Fragment]:
    """Return fragments with their numbers of filtered rows; fragments without a number are read."""

    def known(fragment: Fragment) -> Fragment:
        if fragment.rows is not None and files.expression is None:
            return fragment
        return replace(
            fragment, rows=sum(batch.num_rows for batch in read_fragment(files, fragment, []))
        )

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(known, fragments))


def _with_partition(batch: pa.RecordBatch, fragment: Fragment, schema: pa.Schema) -> pa.RecordBatch:
    for name, value in fragment.partition:
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
