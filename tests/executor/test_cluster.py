"""A standalone cluster of real processes, whose Python has TensorFlow but not this package."""

from __future__ import annotations

import json
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
    # Two GPUs that are not there: tests/executor/gpu_job.py has something stand in for them.
    discovery = folder / "find_gpus"
    discovery.write_text("""#!/bin/sh\necho '{"name": "gpu", "addresses": ["0", "1"]}'\n""")
    discovery.chmod(0o755)
    environment = {
        **os.environ,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_WORKER_DIR": str(folder / "work"),
        "PYTHONPATH": site,
        "SPARK_HOME": str(spark_home()),
        "SPARK_WORKER_OPTS": (
            f"-Dspark.worker.resource.gpu.amount=2 "
            f"-Dspark.worker.resource.gpu.discoveryScript={discovery}"
        ),
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


def run_job(node_python, folder, *command):
    return subprocess.run(
        [sys.executable, *command],
        env={
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "PYSPARK_PYTHON": str(node_python),
            "PYSPARK_DRIVER_PYTHON": sys.executable,
            "SPARK_LOCAL_IP": "127.0.0.1",
        },
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_nodes_need_tensorflow_and_not_this_package(cluster, tmp_path):
    url, node_python = cluster
    script = tmp_path / "driver.py"
    script.write_text(DRIVER)
    run = run_job(node_python, tmp_path, str(script), url)
    assert "right: True" in run.stdout, run.stdout + run.stderr[-3000:]
    assert "on the node: None" in run.stdout, run.stdout
    assert f"trimmed: {sum(range(1000))}" in run.stdout


def test_each_task_uses_the_gpu_that_spark_gave_it(cluster, tmp_path):
    url, node_python = cluster
    (tmp_path / "seen").mkdir()
    job = str(Path(__file__).with_name("gpu_job.py"))
    find_gpus = str(node_python.with_name("find_gpus"))
    run = run_job(node_python, tmp_path, job, url, find_gpus, str(tmp_path / "seen"))
    assert run.returncode == 0, run.stdout + run.stderr[-3000:]
    told = json.loads(run.stdout.splitlines()[-1])
    # Without anything to stand in: the CPU, or one sentence.
    assert told.pop("without") is True
    refused = told.pop("refused")
    assert refused.startswith("Spark gave a task the GPU '"), refused
    assert "TensorFlow sees none there: install tensorflow[and-cuda]" in refused
    assert told.pop("explained") == "auto: a GPU for each task"
    for verb, (right, tasks) in told.items():
        share = 0.5 if verb == "map_rows" else 1.0
        assert right, verb
        assert tasks["used"], verb
        assert tasks["share"] == [share], verb
        assert set(tasks["addresses"]) <= {"0", "1"}, verb
    # Two tasks at a time, with a GPU each.
    assert told["map_blocks"][1]["addresses"] == ["0", "1"]
