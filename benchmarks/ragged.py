"""Compare vectors of different lengths with the same count of numbers in equal vectors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as T  # noqa: N812

import tfspark_magic as tfs
from benchmarks import data
from benchmarks.spark_ways import a_map, graph, run
from benchmarks.timing import Table, Way

import tensorflow as tf

tf1 = tf.compat.v1
LONGEST = 200


def ragged(spark: SparkSession, folder: Path, rows: int) -> Table:
    """Return `reduce_sum(x * x)` of each vector."""
    frames = {
        kind: spark.read.parquet(
            str(data.lists(folder, rows, longest=LONGEST, ragged=kind == "ragged"))
        )
        for kind in ("equal", "ragged")
    }
    squares = graph(_squares)
    ways = {
        f"tfs.map_rows, {kind} vectors": a_map(
            lambda df=df: tfs.map_rows(squares, df), ("v",), _expected
        )
        for kind, df in frames.items()
    }
    for kind, df in frames.items():
        ways[f"floor (Arrow UDF of the lengths), {kind}"] = Way(lambda df=df: run(_lengths(df)))
    return Table(
        f"reduce_sum(x * x) of {rows:,} float64 vectors of 1 to {LONGEST} numbers", "equal", ways
    )


def _squares() -> tf.Tensor:
    x = tf1.placeholder(tf.float64, [None], name="v")
    return tf.reduce_sum(x * x, name="squares")


def _expected(vectors: np.ndarray) -> np.ndarray:
    return np.array([(vector * vector).sum() for vector in vectors])


def _lengths(df: DataFrame) -> DataFrame:
    def lengths(batches: Iterator[pa.Array]) -> Iterator[pa.Array]:
        for batch in batches:
            yield batch.value_lengths().cast(pa.float64())

    udf = F.arrow_udf(lengths, T.DoubleType(), F.ArrowUDFType.SCALAR_ITER)
    return df.withColumn("out", udf("v"))
