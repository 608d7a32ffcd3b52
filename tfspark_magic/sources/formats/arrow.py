"""Read Arrow IPC files and streams; a fragment is a whole file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import ipc

from tfspark_magic.errors import FileContentError
from tfspark_magic.sources.filesystem import open_filesystem, shown, shown_errors
from tfspark_magic.sources.formats import (
    LEAVE_OUT,
    REWRITE,
    Fragment,
    Values,
    check_values,
    content_errors,
    sliced,
)
from tfspark_magic.sources.schemas import check_schema

if TYPE_CHECKING:
    from tfspark_magic.sources.files import Files

_MAGIC = b"ARROW1"


def schema(files: Files, uri: str) -> pa.Schema:
    """Return the schema at the start of the file."""
    del files
    with content_errors(uri, "arrow"):
        return _open(uri)[0].schema


def fragments(files: Files, uri: str, partition: Values, size: int | None) -> list[Fragment]:
    """Return the file as one fragment."""
    with content_errors(uri, "arrow"):
        found = _open(uri)[0].schema
    check_schema(uri, found, files)
    return [Fragment(uri, "arrow", None, partition, None, size)]


def read(
    files: Files, fragment: Fragment, columns: Sequence[str], batch_rows: int
) -> Iterator[pa.RecordBatch]:
    """Yield batches of a file."""
    del files
    reader, source = _open(fragment.uri)
    if isinstance(reader, ipc.RecordBatchFileReader):
        batches = (reader.get_batch(n) for n in range(reader.num_record_batches))
    else:
        batches = iter(reader)
    for batch in batches:
        asked = batch.select(list(columns))
        check_values(asked, fragment.uri, "whole values", LEAVE_OUT)
        yield from sliced(asked, batch_rows)
    if isinstance(reader, ipc.RecordBatchFileReader):
        return
    # A stream that was cut between two batches can be read, but its end mark is missing.
    source.seek(max(0, source.size() - _END_BYTES))
    if source.read() != b"\xff\xff\xff\xff\x00\x00\x00\x00":
        raise FileContentError(shown(fragment.uri), "the end of an arrow stream", "none", REWRITE)


_END_BYTES = 8


def _open(uri: str) -> tuple[Any, Any]:
    filesystem, inside = open_filesystem(uri)
    with shown_errors(uri):
        source = filesystem.open_input_file(inside)
        start = source.read(len(_MAGIC))
        source.seek(0)
    is_file = start == _MAGIC
    return (ipc.open_file(source) if is_file else ipc.open_stream(source)), source
