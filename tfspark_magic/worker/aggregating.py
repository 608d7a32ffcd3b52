"""Aggregate groups with two functions that Spark calls: one before the shuffle, one after it.

The first function folds the rows of a partition into one row for each group, as far as memory
allows, like Spark's own hash aggregation. The second function gets the partial results sorted by
their keys. So the results of a group are neighbours, and a group is complete when the next one
begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from tfspark_magic.binding.reductions import ReductionPlan
from tfspark_magic.errors import WorkerFailedError
from tfspark_magic.schema.arrow import arrow_from_cell
from tfspark_magic.worker.groups import group_rows
from tfspark_magic.worker.place import Place
from tfspark_magic.worker.rechunk import Columns, concat, rechunk
from tfspark_magic.worker.reducing import (
    HELD_BYTES,
    States,
    fold_present,
    from_states,
    merge,
    to_states,
    to_tensors,
)
from tfspark_magic.worker.shipped import partition_number

if TYPE_CHECKING:
    from tfspark_magic.worker.folds import Fold, Groups

_ROWS_OUT = 1 << 16
_FEW_ROWS = 1 << 10


@dataclass(frozen=True)
class FoldPartition:
    """A `mapInArrow` function: the keys of each group of a partition, an order, and the states.

    A group may come more than once, if there are too many groups to hold.

    Parameters
    ----------
    plan
        The plan to run.
    keys
        The number of key columns; they come first, and the plan's columns follow.
    """

    plan: ReductionPlan
    keys: int

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield partial results in the order of the rows from which they are folded."""
        first = (partition_number() or 0) << 32
        for number, (keys, states) in enumerate(self.fold(tuple(b.columns) for b in batches)):
            order = pa.array(np.full(len(keys[0]), first + number))
            yield from _record_batches([*keys, order, *states])

    def fold(self, batches: Iterable[Columns]) -> Iterator[tuple[list[pa.Array], States]]:
        """Yield keys and states of groups."""
        groups = None
        place = Place()
        for block in rechunk(batches, self.plan.rows_per_block, self.plan.row_bytes):
            groups = groups or _HeldGroups(self)
            with place.of_block(len(block[0])):
                groups.add(list(block[: self.keys]), block[self.keys :])
            if groups.size > HELD_BYTES:
                groups.compact()
                # If folding does not make the states fewer, it is no use to hold them.
                if groups.size > HELD_BYTES // 2:
                    yield groups.take()
        if groups is not None and groups.size:
            groups.compact()
            yield groups.take()


class _HeldGroups:
    """The groups of a partition, which are folded block by block and then with each other."""

    def __init__(self, function: FoldPartition) -> None:
        # TensorFlow is imported for the first batch: an empty partition should not pay for it.
        from tfspark_magic.worker.feeding import LEFT_OUT, Feeder
        from tfspark_magic.worker.folds import Fold

        self._plan = function.plan
        self._fold = Fold(function.plan)
        self._feed = Feeder(function.plan.feeds, LEFT_OUT)
        self._held: list[tuple[list[pa.Array], States]] = []
        self._scattered = False
        self.size = 0

    def add(self, keys: list[pa.Array], columns: Columns) -> None:
        """Fold a block's rows into its groups."""
        rows = len(keys[0])
        arrays, dropped = self._feed(columns)
        groups: Groups = np.arange(rows)
        count = rows
        if not self._scattered:
            groups, first = group_rows(keys)
            keys, count = _take(keys, first), len(first)
            # If nearly every row is a group of its own, the rows are numbered only once, when many
            # are held.
            self._scattered = rows >= _FEW_ROWS and count > rows // 2
        if dropped is None:
            tensors = to_tensors(self._plan.feeds, arrays)
            states = to_states(self._plan, self._fold.rows(tensors, groups, count), count)
        else:
            states = fold_present(
                self._plan, groups, count, ~dropped,
                lambda present, number: self._fold.rows(
                    to_tensors(self._plan.feeds, arrays), present, number
                ),
            )  # fmt: skip
        self._hold(keys, states)

    def compact(self) -> None:
        """Fold all held states into one partial result for each group."""
        if len(self._held) == 1 and not self._scattered:
            return
        keys, states = (concat(parts) for parts in zip(*self._held, strict=True))
        self._held, self.size = [], 0
        self._hold(*fold_groups(self._plan, self._fold, keys, states))

    def take(self) -> tuple[list[pa.Array], States]:
        """Return the held states, and hold no states any more."""
        (taken,) = self._held
        self._held, self.size = [], 0
        return taken

    def _hold(self, keys: list[pa.Array], states: States) -> None:
        self._held.append((keys, states))
        self.size += sum(int(array.nbytes) for array in [*keys, *states])


