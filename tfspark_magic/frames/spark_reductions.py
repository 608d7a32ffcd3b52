"""Reduce and aggregate Spark DataFrames: fold rows beside the data, then fold the partial results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.binding.reductions import ReductionPlan
from tfspark_magic.executor.failures import sentences
from tfspark_magic.executor.gpu_settings import placed, workers_for
from tfspark_magic.executor.interrupts import interruptible
from tfspark_magic.executor.session import functions
from tfspark_magic.executor.shipping import Shipped, shipped
from tfspark_magic.frames.spark_columns import fed_alone, fed_columns
from tfspark_magic.schema.spark import metadata_from_cell, spark_from_cell
from tfspark_magic.worker.aggregating import FinishGroups, FoldPartition
from tfspark_magic.worker.reducing import ReducePartition, States


def reduce_partitions(df: DataFrame, plan: ReductionPlan, profile: Any) -> States:
    """Return the states of all partitions, in the order of the partitions."""
    plan = placed(plan, df.sparkSession, profile)
    function = ReducePartition(shipped(plan, df))
    return states_of(fed_alone(df, plan.feeds), function, plan, profile)


def states_of(
    df: DataFrame, function: Callable[..., Any], plan: ReductionPlan, profile: Any
) -> States:
    """Return the states that a function makes of partitions, in the order of the partitions."""
    fields = T.StructType(_state_fields(plan))
    with workers_for(plan, df.sparkSession):
        rows = df.mapInArrow(Shipped(function), fields, profile=profile)
    with sentences():
        table = interruptible(rows.toArrow, df.sparkSession)
    order = pc.sort_indices(table.column("order"))
    states = (table.column(i).combine_chunks() for i in range(1, table.num_columns))
    return [state.take(order) for state in states]


def aggregate_groups(
    df: DataFrame,
    keys: list[T.StructField],
    expressions: list[Any],
    plan: ReductionPlan,
    profile: Any,
) -> DataFrame:
    """Return the keys and fetches of each group; rows are folded beside the data before the shuffle."""
    plan = shipped(placed(plan, df.sparkSession, profile), df)
    names = functions(df.sparkSession)
    labels = [f"key_{i}" for i in range(len(keys))]
    needed = df.select(
        *(key.alias(label) for key, label in zip(expressions, labels, strict=True)),
        *(fed.alias(f"column_{i}") for i, fed in enumerate(fed_columns(df, plan.feeds))),
    )
    fields = [T.StructField(label, key.dataType) for label, key in zip(labels, keys, strict=True)]
    outputs = [
        T.StructField(f"fetch_{i}", spark_from_cell(cell))
        for i, (_, cell) in enumerate(plan.outputs)
    ]
    fold, finish = (kind(plan, len(keys)) for kind in (FoldPartition, FinishGroups))
    states = T.StructType([*fields, *_state_fields(plan)])
    with workers_for(plan, df.sparkSession):
        partial = needed.mapInArrow(Shipped(fold), states, profile=profile)
    # The partial results of a group become neighbours, in the order of their rows.
    by = [
        names.map_entries(label) if isinstance(key.dataType, T.MapType) else names.col(label)
        for label, key in zip(labels, keys, strict=True)
    ]
    together = partial.repartition(*by).sortWithinPartitions(*by, "order")
    with workers_for(plan, df.sparkSession):
        finished = together.mapInArrow(
            Shipped(finish), T.StructType([*fields, *outputs]), profile=profile
        )
    return finished.select(
        *(
            names.col(label).alias(key.name, metadata=key.metadata)
            for label, key in zip(labels, keys, strict=True)
        ),
        *(
            names.col(f"fetch_{i}").alias(name, metadata=metadata_from_cell(cell))
            for i, (name, cell) in enumerate(plan.outputs)
        ),
    )


def _state_fields(plan: ReductionPlan) -> list[T.StructField]:
    """Return the fields of partial results: their order, and a field for each state."""
    return [
        T.StructField("order", T.LongType()),
        *(
            T.StructField(f"state_{i}", spark_from_cell(state.cell))
            for i, state in enumerate(plan.states)
        ),
    ]
