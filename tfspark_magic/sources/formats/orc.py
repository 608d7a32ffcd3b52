"""Read ORC files; a fragment is a stripe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from tfspark_magic.errors import FileContentError
from tfspark_magic.sources.filesystem import open_file, shown
from tfspark_magic.sources.formats import (
    REWRITE,
    Fragment,
    Values,
    check_part,
    content_errors,
    sliced,
)
from tfspark_magic.sources.schemas import check_schema

if TYPE_CHECKING:
    from pyarrow.orc import ORCFile

    from tfspark_magic.sources.files import Files

# Numbers of fields in a footer, and kinds of values, in the format of Protocol Buffers.
_FOOTER, _STRIPES, _ROWS = 2, 3, 5
_VARINT, _EIGHT_BYTES, _BYTES = 0, 1, 2


def schema(files: Files, uri: str) -> pa.Schema:
    """Return the schema in the footer."""
    del files
    with content_errors(uri, "orc"):
        return _schema(_open(uri))


def fragments(files: Files, uri: str, partition: Values, size: int | None) -> list[Fragment]:
    """Return the stripes as fragments."""
    with content_errors(uri, "orc"):
        file = _open(uri)
    check_schema(uri, _schema(file), files)
    stripes = _rows_of_stripes(file.reader.serialized_file_tail())
    if sum(stripes) != file.nrows:
        expected = f"stripes of {file.nrows} rows, as its footer says"
        raise FileContentError(shown(uri), expected, f"{sum(stripes)} rows", REWRITE)
    about = size // len(stripes) if size and stripes else None
    return [
        Fragment(uri, "orc", (number,), partition, rows, about)
        for number, rows in enumerate(stripes)
        if rows
    ]


def read(
    files: Files, fragment: Fragment, columns: Sequence[str], batch_rows: int
) -> Iterator[pa.RecordBatch]:
    """Yield batches of a stripe."""
    del files
    file = _open(fragment.uri)
    stripes = _rows_of_stripes(file.reader.serialized_file_tail())
    for stripe in fragment.row_groups or range(len(stripes)):
        check_part(fragment, stripe, len(stripes), "stripe")
        batch = file.read_stripe(stripe, list(columns))
        if batch.num_rows != stripes[stripe]:
            expected = f"{stripes[stripe]} rows in stripe {stripe}, as its footer says"
            raise FileContentError(shown(fragment.uri), expected, str(batch.num_rows), REWRITE)
        yield from sliced(batch, batch_rows)


def _schema(file: ORCFile) -> pa.Schema:
    """Return the schema, with times without a zone for the integers that Spark wrote for them."""

    def column(found: pa.Field) -> pa.Field:
        spark = (found.metadata or {}).get(b"spark.sql.catalyst.type")
        return found.with_type(pa.timestamp("us")) if spark == b"timestamp_ntz" else found

    return pa.schema([column(found) for found in file.schema], file.schema.metadata)


def _open(uri: str) -> ORCFile:
    from pyarrow.orc import ORCFile

    return ORCFile(open_file(uri))


def _rows_of_stripes(tail: bytes) -> list[int]:
    """Return the number of rows of each stripe, from `ORCReader.serialized_file_tail`.

    >>> _rows_of_stripes(bytes([18, 8, 26, 2, 40, 7, 26, 2, 40, 5]))
    [7, 5]
    """
    stripes = [
        stripe
        for field, footer in _fields(tail) if field == _FOOTER and isinstance(footer, bytes)
        for number, stripe in _fields(footer) if number == _STRIPES
    ]  # fmt: skip
    return [_rows(stripe) for stripe in stripes if isinstance(stripe, bytes)]


def _rows(stripe: bytes) -> int:
    return next((n for field, n in _fields(stripe) if field == _ROWS and isinstance(n, int)), 0)


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield the number of each field and its value: a number, or bytes."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield key >> 3, value
            continue
        size = 8 if kind == _EIGHT_BYTES else 4
        if kind == _BYTES:
            size, at = _varint(message, at)
        yield key >> 3, message[at : at + size]
        at += size


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """Return the number that begins at a position, and the position after it."""
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:  # noqa: PLR2004  (the last byte of a number lacks this bit)
            return value, at
