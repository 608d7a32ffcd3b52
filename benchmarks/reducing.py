"""Measure reductions of a column, and of groups of rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

import tfspark_magic as tfs
from benchmarks import data
from benchmarks.spark_ways import graph, run, same, to_python
from benchmarks.timing import Table, Way

import tensorflow as tf

tf1 = tf.compat.v1
Reduction = Callable[[tf.Tensor], tf.Tensor]


def reduce(spark: SparkSession, folder: Path, rows: int) -> Table:
    """Return the sum of a float64 column."""
    path = data.numbers(folder, rows)
    df = spark.read.parquet(str(path)).select("a")
    (numbers,) = data.arrays(path, "a")
    alone = tf.function(total)
    by_graph = reduction(lambda x: tf.reduce_sum(x * 1, axis=0), "a")
    results = {
        "tfs.reduce_blocks": lambda: tfs.reduce_blocks(reduction(total, "a"), df),
        "tfs.reduce_blocks, by its graph": lambda: tfs.reduce_blocks(by_graph, df),
        "df.agg(F.sum(...))": lambda: df.agg(F.sum("a")).collect()[0][0],
        "TensorFlow alone": lambda: alone(numbers).numpy(),
    }
    expected = numbers.sum()
    return Table(
        f"sum of {rows:,} float64",
        "floor",
        {
            "floor (mapInArrow, one row of each partition)": Way(lambda: run(to_python(df))),
            **{
                name: Way(result, lambda result=result: same(result(), expected))
                for name, result in results.items()
            },
        },
    )


def aggregate(spark: SparkSession, folder: Path, rows: int, key: str) -> Table:
    """Return the sums of groups, in tens of millions of rows."""
    path = data.groups(folder, rows)
    df = spark.read.parquet(str(path)).select(key, "value")
    of_value, logsumexp = reduction(total, "value"), reduction(_logsumexp, "value")
    sums, logs = _expected(path, key)
    ways = {
        "Spark's groupBy().sum()": _groups(lambda: df.groupBy(key).sum("value"), sums),
        "floor (mapInArrow, one row of each partition)": Way(lambda: run(to_python(df))),
        "tfs.aggregate": _groups(lambda: tfs.aggregate(of_value, df.groupBy(key)), sums),
    }
    if key == "few":
        ways["tfs.aggregate of reduce_logsumexp"] = _groups(
            lambda: tfs.aggregate(logsumexp, df.groupBy(key)), logs
        )
    return Table(f"sums of {len(sums):,} groups, {rows:,} rows", "Spark", ways)


def aggregate_each(spark: SparkSession, folder: Path, rows: int) -> Table:
    """Return the sums of many small groups, a tenth of the rows, against a call for each group."""
    path = data.groups(folder, rows)
    df = spark.read.parquet(str(path)).select("many", "value")
    of_value, logsumexp = reduction(total, "value"), reduction(_logsumexp, "value")
    sums, logs = _expected(path, "many")
    # The same graph on a part of the groups: it takes too long on all.
    share = 0.2
    some = df.filter(F.col("many") < int(rows // 10 * share))
    taken = {key: value for key, value in sums.items() if key < int(rows // 10 * share)}
    each = _groups(lambda: _call_for_each(some), taken)
    return Table(
        f"{len(sums):,} groups, {rows:,} rows",
        "tfs.aggregate",
        {
            "tfs.aggregate": _groups(lambda: tfs.aggregate(of_value, df.groupBy("many")), sums),
            "tfs.aggregate of reduce_logsumexp": _groups(
                lambda: tfs.aggregate(logsumexp, df.groupBy("many")), logs
            ),
            f"applyInArrow, a call for each group (from {share:.0%} of them)": Way(
                each.run, each.check, share
            ),
        },
    )


def total(x: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(x, axis=0)


def _logsumexp(x: tf.Tensor) -> tf.Tensor:
    return tf.reduce_logsumexp(x, axis=0)


def reduction(function: Reduction, column: str) -> tf.Tensor:
    def build() -> tf.Tensor:
        block = tf1.placeholder(tf.float64, [None], name=f"{column}_input")
        return tf.identity(function(block), name=column)

    return graph(build)


def _expected(path: Path, key: str) -> tuple[dict[int, float], dict[int, float]]:
    """Return the sum and the logsumexp of each group, by NumPy."""
    keys, values = data.arrays(path, key, "value")
    present = np.unique(keys)
    sums, powers = np.bincount(keys, values)[present], np.bincount(keys, np.exp(values))[present]
    return (
        dict(zip(present.tolist(), sums.tolist(), strict=True)),
        dict(zip(present.tolist(), np.log(powers).tolist(), strict=True)),
    )


def _groups(frame: Callable[[], DataFrame], expected: dict[int, float]) -> Way:
    def check() -> None:
        keys, values = (column.to_numpy() for column in frame().toArrow().columns)
        order = np.argsort(keys)
        assert keys[order].tolist() == sorted(expected)
        same(values[order], np.array([expected[key] for key in sorted(expected)]))

    return Way(lambda: run(frame()), check)


def _call_for_each(df: DataFrame) -> DataFrame:
    loaded = []

    def each(table: pa.Table) -> pa.Table:
        if not loaded:
            import tensorflow as tf

            of_any_length = [tf.TensorSpec([None], tf.float64)]
            loaded.append(tf.function(lambda x: tf.reduce_sum(x, axis=0), of_any_length))
        total = loaded[0](table.column("value").to_numpy())
        return pa.table({"many": table.column("many").slice(0, 1), "value": [total.numpy()]})

    return df.groupBy("many").applyInArrow(each, "many long, value double")
