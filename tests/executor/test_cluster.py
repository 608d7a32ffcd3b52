"""A standalone cluster of real processes, whose Python has TensorFlow but not this package."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.conftest import free_port, spark_home, wait_for_port
from tfspark_magic.executor.java import ensure_java

pytestmark = pytest.mark.cluster

DRIVER = """
import sys, tfspark_magic as tfs
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from tests.executor.test_mapping import SEED, program

spark = (
    SparkSession.builder.master(sys.argv[1])
    .config("spark.executor.memory", "1g").config("spark.ui.enabled", "false").getOrCreate()
)

@F.udf("string")
def has_package(_):
    import importlib.util
    return str(importlib.util.find_spec("tfspark_magic"))

print("on the node:", spark.range(1).select(has_package("id")).collect()[0][0])
df = spark.range(0, 1000, 1, 4).selectExpr("cast(id as int) x", "cast(2 * id as int) y")
out = tfs.map_rows(program(SEED), df)
print("right:", [r.z for r in out.collect()] == [7 * i for i in range(1000)])
total = program("x = tf.placeholder(tf.int32, [None], name='x')\\ntf.reduce_sum(x, keepdims=True)")
trimmed = tfs.map_blocks(total, df, trim=True, whole_partition=True)
print("trimmed:", sum(r[0] for r in trimmed.collect()))
spark.stop()
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    ensure_java()
    folder = tmp_path_factory.mktemp("cluster")
    # -S leaves out the links that make an editable install importable; PYTHONPATH brings back
    # everything that is installed for real.
    node_python = folder / "python"
    node_python.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    node_python.chmod(0o755)
    site = sysconfig.get_path("purelib")
    environment = {
        **os.environ,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_WORKER_DIR": str(folder / "work"),
        "PYTHONPATH": site,
        "SPARK_HOME": str(spark_home()),
    }
    port, processes = free_port(), []

    def start(*arguments):
        command = [str(spark_home() / "bin" / "spark-class"), *arguments]
        log = (folder / f"{len(processes)}.log").open("wb")
        processes.append(
            subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=environment)
        )
        return processes[-1]

    master = start(
        "org.apache.spark.deploy.master.Master",
        "--host", "127.0.0.1", "--port", str(port), "--webui-port", str(free_port()),
    )  # fmt: skip
    try:
        wait_for_port(port, master)
        url = f"spark://127.0.0.1:{port}"
        start(
            "org.apache.spark.deploy.worker.Worker",
            "--cores", "2", "--memory", "2g", "--webui-port", str(free_port()), url,
        )  # fmt: skip
        yield url, node_python
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)


def test_nodes_need_tensorflow_and_not_this_package(cluster, tmp_path):
    url, node_python = cluster
    script = tmp_path / "driver.py"
    script.write_text(DRIVER)
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, str(script), url],
        env={
            **os.environ,
            "PYTHONPATH": str(root),
            "PYSPARK_PYTHON": str(node_python),
            "PYSPARK_DRIVER_PYTHON": sys.executable,
            "SPARK_LOCAL_IP": "127.0.0.1",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "right: True" in run.stdout, run.stdout + run.stderr[-3000:]
    assert "on the node: None" in run.stdout, run.stdout
    assert f"trimmed: {sum(range(1000))}" in run.stdout
