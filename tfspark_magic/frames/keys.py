"""Give the keys of groups the form in which Spark shows them."""

from __future__ import annotations

from typing import Any

import numpy as np


def without_signs(value: Any) -> Any:
    """Return a key with no minus zero in it, at any depth: zero and minus zero are one key.

    >>> without_signs([-0.0, {"a": -0.0}])
    [0.0, {'a': 0.0}]
    """
    if isinstance(value, float | np.floating) or (
        isinstance(value, np.ndarray) and value.dtype.kind == "f"
    ):
        return value + 0.0
    if isinstance(value, np.ndarray) and value.dtype.kind == "O":
        again = value.copy()
        again[...] = [without_signs(v) for v in value]
        return again
    if isinstance(value, dict):
        return {name: without_signs(v) for name, v in value.items()}
    if type(value) in (list, tuple):
        return type(value)(without_signs(v) for v in value)
    return value
