"""JSON, a record a line: a piece is a file, compressed or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tfspark_magic.sources.formats import Piece, Values, content_errors, sliced
from tfspark_magic.sources.formats.compression import open_stream

if TYPE_CHECKING:
    from tfspark_magic.sources.files import Files

_BLOCK_BYTES = 4 << 20


def schema(files: Files, uri: str) -> pa.Schema:
    """Return the fields and types of the first lines."""
    with content_errors(uri, "json"), _reader(files, uri) as reader:
        return reader.schema


def pieces(files: Files, uri: str, partition: Values, size: int | None) -> list[Piece]:
    """Return the file."""
    del files
    return [Piece(uri, "json", None, partition, None, size)]


def read(
    files: Files, piece: Piece, columns: Sequence[str], batch_rows: int
) -> Iterator[pa.RecordBatch]:
    """Yield batches of a file; a field that a record lacks is a null."""
    with _reader(files, piece.uri) as reader:
        for batch in reader:
            yield from sliced(batch.select(list(columns)), batch_rows)


def _reader(files: Files, uri: str) -> Any:
    from pyarrow import json

    known = files.file_schema.remove_metadata()
    return json.open_json(
        open_stream(uri),
        read_options=json.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES),
        parse_options=json.ParseOptions(
            explicit_schema=known if len(known) else None,
            unexpected_field_behavior="ignore" if len(known) else "infer",
        ),
    )
