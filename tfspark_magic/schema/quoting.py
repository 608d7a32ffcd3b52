"""Quote names of columns for Spark's SQL."""

from __future__ import annotations


def quoted(name: str) -> str:
    """Write a name so that Spark reads it as one name, even with dots.

    >>> quoted("a.b")
    '`a.b`'
    """
    return "`" + name.replace("`", "``") + "`"


def as_one(name: str) -> str:
    """Quote a name if Spark would read a dot in it as a path.

    >>> as_one("a"), as_one("a.b")
    ('a', '`a.b`')
    """
    return quoted(name) if "." in name or "`" in name else name
