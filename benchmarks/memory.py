"""Peak memory of the Python workers while a map runs over one partition of growing size."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import psutil
from pyspark.sql import SparkSession

import tfspark_magic as tfs
from tfspark_magic.graph.runtime import tf, tf1

WIDTH = 32


def peak_of_workers(run: Callable[[], Any]) -> int:
    """Return the most bytes that any one Python worker held while `run` ran."""
    peak, done = 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.02):
            for process in psutil.Process().children(recursive=True):
                try:
                    if "pyspark" in " ".join(process.cmdline()) and process.name() != "java":
                        peak = max(peak, process.memory_info().rss)
                except (psutil.NoSuchProcess, psutil.ZombieProcess):
                    continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        run()
    finally:
        done.set()
        watcher.join()
    return peak


def report(spark: SparkSession, sizes: tuple[int, ...] = (1_000_000, 10_000_000)) -> None:
    """Print the peak for partitions of each size, rows of one float32 vector."""
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [WIDTH], name="v")
        y = tf.nn.softmax(x, name="softmax")
    print(f"\nPeak memory of a worker, one partition of float32[{WIDTH}] vectors\n")
    print("| rows in the partition | MB of vectors | peak MB of the worker |\n| --- | --- | --- |")
    for rows in (10_000, *sizes):
        df = spark.range(0, rows, 1, 1).selectExpr(
            f"transform(sequence(1, {WIDTH}), i -> cast(id + i as float)) v"
        )
        writer = tfs.map_rows(y, df).write.format("noop").mode("overwrite")
        peak = peak_of_workers(writer.save)
        print(f"| {rows:,} | {rows * WIDTH * 4 / 1e6:,.0f} | {peak / 1e6:,.0f} |", flush=True)
