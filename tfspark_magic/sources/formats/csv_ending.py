"""The end of a CSV file: where it lies inside of quotes, Arrow reads the file as if it were whole.

A row with a field too many follows the last one. Arrow's parser hands it back as a wrong row, unless
it takes it for a part of a text whose quotes are open.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pyarrow as pa

from tfspark_magic.errors import FileContentError
from tfspark_magic.sources.filesystem import shown
from tfspark_magic.sources.formats import REWRITE
from tfspark_magic.sources.formats.compression import open_stream

_MARK = uuid4().hex


class Ending(io.RawIOBase):
    """The bytes of a CSV file, decompressed, with a row after its last one.

    Parameters
    ----------
    uri
        Of the file.
    fields
        How many each row has; None where the first row tells.
    delimiter
        Stands between them.
    block_bytes
        How much is read at first, to find the first row in.

    Attributes
    ----------
    fields
        0 where the file has no row at all.
    """

    def __init__(self, uri: str, fields: int | None, delimiter: str, block_bytes: int) -> None:
        self._uri = uri
        self._source = open_stream(uri)
        self._ahead = self._source.read_buffer(block_bytes)
        self.fields = _fields(self._ahead, delimiter) if fields is None else fields
        self._row = delimiter * self.fields + _MARK
        self._is_read = not self.fields
        self._is_seen = False

    def readable(self) -> bool:
        """Return True."""
        return True

    def read_buffer(self, size: int = -1) -> pa.Buffer | bytes:
        """Return at most so many bytes, and the row after the last of them; none at the end.

        Arrow calls it in the place of `read`, and copies nothing.
        """
        block, self._ahead = self._ahead, self._source.read_buffer(size)
        if self._ahead.size or self._is_read:
            return block
        self._is_read = True
        # In one block, since Arrow takes no header that is alone in its block and has no end of line.
        return block.to_pybytes() + f"\n{self._row}".encode()

    def judge(self, row: Any) -> str:
        """Tell Arrow what to do with a row that has another number of fields than the others."""
        if row.text != self._row:
            return "error"
        self._is_seen = True
        return "skip"

    def check(self) -> None:
        """Raise FileContentError if all is read and the last quotes were open."""
        if not self._is_seen:
            expected = "a quote that ends its last text"
            raise FileContentError(shown(self._uri), expected, "none", REWRITE)

    @contextmanager
    def checked(self) -> Iterator[None]:
        """Check where Arrow complains of a row that has the mark in it, or of a header without an end."""
        try:
            yield
        except pa.ArrowInvalid as error:
            without_header = self._is_read and self.fields and "Empty CSV" in str(error)
            if without_header or _MARK in str(error):
                self.check()
            raise

    def close(self) -> None:
        """Close the file."""
        self._source.close()
        super().close()


def _fields(start: pa.Buffer, delimiter: str) -> int:
    """Return at least as many fields as the first row has."""
    lines = io.TextIOWrapper(pa.BufferReader(start), "utf-8-sig", "replace", newline="")
    try:
        return next((len(row) for row in csv.reader(lines, delimiter=delimiter) if row), 0)
    except csv.Error:
        # Python reads no field of more than 131,072 characters.
        return str(start, "latin-1").count(delimiter) + 1
