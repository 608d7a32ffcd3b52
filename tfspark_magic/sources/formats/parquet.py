"""Parquet: a piece is a row group, and those that the filters rule out are not read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pads
import pyarrow.parquet as pq

from tfspark_magic.sources.filesystem import open_filesystem, shown_errors
from tfspark_magic.sources.formats import Piece, Values
from tfspark_magic.sources.schemas import check_schema

if TYPE_CHECKING:
    from tfspark_magic.sources.files import Files


def schema(files: Files, uri: str) -> pa.Schema:
    """Return what the footer says."""
    del files
    with _open(uri) as file:
        return file.schema_arrow


def pieces(files: Files, uri: str, partition: Values, size: int | None) -> list[Piece]:
    """Return the row groups that may hold rows which the filters let through."""
    del size
    with _open(uri) as file:
        metadata = file.metadata
        check_schema(uri, file.schema_arrow, files.file_schema)
        groups = range(metadata.num_row_groups)
        if files.expression is not None:
            groups = _kept(files, uri, partition, metadata)
    found = []
    for group in groups:
        about = metadata.row_group(group)
        if about.num_rows:
            piece = Piece(
                uri, "parquet", (group,), partition, about.num_rows, about.total_byte_size
            )
            found.append(piece)
    return found


def read(
    files: Files, piece: Piece, columns: Sequence[str], batch_rows: int
) -> Iterator[pa.RecordBatch]:
    """Yield batches of a row group."""
    del files
    with _open(piece.uri) as file:
        groups = piece.row_groups or range(file.metadata.num_row_groups)
        # One column is decoded by one thread: several pieces at once keep the cores busy.
        yield from file.iter_batches(batch_rows, list(groups), list(columns), use_threads=False)


def _open(uri: str) -> pq.ParquetFile:
    filesystem, inside = open_filesystem(uri)
    with shown_errors(uri):
        # Column chunks that lie side by side come in one request.
        return pq.ParquetFile(filesystem.open_input_file(inside), pre_buffer=True)


def _kept(files: Files, uri: str, partition: Values, metadata: pq.FileMetaData) -> list[int]:
    filesystem, inside = open_filesystem(uri)
    known = None
    for name, value in partition:
        column = pads.field(name)
        one = column.is_null() if value is None else column == value
        known = one if known is None else known & one
    fragment = pads.ParquetFileFormat().make_fragment(
        inside, filesystem, partition_expression=known if known is not None else pc.scalar(True)
    )
    fragment = fragment.subset(files.expression, files.schema)
    return [group.id for group in fragment.row_groups]
