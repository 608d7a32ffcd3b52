"""Numbers and texts as people read them."""

from __future__ import annotations


def count(number: int, noun: str) -> str:
    """Return a number of things.

    >>> count(1, "file"), count(1200, "file")
    ('1 file', '1,200 files')
    """
    return f"{number:,} {noun}{'s' if number != 1 else ''}"


def bytes_text(size: float) -> str:
    """Write a number of bytes in the units of Spark's pages and of TensorFlow's logs.

    >>> bytes_text(0), bytes_text(1), bytes_text(1536), bytes_text(1_047_552)
    ('0 bytes', '1 byte', '1.5 KiB', '1,020 KiB')
    """
    for unit, factor in (("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size >= factor:
            return f"{_three_digits(size / factor)} {unit}"
    return count(int(size), "byte")


def seconds_text(seconds: float) -> str:
    """Write a time.

    >>> seconds_text(0.0000123), seconds_text(0.0123), seconds_text(1234)
    ('12.3 µs', '12.3 ms', '1,230 s')
    """
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{_three_digits(seconds / size)} {unit}"
    return f"{_three_digits(seconds / 1e-6)} µs"


def count_text(count: int) -> str:
    """Write a large number in three digits.

    >>> count_text(12), count_text(12_300_000), count_text(999_999)
    ('12', '12.3 million', '1,000 thousand')
    """
    for unit, size in (("billion", 10**9), ("million", 10**6), ("thousand", 10**3)):
        if count >= size:
            return f"{_three_digits(count / size)} {unit}"
    return str(count)


def _three_digits(number: float) -> str:
    # "g" alone has an exponent from 1000 on, which 1,023 KiB reach.
    return f"{float(f'{number:.3g}'):,.15g}"


def cut(text: str, longest: int) -> str:
    """Return a text of so many characters at most.

    >>> cut("softmax", 5), cut("relu", 5)
    ('soft…', 'relu')
    """
    return text if len(text) <= longest else text[: longest - 1] + "…"