@dataclass(frozen=True)
class FinishGroups:
    """A `mapInArrow` function: the keys and the fetches of each group.

    Its rows are sorted by key, then by order; all rows of a group are in one partition.
    """

    plan: ReductionPlan
    keys: int

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the result's rows."""
        columns = (tuple(batch.columns) for batch in batches)
        for keys, outputs in self.finish(c[: self.keys] + c[self.keys + 1 :] for c in columns):
            yield from _record_batches([*keys, *outputs])

    def finish(self, batches: Iterable[Columns]) -> Iterator[tuple[list[pa.Array], list[pa.Array]]]:
        """Yield keys and fetches of groups, given columns of keys and states."""
        fold = None
        held: list[pa.Array] = []
        for block in rechunk(batches, None):
            if fold is None:
                from tfspark_magic.worker.folds import Fold

                fold = Fold(self.plan)
            rows = concat([held, list(block)]) if held else list(block)
            groups, first = group_rows(rows[: self.keys])
            if (groups[1:] < groups[:-1]).any():
                raise WorkerFailedError(
                    "aggregate got the rows of a group apart from each other, sorted by a key that "
                    "this version cannot order as Spark does: group by another form of the key."
                )
            # The last group may go on in the next block.
            done = int(first[-1])
            if done:
                yield self._finished(
                    fold, [c.slice(0, done) for c in rows], groups[:done], first[:-1]
                )
            held = [c.slice(done) for c in rows]
            if len(held[0]) > 1:
                states = merge(self.plan, fold, held[self.keys :], None, 1)
                held = [*(key.slice(0, 1) for key in held[: self.keys]), *states]
        if fold is not None:
            only = np.zeros(1, np.int64)
            yield self._finished(fold, held, only, only)

    def _finished(
        self, fold: Fold, rows: list[pa.Array], groups: Groups, first: Groups
    ) -> tuple[list[pa.Array], list[pa.Array]]:
        keys, states = _take(rows[: self.keys], first), rows[self.keys :]
        if len(first) < len(groups):
            states = merge(self.plan, fold, states, groups, len(first))
        return keys, finish_states(self.plan, fold, states)


def aggregate_batches(
    plan: ReductionPlan, keys: int, batches: Iterable[Columns]
) -> tuple[list[pa.Array], list[pa.Array]] | None:
    """Return the keys and the fetches of each group of all batches; None if there are no rows."""
    from tfspark_magic.worker.folds import Fold

    pieces = [[*k, *states] for k, states in FoldPartition(plan, keys).fold(batches)]
    if not pieces:
        return None
    found, fold = concat(pieces), Fold(plan)
    groups, states = fold_groups(plan, fold, found[:keys], found[keys:])
    return groups, finish_states(plan, fold, states)


def fold_groups(
    plan: ReductionPlan, fold: Fold, keys: list[pa.Array], states: States
) -> tuple[list[pa.Array], States]:
    """Fold rows of states into one row for each group, in the order of the groups' first rows."""
    groups, first = group_rows(keys)
    if len(first) == len(groups):
        return keys, states
    return _take(keys, first), merge(plan, fold, states, groups, len(first))


def finish_states(plan: ReductionPlan, fold: Fold, states: States) -> list[pa.Array]:
    """Return the columns of the fetches; a null state gives a null."""
    from tfspark_magic.worker.tensors_to_columns import to_column

    rows = len(states[0])
    valid = None
    if states[0].null_count:
        valid = states[0].is_valid()
        states = [state.filter(valid) for state in states]
    if not len(states[0]):
        return [pa.nulls(rows, arrow_from_cell(cell)) for _, cell in plan.outputs]
    columns = [
        to_column(tensor, cell, name, len(states[0])).cast(arrow_from_cell(cell))
        for (name, cell), tensor in zip(
            plan.outputs, fold.finish(from_states(plan, states)), strict=True
        )
    ]
    if valid is None:
        return columns
    present = valid.to_numpy(zero_copy_only=False)
    taken = pa.array(np.cumsum(present) - 1, mask=~present)
    return [column.take(taken) for column in columns]


def _take(arrays: Sequence[pa.Array], rows: Groups) -> list[pa.Array]:
    return [array.take(pa.array(rows)) for array in arrays]


def _record_batches(columns: list[pa.Array]) -> Iterator[pa.RecordBatch]:
    # Spark takes the slices into its memory one by one.
    batch = pa.RecordBatch.from_arrays(columns, [str(i) for i in range(len(columns))])
    for start in range(0, batch.num_rows, _ROWS_OUT):
        yield batch.slice(start, _ROWS_OUT)
