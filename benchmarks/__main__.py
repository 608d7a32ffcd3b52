"""Print medians and ratios of every way to run a graph, side by side in one run.

python -m benchmarks                    # the sizes of the report, some minutes
python -m benchmarks --scale 0.1        # a tenth of the rows
"""

from __future__ import annotations

import argparse
import logging
import statistics
import time
from pathlib import Path

import pyspark.cloudpickle

import tfspark_magic as tfs


def main() -> None:
    """Parse the command line and report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="fraction of the rows")
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each way")
    parser.add_argument("--data", type=Path, default=Path("data"), help="where to keep the tables")
    parser.add_argument("--only", choices=("seed", "softmax", "memory"), help="a part")
    parser.add_argument("--conf", action="append", default=[], help="Spark setting, key=value")
    options = parser.parse_args()
    logging.getLogger("tensorflow").setLevel(logging.ERROR)

    from benchmarks import memory, ways, workloads

    # The functions of these modules run in workers, which do not have this folder.
    for module in (ways, workloads):
        pyspark.cloudpickle.register_pickle_by_value(module)
    spark = tfs.session("local[2]")
    for setting in options.conf:
        spark.conf.set(*setting.split("=", 1))
    sizes = {"seed": 10_000_000, "softmax": 400_000}
    for name in sizes if options.only is None else {options.only} & set(sizes):
        rows = int(sizes[name] * options.scale)
        work = getattr(workloads, name)(options.data, rows)
        timings = measure(ways.ways(spark, work), options.runs)
        sample = min(rows, 2_000)
        (per_row,) = measure({"": ways.session_run_per_row(work, sample)}, 3).values()
        timings["Session.run per row (from a sample)"] = [t * rows / sample for t in per_row]
        report(work.name, timings)
    if options.only in (None, "memory"):
        memory.report(spark)


def measure(runs: dict[str, object], count: int) -> dict[str, list[float]]:
    """Time each way once to warm up and then `count` times, in turn, so that drift hits all."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(count + 1):
        for name, run in runs.items():
            start = time.perf_counter()
            run()  # type: ignore[operator]
            if number:
                seconds[name].append(time.perf_counter() - start)
    return seconds


def report(title: str, seconds: dict[str, list[float]]) -> None:
    """Print a table of medians and of ratios, run by run, to the first way."""
    floor = next(iter(seconds.values()))
    print(f"\n{title}\n\n| way | median s | min | max | x floor |\n| --- | --- | --- | --- | --- |")
    for name, times in seconds.items():
        pairs = zip(times, floor, strict=False)
        ratio = statistics.median(t / f for t, f in pairs)
        print(
            f"| {name} | {statistics.median(times):.3f} | {min(times):.3f} | {max(times):.3f} "
            f"| {ratio:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
