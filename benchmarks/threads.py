"""Measure two tasks at once: how much faster they are than one, and how many threads they use."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psutil
import pyarrow as pa
from pyspark.sql import SparkSession

import tfspark_magic as tfs
from benchmarks.spark_ways import graph, run
from tfspark_magic.graph.runtime import tf, tf1

SIZE = 256
"""The size of the square matrices by which a row is multiplied again and again."""
TIMES = 40
_WORKED = 0.2
"""A worker with less processor time, in seconds, was waiting."""


@dataclass(frozen=True)
class Worker:
    """Processor time in seconds, the elapsed time, and the number of threads."""

    seconds: float
    lasted: float
    threads: int


def report(spark: SparkSession, rows: int, runs: int) -> None:
    """Print the time of one task with `rows` rows, and of two tasks at once with as many rows each."""
    program = graph(_multiplied)

    def work(partitions: int) -> Callable[[], None]:
        df = spark.range(0, rows * partitions, 1, partitions).selectExpr("cast(id % 7 as float) x")
        return lambda: run(tfs.map_blocks(program, df, rows_per_block=SIZE))

    ways = {1: work(1), 2: work(2)}
    seconds: dict[int, list[float]] = {1: [], 2: []}
    # Workers are reused in turn: a few runs until each has loaded the program.
    for way in (ways[2], ways[2], ways[1]):
        way()
    worked: dict[int, list[dict[int, Worker]]] = {1: [], 2: []}
    for _ in range(runs):
        for count, way in ways.items():
            start = time.perf_counter()
            worked[count].append(_watched(way))
            seconds[count].append(time.perf_counter() - start)
    speedups = [2 * one / two for one, two in zip(seconds[1], seconds[2], strict=True)]
    # Processor time, not elapsed time, so that other programs on the machine do not matter.
    used = {n: [sum(w.seconds for w in run.values()) for run in runs] for n, runs in worked.items()}
    print(
        f"\n| {rows:,} rows a task ({runs} runs) | median s | min | processor s "
        f"| work done, x one task |\n| --- | --- | --- | --- | --- |"
    )
    for count, best in ((1, 1.0), (2, statistics.median(speedups))):
        times = seconds[count]
        print(
            f"| {count} task{'s' if count > 1 else ''} | {statistics.median(times):.2f} "
            f"| {min(times):.2f} | {statistics.median(used[count]):.2f} | {best:.2f} |"
        )
    print("\n| of 2 tasks | cores it kept busy | threads | intra op, inter op |")
    print("| --- | --- | --- | --- |")
    settings = _settings(spark)
    for number, found in enumerate(worked[2][-1].values(), 1):
        cores = f"{found.seconds / found.lasted:.2f}"
        print(f"| worker {number} | {cores} | {found.threads} | {settings} |", flush=True)


def _multiplied() -> tf.Tensor:
    x = tf1.placeholder(tf.float32, [None], name="x")
    matrix = tf.linalg.diag(tf.ones([SIZE])) + 1e-6
    rows = tf.tile(x[:, tf.newaxis], [1, SIZE])
    for _ in range(TIMES):
        rows = tf.matmul(rows, matrix)
    return tf.reduce_sum(rows, axis=1, name="y")


def _watched(work: Callable[[], Any]) -> dict[int, Worker]:
    """Return the usage of each Python worker that did work."""
    this, done = psutil.Process(), threading.Event()
    first: dict[int, tuple[float, float]] = {}
    found: dict[int, Worker] = {}

    def watch() -> None:
        while not done.wait(0.05):
            for process in this.children(recursive=True):
                try:
                    if process.name() == "java":
                        continue
                    used, now = sum(process.cpu_times()[:2]), time.perf_counter()
                    threads = process.num_threads()
                except (psutil.NoSuchProcess, psutil.ZombieProcess):
                    continue
                start_used, start = first.setdefault(process.pid, (used, now))
                if used - start_used > _WORKED:
                    found[process.pid] = Worker(used - start_used, now - start, threads)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        work()
    finally:
        done.set()
        watcher.join()
    return found


def _settings(spark: SparkSession) -> str:
    """Return TensorFlow's settings for threads in a worker."""

    def ask(batches: Any) -> Any:
        threads = tf.config.threading
        for _ in batches:
            intra = threads.get_intra_op_parallelism_threads()
            inter = threads.get_inter_op_parallelism_threads()
            yield pa.RecordBatch.from_pydict({"told": [f"{intra}, {inter}"]})

    told = spark.range(0, 2, 1, 2).mapInArrow(ask, "told string").collect()
    return " or ".join(sorted({row.told for row in told}))
