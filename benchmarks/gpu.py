"""Measure the verbs on a GPU that Spark assigns, and on the cores; results are checked with NumPy.

python -m benchmarks.gpu                # on a machine with a GPU, Java and tensorflow[and-cuda]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession

import tfspark_magic as tfs
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.runtime import tf, tf1

DISCOVERY = """#!/bin/sh
nvidia-smi --query-gpu=index --format=csv,noheader | python3 -c '
import json, sys
print(json.dumps({"name": "gpu", "addresses": sys.stdin.read().split()}))'
"""
CORES = 4
FEATURES = 256


@dataclass(frozen=True)
class Case:
    """Work to do on a device, with a check of its result.

    Parameters
    ----------
    name
        Its name in the report.
    run
        Does the work on a given device.
    check
        Raises an error if the result is wrong.
    """

    name: str
    run: Callable[[str], Any]
    check: Callable[[Any], None]


def main() -> None:
    """Report seconds on the cores and on the GPU."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3, help="counted runs of each, after one more")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        script = folder / "find_gpus"
        script.write_text(DISCOVERY)
        script.chmod(0o755)
        for share in (1, 1 / CORES):
            spark = _session(str(script), share)
            told = f"{min(CORES, round(1 / share))} tasks at once, each with {share:g} of the GPU"
            _report(_cases(spark, options.rows, folder), told, options.runs)
            spark.stop()
        spark = tfs.session(f"local[{CORES}]", spark_ui_enabled="false")
        told = "local mode, where tasks take turns"
        _report(_cases(spark, options.rows, folder), told, options.runs)
        spark.stop()


def _session(discovery: str, share: float) -> SparkSession:
    """Start a cluster of one node with a GPU resource."""
    return tfs.session(
        f"local-cluster[1,{CORES},8192]",
        spark_executor_memory="8g",
        spark_driver_memory="4g",
        spark_ui_enabled="false",
        spark_worker_resource_gpu_amount="1",
        spark_worker_resource_gpu_discoveryScript=discovery,
        spark_executor_resource_gpu_amount="1",
        spark_executor_resource_gpu_discoveryScript=discovery,
        spark_task_resource_gpu_amount=str(share),
    )


def _report(cases: list[Case], told: str, runs: int) -> None:
    print(f"\n| {told} | CPU s | GPU s | CPU / GPU |\n| --- | --- | --- | --- |", flush=True)
    for case in cases:
        seconds: dict[str, list[float]] = {"cpu": [], "gpu": []}
        for number in range(runs + 1):
            for device, taken in seconds.items():
                start = time.perf_counter()
                found = case.run(device)
                if number:
                    taken.append(time.perf_counter() - start)
                else:
                    case.check(found)
        cpu, gpu = (statistics.median(taken) for taken in seconds.values())
        print(f"| {case.name} | {cpu:.2f} | {gpu:.2f} | {cpu / gpu:.2f} |", flush=True)
    print(f"\nGPU memory in use after it: {_memory()}", flush=True)


