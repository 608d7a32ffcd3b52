"""Measure the resources of the driver and workers over many programs, queries and users.

python -m benchmarks.soak                                      # the numbers of the report, minutes
python -m benchmarks.soak --remote local[2] --scale 0.1        # on Spark Connect, a tenth of them
"""

from __future__ import annotations

import argparse
import gc
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from pyspark.sql import SparkSession

import tfspark_magic as tfs
from tfspark_magic.executor.failures import short_error
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.graph.weights import own_folder

ROWS, PARTITIONS = 200, 2
_MB = 1 << 20
Workers = Callable[[], Iterable[psutil.Process]]


@dataclass(frozen=True)
class Held:
    """The resources that processes hold now.

    Parameters
    ----------
    memory, workers_memory
        The resident memory of the driver's Python, and of the largest Python worker, in MB.
    threads, files
        The threads, and the open files and sockets, of the driver's Python.
    temporary
        Files that this package has put into the folder for temporary files: programs that were
        sent, and weights.
    workers
        The number of Python workers.
    """

    memory: int
    threads: int
    files: int
    temporary: int
    workers: int
    workers_memory: int


def held(workers: Workers) -> Held:
    """Measure this process and the workers."""
    gc.collect()
    own = psutil.Process()
    sizes = []
    for worker in workers():
        try:
            sizes.append(worker.memory_info().rss // _MB)
        except psutil.NoSuchProcess:
            continue
    # Only the files of this process, because other processes may run at the same time.
    files = sum(1 for _ in Path(own_folder().name).rglob("*"))
    return Held(
        own.memory_info().rss // _MB, threading.active_count(), own.num_fds(), files,
        len(sizes), max(sizes, default=0),
    )  # fmt: skip


def programs(spark: SparkSession, count: int, first: int = 0) -> None:
    """Map and reduce with this number of different programs."""
    df = frame(spark)
    for number in range(first, first + count):
        check(df, number)


def queries(spark: SparkSession, count: int) -> None:
    """Run this number of queries with one program."""
    df = frame(spark)
    program = mapping(7)
    for _ in range(count):
        rows = tfs.map_rows(program, df).select("z").collect()
        assert [row.z for row in rows] == [7 * i for i in range(ROWS)]


def users(spark: SparkSession, threads: int, each: int, first: int = 0) -> int:
    """Let several users work at once, each with own data and programs; return the failures.

    Every third action fails in a worker, and must fail only for its user.
    """

    def work(user: int) -> int:
        df = frame(spark)
        failed = 0
        for number in range(each):
            check(df, first + user * each + number)
            if number % 3 == 2:
                failed += _fails(df, user)
        return failed

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(work, range(threads)))


def frame(spark: SparkSession) -> Any:
    """Return a DataFrame of its own."""
    return spark.range(0, ROWS, 1, PARTITIONS).selectExpr("cast(id as int) x")


def mapping(factor: int) -> Program:
    """Return a program that multiplies."""
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.int32, [], name="x")
        return freeze([tf.multiply(x, factor, name="z")], f"times_{factor}")


def check(df: Any, number: int) -> None:
    """Map and reduce with programs that no other user has, and compare the results."""
    rows = tfs.map_rows(mapping(number), df).select("z").collect()
    np.testing.assert_array_equal([row.z for row in rows], number * np.arange(ROWS))
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.int32, [None], name="x_input")
        # The constant does not change the result, but makes it another graph, not a plain sum.
        total = tf.add(tf.reduce_sum(x), tf.minimum(tf.constant(number), 0), name="x")
        assert tfs.reduce_blocks(total, df) == ROWS * (ROWS - 1) // 2


def _fails(df: Any, user: int) -> bool:
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.int32, [None], name="x")
        # In one of two partitions, because the worker of a failed task ends.
        with tf.control_dependencies([tf1.assert_none_equal(x, 7, message=f"user {user}")]):
            fussy = tf.identity(x, name="z")
        out = tfs.map_blocks(fussy, df)
    try:
        out.collect()
    except Exception as error:
        short = short_error(error)
        if short is None or f"user {user}" not in str(short):
            raise
        return True
    return False


def local_workers() -> list[psutil.Process]:
    """Return the Python workers of the Spark that this process has started."""
    children = psutil.Process().children(recursive=True)
    found = []
    for child in children:
        try:
            # Each kind of daemon has the workers' arguments, and the workers are its forks.
            if all("pyspark.worker" in one.cmdline() for one in (child, child.parent())):
                found.append(child)
        except (psutil.NoSuchProcess, AttributeError):
            continue
    return found


def main() -> None:
    """Run all of it and print a table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.soak",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--scale", type=float, default=1.0, help="fraction of the work")
    parser.add_argument("--remote", help="Spark Connect: local[2], sc://...")
    options = parser.parse_args()
    # Its own folder, because other processes have temporary files, too.
    folder = tempfile.TemporaryDirectory()
    tempfile.tempdir = folder.name
    if options.remote:
        spark = SparkSession.builder.remote(options.remote).getOrCreate()
    else:
        spark = tfs.session("local[2]")

    def many(count: int) -> int:
        return max(1, int(count * options.scale))

    print("| after | seconds | driver MB | threads | open files | temporary files | workers "
          "| largest worker MB |\n|" + " --- |" * 8)  # fmt: skip

    def row(what: str, work: Callable[[], Any]) -> None:
        start = time.perf_counter()
        work()
        seconds = time.perf_counter() - start
        found = " | ".join(str(value) for value in vars(held(local_workers)).values())
        print(f"| {what} | {seconds:.0f} | {found} |", flush=True)

    size = many(50)
    row(f"warm-up: {size} programs", lambda: programs(spark, size))
    for number in range(1, 5):
        first = number * size
        row(f"{size} other programs", lambda first=first: programs(spark, size, first))
    for _ in range(4):
        row(f"{many(250)} queries of one program", lambda: queries(spark, many(250)))
    for number in range(3):
        first = 10_000 * (number + 1)
        row(
            f"20 users at once, {many(9)} things each",
            lambda first=first: users(spark, 20, many(9), first),
        )
    spark.stop()
    folder.cleanup()


if __name__ == "__main__":
    main()
