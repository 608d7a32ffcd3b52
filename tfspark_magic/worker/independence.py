"""Graphs of blocks whose rows do not depend on each other: they may be fed in other blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from tfspark_magic.binding import Plan
from tfspark_magic.errors import ShapeMismatchError
from tfspark_magic.graph.runtime import tf
from tfspark_magic.worker.compare import difference
from tfspark_magic.worker.loaded_program import Outcome

Run = Callable[[Sequence[tf.Tensor]], list[Outcome]]

_CHECKED_ROWS = 3


def dependent(
    run: Run, tensors: Sequence[tf.Tensor], found: list[Outcome], size: int
) -> int | None:
    """Return the first fetch that gives a row other values beside other rows; None if none does.

    Some of the rows are computed again, in blocks of `size` rows that are all the same one.
    """
    rows = int(tensors[0].shape[0])
    # From one end to the other: the first may not depend on those after it, nor the last on those before.
    for row in {at * (rows - 1) // (_CHECKED_ROWS - 1) for at in range(_CHECKED_ROWS)}:
        same = [row] * size
        again = run([tf.gather(tensor, same) for tensor in tensors])
        for fetch, ((block, _), (alone, _)) in enumerate(zip(found, again, strict=True)):
            if difference(alone, tf.gather(block, same), block.dtype.name):
                return fetch
    return None


class FixedBatches:
    """Runs a graph that takes exactly so many rows on any number of them.

    The last rows are filled up with copies of one of them, and what comes of these is cut off;
    the graph is checked first to be one for which this makes no difference.

    Parameters
    ----------
    plan
        With a `batch`.
    """

    def __init__(self, plan: Plan) -> None:
        assert plan.batch is not None
        self._plan, self._size = plan, plan.batch
        # How many batches have come to be checked: of rows that differ, and of rows all alike.
        self._come: Counter[bool] = Counter()

    def __call__(self, run: Run, tensors: Sequence[tf.Tensor], *, scattered: bool) -> list[Outcome]:
        """Return the fetches of all rows, which need not have stood beside each other.

        Raises
        ------
        ShapeMismatchError
            If rows depend on each other that would be fed beside others than their neighbours, or
            a fetch has not as many of them.
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
        # The first, the second, the fourth: ever fewer of them.
        if self._come[differ] & (self._come[differ] - 1):
            return
        fetch = dependent(run, batch, found, self._size)
        if fetch is not None:
            found_rows = "rows that are fed beside others" if scattered else f"a block of {count}"
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
