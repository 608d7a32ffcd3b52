"""Find CSV files that end inside of quotes, which Arrow would read as if they were complete.

A row with one field too many is added at the end. Arrow's parser reports it as a wrong row, except
if it is inside of open quotes.
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
    """The decompressed bytes of a CSV file, with an additional row at the end.

    Parameters
    ----------
    uri
        The URI of the file.
    fields
        The number of fields of each row; None if the first row decides.
    delimiter
        The character between fields.
    block_bytes
        The number of bytes to read first, to find the first row.

    Attributes
    ----------
    fields
        0 if the file has no rows.
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
        """Return at most `size` bytes, with the additional row after the last ones; none at the end.

        Arrow calls it instead of `read`, and makes no copy.
        """
        block, self._ahead = self._ahead, self._source.read_buffer(size)
        if self._ahead.size or self._is_read:
            return block
        self._is_read = True
        # In one block, because Arrow does not accept a header without an end of line as a block of
        # its own.
        return block.to_pybytes() + f"\n{self._row}".encode()

    def judge(self, row: Any) -> str:
        """Tell Arrow what to do with a row that has a wrong number of fields."""
        if row.text != self._row:
            return "error"
        self._is_seen = True
        return "skip"

    def check(self) -> None:
        """Raise FileContentError if the file is read to its end and its last quotes are open."""
        if not self._is_seen:
            expected = "a quote that ends its last text"
            raise FileContentError(shown(self._uri), expected, "none", REWRITE)

    @contextmanager
    def checked(self) -> Iterator[None]:
        """Check the end if Arrow reports an error about the additional row, or a header without an end."""
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
    """Return a number of fields that is not less than that of the first row."""
    lines = io.TextIOWrapper(pa.BufferReader(start), "utf-8-sig", "replace", newline="")
    try:
        return next((len(row) for row in csv.reader(lines, delimiter=delimiter) if row), 0)
    except csv.Error:
        # Python reads no field of more than 131,072 characters.
        return str(start, "latin-1").count(delimiter) + 1
