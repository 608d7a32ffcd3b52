"""Numbers and texts as people read them."""

from __future__ import annotations


def count(number: int, noun: str) -> str:
    """Return a number of things.

    >>> count(1, "file"), count(1200, "file")
    ('1 file', '1,200 files')
    """
    return f"{number:,} {noun}{'s' if number != 1 else ''}"


def in_bytes(size: int) -> str:
    """Return a size in bytes as text, with a unit that fits its magnitude.

    >>> in_bytes(0), in_bytes(1), in_bytes(1536)
    ('0 bytes', '1 byte', '1.5 KiB')
    """
    for unit, factor in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}"
    return count(size, "byte")


def seconds_text(seconds: float) -> str:
    """Write a time.

    >>> seconds_text(0.0000123), seconds_text(0.0123), seconds_text(12.3)
    ('12.3 µs', '12.3 ms', '12.3 s')
    """
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"


def bytes_text(count: float) -> str:
    """Write a number of bytes.

    >>> bytes_text(12), bytes_text(12_300_000)
    ('12 B', '12.3 MB')
    """
    for unit in ("B", "KB", "MB"):
        if count < 1000:  # noqa: PLR2004
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} GB"


def count_text(count: int) -> str:
    """Write a large number in three digits.

    >>> count_text(12), count_text(12_300_000)
    ('12', '12.3 million')
    """
    for unit, size in (("billion", 10**9), ("million", 10**6), ("thousand", 10**3)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return str(count)


def cut(text: str, longest: int) -> str:
    """Return a text of so many characters at most.

    >>> cut("softmax", 5), cut("relu", 5)
    ('soft…', 'relu')
    """
    return text if len(text) <= longest else text[: longest - 1] + "…"
