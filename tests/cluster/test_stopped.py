"""Interrupt jobs, or cancel them: the tasks end, and the next job works."""

from __future__ import annotations

import signal
import threading
import time

import pytest

import tfspark_magic as tfs
from tests.cluster.held import Hold
from tests.cluster.nodes import LONG, until
from tests.executor.test_mapping import SEED, program
from tfspark_magic.executor.jobs import start

MORE = "tf.identity(x + 1, name='z')"


def frame(spark, partitions=2):
    return spark.range(0, 100, 1, partitions).selectExpr("cast(id as double) x")


def both_cores_are_free(spark, folder):
    """Two tasks at once: none of a job that was stopped holds a core."""
    folder.mkdir()
    hold = Hold(folder)
    job = start(tfs.map_blocks(hold.program(MORE), frame(spark)).collect, spark=spark)
    hold.wait(2)
    hold.go()
    assert job.wait(LONG) == "done", job.details
    assert [row.z for row in job.result] == [i + 1 for i in range(100)]


def interrupt_when(hold):
    """Press Ctrl-C once both tasks compute."""

    def press():
        hold.wait(2)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    return thread


def test_an_interrupt_during_collect(spark, hold, tmp_path):
    out = tfs.map_blocks(hold.program(MORE), frame(spark))
    pressing = interrupt_when(hold)
    with pytest.raises(KeyboardInterrupt):
        out.collect()
    pressing.join(LONG)
    both_cores_are_free(spark, tmp_path / "next")


def test_an_interrupt_during_a_reduction(spark, hold, tmp_path):
    total = hold.program("tf.add(tf.reduce_sum(x), tf.reduce_min(x) * 0, name='x')", "x_input")
    pressing = interrupt_when(hold)
    with pytest.raises(KeyboardInterrupt):
        tfs.reduce_blocks(total, frame(spark))
    pressing.join(LONG)
    both_cores_are_free(spark, tmp_path / "next")


def test_an_interrupt_during_a_write_leaves_nothing_half_written(spark, hold, tmp_path):
    out = tfs.map_blocks(hold.program(MORE), frame(spark))
    path = tmp_path / "out"
    pressing = interrupt_when(hold)
    with pytest.raises(KeyboardInterrupt):
        out.write.parquet(str(path))
    pressing.join(LONG)
    hold.go()
    both_cores_are_free(spark, tmp_path / "next")
    # Spark's own folder for unfinished files may be left, empty.
    until(lambda: not any(file.is_file() for file in path.rglob("*")))
    out.write.mode("overwrite").parquet(str(path))
    assert (path / "_SUCCESS").exists()
    assert spark.read.parquet(str(path)).count() == 100


def test_one_interrupt_after_another(classic, tmp_path):
    """Py4J's own answer to them closes, now and then, the connection of the call that follows."""

    def wait(blocks):
        for block in blocks:
            time.sleep(60)
            yield block

    waiting = classic.range(0, 8, 1, 2).mapInArrow(wait, "id long")
    main = threading.main_thread().ident
    for _ in range(12):
        pressing = threading.Timer(0.2, signal.pthread_kill, (main, signal.SIGINT))
        pressing.start()
        with pytest.raises(KeyboardInterrupt):
            waiting.collect()
        pressing.join(LONG)
    both_cores_are_free(classic, tmp_path / "next")


@pytest.mark.both
def test_a_cancelled_job(spark, hold, tmp_path):
    seen = []
    out = tfs.map_blocks(hold.program(MORE), frame(spark, 6))
    job = start(out.collect, spark=spark, on_progress=seen.append)
    hold.wait(2)
    until(lambda: job.progress.tasks_active == 2)
    job.cancel()
    assert job.wait(LONG) == "cancelled"
    assert (job.result, job.error) == (None, None)
    assert seen[-1].tasks_done == 0
    both_cores_are_free(spark, tmp_path / "next")


def test_progress_ends_whole(spark):
    seen = []
    rows = spark.range(0, 1000, 1, 8).selectExpr("cast(id as int) x", "cast(id as int) y")
    job = start(tfs.map_rows(program(SEED), rows).collect, spark=spark, on_progress=seen.append)
    assert job.wait(LONG) == "done", job.details
    assert len(job.result) == 1000
    last = seen[-1]
    assert (last.tasks, last.tasks_done, last.tasks_active) == (8, 8, 0)
    assert last.stages == last.stages_done == 1
    done = [progress.tasks_done for progress in seen]
    assert done == sorted(done)
