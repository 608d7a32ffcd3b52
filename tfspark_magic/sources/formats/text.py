"""Read text as a column `value` of lines, like Spark; a fragment is a whole file, compressed or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from tfspark_magic.errors import FileContentError
from tfspark_magic.sources.filesystem import shown
from tfspark_magic.sources.formats import Fragment, Values, sliced
from tfspark_magic.sources.formats.compression import open_stream

if TYPE_CHECKING:
    from tfspark_magic.sources.files import Files

_BLOCK_BYTES = 4 << 20
_SCHEMA = pa.schema([pa.field("value", pa.string(), nullable=False)])


def schema(files: Files, uri: str) -> pa.Schema:
    """Return the schema with the only column."""
    del files, uri
    return _SCHEMA


def fragments(files: Files, uri: str, partition: Values, size: int | None) -> list[Fragment]:
    """Return the file as one fragment."""
    del files
    return [Fragment(uri, "text", None, partition, None, size)]


def read(
    files: Files, fragment: Fragment, columns: Sequence[str], batch_rows: int
) -> Iterator[pa.RecordBatch]:
    """Yield batches of lines, without the line ends."""
    del files, columns
    with open_stream(fragment.uri) as stream:
        for text in whole_lines(stream):
            yield from sliced(_lines(text, fragment.uri), batch_rows)


def whole_lines(stream: pa.NativeFile) -> Iterator[bytes]:
    """Yield the bytes of a stream, cut after line ends."""
    held: list[bytes] = []
    while block := stream.read(_BLOCK_BYTES):
        end = block.rfind(b"\n") + 1
        if end:
            yield b"".join([*held, block[:end]])
            held = []
        held.append(block[end:])
    if last := b"".join(held):
        yield last


def _lines(text: bytes, uri: str) -> pa.RecordBatch:
    returns = b"\r" in text
    # The empty text after the last line end is not a line.
    text = text.removesuffix(b"\n")
    try:
        whole = pa.array([text], pa.large_binary()).cast(pa.large_string())
    except pa.ArrowInvalid:
        advice = "write it as UTF-8"
        raise FileContentError(shown(uri), "text in UTF-8", "other bytes", advice) from None
    if returns:
        lines = pc.split_pattern_regex(whole, "\r\n|\r|\n").flatten()
        if text.endswith(b"\r"):
            lines = lines.slice(0, len(lines) - 1)
    else:
        lines = pc.split_pattern(whole, "\n").flatten()
    return pa.RecordBatch.from_arrays([lines.cast(pa.string())], schema=_SCHEMA)
