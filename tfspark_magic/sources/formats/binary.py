"""Read files as they are: a row for each, with its path and bytes, like Spark's `binaryFile`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import fs

from tfspark_magic.errors import FileContentError, PathNotFoundError
from tfspark_magic.sources.filesystem import open_filesystem, shown, shown_errors
from tfspark_magic.sources.formats import Fragment, Values

if TYPE_CHECKING:
    from tfspark_magic.sources.files import Files

_SCHEMA = pa.schema(
    [
        pa.field("path", pa.string(), nullable=False),
        pa.field("bytes", pa.binary(), nullable=False),
        pa.field("size", pa.int64(), nullable=False),
        pa.field("modified", pa.timestamp("us", "UTC")),
    ]
)
_LARGEST = (1 << 31) - 1
"""Arrow's binary values have offsets of 32 bits."""


def schema(files: Files, uri: str) -> pa.Schema:
    """Return the schema, which is the same for all files."""
    del files, uri
    return _SCHEMA


def fragments(files: Files, uri: str, partition: Values, size: int | None) -> list[Fragment]:
    """Return the file as one fragment of one row."""
    del files
    return [Fragment(uri, "binary", None, partition, 1, size)]


def read(
    files: Files, fragment: Fragment, columns: Sequence[str], batch_rows: int
) -> Iterator[pa.RecordBatch]:
    """Yield a batch of one row; the file is opened only if its bytes or size are asked for."""
    del files, batch_rows
    filesystem, inside = open_filesystem(fragment.uri)
    content, size, written = b"", 0, None
    with shown_errors(fragment.uri):
        if "modified" in columns:
            written = _written(filesystem, inside, fragment.uri)
        if "bytes" in columns:
            with filesystem.open_input_stream(inside, compression=None) as stream:
                content = stream.read(_LARGEST + 1)
            size = len(content)
        elif "size" in columns:
            with filesystem.open_input_file(inside) as file:
                size = file.size()
    if len(content) > _LARGEST:
        advice = "leave it out of the path"
        raise FileContentError(shown(fragment.uri), "less than 2 GiB", "more", advice)
    row = {"path": shown(fragment.uri), "bytes": content, "size": size, "modified": written}
    arrays = [pa.array([row[name]], _SCHEMA.field(name).type) for name in columns]
    yield pa.RecordBatch.from_arrays(arrays, list(columns))


def _written(filesystem: fs.FileSystem, inside: str, uri: str) -> int | None:
    """Return the time of the last change, in microseconds since 1970."""
    info = filesystem.get_file_info(inside)
    if info.type == fs.FileType.NotFound:
        raise PathNotFoundError(shown(uri))
    return None if info.mtime_ns is None else info.mtime_ns // 1000
