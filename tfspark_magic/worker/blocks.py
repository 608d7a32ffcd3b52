"""Run a program on one block: handle nulls and shapes, run the graph, make columns of the results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from tfspark_magic.binding import Feed, Plan
from tfspark_magic.errors import OutOfMemoryError, ShapeMismatchError, WorkerFailedError
from tfspark_magic.graph.runtime import tf
from tfspark_magic.schema.arrow import arrow_from_cell
from tfspark_magic.schema.spec import CellSpec
from tfspark_magic.worker.columns_to_tensors import (
    RaggedTensors,
    buckets,
    cells_of,
    check_shapes,
    to_tensor,
)
from tfspark_magic.worker.devices import claim
from tfspark_magic.worker.failed_rows import FailedRows
from tfspark_magic.worker.feeding import Feeder
from tfspark_magic.worker.independence import FixedBatches, dependent
from tfspark_magic.worker.loaded_program import Outcome
from tfspark_magic.worker.place import Place
from tfspark_magic.worker.program_cache import load_program
from tfspark_magic.worker.rechunk import rows_of
from tfspark_magic.worker.tensorflow_errors import failure
from tfspark_magic.worker.tensors_to_columns import (
    to_column,
    to_scattered_column,
    to_varying_column,
)

Array = np.ndarray[Any, Any]
Fetched = tuple[str, CellSpec, Any, Any]
"""An output's name and cell, its values, and the shapes of its cells if they vary by row."""

_VALUE_BYTES = 8
# The number of cells of each shape that are checked: enough to find a graph whose rows depend on
# each other.
_CHECKED_SHAPES = 32


