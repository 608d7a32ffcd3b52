"""Vectors of MLlib, whose own module takes a while to import."""

from __future__ import annotations

from typing import Any


def plain(value: Any) -> Any:
    """Return a vector of MLlib as a list, and any other value as it is.

    >>> plain(Vectors.dense([1.0, 2.0])), plain("a")                # doctest: +SKIP
    ([1.0, 2.0], 'a')
    """
    return value.toArray().tolist() if hasattr(value, "toArray") else value
