"""Compare results that were computed in two ways, and allow for rounding."""

from __future__ import annotations

from typing import Any

import numpy as np

_TOLERANCE = {"float16": 1e-2, "float32": 1e-3, "float64": 1e-6}


def difference(found: Any, expected: Any, dtype: str) -> str:
    """Say how two arrays differ by more than rounding; empty if they do not.

    >>> difference(np.float64([1.0]), np.float64([1.0 + 1e-12]), "float64")
    ''
    >>> difference(np.int64(3), np.int64(4), "int64")
    'np.int64(3) for np.int64(4)'

    Parameters
    ----------
    found, expected
        Arrays.
    dtype
        The dtype of both: floats may differ in their last digits, other values must be equal.
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
    return "" if same else f"{left[()]!r} for {right[()]!r}".replace("\n", "")[:200]


def equal_but_rounding(found: Any, expected: Any, made_of: Any, dtype: str) -> bool:
    """Whether two orders of folding the same rows give the same result, except for rounding.

    The first half of the digits must be the same. If the order matters to a graph, its results
    differ in the first digits. If a graph rounds badly, such as a sum of squares about a large
    mean, they differ in the last digits.

    Parameters
    ----------
    found, expected
        The results.
    made_of
        The rows `[rows, *cell]`. If they cancel out, only the rounding of values of their size is
        left.
    dtype
        The dtype of the results and the rows.
    """
    left, right, rows = (np.asarray(tensor) for tensor in (found, expected, made_of))
    if dtype not in _TOLERANCE or left.shape != right.shape:
        return bool(np.array_equal(left, right))
    precision = float(np.finfo(rows.dtype).eps)
    sizes = np.abs(np.where(np.isfinite(rows), rows, 0)).max(axis=0, initial=0.0)
    lost = 16 * precision * len(rows) ** 0.5 * sizes.astype(np.float64)
    return bool(np.isclose(left, right, precision**0.5, lost, equal_nan=True).all())