class BlockRunner:
    """Runs a plan's graph on block after block of a partition.

    >>> runner = BlockRunner(plan)                                  # doctest: +SKIP
    >>> runner.run((pa.array([3]), pa.array([4])))                  # doctest: +SKIP
    [<pyarrow.lib.Int32Array ... [15]>]

    Parameters
    ----------
    plan
        The plan; the blocks hold its columns, in the order of `distinct(plan.feeds)`.
    failed
        Counts the rows that have null results because the graph fails on them.
    """

    def __init__(self, plan: Plan, failed: FailedRows | None = None) -> None:
        self._device = claim(plan.device, plan.gpu_share)
        self._plan = plan
        self._failed = failed or FailedRows()
        self._feed = Feeder(plan.feeds, "") if plan.trim else Feeder(plan.feeds)
        self._place = Place()
        self._batches = None if plan.batch is None else FixedBatches(plan)
        self._checked: set[tuple[Any, ...]] = set()

    def run(self, block: tuple[pa.Array, ...]) -> list[pa.Array]:
        """Return the output columns of one block of input columns.

        Raises
        ------
        NullValuesError, ShapeMismatchError, InexactValueError
            If the block holds values that the plan does not allow.
        WorkerFailedError
            If TensorFlow fails; if it fails for a row alone, the error is about the first such row.
        """
        with self._place.of_block(len(block[0])):
            try:
                return self._run(block) if self._plan.errors == "raise" else self._or_nulls(block)
            except OutOfMemoryError:
                raise
            except WorkerFailedError as error:
                raise self._of_one_row(block, error) from None

    def _or_nulls(self, block: tuple[pa.Array, ...], first: int = 0) -> list[pa.Array]:
        """Return the outputs of rows that begin at `first` in their block: null where the graph fails."""
        try:
            return self._run(block)
        except WorkerFailedError as error:
            if not error.of_values:
                raise
            failure = error
        rows = len(block[0])
        if rows == 1:
            self._failed.add(self._place.of_row(failure, first))
            return [pa.nulls(1, arrow_from_cell(cell)) for _, cell in self._plan.outputs]
        half = rows // 2
        front = self._or_nulls(tuple(column.slice(0, half) for column in block), first)
        back = self._or_nulls(tuple(column.slice(half) for column in block), first + half)
        return [pa.concat_arrays(both) for both in zip(front, back, strict=True)]

    def _of_one_row(
        self, block: tuple[pa.Array, ...], error: WorkerFailedError
    ) -> WorkerFailedError:
        """Return the error of the first row that fails alone; else the error of the block.

        The search halves the rows, and so computes at most as many rows as the block has.
        """
        row, rows = 0, len(block[0])
        if not self._plan.per_row or rows <= 1:
            return error
        while rows > 1:
            half = rows // 2
            if self._error_of(block, row, half):
                rows = half
            else:
                row, rows = row + half, rows - half
        alone = self._error_of(block, row, 1)
        if alone is None:
            return error
        self._place.narrow(row)
        return alone

    def _error_of(
        self, block: tuple[pa.Array, ...], row: int, rows: int
    ) -> WorkerFailedError | None:
        try:
            self._run(tuple(column.slice(row, rows) for column in block))
        except WorkerFailedError as error:
            passed = error.of_values and self._plan.errors == "null"
            return None if passed else error
        return None

    def _run(self, block: tuple[pa.Array, ...]) -> list[pa.Array]:
        rows = len(block[0])
        arrays, dropped = self._feed(block)
        if dropped is None:
            return self._compute(arrays, rows)
        if dropped.all():
            return [pa.nulls(rows, arrow_from_cell(cell)) for _, cell in self._plan.outputs]
        kept = ~dropped
        # A dropped row has no index here, so it gets a null.
        position = pa.array(np.cumsum(kept) - 1, mask=dropped)
        return [column.take(position) for column in self._compute(arrays, int(kept.sum()))]

    def _compute(self, arrays: list[pa.Array], rows: int) -> list[pa.Array]:
        tensors = [to_tensor(a, f) for a, f in zip(arrays, self._plan.feeds, strict=True)]
        if any(tensor is None for tensor in tensors):
            return self._compute_ragged(arrays, tensors)
        columns = []
        for name, cell, value, shapes in self._run_graph(tensors):
            if shapes is not None:
                columns.append(to_varying_column(value, shapes, cell, name))
            else:
                columns.append(to_column(value, cell, name, None if self._plan.trim else rows))
        lengths = {name: len(c) for (name, _), c in zip(self._plan.outputs, columns, strict=True)}
        if len(set(lengths.values())) > 1:
            raise ShapeMismatchError(
                f"Fetches of program {self._plan.name!r}",
                "as many rows from each of them",
                ", ".join(f"{n} from {name!r}" for name, n in lengths.items()),
                "trim them alike, or fetch them in two maps",
            )
        return columns

    def _compute_ragged(
        self, arrays: list[pa.Array], tensors: list[tf.Tensor | None]
    ) -> list[pa.Array]:
        feeds = self._plan.feeds
        cells = [cells_of(a, f.column) for a, f in zip(arrays, feeds, strict=True)]
        for of_column, feed in zip(cells, feeds, strict=True):
            check_shapes(of_column, feed)
        ragged = next(f for f, tensor in zip(feeds, tensors, strict=True) if tensor is None)
        if self._plan.trim:
            raise _several_shapes(ragged, "")
        makers = [RaggedTensors(c, f) for c, f in zip(cells, feeds, strict=True)]
        groups: list[Array] = []
        for group in buckets(np.concatenate([c.shapes for c in cells], axis=1)):
            values = sum(int(c.shapes[group[0]].prod()) for c in cells)
            size = rows_of(max(values * _VALUE_BYTES, self._plan.row_bytes))
            groups += np.split(group, range(size, len(group), size))
        runs = []
        trusted = self._plan.per_row or self._batches is not None
        for rows in groups:
            fed = [make(rows) for make in makers]
            found = self._run_graph(fed, scattered=True)
            several = len(rows) > 1
            kind = (several, *(tuple(tensor.shape[1:]) for tensor in fed))
            if not trusted and kind not in self._checked and len(self._checked) < _CHECKED_SHAPES:
                # Only if rows do not depend on each other may they be moved to another block.
                self._checked.add(kind)
                outcomes = [(value, shapes) for _, _, value, shapes in found]
                fetch = dependent(self._run_program, fed, outcomes, 1 if several else 2)
                if fetch is not None:
                    raise _several_shapes(ragged, self._plan.outputs[fetch][0])
            runs.append(found)
        return [_in_order(groups, values) for values in zip(*runs, strict=True)]

    def _run_graph(self, tensors: list[tf.Tensor], *, scattered: bool = False) -> list[Fetched]:
        """Return the outputs' names, cells and values, and the shapes of cells if they vary."""
        if self._batches is None:
            outcomes = self._run_program(tensors)
        else:
            outcomes = self._batches(self._run_program, tensors, scattered=scattered)
        return [
            (name, cell, value, shapes)
            for (name, cell), (value, shapes) in zip(self._plan.outputs, outcomes, strict=True)
        ]

    def _run_program(self, tensors: Sequence[tf.Tensor]) -> list[Outcome]:
        program = load_program(self._plan.graph, self._device)
        try:
            return program.run(tensors)
        except tf.errors.OpError as error:
            # The error names the rows of the whole block, because the rows of one shape, or the
            # rows without nulls, are scattered in it.
            raise failure(error, f"Program {self._plan.name!r}") from None


def _several_shapes(feed: Feed, fetch: str) -> ShapeMismatchError:
    why = f", and rows of fetch {fetch!r} depend on each other" if fetch else " with trim=True"
    return ShapeMismatchError(
        f"Column {feed.column!r} for placeholder {feed.placeholder!r}",
        "cells of one shape in a block",
        f"cells of several shapes{why}",
        "pad the column, or filter it to cells of one shape",
    )


def _in_order(groups: list[Array], values: Sequence[Fetched]) -> pa.Array:
    """Return an output, which was computed in groups of rows, as one column of all rows."""
    name, cell, _, _ = values[0]
    if all(shapes is None for _, _, _, shapes in values):
        blocks = [(rows, v) for rows, (_, _, v, _) in zip(groups, values, strict=True)]
        return to_scattered_column(blocks, cell, name)
    # Some groups may be vectorized, and others not.
    columns = [
        to_column(v, cell, name, len(rows))
        if shapes is None
        else to_varying_column(v, shapes, cell, name)
        for rows, (_, _, v, shapes) in zip(groups, values, strict=True)
    ]
    order = pa.array(np.argsort(np.concatenate(groups)))
    return pa.concat_arrays(columns).take(order)
