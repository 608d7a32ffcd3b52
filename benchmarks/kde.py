"""Measure kernel density scores: for each point, the log of a sum over many centres."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

import tfspark_magic as tfs
from benchmarks import data
from benchmarks.spark_ways import a_map, graph, same
from benchmarks.timing import Table, Way
from tfspark_magic.worker.rechunk import rows_of

import tensorflow as tf

tf1 = tf.compat.v1
CENTRES = 10_000
WIDTH = 0.1
BLOCK = rows_of(CENTRES * 4)
"""The number of rows that `map_rows` gives to the graph at once."""


def kde(spark: SparkSession, folder: Path, rows: int) -> Table:
    """Return the logsumexp of `-(x - c)^2 / (2 h^2)` over all centres c, for each point x."""
    path = data.points(folder, rows)
    df = spark.read.parquet(str(path))
    (points,) = data.arrays(path, "x")
    centres = np.random.default_rng(6).standard_normal(CENTRES, np.float32)
    alone = tf.function(lambda x: _scores(x, centres), [tf.TensorSpec([None], tf.float32)])

    def in_blocks() -> np.ndarray:
        blocks = (points[at : at + BLOCK] for at in range(0, rows, BLOCK))
        return np.concatenate([alone(block).numpy() for block in blocks])

    def expected(x: np.ndarray) -> np.ndarray:
        return _by_numpy(x.astype(np.float64), centres.astype(np.float64))

    row = graph(lambda: _scores(tf1.placeholder(tf.float32, [], name="x"), centres))
    few, fewer = min(rows, 20_000), min(rows, 2_000)
    pandas = a_map(lambda: _pandas_udf(_first(df, few), centres), ("x",), expected)
    sql = a_map(lambda: _sql(_first(df, fewer), centres), ("x",), expected)
    return Table(
        f"kernel density, {rows:,} points, {CENTRES:,} centres, float32",
        "TensorFlow",
        {
            f"TensorFlow alone, blocks of {BLOCK}": Way(
                in_blocks, lambda: same(in_blocks()[:1000], expected(points[:1000]))
            ),
            "tfs.map_rows": a_map(lambda: tfs.map_rows(row, df), ("x",), expected),
            f"pandas UDF, NumPy (from {few:,} points)": Way(pandas.run, pandas.check, few / rows),
            f"Spark SQL, aggregate() (from {fewer:,})": Way(sql.run, sql.check, fewer / rows),
        },
    )


def _scores(x: tf.Tensor, centres: np.ndarray) -> tf.Tensor:
    distance = x[..., None] - centres
    powers = distance * distance * np.float32(-0.5 / WIDTH**2)
    return tf.reduce_logsumexp(powers, axis=-1, name="score")


def _by_numpy(x: np.ndarray, centres: np.ndarray) -> np.ndarray:
    powers = (x[:, None] - centres) ** 2 * centres.dtype.type(-0.5 / WIDTH**2)
    most = powers.max(axis=1, keepdims=True)
    return np.log(np.exp(powers - most).sum(axis=1)) + most[:, 0]


def _first(df: DataFrame, rows: int) -> DataFrame:
    # Back in two partitions, one for each core.
    return df.limit(rows).repartition(2)


def _pandas_udf(df: DataFrame, centres: np.ndarray) -> DataFrame:
    block = BLOCK

    def score(batches: Iterator[Any]) -> Iterator[pd.Series]:
        for batch in batches:
            x = batch.to_numpy()
            blocks = (x[at : at + block] for at in range(0, len(x), block))
            yield pd.Series(np.concatenate([_by_numpy(rows, centres) for rows in blocks]))

    score.__annotations__ = {"batches": Iterator[pd.Series], "return": Iterator[pd.Series]}
    return df.withColumn("score", F.pandas_udf(score, "float")("x"))


def _sql(df: DataFrame, centres: np.ndarray) -> DataFrame:
    one = df.sparkSession.createDataFrame([(centres.astype(float).tolist(),)], "c array<double>")
    power = f"exp((x - c) * (x - c) * {-0.5 / WIDTH**2})"
    score = f"log(aggregate(c, 0D, (total, c) -> total + {power}))"
    return df.crossJoin(F.broadcast(one)).selectExpr("x", f"{score} score")
