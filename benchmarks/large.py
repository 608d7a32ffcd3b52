"""Measure programs with many weights: the first query, the second, and the memory of workers."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import psutil
from pyspark.sql import SparkSession

import tfspark_magic as tfs
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.runtime import tf, tf1

ROWS, PARTITIONS = 4_000, 4
_TABLE_BYTES = 256_000_000


def report(spark: SparkSession, kind: str, sizes: Sequence[float]) -> None:
    """Print a row for each size, in MB: a sum of cells looked up in tables of weights."""
    print(
        f"\n| {kind}: MB of weights | freeze s | first query s | second s | workers, MB of their own "
        "| shared MB |\n| --- | --- | --- | --- | --- | --- |"
    )
    for size in sizes:
        start = time.perf_counter()
        program, expected = _program(int(size * 1e6))
        seconds = [time.perf_counter() - start]
        df = spark.range(0, ROWS, 1, PARTITIONS).selectExpr("cast(id as int) x")
        for _ in range(2):
            start = time.perf_counter()
            rows = tfs.map_rows(program, df).select("z").toPandas().z.to_numpy()
            seconds.append(time.perf_counter() - start)
            np.testing.assert_allclose(rows, expected(np.arange(ROWS)), rtol=1e-5)
        own, shared = _memory()
        times = " | ".join(f"{second:.2f}" for second in seconds)
        print(f"| {size:,.0f} | {times} | {own} | {shared:,.0f} |", flush=True)


def _program(size: int) -> tuple[Program, object]:
    tables = max(1, -(-size // _TABLE_BYTES))
    width = size // tables // 4 // 1000
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.int32, [], name="x")
        row = x % 1000
        weights = [
            tf1.get_variable(
                f"table_{i}",
                initializer=lambda i=i: tf.reshape(tf.range(1000.0 * width) % (97 + i), [1000, width]),
                use_resource=True,
            )
            for i in range(tables)
        ]  # fmt: skip
        z = tf.add_n([tf.gather(w, row)[width - 1] for w in weights], name="z")
        program = freeze([z], f"weights of {size} bytes")

    def expected(rows: np.ndarray) -> np.ndarray:
        # In float32, in which TensorFlow adds.
        at = ((rows % 1000 + 1) * width - 1).astype(np.float32)
        return sum(at % np.float32(97 + i) for i in range(tables))

    return program, expected


def _memory() -> tuple[str, float]:
    """Return the private memory of each Python worker, and the largest shared memory of files."""
    own, shared = [], 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            info = process.memory_full_info()
            if process.name() != "java" and info.rss > 200e6:
                own.append(info.uss / 1e6)
                shared = max(shared, info.shared / 1e6)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return ", ".join(f"{megabytes:,.0f}" for megabytes in own), shared
