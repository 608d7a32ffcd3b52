"""The number of rows that each worker gives to each batch; every worker computes the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def shares(rows: Sequence[int], batch_size: int) -> Array:
    """Return how many rows each worker gives to each step of an epoch, as `[workers, steps]`.

    >>> shares([5, 3], 2)
    array([[2, 3],
           [2, 1]])

    A step has `workers * batch_size` rows, and the last step has the rest. Each worker gives
    `batch_size` rows, and more if another one has none left. So all steps but the last have the same
    number of rows, however unevenly the rows lie.

    Parameters
    ----------
    rows
        The number of rows of each worker.
    batch_size
        The rows of one worker in a step.
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
    """Return how many of its rows each worker gives, as evenly as it is possible."""
    taken = np.zeros_like(left)
    while wanted:
        having = np.flatnonzero(left > taken)
        # The first workers give one more if the number cannot be divided.
        each = np.full(len(having), wanted // len(having))
        each[: wanted % len(having)] += 1
        more = np.minimum(each, (left - taken)[having])
        taken[having] += more
        wanted -= int(more.sum())
    return taken


def factors(counts: Array) -> Array:
    """Return the factor of each worker's gradient: the mean of the products is the batch's gradient.

    >>> factors(np.array([[2, 2, 1], [2, 1, 0]]))
    array([[1.        , 1.33333333, 2.        ],
           [1.        , 0.66666667, 0.        ]])

    The gradient of a worker is the mean over its rows. The gradient of the batch is the mean over the
    rows of all workers.
    """
    return np.asarray(len(counts) * counts / counts.sum(axis=0))
