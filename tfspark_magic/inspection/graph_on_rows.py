"""Compute tensors of a graph on some rows, in this process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from threading import RLock
from typing import Any, Self

import numpy as np
import pyarrow as pa

from tfspark_magic.binding import Feed, Plan
from tfspark_magic.errors import ShapeMismatchError
from tfspark_magic.graph.collection import collection_paused
from tfspark_magic.graph.eager import eager_mode
from tfspark_magic.graph.node_tensors import NodeTensor, tensors_of
from tfspark_magic.graph.nodes import parse
from tfspark_magic.graph.opened import opened
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.runtime import tf
from tfspark_magic.graph.structure import Node
from tfspark_magic.inspection.cost import Cost, cost_of, shapes_in
from tfspark_magic.inspection.node_values import NodeValues
from tfspark_magic.inspection.peeked import Peek
from tfspark_magic.inspection.running_graph import Fed, RunningGraph, array_of
from tfspark_magic.inspection.sizes import Run, Sizes
from tfspark_magic.schema.spec import TensorSpec
from tfspark_magic.worker.columns_to_tensors import to_tensor
from tfspark_magic.worker.feeding import Feeder

_MEASURED = 20
"""The largest number of rows that are run alone to measure their cost."""
MAX_BYTES = 64 << 20
"""How many bytes of values are kept, if nobody asks for another number."""


class GraphOnRows:
    """A graph, with some rows of the columns that feed it; any of its tensors can be computed.

    >>> with GraphOnRows(score, plan, (pa.array([3]), pa.array([4]))) as graph:  # doctest: +SKIP
    ...     graph.peek([graph.tensors["z"]])["z"]
    array([15], dtype=int32)

    It may be used by several threads, which wait for each other.

    Parameters
    ----------
    program, plan
        The program, and the plan that binds it to columns.
    columns
        Some rows of the columns, in the order of `distinct(plan.feeds)`.

    Attributes
    ----------
    rows
        The number of rows.
    in_rows
        True if the graph runs on each row alone; False if it runs on the block of all rows.
    """

    def __init__(self, program: Program, plan: Plan, columns: tuple[pa.Array, ...]) -> None:
        self.program = program
        self.rows = len(columns[0]) if columns else 0
        self.in_rows = runs_in_rows(plan)
        self._fed: list[Fed | None] = []
        if self.rows:
            with eager_mode():
                for one in _fed(program, plan, columns):
                    self._fed.append(None if one is None else [array_of(tensor) for tensor in one])
        self._running: RunningGraph | None = None
        self._lock = RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Free the memory of TensorFlow; the next tensors take it again."""
        with self._lock:
            if self._running is not None:
                self._running.close()
            self._running = None

    def is_listed(self, nodes: Sequence[Node]) -> None:
        """Take the list of the program's operations from one who has it: it takes a while to make."""
        self.tensors = {tensor.name: tensor for tensor in tensors_of(self.program, listed=nodes)}

    @cached_property
    def tensors(self) -> dict[str, NodeTensor]:
        """All tensors that have values, by name, each after those that it is made of."""
        return {tensor.name: tensor for tensor in tensors_of(self.program)}

    def peek(
        self, tensors: Sequence[NodeTensor], max_bytes: int = MAX_BYTES, *, cost: bool = False
    ) -> Peek:
        """Compute tensors, as `values` does, for the user; measure the cost if asked."""
        found = self.values(tensors, max_bytes)
        measured = self.cost() if cost else None
        outputs = self.program.outputs
        return Peek(found, self.rows, in_rows=self.in_rows, outputs=outputs, cost=measured)

    def cost(self) -> Cost:
        """Measure what the operations cost that the program's fetches need, on the first rows.

        TensorFlow measures it.
        """
        measured = [fed for fed in self._fed if fed is not None][:_MEASURED]
        rows = len(measured) if self.in_rows else self.rows
        with self._lock:
            if self._running is None and measured:
                self._running = RunningGraph(self.program)
            stats = self._running.step_stats(measured) if self._running is not None else []
        found = opened(self.program)
        names = (node.name for node in parse(found.program).node)
        return cost_of(stats, names, rows, found.calls, self._sizes(measured, stats))

    def _sizes(self, measured: Sequence[Fed], stats: Sequence[Any]) -> Sizes:
        known = [node.name for node in parse(opened(self.program).program).node]
        names = [spec.name for spec in self.program.inputs]
        runs = []
        for fed, ran in zip(measured, stats, strict=True):
            shapes = dict(zip(names, (one.shape for one in fed), strict=True))
            runs.append(Run(shapes, shapes_in(ran, known)))
        return Sizes(self.program, runs)

    def values(self, tensors: Sequence[NodeTensor], max_bytes: int = MAX_BYTES) -> list[NodeValues]:
        """Compute tensors.

        Parameters
        ----------
        tensors
            The tensors.
        max_bytes
            How many bytes of values are kept; other values go into the statistics only.
        """
        found = [NodeValues(tensor) for tensor in tensors]
        left = max_bytes
        with self._lock, collection_paused():
            for computed in self._computed([tensor.tensor for tensor in tensors]):
                for mine, value in zip(found, computed, strict=True):
                    if isinstance(value, str):
                        mine.failure = value
                    elif mine.values is not None:
                        mine.values.append(value)
                        left -= 0 if value is None else value.nbytes
                        if left < 0:
                            left += sum(kept.nbytes for kept in mine.arrays)
                            mine.sum_up()
                            mine.values = None
                    elif value is not None:
                        mine.statistics.add(value)
        for mine in found:
            mine.sum_up()
            if mine.failure:
                mine.values = None
        return found

    def _computed(self, tensors: Sequence[str]) -> Iterator[Sequence[Any]]:
        """Yield the tensors' values, or sentences of errors, for each row or for the block."""
        if self._running is None and self._fed:
            self._running = RunningGraph(self.program)
        for fed in self._fed:
            assert self._running is not None
            yield [None] * len(tensors) if fed is None else self._running(tensors, fed)


