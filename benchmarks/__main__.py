"""Print medians and ratios of all ways to do the same work, in one run.

python -m benchmarks                                   # the sizes of the report, some minutes
python -m benchmarks --scale 0.1 --only aggregate      # a tenth of the rows of a part
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyspark.cloudpickle
from pyspark.sql import SparkSession

import benchmarks
import tfspark_magic as tfs
from benchmarks.timing import Table, report

PARTS = (
    "memory", "large", "threads", "seed", "softmax", "reduce", "aggregate", "ragged", "kde", "sources", "files", "write",
    "fit", "fit-workers", "fit-memory",
)  # fmt: skip
"""The parts in their order: memory and parts with their own tables come first, while the driver is small."""


def main() -> None:
    """Parse the command line and report."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", action="append", choices=PARTS, help="a part; may be repeated")
    parser.add_argument("--scale", type=float, default=1.0, help="fraction of the rows")
    parser.add_argument("--runs", type=int, help="counted runs of each way, 3 to 5 if not given")
    parser.add_argument(
        "--rows",
        type=int,
        action="append",
        help="rows for memory and fit-memory; 1 and 10, or 1 and 20 million if not given",
    )
    parser.add_argument("--data", type=Path, default=Path("data"), help="where to keep the tables")
    parser.add_argument("--conf", action="append", default=[], help="Spark setting, key=value")
    parser.add_argument("--remote", help="Spark Connect for the part `large`: local[2], sc://...")
    options = parser.parse_args()
    logging.getLogger("tensorflow").setLevel(logging.ERROR)

    # The functions of this package run in workers, which do not have its folder on their path.
    pyspark.cloudpickle.register_pickle_by_value(benchmarks)
    if options.remote:
        # A server that is started here starts workers with the same Python.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        spark = SparkSession.builder.remote(options.remote).getOrCreate()
    else:
        spark = tfs.session("local[2]")
    for setting in options.conf:
        spark.conf.set(*setting.split("=", 1))
    parts = options.only or PARTS
    _print_own_tables(spark, parts, options)
    for part in PARTS[3:]:
        if part in parts:
            for make, runs in _tables(spark, options.data, options.scale, part):
                report(make(), options.runs or runs)


def _print_own_tables(
    spark: SparkSession, parts: Sequence[str], options: argparse.Namespace
) -> None:
    """Print the parts that measure something else than the time of some ways to do the same."""
    if "memory" in parts:
        from benchmarks import memory

        sizes = options.rows or [int(n * options.scale) for n in (1_000_000, 10_000_000)]
        memory.report(spark, sizes)
    if "large" in parts:
        from benchmarks import large

        kind = "Connect" if options.remote else "classic"
        large.report(spark, kind, [size * options.scale for size in (10, 300, 1500, 2500)])
    if "threads" in parts:
        from benchmarks import threads

        threads.report(spark, int(options.scale * 200_000), options.runs or 5)
    if "fit-workers" in parts:
        from benchmarks import fit

        fit.workers(spark, options.data, int(options.scale * 20_000), options.runs or 2)
    if "fit-memory" in parts:
        from benchmarks import fit

        sizes = options.rows or [int(n * options.scale) for n in (1_000_000, 20_000_000)]
        fit.memory(spark, sizes)


def _tables(  # noqa: C901  (a branch for each part)
    spark: SparkSession, folder: Path, scale: float, part: str
) -> Iterator[tuple[Callable[[], Table], int]]:
    """Yield the functions that make the tables of a part, and the number of runs of each way."""
    from benchmarks import files, kde, ragged, reducing, sources, ways, workloads

    def rows(count: int) -> int:
        return int(count * scale)

    if part == "fit":
        from benchmarks import fit

        yield lambda: fit.fit(spark, folder, rows(200_000), 64), 3
        yield lambda: fit.fit(spark, folder, rows(20_000), 2048), 3
        return
    if part == "seed":
        yield lambda: ways.ways(spark, workloads.seed(folder, rows(10_000_000))), 4
    elif part == "softmax":
        yield lambda: ways.ways(spark, workloads.softmax(folder, rows(400_000))), 5
    elif part == "reduce":
        yield lambda: reducing.reduce(spark, folder, rows(10_000_000)), 5
    elif part == "aggregate":
        yield lambda: reducing.aggregate(spark, folder, rows(10_000_000), "few"), 3
        yield lambda: reducing.aggregate(spark, folder, rows(10_000_000), "many"), 3
        yield lambda: reducing.aggregate_each(spark, folder, rows(1_000_000)), 3
    elif part == "ragged":
        yield lambda: ragged.ragged(spark, folder, rows(1_000_000)), 3
    elif part == "kde":
        yield lambda: kde.kde(spark, folder, rows(200_000)), 3
    elif part == "files":
        yield lambda: files.reduce(spark, folder, rows(10_000_000)), 5
        yield lambda: files.maps(spark, workloads.seed(folder, rows(10_000_000))), 5
        yield lambda: files.maps(spark, workloads.softmax(folder, rows(400_000))), 5
    elif part == "write":
        from benchmarks import writing

        work = workloads.seed(folder, rows(10_000_000))
        yield lambda: writing.files_to_files(spark, folder, work), 4
    elif part == "sources":
        yield lambda: sources.numbers(spark, folder, rows(10_000_000)), 5
        yield lambda: sources.vectors(spark, folder, rows(1_000_000)), 3


if __name__ == "__main__":
    main()
