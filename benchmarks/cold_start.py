"""Time to the first preview: from nothing, again, with another graph, and after a minute of rest.

python -m benchmarks.cold_start                # tfs.session() as it is, and as plain Spark has it
"""

from __future__ import annotations

import subprocess
import sys
import time

REST = 75
"""Seconds: Spark drops workers that had nothing to do for 60."""

PLAIN = {
    "spark_python_daemon_module": "pyspark.daemon",
    "spark_sql_execution_arrow_maxRecordsPerBatch": "10000",
}
"""What Spark has where it is not told otherwise."""


def main() -> None:
    """Run each way in a process of its own, twice by turns, and print the better times."""
    if len(sys.argv) > 1:
        _measure(PLAIN if sys.argv[1] == "plain" else {})
        return
    seconds: dict[str, list[list[float]]] = {"tfs.session()": [], "plain": []}
    for _ in range(2):
        for name, runs in seconds.items():
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.cold_start", name],
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
