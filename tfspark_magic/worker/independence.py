"""Check that the rows of a graph do not depend on each other, so that they may be fed in other blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from tfspark_magic.binding import Plan
from tfspark_magic.errors import ShapeMismatchError
from tfspark_magic.graph.runtime import tf
from tfspark_magic.worker.loaded_program import Outcome
from tfspark_magic.worker.rounding import difference

Run = Callable[[Sequence[tf.Tensor]], list[Outcome]]

_CHECKED_ROWS = 3


def dependent(
    run: Run, tensors: Sequence[tf.Tensor], found: list[Outcome], size: int
) -> int | None:
    """Return the first fetch whose values for a row depend on the other rows; None if there is none.

    Some of the rows are computed again, each in a block of `size` copies of it.
    """
    rows = int(tensors[0].shape[0])
    # The first row may not depend on the rows after it, nor the last row on those before it.
    for row in {at * (rows - 1) // (_CHECKED_ROWS - 1) for at in range(_CHECKED_ROWS)}:
        same = [row] * size
        again = run([tf.gather(tensor, same) for tensor in tensors])
        for fetch, ((block, _), (alone, _)) in enumerate(zip(found, again, strict=True)):
            if difference(alone, tf.gather(block, same), block.dtype.name):
                return fetch
    return None


class FixedBatches:
    """Runs a graph with a fixed number of rows on any number of rows.

    The last block is filled up with copies of a row, and their results are cut off. The graph is
    checked first, so that this makes no difference.
    """

    def __init__(self, plan: Plan) -> None:
        assert plan.batch is not None
        self._plan, self._size = plan, plan.batch
        # The number of batches so far, counted apart for batches with different rows and with equal
        # rows.
        self._come: Counter[bool] = Counter()

    def __call__(self, run: Run, tensors: Sequence[tf.Tensor], *, scattered: bool) -> list[Outcome]:
        """Return the fetches of all rows, which need not be consecutive rows.

        Raises
        ------
        ShapeMismatchError
            If rows depend on each other and would be fed with other rows, or a fetch has another
            number of rows.
        """
        rows, size, trim = int(tensors[0].shape[0]), self._size, self._plan.trim
        parts = []
        for start in range(0, rows, size):
            count = min(size, rows - start)
            if count < size and trim:
                raise self._refused(f"a block of {count}", "rows are added to none with trim=True")
            taken = tf.minimum(tf.range(start, start + size), start + count - 1)
            batch = [tf.gather(tensor, taken) for tensor in tensors]
            found = run(batch)
            if not trim:
                self._check(run, batch, found, count, scattered=scattered or self._plan.per_row)
            parts.append([value if trim else value[:count] for value, _ in found])
        return [(tf.concat(values, 0), None) for values in zip(*parts, strict=True)]

    def _check(
        self,
        run: Run,
        batch: Sequence[tf.Tensor],
        found: list[Outcome],
        count: int,
        *,
        scattered: bool,
    ) -> None:
        for (name, _), (value, _) in zip(self._plan.outputs, found, strict=True):
            if value.shape[:1] != [self._size]:
                raise ShapeMismatchError(
                    f"Fetch {name!r}",
                    f"a value for each of {self._size} rows",
                    f"the shape {value.shape.as_list()}",
                    "keep the block axis, or pass trim=True",
                )
        if self._size == 1 or (count == self._size and not scattered):
            return
        differ = any(_differ(tensor) for tensor in batch)
        self._come[differ] += 1
        # The first batch is checked, the second, the fourth, and so on: fewer and fewer of them.
        if self._come[differ] & (self._come[differ] - 1):
            return
        fetch = dependent(run, batch, found, self._size)
        if fetch is not None:
            found_rows = "rows that are not neighbours" if scattered else f"a block of {count}"
            name = self._plan.outputs[fetch][0]
            raise self._refused(found_rows, f"the rows of fetch {name!r} depend on each other")

    def _refused(self, found: str, why: str) -> ShapeMismatchError:
        return ShapeMismatchError(
            f"Program {self._plan.name!r}",
            f"blocks of exactly {self._size} rows",
            f"{found}, and {why}",
            f"{'use map_blocks, and ' if self._plan.per_row else ''}give each partition a multiple of "
            f"{self._size} rows, none of them with a null",
        )


def _differ(rows: tf.Tensor) -> bool:
    return bool(tf.reduce_any(tf.not_equal(rows, rows[:1])))
