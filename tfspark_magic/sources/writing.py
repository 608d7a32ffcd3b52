"""Write Arrow batches as a Parquet file on any filesystem, completely or not at all."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from tfspark_magic.errors import InexactValueError, OptionError, UnsupportedTypeError, type_name
from tfspark_magic.schema.arrow import in_microseconds
from tfspark_magic.sources.filesystem import open_filesystem, shown, shown_errors
from tfspark_magic.sources.schemas import decoded, plain_type, same_type

GROUP_BYTES = 64 << 20
"""The size in memory of a row group, about; a row group is held at a time."""


def write_file(rows: Any, path: Any, *, overwrite: bool = False) -> None:
    """Write a table to a Parquet file, batch by batch; `tfs.write_parquet` documents the rest."""
    found, batches = opened(rows)
    schema = pa.schema([c.with_type(in_microseconds(c.type)) for c in found], found.metadata)
    with whole_file(path, overwrite=overwrite) as stream, _writer(stream, schema) as writer:
        # Errors of the rows are not about this path.
        for table in in_row_groups(batches, found):
            table = as_written(table, schema)  # noqa: PLW2901
            with shown_errors(os.fspath(path)):
                writer.write_table(table, row_group_size=table.num_rows)


def check_types(schema: pa.Schema) -> None:
    """Raise UnsupportedTypeError for a column whose type Parquet does not have."""
    _writer(pa.BufferOutputStream(), schema).close()


def differences(filesystem: fs.FileSystem, path: str, schema: pa.Schema) -> str | None:
    """Return in words the first difference of the columns of a file from others; None if there is none."""
    from tfspark_magic.sources.formats.parquet import schema_of

    with filesystem.open_input_file(path) as source:
        there = schema_of(pq.ParquetFile(source, coerce_int96_timestamp_unit="us"))
    for field in schema:
        if field.name not in there.names:
            return f"has no column {field.name!r}, it has {there.names}"
        own = there.field(field.name).type
        # As readers take them: text is text, whoever wrote it.
        if not same_type(plain_type(own), plain_type(field.type)):
            return f"has column {field.name!r} as {own}, not as {field.type}"
    more = [name for name in there.names if name not in schema.names]
    return f"has a column {more[0]!r}, too" if more else None


@contextlib.contextmanager
def whole_file(path: Any, *, overwrite: bool = False, creates_folder: bool = True) -> Iterator[Any]:
    """Give a stream for a file that is there when it is whole, and not before.

    Raises
    ------
    PathNotFoundError
        If its folder is not there, and is not created either.
    OptionError
        If there is such a file, or a folder.
    PathAccessError
        If it cannot be written.
    """
    location = os.fspath(path)
    filesystem, inside = open_filesystem(location)
    with shown_errors(location):
        there = filesystem.get_file_info(inside).type
        if there == fs.FileType.Directory:
            raise OptionError(f"{shown(location)!r} is a folder: name a file in it.")
        if there == fs.FileType.File and not overwrite:
            raise OptionError(
                f"{shown(location)!r} is there already: pass overwrite=True to replace it."
            )
        folder, _, name = inside.rpartition("/")
        if folder and creates_folder:
            filesystem.create_dir(folder, recursive=True)
        hidden = f"{folder}/.{name}.{uuid.uuid4().hex[:8]}"
    try:
        with shown_errors(location):
            stream = filesystem.open_output_stream(hidden)
        with stream:
            yield stream
        with shown_errors(location):
            if overwrite and there == fs.FileType.File:
                filesystem.delete_file(inside)
            filesystem.move(hidden, inside)
    except BaseException:
        with contextlib.suppress(OSError):
            filesystem.delete_file(hidden)
        raise


def opened(rows: Any) -> tuple[pa.Schema, Iterable[pa.RecordBatch]]:
    """Return the schema and the batches of a table."""
    if isinstance(rows, pa.RecordBatch):
        return rows.schema, [rows]
    if not isinstance(rows, pa.Table) and isinstance(getattr(rows, "schema", None), pa.Schema):
        return rows.schema, rows
    if hasattr(rows, "__arrow_c_stream__"):
        reader = pa.RecordBatchReader.from_stream(rows)
        return reader.schema, reader
    batches = iter(rows) if isinstance(rows, Iterable) else iter(())
    first = next(batches, None)
    if not isinstance(first, pa.RecordBatch):
        found = type_name(rows)
        if first is not None:
            found += f" of {type(first).__qualname__}"
        elif isinstance(rows, Iterable):
            found += " without a batch, and so without a schema"
        raise OptionError(f"write_parquet takes a table or batches of Arrow, got {found}.")
    return first.schema, chain([first], batches)


def _writer(stream: Any, schema: pa.Schema) -> pq.ParquetWriter:
    try:
        return pq.ParquetWriter(stream, schema)
    except pa.ArrowNotImplementedError:
        for column in schema:
            try:
                pq.ParquetWriter(pa.BufferOutputStream(), pa.schema([column])).close()
            except pa.ArrowNotImplementedError:
                advice = "leave it out, since Parquet has no such type"
                subject = f"Column {column.name!r}"
                raise UnsupportedTypeError(subject, str(column.type), advice) from None
        raise


def as_written(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return a table with times in a form that Spark reads."""
    columns = []
    for column, field in zip(table.columns, schema, strict=True):
        try:
            if column.type != field.type:
                chunks = [decoded(chunk).cast(field.type) for chunk in column.chunks]
                column = pa.chunked_array(chunks, field.type)  # noqa: PLW2901
            columns.append(column)
        except pa.ArrowInvalid as error:
            value, advice = lost_value(column, error), "round its times to microseconds"
            finest = f"{field.type}, the finest time of Spark,"
            raise InexactValueError(f"Column {field.name!r}", value, finest, advice) from None
    return pa.Table.from_arrays(columns, schema=schema)


def lost_value(array: pa.Array | pa.ChunkedArray, error: pa.ArrowInvalid) -> str:
    """Return the value of an array that a cast would have lost, from Arrow's message."""
    return f"the {array.type} {str(error).splitlines()[0].rpartition(': ')[2]}"


def in_row_groups(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """Yield the rows of batches in tables of the size of a row group."""
    held: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        held.append(batch)
        size += _bytes(batch)
        if size >= GROUP_BYTES:
            yield pa.Table.from_batches(held, schema)
            held, size = [], 0
    if size:
        yield pa.Table.from_batches(held, schema)


def _bytes(batch: pa.RecordBatch) -> int:
    try:
        return int(batch.nbytes)
    except pa.ArrowTypeError:  # pyarrow 20 knows it of no views
        return int(batch.get_total_buffer_size())
