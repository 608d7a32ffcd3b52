"""How far the values of a tensor part in two graphs, on the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfspark_magic.inspection.node_values import Array
from tfspark_magic.schema.spec import format_shape


@dataclass(frozen=True)
class Difference:
    """How far the values of a node part.

    >>> found = difference([np.array([1.0, 2.0])], [np.array([1.0, 2.5])], 1e-5, 1e-8)
    >>> found.parting, found.count, found.most, found.first_row
    (1, 2, 0.5, 0)

    Parameters
    ----------
    count
        How many values were compared.
    parting
        How many of them part beyond the tolerance.
    most
        The largest difference between two finite numbers; None for texts, or if there are none.
    first_row
        The first row in which they part; None if they do not, or if the values are not of rows, as
        the sum of a block.
    why
        Why they could not be compared value by value, as a sentence; else empty.
    """

    count: int = 0
    parting: int = 0
    most: float | None = None
    first_row: int | None = None
    why: str = ""

    @property
    def parts(self) -> bool:
        """Whether the values part beyond the tolerance, or cannot be compared."""
        return bool(self.parting or self.why)


def difference(
    old: Sequence[Array | None],
    new: Sequence[Array | None],
    rtol: float,
    atol: float,
    *,
    in_rows: bool = True,
) -> Difference:
    """Compare values row by row, or as wholes.

    Numbers are close if `|old - new| <= atol + rtol * |old|`, as `numpy.isclose` has it. NaN is
    close to NaN, and an infinity to the same infinity. Integers of both graphs, truths and texts
    are compared exactly.

    Parameters
    ----------
    old, new
        An array for each row; or, if not `in_rows`, a single one that is not of rows. None where
        the operation did not run.
    rtol, atol
        The relative and the absolute tolerance.
    """
    count = parting = 0
    most: float | None = None
    first: int | None = None
    for row, (before, after) in enumerate(zip(old, new, strict=True)):
        if before is None or after is None:
            if before is None and after is None:
                continue
            which = "old" if after is None else "new"
            at = row if in_rows else None
            return Difference(count, parting, most, at, f"it runs only in the {which} graph")
        if before.shape != after.shape:
            shapes = " and ".join(format_shape(one.shape) or "a scalar" for one in (before, after))
            at = row if in_rows else None
            return Difference(count, parting, most, at, f"the shapes are {shapes}")
        is_text = [one.dtype.kind in "OSU" for one in (before, after)]
        if any(is_text) and not all(is_text):
            return Difference(why="one is text, the other is not")
        close = before == after if all(is_text) else _close(before, after, rtol, atol)
        close = np.asarray(close, bool)
        count += close.size
        far = int(close.size - np.count_nonzero(close))
        parting += far
        if far and first is None and in_rows:
            first = row
        largest = None if all(is_text) else _largest(before, after)
        if largest is not None:
            most = largest if most is None else max(most, largest)
    return Difference(count, parting, most, first)


def _close(before: Array, after: Array, rtol: float, atol: float) -> Any:
    if before.dtype.kind in "biu" and after.dtype.kind in "biu":
        return before == after
    # NumPy has the old values as the second argument, to which the tolerance is relative.
    return np.isclose(_numbers(after), _numbers(before), rtol, atol, equal_nan=True)


def _largest(before: Array, after: Array) -> float | None:
    if before.dtype.kind in "biu" and after.dtype.kind in "biu":
        # Exact, because the difference of two integers may not fit their dtype.
        pairs = zip(before.reshape(-1).tolist(), after.reshape(-1).tolist(), strict=True)
        return float(max((abs(a - b) for a, b in pairs), default=0)) if before.size else None
    old, new = _numbers(before), _numbers(after)
    finite = np.isfinite(old) & np.isfinite(new)
    return float(np.abs(old[finite] - new[finite]).max()) if finite.any() else None


def _numbers(values: Array) -> Array:
    """Return numbers that NumPy computes with; small floats of TensorFlow are none of its own."""
    return values if values.dtype.kind == "c" else values.astype(np.float64)
