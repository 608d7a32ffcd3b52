"""Run a loaded program on blocks, vectorized if this gives the same results as its rows alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tfspark_magic.graph.runtime import tf
from tfspark_magic.worker.rounding import difference

Run = Callable[..., list[tf.Tensor]]
Outcome = tuple[tf.Tensor, tf.Tensor | None]
"""A fetch's values, and the shapes of its cells if they vary by row; then the values are one vector."""

_CHECKED_ROWS = 4
_CHECKED_SHAPES = 64
# These errors are not caused by the graph: running the rows one by one would not help.
_NOT_OF_THE_GRAPH = (
    tf.errors.ResourceExhaustedError,
    tf.errors.CancelledError,
    tf.errors.AbortedError,
    tf.errors.DeadlineExceededError,
)


class FetchRun:
    """Runs a graph on fed tensors, and gives an outcome for each fetch.

    Parameters
    ----------
    run
        A function from one tensor per feed to the fetches, and then the shapes of the fetches that
        vary by row.
    varies
        For each fetch, whether its shape varies.
    """

    def __init__(self, run: Run, varies: Sequence[bool]) -> None:
        self._run = run
        self._varies = tuple(varies)

    def __call__(self, tensors: Sequence[tf.Tensor]) -> list[Outcome]:
        """Return the fetches."""
        found = self._run(*tensors)
        shapes = iter(found[len(self._varies) :])
        both = zip(found, self._varies, strict=False)
        return [(value, next(shapes) if varies else None) for value, varies in both]


class LoadedProgram:
    """Runs a program on blocks.

    >>> program.run([tf.constant([3, 4])])                          # doctest: +SKIP
    [(<tf.Tensor: shape=(2,), dtype=int32, numpy=array([15, 20], dtype=int32)>, None)]

    A vectorized graph is compared with the graph on single rows. The compared rows are some rows of
    the first block, of the first block of one row, and of the first block of each other shape of
    cells. If it fails or differs, the graph is run row by row from then on, in this process.

    Parameters
    ----------
    run
        The graph in its main form, which may be vectorized.
    mapped
        The same graph row by row; None if there is only one form.
    drawn
        The numbers of the fetches that depend on random numbers, and are not compared.
    """

    def __init__(
        self, run: FetchRun, mapped: FetchRun | None = None, drawn: frozenset[int] = frozenset()
    ) -> None:
        self._run = run
        self._mapped = mapped
        self._drawn = drawn
        self._checked: set[tuple[object, ...]] = set()
        self.uses = 0

    @property
    def may_fall_back(self) -> bool:
        """Whether the graph is run vectorized at present, and could be run row by row."""
        return self._mapped is not None

    def run(self, tensors: Sequence[tf.Tensor]) -> list[Outcome]:
        """Return the fetches of a block, given a tensor for each feed.

        Raises
        ------
        tf.errors.OpError
            If the graph fails, also on its rows one by one.
        """
        mapped = self._mapped
        if mapped is None:
            return self._run(tensors)
        try:
            found = self._run(tensors)
        except _NOT_OF_THE_GRAPH:
            raise
        except tf.errors.OpError:
            pass
        else:
            if self._agrees(mapped, tensors, found):
                return found
        # An error here is an error of the graph itself.
        found = mapped(tensors)
        self._run, self._mapped = mapped, None
        return found

    def _agrees(self, mapped: FetchRun, tensors: Sequence[tf.Tensor], found: list[Outcome]) -> bool:
        rows = int(tensors[0].shape[0])
        shapes = (rows == 1, *(tuple(tensor.shape[1:]) for tensor in tensors))
        if not rows or shapes in self._checked or len(self._checked) == _CHECKED_SHAPES:
            return True
        # The first row, the last row, and rows between them.
        tried = np.unique(np.linspace(0, rows - 1, _CHECKED_ROWS).astype(np.int64))
        expected = mapped([tf.gather(tensor, tried) for tensor in tensors])
        for fetch, ((block, _), alone) in enumerate(zip(found, expected, strict=True)):
            if int(block.shape[0]) != rows:
                return False
            if fetch not in self._drawn and _differs(tf.gather(block, tried), alone):
                return False
        self._checked.add(shapes)
        return True


def _differs(block: tf.Tensor, alone: Outcome) -> bool:
    values, shapes = alone
    if shapes is not None:
        if (np.asarray(shapes) != np.asarray(block.shape[1:])).any():
            return True
        values = tf.reshape(values, block.shape)
    return bool(difference(block, values, block.dtype.name))
