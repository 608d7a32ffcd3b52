"""Exactly the right rows are written while workers, an executor and the driver are killed at random."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tfspark_magic as tfs
from tests.cluster.nodes import LONG
from tests.cluster.test_surviving import kill
from tests.executor.test_files import columns
from tests.executor.test_mapping import SEED, program
from tfspark_magic.executor.jobs import start
from tfspark_magic.frames import file_tasks

ROWS, FILES = 240_000, 24


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "rows"
    path.mkdir()
    for number in range(FILES):
        pq.write_table(
            columns(number * ROWS // FILES, ROWS // FILES), path / f"{number:02}.parquet"
        )
    return path


def check(path):
    """Compare the rows with what they are, in order, and see that nothing else was left."""
    table = pa.concat_tables(pq.read_table(one) for one in sorted(path.glob("part-*.parquet")))
    assert table["id"].to_pylist() == list(range(ROWS))
    np.testing.assert_array_equal(table["z"], 7 * np.arange(ROWS))
    assert sorted(one.name for one in path.parent.iterdir()) == ["rows", path.name]


def test_workers_that_are_killed_at_random(spark, cluster, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(file_tasks, "TASK_BYTES", 50_000)
    chance = random.Random(str(spark))
    scored = tfs.map_files(program(SEED), folder, spark=spark, columns=["id"])
    job = start(lambda: tfs.write_parquet(scored, tmp_path / "scored"), spark=spark)
    kills, over = 0, threading.Event()
    while kills < 3 and not over.wait(chance.uniform(0, 0.5)) and job.state == "running":
        workers = cluster.python_workers(spark)
        if workers:
            kill([chance.choice(workers)])
            kills += 1
    assert job.wait(LONG) == "done", job.details
    assert kills
    check(tmp_path / "scored")


@pytest.mark.long
def test_speculative_tasks_and_an_executor_that_is_killed(cluster, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(file_tasks, "TASK_BYTES", 50_000)
    speculation = "spark.speculation"
    spark = cluster.classic(
        {speculation: "true", f"{speculation}.multiplier": "1.0", f"{speculation}.quantile": "0.05",
         f"{speculation}.interval": "50ms", f"{speculation}.minTaskRuntime": "0"}
    )  # fmt: skip
    scored = tfs.map_files(program(SEED), folder, spark=spark, columns=["id"])
    moments = random.Random(1)
    for _ in range(3):
        job = start(
            lambda: tfs.write_parquet(scored, tmp_path / "scored", overwrite=True), spark=spark
        )
        time.sleep(moments.uniform(0.5, 2))
        if job.state == "running":
            kill(cluster.executors(spark)[:1])
        assert job.wait(LONG) == "done", job.details
    # A zombie may write to the hidden folder for a moment after the end, but not to the target.
    table = pa.concat_tables(
        pq.read_table(one) for one in sorted((tmp_path / "scored").glob("part-*.parquet"))
    )
    assert table["id"].to_pylist() == list(range(ROWS))


SCRIPT = """
import sys
import tfspark_magic as tfs
from tests.executor.test_mapping import SEED, program
from tfspark_magic.frames import file_tasks
file_tasks.TASK_BYTES = 50_000
spark = tfs.session("local[2]")
scored = tfs.map_files(program(SEED), sys.argv[1], spark=spark, columns=["id"])
print("ready", flush=True)
tfs.write_parquet(scored, sys.argv[2], resume=True)
"""


@pytest.mark.long
def test_a_driver_that_is_killed_at_random_and_run_again(folder, tmp_path):
    chance, path = random.Random(5), tmp_path / "scored"
    for tries in range(12):
        driver = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, folder, path], stdout=subprocess.PIPE, text=True
        )
        assert driver.stdout is not None
        assert driver.stdout.readline() == "ready\n"
        if tries < 4:
            time.sleep(chance.uniform(0.5, 6))
            driver.send_signal(signal.SIGKILL)
        ended = driver.wait(LONG)
        if path.exists():
            check_whole(path)
        if ended == 0:
            break
    assert ended == 0
    check(path)


def check_whole(path):
    assert (path / "_SUCCESS").exists()
    assert sum(pq.read_metadata(one).num_rows for one in path.glob("part-*.parquet")) == ROWS
