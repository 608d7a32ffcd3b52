"""Reduce a partition in a function that Spark calls, and fold the results of all partitions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tfspark_magic.binding.plan import Feed
from tfspark_magic.binding.reductions import ReductionPlan
from tfspark_magic.errors import ShapeMismatchError, not_text
from tfspark_magic.schema.arrow import arrow_from_cell
from tfspark_magic.schema.spec import CellSpec, format_shape
from tfspark_magic.worker.place import Place
from tfspark_magic.worker.rechunk import concat, rechunk
from tfspark_magic.worker.shipped import partition_number

if TYPE_CHECKING:
    from tfspark_magic.graph.runtime import tf
    from tfspark_magic.worker.folds import Fold, Groups

FANIN = 1000
"""The largest number of partial results that are folded at once."""

HELD_BYTES = 32 << 20
"""The bytes of partial results, or of groups' keys and states, that are held before folding."""

States = list[pa.Array]
"""A column for each state of a plan; null for a group whose rows were all left out."""


@dataclass(frozen=True)
class ReducePartition:
    """A `mapInArrow` function that yields one row for a partition, and none for an empty one.

    The columns are the partition's number and the states of the plan. The states are null if all
    rows of the partition were left out because of nulls.
    """

    plan: ReductionPlan

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the partition's row."""
        columns = (tuple(batch.columns) for batch in batches)
        states = reduce_batches(self.plan, columns)
        if states is not None:
            number = pa.array([partition_number() or 0], pa.int64())
            yield pa.RecordBatch.from_arrays([number, *states], schema=partial_schema(self.plan))


def partial_schema(plan: ReductionPlan) -> pa.Schema:
    """Return the fields of `ReducePartition`'s rows."""
    states = enumerate(plan.states)
    return pa.schema(
        [("order", pa.int64()), *((f"state_{i}", arrow_from_cell(s.cell)) for i, s in states)]
    )


def reduce_batches(plan: ReductionPlan, batches: Iterable[tuple[pa.Array, ...]]) -> States | None:
    """Reduce batches to one row of states; None if there are no rows.

    Raises
    ------
    NotAlgebraicError
        If the graph gives another result when the rows are cut into parts.
    """
    held: list[States] = []
    fold = feeder = None
    place = Place()
    for block in rechunk(batches, plan.rows_per_block, plan.row_bytes):
        if fold is None or feeder is None:
            # TensorFlow is imported for the first batch: an empty partition should not pay for it.
            from tfspark_magic.worker.feeding import LEFT_OUT, Feeder
            from tfspark_magic.worker.folds import Fold

            fold, feeder = Fold(plan), Feeder(plan.feeds, LEFT_OUT)
        with place.of_block(len(block[0])):
            arrays, _ = feeder(block)
            if len(arrays[0]):
                held.append(to_states(plan, fold.rows(to_tensors(plan.feeds, arrays), None, 1), 1))
            else:
                held.append([pa.nulls(1, arrow_from_cell(state.cell)) for state in plan.states])
        if len(held) >= fanin(held[-1]):
            held = [merge(plan, fold, concat(held), None, 1)]
    if fold is None:
        return None
    return merge(plan, fold, concat(held), None, 1) if len(held) > 1 else held[0]


def fold_partials(plan: ReductionPlan, partials: States) -> list[Any] | None:
    """Fold the partitions' rows, in their order, to the value of each fetch.

    Returns
    -------
    NumPy values; None instead of the list if every row was left out because of nulls.
    """
    from tfspark_magic.worker.folds import Fold

    fold = Fold(plan)
    while (rows := len(partials[0])) > 1:
        step = fanin(partials)
        parts = [[s.slice(at, step) for s in partials] for at in range(0, rows, step)]
        partials = concat([merge(plan, fold, part, None, 1) for part in parts])
    if partials[0].null_count:
        return None
    values = fold.finish(from_states(plan, partials))
    return [
        _as_value(value.numpy()[0], name, cell)
        for (name, cell), value in zip(plan.outputs, values, strict=True)
    ]


def fanin(states: States) -> int:
    """Return how many of these rows are folded at once: fewer if the rows are large."""
    size = sum(int(state.nbytes) for state in states)
    return max(2, min(FANIN, HELD_BYTES * len(states[0]) // max(size, 1)))


def _as_value(value: Any, name: str, cell: CellSpec) -> Any:
    if cell.dtype != "string":
        return value
    try:
        texts = np.frompyfunc(bytes.decode, 1, 1)(value)
    except UnicodeDecodeError:
        raise not_text(name) from None
    return texts if cell.shape else str(texts)


def merge(
    plan: ReductionPlan, fold: Fold, states: States, groups: Groups | None, count: int
) -> States:
    """Fold rows of states into one row for each group; a group with only nulls keeps a null."""
    if not states[0].null_count:
        return to_states(plan, fold.merge(from_states(plan, states), groups, count), count)
    valid = states[0].is_valid().to_numpy(zero_copy_only=False)
    if groups is None:
        groups = np.zeros(len(valid), np.int64)
    return fold_present(
        plan, groups, count, valid,
        lambda present, number: fold.merge(
            from_states(plan, [s.filter(pa.array(valid)) for s in states]), present, number
        ),
    )  # fmt: skip


def fold_present(
    plan: ReductionPlan,
    groups: Groups,
    count: int,
    valid: np.ndarray[Any, np.dtype[np.bool_]],
    fold: Callable[[Groups, int], list[tf.Tensor]],
) -> States:
    """Fold the valid rows; groups without valid rows get null states."""
    present, renumbered = np.unique(groups[valid], return_inverse=True)
    if not len(present):
        return [pa.nulls(count, arrow_from_cell(state.cell)) for state in plan.states]
    states = to_states(plan, fold(renumbered, len(present)), len(present))
    place = np.full(count, -1)
    place[present] = np.arange(len(present))
    taken = pa.array(place, mask=place < 0)
    return [state.take(taken) for state in states]


def to_states(plan: ReductionPlan, tensors: Sequence[tf.Tensor], rows: int) -> States:
    """Return folded tensors as columns."""
    from tfspark_magic.worker.tensors_to_columns import to_column

    columns = []
    for state, tensor in zip(plan.states, tensors, strict=True):
        name, _ = plan.outputs[state.fetch]
        column = to_column(tensor, state.cell, name, rows)
        columns.append(column.cast(arrow_from_cell(state.cell)))
    return columns


def from_states(plan: ReductionPlan, states: States) -> list[tf.Tensor]:
    """Return columns of states, which hold no nulls, as tensors."""
    feeds = []
    for state in plan.states:
        dtype = "string" if state.cell.dtype == "binary" else state.cell.dtype
        feed = plan.feeds[state.fetch]
        feeds.append(replace(feed, source=state.cell, cell=replace(state.cell, dtype=dtype)))
    return to_tensors(feeds, states)


def to_tensors(feeds: Sequence[Feed], arrays: Sequence[pa.Array]) -> list[tf.Tensor]:
    """Return columns without nulls as tensors.

    Raises
    ------
    ShapeMismatchError
        If the cells of a column differ in shape.
    """
    from tfspark_magic.worker.columns_to_tensors import to_tensor, unify

    tensors = []
    for feed, array in zip(feeds, arrays, strict=True):
        tensor = to_tensor(unify(array, feed), feed)
        if tensor is None:
            raise ShapeMismatchError(
                f"Column {feed.column!r} for placeholder {feed.placeholder!r}",
                f"cells of one shape, {format_shape(feed.cell.shape)}",
                "cells of several shapes",
                "pad the column, or filter such rows",
            )
        tensors.append(tensor)
    return tensors