def _cases(spark: SparkSession, rows: int, folder: Path) -> list[Case]:
    rng = np.random.default_rng(1)
    table = rng.normal(size=(rows, FEATURES)).astype(np.float32)
    vectors = _vectors(spark, table, folder / "vectors")
    numbers = spark.range(0, 10 * rows, 1, CORES).selectExpr(
        "id", "cast(id % 1000 as int) x", "cast(id % 77 as int) y", "cast(id % 1000 as double) d"
    )
    x = np.arange(10 * rows) % 1000
    y = np.arange(10 * rows) % 77
    weights = [
        (rng.normal(size=(inside, outside)) / np.sqrt(inside)).astype(np.float32)
        for inside, outside in ((FEATURES, 2048), (2048, 2048), (2048, 10))
    ]
    network = _network(weights)
    first = [np.maximum(table[:100] @ weights[0], 0)]
    first.append(np.maximum(first[0] @ weights[1], 0) @ weights[2])
    scores = first[1] - np.log(np.exp(first[1]).sum(1, keepdims=True))

    def network_on(device: str) -> Any:
        out = tfs.map_blocks(network, vectors, device=device).select("row", "scores")
        largest = out.selectExpr("sum(scores[0]) total").collect()[0].total
        return largest, out.where("row < 100").orderBy("row").toPandas().scores

    def network_is_right(found: Any) -> None:
        # The tolerance of TensorFloat-32, in which TensorFlow multiplies on GPUs that have it.
        np.testing.assert_allclose(np.stack(found[1]), scores, atol=2e-2)

    seed = _program("x + 3 * y", x=("int32", []), y=("int32", []))
    text = _program("tf.strings.length(tf.strings.as_string(x)) + y", x=("int32", [None]), y=("int32", [None]))  # fmt: skip
    spread = _program("tf.reduce_logsumexp(d, axis=0)", fetch="d", d_input=("float64", [None]))
    total = _program("tf.reduce_sum(d * 1, axis=0)", fetch="d", d_input=("float64", [None]))
    larger = _program("tf.maximum(d_1, d_2)", fetch="d", d_1=("float64", []), d_2=("float64", []))
    groups = {k: _logsumexp((x[y == k]).astype(float)) for k in range(77)}

    def column(program: Program, verb: Callable[..., DataFrame]) -> Callable[[str], Any]:
        return lambda device: (
            verb(program, numbers, device=device).selectExpr("sum(z) z").collect()[0].z
        )

    def equal(expected: Any) -> Callable[[Any], None]:
        return lambda found: np.testing.assert_allclose(found, expected, rtol=1e-12)

    def grouped_right(found: Any) -> None:
        np.testing.assert_allclose([found[k] for k in range(77)], [groups[k] for k in range(77)])

    lengths = np.char.str_len(x.astype(str)) + y
    return [
        Case(f"map_blocks, network of {FEATURES}-2048-2048-10", network_on, network_is_right),
        Case("map_rows, x + 3 * y", column(seed, tfs.map_rows), equal((x + 3 * y).sum())),
        Case("map_blocks, of text", column(text, tfs.map_blocks), equal(lengths.sum())),
        Case("reduce_blocks", lambda d: tfs.reduce_blocks(total, numbers, device=d), equal(x.sum())),
        Case("reduce_rows", lambda d: tfs.reduce_rows(larger, numbers, device=d), equal(999)),
        Case(
            "aggregate, logsumexp of 77 groups",
            lambda d: {
                r.y: r.d for r in tfs.aggregate(spread, numbers.groupBy("y"), device=d).collect()
            },
            grouped_right,
        ),
        Case(
            "run_local, x + 3 * y",
            lambda d: tfs.run_local(seed, numbers, device=d).z.sum(),
            equal((x + 3 * y).sum()),
        ),
    ]  # fmt: skip


def _vectors(spark: SparkSession, table: np.ndarray[Any, Any], path: Path) -> DataFrame:
    flat = pa.array(table.reshape(-1))
    lists = pa.ListArray.from_arrays(
        np.arange(len(table) + 1, dtype=np.int32) * table.shape[1], flat
    )
    rows = pa.table({"row": np.arange(len(table)), "features": lists})
    path.mkdir(exist_ok=True)
    pq.write_table(rows, path / "part-0.parquet", row_group_size=len(table) // (4 * CORES))
    return spark.read.parquet(str(path))


def _network(weights: list[np.ndarray[Any, Any]]) -> Program:
    with tf.Graph().as_default():
        value = tf1.placeholder(tf.float32, [None, FEATURES], name="features")
        for number, weight in enumerate(weights):
            value = tf.matmul(value, tf.constant(weight))
            if number < len(weights) - 1:
                value = tf.nn.relu(value)
        return freeze([tf.nn.log_softmax(value, name="scores")], "network")


def _program(
    formula: str, fetch: str = "z", **placeholders: tuple[str, list[int | None]]
) -> Program:
    with tf.Graph().as_default():
        fed = {
            name: tf1.placeholder(dtype, shape, name=name)
            for name, (dtype, shape) in placeholders.items()
        }
        names = {name.removesuffix("_input"): tensor for name, tensor in fed.items()}
        value = eval(formula, {"tf": tf, **names})
        return freeze([tf.identity(value, name=fetch)], "score")


def _logsumexp(values: np.ndarray[Any, Any]) -> float:
    return float(values.max() + np.log(np.exp(values - values.max()).sum()))


def _memory() -> str:
    command = ["nvidia-smi", "--query-compute-apps=pid,used_memory", "--format=csv,noheader"]
    return "; ".join(
        subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    )


if __name__ == "__main__":
    main()
