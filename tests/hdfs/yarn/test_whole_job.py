"""A table in HDFS is scored by an exported cell, in an environment that YARN's nodes do not have."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version

import psutil
import pytest

import tfspark_magic as tfs
from tests.cluster.nodes import LONG, hiding, until
from tests.hdfs.yarn.client import APPLICATION, Client
from tests.hdfs.yarn.scheduler import Yarn, kill
from tests.notebook.conftest import notebook  # noqa: F401  (a fixture)

ROWS = 200
# A block takes a part of a second: there is something to kill.
SLOW = """%%tfgraph score
x = tf.placeholder(tf.float64, [None], name='x')
m = tf.zeros([600, 600]) + tf.cast(tf.reduce_min(x), tf.float32) * 0
for _ in range(20):
    m = tf.linalg.matmul(m, m)
z = tf.add(x * 3, tf.cast(tf.reduce_sum(m), tf.float64), name='z')
"""


@pytest.fixture
def bare(hdfs, tmp_path):
    """A user of a YARN whose nodes have no Python, and Spark without any package."""
    if os.geteuid():
        pytest.skip("mounts need root")
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    yarn = Yarn(tmp_path / "bare", hdfs, within=hiding(nothing))
    user = Client(yarn, tmp_path)
    user.settings = {k: v for k, v in APPLICATION.items() if k != "spark.python.daemon.module"}
    yield user
    yarn.stop()


def workers(executor):
    """The Python processes of an executor: Spark's daemon, and what it forks."""
    try:
        return executor.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_from_a_cell_to_a_partitioned_table(notebook, spark, bare, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    rows, result = "hdfs:///whole_job/rows", "hdfs:///whole_job/scored"
    spark.range(0, ROWS, 1, 4).selectExpr("cast(id as double) x", "id % 3 k").write.parquet(rows)
    # A third of the size of `tensorflow`: YARN unpacks it on each node.
    packages = [f"tensorflow-cpu=={version('tensorflow')}", "numpy", "pyarrow"]
    packed = tfs.environment("env.tar.gz", packages)
    notebook.names["df"] = spark.read.parquet(rows)
    notebook.ok(SLOW)
    notebook.ok("%tfrun score --df df --rows-per-block 5 --export job.py")

    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(
            bare.submit, *packed.submit(), "job.py", result, "--partition-by", "k",
            folder=tmp_path, mode="client",
        )  # fmt: skip

        def busy():
            time.sleep(0.5)
            if job.done():
                raise AssertionError(job.result())
            found = [
                executor
                for application in bare.yarn.applications()
                for executor in bare.yarn.executors(application)
            ]
            return [executor for executor in found if len(workers(executor)) > 1]

        until(busy)
        (lost, *_) = busy()
        their = [one.exe() for one in workers(lost)]
        kill([lost])
        said = job.result(LONG)
    assert all("/env.tar.gz/" in path for path in their), their
    assert "Lost executor" in said
    found = spark.read.parquet(result).orderBy("x").collect()
    assert [(row.x, row.z, row.k) for row in found] == [
        (float(x), 3.0 * x, x % 3) for x in range(ROWS)
    ]
    names = spark.read.parquet(result).inputFiles()
    assert {name.split("/")[-2] for name in names} == {"k=0", "k=1", "k=2"}
