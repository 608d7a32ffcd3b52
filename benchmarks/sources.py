"""Compare `tfs.dataset` with other ways to read the same columns of files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.dataset as pads
import pyarrow.parquet as pq
from pyspark.sql import SparkSession

import tfspark_magic as tfs
from benchmarks import data
from benchmarks.timing import Table, Way

import tensorflow as tf

# The number of rows that Spark returns one by one; a vector is then a Python list.
_SAMPLES = {1: 20_000, 5: 50_000}
_BATCHES = (65_536, 8_192, 1_024)


def numbers(spark: SparkSession, folder: Path, rows: int) -> Table:
    """Return ways to read five columns of numbers."""
    path = str(data.numbers(folder, rows))
    columns = ["x", "y", "a", "b", "c"]
    return Table(
        f"{rows:,} rows of 5 numbers from Parquet", "scan", _ways(spark, path, columns, {})
    )


def vectors(spark: SparkSession, folder: Path, rows: int) -> Table:
    """Return ways to read vectors of 128 float32."""
    path = str(data.vectors(folder, rows, 128))
    ways = _ways(spark, path, ["features"], {"features": 128})
    return Table(f"{rows:,} vectors of 128 float32 from Parquet", "scan", ways)


def _ways(
    spark: SparkSession, path: str, columns: list[str], shapes: dict[str, int]
) -> dict[str, Way]:
    def dataset(batch_size: int, **options: Any) -> tf.data.Dataset:
        return tfs.dataset(path, columns, batch_size, shapes=shapes, **options)

    def loop(batch_size: int, **options: Any) -> Callable[[], int]:
        return lambda: sum(1 for _ in dataset(batch_size, **options))

    def in_graph(batch_size: int) -> None:
        dataset(batch_size).reduce(tf.constant(0, tf.int64), lambda count, _: count + 1)

    count = _SAMPLES[len(columns)]

    def local_iterator() -> None:
        sample = spark.read.parquet(path).select(*columns).limit(count)
        for _ in sample.toLocalIterator():
            pass

    def check() -> None:
        _check(dataset, path, columns)

    rows = pads.dataset(path).count_rows()
    ways = {
        "pyarrow scan (dataset.to_batches)": Way(lambda: _scan(path, columns)),
        "pyarrow.parquet.read_table": Way(lambda: pq.read_table(path, columns=columns)),
    }
    for batch_size in _BATCHES:
        way = Way(loop(batch_size), check if batch_size == _BATCHES[0] else None)
        ways[f"tfs.dataset, batches of {batch_size:,}"] = way
    ways |= {
        "tfs.dataset, batches of 1,024, looped over in a graph": Way(lambda: in_graph(1_024)),
        "tfs.dataset, batches of 8,192, shuffled": Way(loop(8_192, shuffle=True)),
        "Spark toPandas()": Way(lambda: spark.read.parquet(path).select(*columns).toPandas()),
        f"Spark toLocalIterator() (from {count:,} rows)": Way(
            local_iterator, share=min(1.0, count / rows)
        ),
    }
    return ways


def _check(dataset: Callable[[int], tf.data.Dataset], path: str, columns: list[str]) -> None:
    table = pq.read_table(path, columns=columns)
    first = next(iter(dataset(1_000)))
    for name in columns:
        expected = np.array(table[name].slice(0, 1_000).to_pylist(), first[name].numpy().dtype)
        np.testing.assert_array_equal(first[name].numpy(), expected)
    rows = sum(len(next(iter(batch.values()))) for batch in dataset(_BATCHES[0]))
    np.testing.assert_equal(rows, table.num_rows)


def _scan(path: str, columns: list[str]) -> None:
    for _ in pads.dataset(path).to_batches(columns=columns):
        pass
