"""Read the number of rows of each stripe from the tail of an ORC file; pyarrow does not give it.

The tail is a protocol buffer message; this module reads its fields.
"""

from __future__ import annotations

from collections.abc import Iterator

_FOOTER, _STRIPES, _ROWS = 2, 3, 5
_VARINT, _EIGHT_BYTES, _BYTES = 0, 1, 2


def rows_of_stripes(tail: bytes) -> list[int]:
    """Return the number of rows of each stripe, from `ORCReader.serialized_file_tail`.

    >>> rows_of_stripes(bytes([18, 8, 26, 2, 40, 7, 26, 2, 40, 5]))
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
