"""Measure the same Parquet files as a DataFrame, read by Spark's workers, and read in this process."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession

import tfspark_magic as tfs
from benchmarks import data
from benchmarks.reducing import reduction, total
from benchmarks.spark_ways import a_map, graph, run, same
from benchmarks.timing import Table, Way
from benchmarks.ways import Workload

_CHECKED_ROWS = 1_000


def reduce(spark: SparkSession, folder: Path, rows: int) -> Table:
    """Return the sum of a float64 column."""
    path = data.numbers(folder, rows)
    df = spark.read.parquet(str(path)).select("a")
    expected = data.arrays(path, "a")[0].sum()
    fetch = reduction(total, "a")
    results = {
        "tfs.reduce_blocks of the DataFrame": lambda: tfs.reduce_blocks(fetch, df),
        "tfs.reduce_blocks of files, spark=": lambda: tfs.reduce_blocks(fetch, path, spark=spark),
        "tfs.reduce_blocks of files, here": lambda: tfs.reduce_blocks(fetch, path),
        "pyarrow and NumPy": lambda: sum(
            float(chunk.to_numpy().sum())
            for chunk in pq.read_table(path, columns=["a"])["a"].chunks
        ),
    }
    return Table(
        f"sum of {rows:,} float64 in Parquet files",
        "the DataFrame",
        {
            name: Way(result, lambda result=result: same(result(), expected))
            for name, result in results.items()
        },
    )


def maps(spark: SparkSession, work: Workload) -> Table:
    """Return only the outputs of a map of blocks; one way also returns the other columns."""
    path, fetch = work.path, graph(work.block)
    df = spark.read.parquet(str(path))
    inputs = [array[:_CHECKED_ROWS] for array in data.arrays(path, *work.columns)]

    def by_workers(columns: tuple[str, ...] | None) -> DataFrame:
        return tfs.map_files(fetch, path, spark=spark, columns=columns)

    def here() -> np.ndarray:
        first, *_ = tfs.map_blocks(fetch, path, columns=[])
        values = first.column(0)
        return np.stack(values.to_numpy(zero_copy_only=False))

    def check() -> None:
        same(here()[: len(inputs[0])], work.expected(*inputs)[: len(here())])

    checked = a_map(lambda: by_workers(work.columns), work.columns, work.expected).check
    return Table(
        f"{work.name}, outputs only",
        "the DataFrame",
        {
            "tfs.map_blocks of the DataFrame": Way(
                lambda: run(tfs.map_blocks(fetch, df).select(fetch.op.name)),
                a_map(lambda: tfs.map_blocks(fetch, df), work.columns, work.expected).check,
            ),
            "tfs.map_files": Way(lambda: run(by_workers(())), checked),
            "tfs.map_files, all columns": Way(lambda: run(by_workers(None)), checked),
            "tfs.map_blocks of files, here": Way(here, check),
        },
    )