def runs_in_rows(plan: Plan) -> bool:
    """Whether the graph of a plan is shown on each row alone."""
    # A graph that takes a fixed number of rows is shown one such batch.
    return plan.per_row and plan.batch is None


def _fed(program: Program, plan: Plan, columns: tuple[pa.Array, ...]) -> Iterator[Fed | None]:
    """Yield the fed tensors, for each row or for the block of all rows; None for a row with a null."""
    in_rows = runs_in_rows(plan)
    arrays, dropped = (Feeder(plan.feeds) if in_rows else Feeder(plan.feeds, ""))(columns)
    by_name = dict(zip((feed.placeholder for feed in plan.feeds), range(len(arrays)), strict=True))
    order = [by_name[spec.name] for spec in program.inputs]
    rows = len(arrays[0])
    if in_rows:
        kept = iter(range(rows))
        for is_dropped in np.zeros(rows, bool) if dropped is None else dropped:
            if is_dropped:
                yield None
                continue
            row = next(kept)
            one = [to_tensor(arrays[at].slice(row, 1), plan.feeds[at]) for at in order]
            both = zip(program.inputs, order, one, strict=True)
            yield [
                tensor if _takes_batch(spec, plan.feeds[at]) else tf.squeeze(tensor, 0)
                for spec, at, tensor in both
            ]
        return
    if plan.batch is not None:
        # As in a map, the rows are filled up to the number that the graph takes at once.
        chosen = pa.array(np.arange(plan.batch) % rows)
        arrays = [array.take(chosen) for array in arrays]
    tensors = []
    for at in order:
        tensor = to_tensor(arrays[at], plan.feeds[at])
        if tensor is None:
            feed = plan.feeds[at]
            raise ShapeMismatchError(
                f"Column {feed.column!r} for placeholder {feed.placeholder!r}",
                "cells of one shape in a block",
                "cells of several shapes",
                "look at one row: rows=1",
            )
        tensors.append(tensor)
    yield tensors


def _takes_batch(spec: TensorSpec, feed: Feed) -> bool:
    """Whether a placeholder takes a batch of cells, as those of a Keras model do for a row, too."""
    cell = feed.cell.shape
    return spec.shape is not None and cell is not None and len(spec.shape) > len(cell)
