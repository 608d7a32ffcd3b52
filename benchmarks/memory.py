"""Measure the peak memory of the process that runs the graph, for each verb and partition size."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from typing import Any

import psutil
from pyspark.sql import DataFrame, SparkSession

import tfspark_magic as tfs
from benchmarks.spark_ways import graph, run
from tfspark_magic.graph.runtime import tf, tf1

WIDTH = 32
MOST_LOCAL_ROWS = 5_000_000
"""The rows of a partition for run_local: Spark sends one partition at a time through its heap."""

_numbers = itertools.count()


def report(spark: SparkSession, sizes: Sequence[int]) -> None:
    """Print the peak for one partition of each size, with numbers that Spark generates."""
    print("\n| peak MB, rows in one partition | " + " | ".join(f"{n:,}" for n in sizes) + " |")
    print("| --- |" + " --- |" * len(sizes))
    for name, verb in _verbs().items():
        peaks = []
        for rows in sizes:
            here = name.startswith("run_local")
            partitions = -(-rows // MOST_LOCAL_ROWS) if here else 1
            numbers = spark.range(0, rows, 1, partitions)
            # Workers are kept for tasks with the same environment, so another environment gets new
            # ones.
            spark.sparkContext.environment["BENCHMARK"] = str(next(_numbers))
            peaks.append(peak(lambda verb=verb, df=numbers: verb(df), here=here))
        cells = " | ".join(f"{bytes_ / 1e6:,.0f}" for bytes_ in peaks)
        print(f"| {name} | {cells} |", flush=True)


def peak(work: Callable[[], Any], *, here: bool) -> int:
    """Return the peak memory in bytes of this process, or of any new Python worker, during `work`."""
    this = psutil.Process()
    before = {process.pid for process in this.children(recursive=True)}
    most, done = 0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.05):
            for process in [this] if here else this.children(recursive=True):
                try:
                    if process.pid not in before and process.name() != "java":
                        most = max(most, process.memory_info().rss)
                except (psutil.NoSuchProcess, psutil.ZombieProcess):
                    continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        work()
    finally:
        done.set()
        watcher.join()
    return most


def _verbs() -> dict[str, Callable[[DataFrame], Any]]:
    row = graph(lambda: tf.identity(3.0 * tf1.placeholder(tf.float64, [], name="x"), name="y"))
    block = graph(lambda: tf.identity(3.0 * _block("x"), name="y"))
    total = graph(lambda: tf.reduce_sum(_block("x_input"), axis=0, name="x"))
    logsumexp = graph(lambda: tf.identity(tf.reduce_logsumexp(_block("x_input"), 0), name="x"))
    pairs = graph(lambda: tf.add(*(_cell(f"x_{side}") for side in (1, 2)), name="x"))
    vector = graph(lambda: tf.nn.softmax(tf1.placeholder(tf.float32, [WIDTH], name="v"), name="y"))
    return {
        "map_rows": lambda df: run(tfs.map_rows(row, _x(df))),
        "map_rows, float32[32] vectors": lambda df: run(tfs.map_rows(vector, _vectors(df))),
        "map_blocks": lambda df: run(tfs.map_blocks(block, _x(df))),
        "reduce_rows": lambda df: tfs.reduce_rows(pairs, _x(df)),
        "reduce_blocks": lambda df: tfs.reduce_blocks(total, _x(df)),
        "aggregate, sum, 1,000 groups": lambda df: run(tfs.aggregate(total, _keyed(df))),
        "aggregate, logsumexp, 1,000 groups": lambda df: run(tfs.aggregate(logsumexp, _keyed(df))),
        "run_local, batches (driver)": lambda df: _drain(
            tfs.run_local(row, _x(df), output="batches")
        ),
    }


def _block(name: str) -> tf.Tensor:
    return tf1.placeholder(tf.float64, [None], name=name)


def _cell(name: str) -> tf.Tensor:
    return tf1.placeholder(tf.float64, [], name=name)


def _x(df: DataFrame) -> DataFrame:
    return df.selectExpr("cast(id % 1000 as double) / 1000 x")


def _vectors(df: DataFrame) -> DataFrame:
    return df.selectExpr(f"transform(sequence(1, {WIDTH}), i -> cast(id + i as float)) v")


def _keyed(df: DataFrame) -> Any:
    return df.selectExpr("id % 1000 k", "cast(id % 777 as double) / 1000 x").groupBy("k")


def _drain(batches: Any) -> None:
    for _ in batches:
        pass
