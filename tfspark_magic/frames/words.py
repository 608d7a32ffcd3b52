"""Numbers as people read them."""

from __future__ import annotations


def count(number: int, noun: str) -> str:
    """Return a number of things.

    >>> count(1, "file"), count(1200, "file")
    ('1 file', '1,200 files')
    """
    return f"{number:,} {noun}{'s' if number != 1 else ''}"


def in_bytes(size: int) -> str:
    """Return a size in bytes as text, with a unit that fits its magnitude.

    >>> in_bytes(1), in_bytes(1536)
    ('1 byte', '1.5 KiB')
    """
    for unit, factor in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}"
    return f"{size} byte{'s' if size > 1 else ''}"
