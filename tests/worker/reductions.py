"""Reductions run in this process, as Spark's workers would run them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from tfspark_magic.binding.reductions import ReductionPlan, bind_reduction
from tfspark_magic.graph.fetches import freeze_fetches
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.schema.arrow import arrow_from_cell
from tfspark_magic.schema.spec import CellSpec
from tfspark_magic.worker.aggregating import FinishGroups, FoldPartition
from tfspark_magic.worker.reducing import concat, fold_partials, reduce_batches

Graph = Callable[[tf.Tensor], tf.Tensor]


def of_blocks(graph: Graph, dtype: str = "float64", cell: tuple[Any, ...] = ()) -> Program:
    """Return the reduction of column `z` by a graph of its blocks."""
    with tf.Graph().as_default():
        block = tf1.placeholder(dtype, [None, *cell], name="z_input")
        return freeze_fetches(tf.identity(graph(block), name="z"))


def of_pairs(graph: Callable[..., tf.Tensor], dtype: str = "float64", cell: tuple[Any, ...] = ()):
    """Return the reduction of column `z` by a graph of two of its cells."""
    with tf.Graph().as_default():
        cells = [tf1.placeholder(dtype, cell, name=f"z_{side}") for side in (1, 2)]
        return freeze_fetches(tf.identity(graph(*cells), name="z"))


def plan(program: Program, cell: CellSpec, verb: str, **options: Any) -> ReductionPlan:
    return bind_reduction(program, [("z", cell)], verb=verb, **options)


def column(values: Sequence[Any], cell: CellSpec) -> pa.Array:
    return pa.array(values, arrow_from_cell(cell))


def reduce(plan: ReductionPlan, partitions: Sequence[Sequence[pa.Array]]) -> Any:
    """Reduce partitions of batches; None if there are no rows at all."""
    rows = [
        states
        for batches in partitions
        if (states := reduce_batches(plan, ((b,) for b in batches))) is not None
    ]
    return fold_partials(plan, concat(rows)) if rows else None


def aggregate(
    plan: ReductionPlan, keys: int, partitions: Sequence[Sequence[tuple[pa.Array, ...]]]
) -> list[tuple[Any, ...]]:
    """Aggregate partitions of batches of keys and values, with the sort that Spark does between."""
    pieces = [
        [*piece[0], *piece[1]]
        for batches in partitions
        for piece in FoldPartition(plan, keys).fold(batches)
    ]
    if not pieces:
        return []
    columns = concat(pieces)
    # A stable sort by the text of the key: equal keys are neighbours, in their original order.
    texts = [
        repr([column[row].as_py() for column in columns[:keys]]) for row in range(len(columns[0]))
    ]
    order = pa.array(sorted(range(len(texts)), key=texts.__getitem__), pa.int64())
    sorted_columns = tuple(column.take(order) for column in columns)
    batches = [
        tuple(column.slice(at, 3) for column in sorted_columns) for at in range(0, len(texts), 3)
    ]
    rows = []
    for done_keys, outputs in FinishGroups(plan, keys).finish(batches):
        found = [column.to_pylist() for column in [*done_keys, *outputs]]
        rows += list(zip(*found, strict=True))
    return rows
