"""How many rows of each batch every worker has."""

from __future__ import annotations

import numpy as np
import pytest

from tfspark_magic.training.shares import factors, shares


@pytest.mark.parametrize(
    ("rows", "batch_size", "expected"),
    [
        ([4, 4], 2, [[2, 2], [2, 2]]),
        ([5, 4], 2, [[2, 2, 1], [2, 2, 0]]),
        ([3, 20, 7], 4, [[3, 0, 0], [5, 9, 6], [4, 3, 0]]),
        ([0, 5], 2, [[0, 0], [4, 1]]),
        ([7], 3, [[3, 3, 1]]),
        ([1, 0, 0], 4, [[1], [0], [0]]),
    ],
)
def test_all_steps_but_the_last_are_of_as_many_rows(rows, batch_size, expected):
    found = shares(rows, batch_size)
    assert found.tolist() == expected
    assert found.sum(axis=1).tolist() == rows
    steps = found.sum(axis=0)
    assert (steps[:-1] == batch_size * len(rows)).all()
    assert 0 < steps[-1] <= batch_size * len(rows)


def test_the_mean_of_weighted_gradients_is_that_of_all_rows():
    counts = shares([5, 3, 0], 2)
    gradients = np.random.default_rng(0).normal(size=counts.shape)
    mean = (factors(counts) * gradients).mean(axis=0)
    np.testing.assert_allclose(mean, (counts * gradients).sum(axis=0) / counts.sum(axis=0))
