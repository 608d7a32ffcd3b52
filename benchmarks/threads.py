"""Tasks side by side: how much faster two are than one, and how many threads they take for it."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable
from typing import Any

import psutil
import pyarrow as pa
from pyspark.sql import SparkSession

import tfspark_magic as tfs
from benchmarks.spark_ways import graph, run
from tfspark_magic.graph.runtime import tf, tf1

SIZE = 256
"""Of the square matrices that a row is multiplied with, over and over."""
TIMES = 40


def report(spark: SparkSession, rows: int, runs: int) -> None:
    """Print the time of one task of `rows` rows, and of two side by side with as many each."""
    program = graph(_multiplied)

    def work(partitions: int) -> Callable[[], None]:
        df = spark.range(0, rows * partitions, 1, partitions).selectExpr("cast(id % 7 as float) x")
        return lambda: run(tfs.map_blocks(program, df, rows_per_block=SIZE))

    ways = {1: work(1), 2: work(2)}
    seconds: dict[int, list[float]] = {1: [], 2: []}
    # Workers are reused in turn: a few runs until each has loaded the program.
    for way in (ways[2], ways[2], ways[1]):
        way()
    busiest: dict[int, dict[int, dict[str, float]]] = {}
    for _ in range(runs):
        for count, way in ways.items():
            start = time.perf_counter()
            busiest[count] = _watched(way)
            seconds[count].append(time.perf_counter() - start)
    speedups = [2 * one / two for one, two in zip(seconds[1], seconds[2], strict=True)]
    print(f"\n| {rows:,} rows a task ({runs} runs) | median s | min | work done, x one task |")
    print("| --- | --- | --- | --- |")
    for count, best in ((1, 1.0), (2, statistics.median(speedups))):
        times = seconds[count]
        print(
            f"| {count} task{'s' if count > 1 else ''} | {statistics.median(times):.2f} "
            f"| {min(times):.2f} | {best:.2f} |"
        )
    print("\n| of 2 tasks | cores it kept busy | threads | intra op, inter op |")
    print("| --- | --- | --- | --- |")
    settings = _settings(spark)
    for number, found in enumerate(busiest[2].values(), 1):
        print(
            f"| worker {number} | {found['cores']:.2f} | {found['threads']:.0f} | {settings} |",
            flush=True,
        )


def _multiplied() -> tf.Tensor:
    x = tf1.placeholder(tf.float32, [None], name="x")
    matrix = tf.linalg.diag(tf.ones([SIZE])) + 1e-6
    rows = tf.tile(x[:, tf.newaxis], [1, SIZE])
    for _ in range(TIMES):
        rows = tf.matmul(rows, matrix)
    return tf.reduce_sum(rows, axis=1, name="y")


def _watched(work: Callable[[], Any]) -> dict[int, dict[str, float]]:
    """Return the threads, and the cores kept busy, of each Python worker that worked."""
    this, done = psutil.Process(), threading.Event()
    first: dict[int, tuple[float, float]] = {}
    found: dict[int, dict[str, float]] = {}

    def watch() -> None:
        while not done.wait(0.05):
            for process in this.children(recursive=True):
                try:
                    used, now = sum(process.cpu_times()[:2]), time.perf_counter()
                    threads = process.num_threads()
                    if process.name() == "java":
                        continue
                except (psutil.NoSuchProcess, psutil.ZombieProcess):
                    continue
                start_used, start = first.setdefault(process.pid, (used, now))
                if used - start_used > 0.2:
                    cores = (used - start_used) / (now - start)
                    found[process.pid] = {"cores": cores, "threads": threads}

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        work()
    finally:
        done.set()
        watcher.join()
    return found


def _settings(spark: SparkSession) -> str:
    """Return the threads that TensorFlow was told of in a worker."""

    def ask(batches: Any) -> Any:
        threads = tf.config.threading
        for _ in batches:
            intra = threads.get_intra_op_parallelism_threads()
            inter = threads.get_inter_op_parallelism_threads()
            yield pa.RecordBatch.from_pydict({"told": [f"{intra}, {inter}"]})

    told = spark.range(0, 2, 1, 2).mapInArrow(ask, "told string").collect()
    return " or ".join(sorted({row.told for row in told}))
