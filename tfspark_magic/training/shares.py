"""How many rows of each batch every worker has: plain numbers, the same for all who ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def shares(rows: Sequence[int], batch_size: int) -> Array:
    """Return the rows that each worker gives to each step of an epoch, as `[workers, steps]`.

    >>> shares([5, 3], 2)
    array([[2, 3],
           [2, 1]])

    A step has `batch_size` rows for each worker, and the last one what is left. Each gives as many;
    where one has no more, the others give more. So all steps but the last are of as many rows,
    however the rows are dealt out, and a worker without rows left has none in any later step.

    Parameters
    ----------
    rows
        Of each worker.
    batch_size
        Of one of them.
    """
    whole = min(rows) // batch_size
    left = np.array(rows) - whole * batch_size
    steps = [np.full((len(rows), whole), batch_size)]
    while left.any():
        taken = _level(left, min(int(left.sum()), len(rows) * batch_size))
        steps.append(taken[:, None])
        left = left - taken
    return np.concatenate(steps, axis=1)


def _level(left: Array, wanted: int) -> Array:
    """Return how many each gives of what it has left, so that it is as many as wanted."""
    taken = np.zeros_like(left)
    while wanted:
        having = np.flatnonzero(left > taken)
        # The first of them give one more where it does not come out even.
        each = np.full(len(having), wanted // len(having))
        each[: wanted % len(having)] += 1
        more = np.minimum(each, (left - taken)[having])
        taken[having] += more
        wanted -= int(more.sum())
    return taken


def factors(counts: Array) -> Array:
    """Return by what each worker multiplies its gradient, so that the mean of all is the batch's.

    >>> factors(np.array([[2, 2, 1], [2, 1, 0]]))
    array([[1.        , 1.33333333, 2.        ],
           [1.        , 0.66666667, 0.        ]])

    A gradient is the mean over a worker's rows, and that of the batch is one over all rows.
    """
    return np.asarray(len(counts) * counts / counts.sum(axis=0))
