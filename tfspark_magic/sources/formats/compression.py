"""Recognize files that are compressed as a whole by their names, and decompress them."""

from __future__ import annotations

import io
import re
import zlib

import pyarrow as pa

from tfspark_magic.sources.filesystem import open_filesystem, shown_errors

COMPRESSIONS = {
    "gz": "gzip", "gzip": "gzip", "bz2": "bz2", "zst": "zstd", "lz4": "lz4", "zlib": "zlib",
    "deflate": "zlib",
}  # fmt: skip
_SHARD = re.compile(r"-\d+-of-\d+$")
_BLOCK_BYTES = 1 << 20


def extension_of(uri: str) -> tuple[str, str | None]:
    """Return the extension of a file, and its compression.

    >>> extension_of("part-0.csv.gz"), extension_of("train.tfrecord-00000-of-00010")
    (('csv', 'gzip'), ('tfrecord', None))
    """
    name = _SHARD.sub("", uri.rpartition("/")[2].partition("?")[0].lower())
    compression = COMPRESSIONS.get(name.rpartition(".")[2])
    if compression:
        name = _SHARD.sub("", name.rpartition(".")[0])
    extension = name.partition(".")[2].rpartition(".")[2]
    # TFX writes data_tfrecord-00000-of-00001.gz.
    return "tfrecord" if name.endswith("_tfrecord") else extension, compression


def open_stream(uri: str, compression: str | None = None) -> pa.NativeFile:
    """Open a file to read from its start, decompressed by its extension or by the given codec."""
    filesystem, inside = open_filesystem(uri)
    compression = compression or extension_of(uri)[1]
    with shown_errors(uri):
        if compression == "zlib":
            # Arrow has no codec for zlib.
            stream = filesystem.open_input_stream(inside, compression=None)
            return pa.PythonFile(Inflated(stream), "r")
        return filesystem.open_input_stream(inside, compression=compression)


def is_empty(uri: str, size: int | None) -> bool:
    """Whether a file has no bytes, or none after decompression; Spark writes such files."""
    if size == 0 or extension_of(uri)[1] is None:
        return size == 0
    with open_stream(uri) as stream:
        return not stream.read(1)


class Inflated(io.RawIOBase):
    """The decompressed bytes of a zlib stream, or of several consecutive ones.

    Parameters
    ----------
    source
        The compressed file, which is closed with this object.
    """

    def __init__(self, source: pa.NativeFile) -> None:
        self._source = source
        self._inflater = zlib.decompressobj()
        self._begun = False

    def readable(self) -> bool:
        """Return True."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes; none at the end.

        Raises
        ------
        OSError
            If the stream is broken, or ends early.
        """
        while True:
            ended = self._inflater.eof
            held = self._inflater.unused_data if ended else self._inflater.unconsumed_tail
            block = held or self._source.read(_BLOCK_BYTES)
            if not block and (ended or not self._begun):
                return b""
            if ended:
                self._inflater = zlib.decompressobj()
            self._begun = True
            try:
                found = self._inflater.decompress(block, max(size, 0))
            except zlib.error as error:
                raise OSError(str(error)) from None
            if found:
                return found
            if not block and not self._inflater.eof:
                raise OSError("Truncated compressed stream")

    def close(self) -> None:
        """Close this object and the source."""
        self._source.close()
        super().close()
