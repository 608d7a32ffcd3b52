"""Spilled rows as batches for Keras, shuffled anew in each epoch, by the code of `tfs.dataset`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import pyarrow as pa

from tfspark_magic.binding import Feed
from tfspark_magic.binding.training import TrainingPlan
from tfspark_magic.graph.runtime import tf
from tfspark_magic.sources.batches import BlockSource
from tfspark_magic.sources.order import SHUFFLE_ROWS, Position, order_of
from tfspark_magic.sources.passes import FilesDataset, Passes, batches_of
from tfspark_magic.sources.prefetch import default_threads
from tfspark_magic.sources.spilling import Spilled
from tfspark_magic.training.shares import Array, factors
from tfspark_magic.worker.columns_to_tensors import to_tensor

WINDOW_BYTES = 64 << 20
"""About how many bytes of rows are shuffled at once, in memory."""


class FedColumns:
    """The columns of spilled rows, as the tensors that they feed."""

    def __init__(self, feeds: Sequence[Feed], shapes: Sequence[tuple[int, ...]]) -> None:
        self.names = [str(at) for at in range(len(feeds))]
        self._feeds, self._shapes = feeds, shapes

    @property
    def row_bytes(self) -> int:
        """About how many bytes a row has; for text, a guess."""
        sizes = (
            (32 if feed.cell.dtype == "string" else np.dtype(feed.cell.dtype).itemsize)
            * int(np.prod(shape))
            for feed, shape in zip(self._feeds, self._shapes, strict=True)
        )
        return max(1, sum(sizes))

    def checked(self, batch: pa.RecordBatch, uri: str) -> tuple[pa.Array, ...]:
        """Return the columns, which were checked when they were written."""
        del uri
        return tuple(batch.columns)

    def tensors(self, arrays: tuple[pa.Array, ...]) -> list[Any]:
        """Return a tensor for each column, its first axis the rows."""
        return [to_tensor(array, feed) for array, feed in zip(arrays, self._feeds, strict=True)]

    def specs(self) -> dict[str, Any]:
        """Return the dtype and shape of each column's batches, as TensorFlow takes them."""
        return {
            name: tf.TensorSpec((None, *shape), feed.cell.dtype)
            for name, feed, shape in zip(self.names, self._feeds, self._shapes, strict=True)
        }


class Rows:
    """Makes batches of spilled rows.

    >>> rows = Rows(plan, spilled)                                  # doctest: +SKIP
    >>> model.fit(rows.batches(256, seed=1), epochs=3)              # doctest: +SKIP

    Parameters
    ----------
    plan
        The plan that the columns feed.
    spilled
        The files of the rows.
    shapes
        The shapes of the cells of each column; if not given, those of the first row.
    """

    def __init__(
        self,
        plan: TrainingPlan,
        spilled: Spilled,
        shapes: Sequence[tuple[int, ...]] | None = None,
    ) -> None:
        self._plan, self._spilled = plan, spilled
        self.shapes = shapes or shapes_of(plan.feeds, spilled)
        self._columns = FedColumns(plan.feeds, self.shapes)

    def batches(self, batch_size: int, *, seed: int | None = None, epoch: int = 0) -> Any:
        """Return a dataset of the rows; each pass over it is an epoch.

        Parameters
        ----------
        batch_size
            The number of rows of all batches but the last.
        seed
            The seed of the shuffle; None keeps the order of the rows.
        epoch
            The number of the first epoch, which decides its order.
        """
        spilled = self._spilled
        found = spilled.files()
        window = min(SHUFFLE_ROWS, max(4 * batch_size, WINDOW_BYTES // self._columns.row_bytes))
        order = order_of(found, None, seed, window)
        threads = int(os.environ.get("OMP_NUM_THREADS") or default_threads())
        source = BlockSource(found, self._columns, order, batch_size, False, threads)  # noqa: FBT003
        passes = Passes(source, Position(epoch), 0)
        made = batches_of(passes, self._columns.specs(), self._element(), single=False)
        steps = -(-spilled.total // batch_size)
        made = made.apply(tf.data.experimental.assert_cardinality(steps))
        return FilesDataset(made.prefetch(2), passes)

    def shared(self, counts: Array, rank: int, *, seed: int | None = None, epoch: int = 0) -> Any:
        """Return a dataset of this worker's shares of batches, each with the factor of its gradient.

        Parameters
        ----------
        counts
            The number of rows of each worker and step; see `shares`.
        rank
            The number of this worker.
        seed, epoch
            As for `batches`.
        """
        return self._paired(counts[rank], factors(counts)[rank], seed=seed, epoch=epoch)

    def own(self, batch_size: int) -> Any:
        """Return a dataset of the rows in their order; each batch has the factor 1.

        A worker without rows gets one batch, with the factor 0.
        """
        total = self._spilled.total
        sizes = [min(batch_size, total - at) for at in range(0, total, batch_size)] or [0]
        return self._paired(np.array(sizes), np.sign(sizes))

    def _paired(self, sizes: Array, factors: Array, **order: Any) -> Any:
        """Return batches of these sizes with their factors; sizes of 0 come last."""
        some = sizes[sizes > 0]
        parts = []
        if len(some):
            made = self.batches(int(some[0]), **order)
            if (some[:-1] != some[0]).any() or some[-1] > some[0]:
                made = made.rebatch(tf.constant(some, tf.int64))
            parts.append(made)
        if len(some) < len(sizes):
            parts.append(self._fillers(len(sizes) - len(some)))
        made = parts[0] if len(parts) == 1 else parts[0].concatenate(parts[1])
        weights = tf.data.Dataset.from_tensor_slices(factors.astype(np.float32))
        made = tf.data.Dataset.zip(made, weights)
        return made.apply(tf.data.experimental.assert_cardinality(len(sizes))).prefetch(2)

    def _fillers(self, steps: int) -> Any:
        """Return batches of one row with weight zero: each step must have a row."""
        columns = [
            tf.zeros((1, *shape), feed.cell.dtype)
            for feed, shape in zip(self._plan.feeds, self.shapes, strict=True)
        ]
        row = self._element()(*columns, None)
        return tf.data.Dataset.from_tensors(row).repeat(steps)

    def _element(self) -> Callable[..., Any]:
        plan = self._plan

        def element(*columns: Any) -> Any:
            def of(structure: Any) -> Any:
                return keras.tree.map_structure(lambda at: columns[at], structure)

            made = (of(plan.x), of(plan.y))
            return made if plan.weight is None else (*made, columns[plan.weight])

        return element


def shapes_of(feeds: Sequence[Feed], spilled: Spilled) -> list[tuple[int, ...]]:
    """Return the shapes of the first row's cells; without rows, the shapes that the feeds know."""
    if not spilled.paths:
        return [tuple(size or 1 for size in feed.cell.shape or ()) for feed in feeds]
    with pa.OSFile(spilled.paths[0]) as source, pa.ipc.open_file(source) as reader:
        first = reader.get_batch(0).slice(0, 1)
    tensors = (to_tensor(first.column(at), feed) for at, feed in enumerate(feeds))
    return [tuple(tensor.shape[1:]) for tensor in tensors if tensor is not None]
