"""Run a program on one block: nulls, shapes, the graph, and the columns that come out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from tfspark_magic.binding import Plan
from tfspark_magic.errors import (
    ShapeMismatchError,
    VectorizationError,
)
from tfspark_magic.graph.runtime import tf
from tfspark_magic.schema.arrow import arrow_from_cell
from tfspark_magic.schema.spec import CellSpec
from tfspark_magic.worker.columns_to_tensors import (
    RaggedTensors,
    buckets,
    cells_of,
    take,
    to_tensor,
)
from tfspark_magic.worker.compare import difference
from tfspark_magic.worker.devices import claim
from tfspark_magic.worker.feeding import Feeder
from tfspark_magic.worker.place import Place
from tfspark_magic.worker.program_cache import LoadedProgram, load_program
from tfspark_magic.worker.reasons import failure
from tfspark_magic.worker.rechunk import rows_of
from tfspark_magic.worker.shipped import ProgramSource
from tfspark_magic.worker.tensors_to_columns import (
    to_column,
    to_scattered_column,
    to_varying_column,
)

Array = np.ndarray[Any, Any]
Fetched = tuple[str, CellSpec, Any, Any]
"""An output's name and cell, its values, and their shapes where these vary by row."""

_CHECKED_ROWS = 3
_VALUE_BYTES = 8


class BlockRunner:
    """Runs a plan's graph on block after block of a partition.

    >>> runner = BlockRunner(plan, digest, read)                    # doctest: +SKIP
    >>> runner.run((pa.array([3]), pa.array([4])))                  # doctest: +SKIP
    [<pyarrow.lib.Int32Array ... [15]>]

    Parameters
    ----------
    plan
        Whose columns the blocks hold, in the order of `plan.columns`.
    digest, read
        Identify the program's graph and give its bytes.
    """

    def __init__(self, plan: Plan, digest: str, read: ProgramSource) -> None:
        self._device = claim(plan.device, plan.gpu_share)
        self._plan = plan
        self._digest = digest
        self._read = read
        self._feed = Feeder(plan.feeds, plan.columns)
        self._place = Place()

    def run(self, block: tuple[pa.Array, ...]) -> list[pa.Array]:
        """Return the output columns for the columns of one block.

        Raises
        ------
        NullValuesError, ShapeMismatchError, InexactValueError
            If the block holds what the plan does not allow.
        VectorizationError
            If the block graph disagrees with the row graph on the first rows.
        WorkerFailedError
            If TensorFlow fails.
        """
        with self._place.of_block(len(block[0])):
            return self._run(block)

    def _run(self, block: tuple[pa.Array, ...]) -> list[pa.Array]:
        rows = len(block[0])
        arrays, dropped = self._feed(block)
        if dropped is None:
            return self._compute(arrays, rows)
        if dropped.all():
            return [pa.nulls(rows, arrow_from_cell(cell)) for _, cell in self._plan.outputs]
        kept = ~dropped
        # A row that is dropped points nowhere, and takes a null from there.
        position = pa.array(np.cumsum(kept) - 1, mask=dropped)
        return take(self._compute(arrays, int(kept.sum())), position)

    def _compute(self, arrays: list[pa.Array], rows: int) -> list[pa.Array]:
        tensors = [to_tensor(a, f) for a, f in zip(arrays, self._plan.feeds, strict=True)]
        if any(tensor is None for tensor in tensors):
            return self._compute_ragged(arrays, tensors)
        columns = []
        for name, cell, value, shapes in self._run_graph(tensors, rows):
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
        if not self._plan.per_row:
            feed = next(f for f, tensor in zip(feeds, tensors, strict=True) if tensor is None)
            raise ShapeMismatchError(
                f"Column {feed.column!r} for placeholder {feed.placeholder!r}",
                "cells of one shape in a block",
                "cells of several shapes",
                "use map_rows, which takes each row alone, or pad the column",
            )
        cells = [cells_of(a, f.column) for a, f in zip(arrays, feeds, strict=True)]
        makers = [RaggedTensors(c, f) for c, f in zip(cells, feeds, strict=True)]
        groups: list[Array] = []
        for group in buckets(np.concatenate([c.shapes for c in cells], axis=1)):
            values = sum(int(c.shapes[group[0]].prod()) for c in cells)
            size = rows_of(max(values * _VALUE_BYTES, self._plan.row_bytes))
            groups += np.split(group, range(size, len(group), size))
        runs = [self._run_graph([make(rows) for make in makers], len(rows)) for rows in groups]
        return [_in_order(groups, values) for values in zip(*runs, strict=True)]

    def _run_graph(self, tensors: list[tf.Tensor], rows: int) -> list[Fetched]:
        """Return the outputs' names and cells with their values, and shapes where these vary."""
        graph = self._plan.graph
        program = load_program(graph, self._digest, self._read, self._device)
        values = self._call(program.run, tensors)
        if program.run_row is not None:
            self._check_rows(program, tensors, values, rows)
        shapes = iter(values[len(self._plan.outputs) :])
        return [
            (name, cell, value, None if shape_fetch is None else next(shapes))
            for (name, cell), shape_fetch, value in zip(
                self._plan.outputs, graph.shape_fetches, values, strict=False
            )
        ]

    def _call(self, run: Callable[..., list[tf.Tensor]], tensors: list[Any]) -> list[tf.Tensor]:
        try:
            return run(*tensors)
        except tf.errors.OpError as error:
            # The rows that it names are those of the whole block: rows of one shape, or without
            # nulls, lie scattered in it.
            raise failure(error, f"Program {self._plan.name!r}") from None

    def _check_rows(
        self, program: LoadedProgram, tensors: list[Any], values: list[tf.Tensor], rows: int
    ) -> None:
        run_row = program.run_row
        assert run_row is not None
        for row in range(min(rows, _CHECKED_ROWS)):
            expected = self._call(run_row, [tensor[row] for tensor in tensors])
            for (name, cell), block, alone in zip(
                self._plan.outputs, values, expected, strict=False
            ):
                differs = difference(block[row], alone, cell.dtype)
                if differs:
                    raise VectorizationError(name, self._plan.graph.how, differs)
        program.run_row = None


def _in_order(groups: list[Array], values: Sequence[Fetched]) -> pa.Array:
    """Return an output that came in groups of rows as a column of all rows."""
    name, cell, _, shapes = values[0]
    if shapes is None:
        blocks = [(rows, v) for rows, (_, _, v, _) in zip(groups, values, strict=True)]
        return to_scattered_column(blocks, cell, name)
    columns = [to_varying_column(v, shapes, cell, name) for _, _, v, shapes in values]
    order = pa.array(np.argsort(np.concatenate(groups)))
    return pa.concat_arrays(columns).take(order)
