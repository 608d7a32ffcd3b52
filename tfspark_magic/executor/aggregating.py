"""`aggregate`: one cell for each group of rows, lazily."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.binding import FeedDict, Nulls
from tfspark_magic.binding.reductions import GROUPS, ReductionPlan, bind_reduction
from tfspark_magic.errors import NotAvailableError
from tfspark_magic.executor.columns import columns_of, fed_columns
from tfspark_magic.executor.devices import check_no_profile, placed, workers_for
from tfspark_magic.executor.grouping import keys_of
from tfspark_magic.executor.mapping import as_program
from tfspark_magic.executor.pandas_groups import (
    aggregate_pandas,
    is_pandas_groupby,
    keys_of_pandas,
)
from tfspark_magic.executor.reducing import state_fields
from tfspark_magic.executor.session import functions
from tfspark_magic.executor.shipping import Shipped, shipped
from tfspark_magic.schema.spark import metadata_from_cell, spark_from_cell
from tfspark_magic.worker.aggregating import FinishGroups, FoldPartition


def aggregate(
    fetches: Any,
    grouped: Any,
    feed_dict: FeedDict | None = None,
    *,
    nulls: Nulls = "error",
    check: bool = True,
    rows_per_block: int | None = None,
    device: str = "auto",
    profile: Any = None,
    session: Any = None,
) -> Any:
    """Reduce the rows of each group of a DataFrame to one row.

    >>> x_input = tf.placeholder(tf.float64, [None], name="x_input")        # doctest: +SKIP
    >>> x = tf.reduce_sum(x_input, axis=0, name="x")                        # doctest: +SKIP
    >>> tfs.aggregate(x, df.groupBy("key")).collect()                       # doctest: +SKIP
    [Row(key='a', x=3.0), Row(key='b', x=3.0)]

    The graph is one for `reduce_blocks`, and what holds there holds here for each group. Nothing
    runs until an action on the result. Rows are folded beside the data first, so that only partial
    results are shuffled; groups may be of any size, and more than memory holds.

    Parameters
    ----------
    fetches
        As for `reduce_blocks`.
    grouped
        `df.groupBy(...)` with one or more keys, computed ones too, or a pandas groupby. A null key
        is a group, as in Spark.
    feed_dict, check, rows_per_block, device, profile, session
        As for `reduce_blocks`.
    nulls
        As for `reduce_blocks`; with `"null"` a group of nothing but rows that are left out is in
        the result, with nulls.

    Returns
    -------
    A lazy DataFrame: the keys, then a column for each fetch; one row for each group, in no order.
    Of pandas, a frame that is there, the groups in the order of their first rows.

    Raises
    ------
    ReductionError
        If the graph is no reduction, or `grouped` has no keys.
    TfSparkError
        If the program does not fit the DataFrame.
    """
    program = as_program(fetches, session)
    df: Any
    keys: Any
    if is_pandas_groupby(grouped):
        df, keys = keys_of_pandas(grouped)
    else:
        df, keys, expressions = keys_of(grouped)
    plan = bind_reduction(
        program, columns_of(df, "aggregate"), feed_dict, verb=GROUPS,
        keys=[str(key.name) for key in keys], nulls=nulls, check=check,
        rows_per_block=rows_per_block, device=device,
    )  # fmt: skip
    if is_pandas_groupby(grouped):
        check_no_profile(profile)
        return aggregate_pandas(df, keys, plan)
    return _aggregate(df, keys, expressions, plan, profile)


def _aggregate(
    df: DataFrame,
    keys: list[T.StructField],
    expressions: list[Any],
    plan: ReductionPlan,
    profile: Any,
) -> DataFrame:
    if df.isStreaming:
        message = (
            "aggregate needs all rows of a group, and a streaming DataFrame has no last one: call "
            "it in foreachBatch."
        )
        raise NotAvailableError(message)
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
    states = T.StructType([*fields, *state_fields(plan)])
    with workers_for(plan, df.sparkSession):
        partial = needed.mapInArrow(Shipped(fold), states, profile=profile)
    # One group's partial results side by side, in the order of the rows that they are made of.
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
