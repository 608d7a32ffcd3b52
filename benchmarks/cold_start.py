"""Measure the time to the first preview: at the start, again, with another graph, and after a rest.

python -m benchmarks.cold_start                # tfs.session(), with our daemon and with Spark's
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

REST = 75
"""The rest in seconds: Spark drops workers that are idle for 60 s."""

WAYS = {"tfs.session()": {}, "plain": {"spark_python_daemon_module": "pyspark.daemon"}}
"""Two kinds of sessions: workers are forks of a process with TensorFlow, or of Spark's own daemon."""


def main() -> None:
    """Run each way in its own process, in turn, and print the best times."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cold_start", description=__doc__)
    parser.add_argument("--runs", type=int, default=1, help="of each way, two minutes or more each")
    parser.add_argument("--way", choices=WAYS, help="run one in this process, and print its times")
    options = parser.parse_args()
    if options.way:
        _measure(WAYS[options.way])
        return
    seconds: dict[str, list[list[float]]] = {name: [] for name in WAYS}
    for _ in range(options.runs):
        for name, runs in seconds.items():
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.cold_start", "--way", name],
                stdout=subprocess.PIPE, text=True, check=True,
            )  # fmt: skip
            runs.append([float(word) for word in done.stdout.splitlines()[-1].split()])
    print("\n| seconds | session | first preview | again | another graph | after a rest |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, runs in seconds.items():
        best = map(min, zip(*runs, strict=True))
        print(f"| {name} | " + " | ".join(f"{value:.2f}" for value in best) + " |", flush=True)


def _measure(conf: dict[str, str]) -> None:
    start = time.perf_counter()
    import tfspark_magic as tfs

    spark = tfs.session("local[2]", spark_ui_enabled=False, **conf)
    took = [time.perf_counter() - start]
    from benchmarks.spark_ways import graph
    from tfspark_magic.graph.runtime import tf, tf1

    def preview(factor: float) -> float:
        start = time.perf_counter()
        program = graph(
            lambda: tf.multiply(tf1.placeholder(tf.float64, [], name="x"), factor, name="z")
        )
        df = spark.range(0, 1_000_000, 1, 8).selectExpr("cast(id as double) x")
        assert tfs.map_rows(program, df).take(5)[4].z == 4 * factor
        return time.perf_counter() - start

    took += [preview(2.0), preview(2.0), preview(3.0)]
    time.sleep(REST)
    took.append(preview(2.0))
    print(*took)
    spark.stop()


if __name__ == "__main__":
    main()
