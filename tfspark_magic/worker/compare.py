"""Whether two ways to compute one thing agree, but for rounding."""

from __future__ import annotations

from typing import Any

import numpy as np

_TOLERANCE = {"float16": 1e-2, "float32": 1e-3, "float64": 1e-6}


def difference(found: Any, expected: Any, dtype: str) -> str:
    """Say how two arrays differ by more than rounding; nothing if they do not.

    >>> difference(np.float64([1.0]), np.float64([1.0 + 1e-12]), "float64")
    ''
    >>> difference(np.int64(3), np.int64(4), "int64")
    '3 for 4'

    Parameters
    ----------
    found, expected
        Arrays.
    dtype
        Of both: floats may differ in their last digits, all else must be equal.
    """
    left, right = np.asarray(found), np.asarray(expected)
    same = left.shape == right.shape
    if same and dtype in _TOLERANCE:
        tolerance = _TOLERANCE[dtype]
        finite = np.abs(right[np.isfinite(right)])
        size = float(finite.max()) if finite.size else 0.0
        same = bool(np.allclose(left, right, tolerance, tolerance * size, equal_nan=True))
    elif same:
        same = bool(np.array_equal(left, right))
    return "" if same else f"{_brief(left)} for {_brief(right)}"


def _brief(value: np.ndarray[Any, Any]) -> str:
    return np.array2string(value, threshold=6, separator=", ").replace("\n", "")[:100]
