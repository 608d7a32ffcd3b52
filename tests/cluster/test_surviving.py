"""Kill processes during jobs: the rows are still right, or one sentence gives the reason."""

from __future__ import annotations

import random
import signal
import threading

import numpy as np
import psutil
import pytest

import tfspark_magic as tfs
from tests.cluster.nodes import LONG
from tests.executor.test_mapping import SEED, program
from tfspark_magic.errors import WorkerFailedError
from tfspark_magic.executor.jobs import start

ROWS = 400
MORE = "tf.identity(x + 1, name='z')"
SUM = (
    "tf.add(tf.reduce_sum(x), tf.reduce_min(x) * 0, name='x')"  # no plain sum, which needs no graph
)


def pytest_generate_tests(metafunc):
    if "seed" in metafunc.fixturenames:
        more = metafunc.config.getoption("--all")
        metafunc.parametrize("seed", [1, 2] if more else [1])


def frame(spark, rows=ROWS, partitions=4):
    return spark.range(0, rows, 1, partitions).selectExpr("cast(id as double) x", "id % 7 as key")


def kill(processes: list[psutil.Process]) -> None:
    assert processes
    for process in processes:
        try:
            process.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            continue


def mapped(hold, df):
    found = tfs.map_blocks(hold.program(MORE), df)
    return lambda: [row.z for row in found.collect()]


def reduced(hold, df):
    total = hold.program(SUM, "x_input")
    return lambda: float(tfs.reduce_blocks(total, df))


def aggregated(hold, df):
    found = tfs.aggregate(hold.program(SUM, "x_input"), df.groupBy("key"))
    return lambda: {row.key: row.x for row in found.collect()}


RIGHT = {
    mapped: [i + 1.0 for i in range(ROWS)],
    reduced: float(sum(range(ROWS))),
    aggregated: {key: float(sum(range(key, ROWS, 7))) for key in range(7)},
}


@pytest.mark.parametrize("verb", RIGHT)
def test_python_workers(spark, cluster, hold, verb):
    job = start(verb(hold, frame(spark)), spark=spark)
    hold.wait(2)
    kill(cluster.python_workers(spark))
    hold.go()
    assert job.wait(LONG) == "done", job.details
    assert job.result == RIGHT[verb]


def test_an_executor(spark, cluster, hold):
    job = start(mapped(hold, frame(spark)), spark=spark)
    hold.wait(2)
    kill(cluster.executors(spark)[:1])
    hold.go()
    assert job.wait(LONG) == "done", job.details
    assert job.result == RIGHT[mapped]


def test_random_kills(spark, cluster, seed):
    """A few workers at any moment: never more than a task is tried again."""
    chance = random.Random(f"{seed} {spark}")
    rows, partitions = chance.randint(800, 1600), chance.randint(3, 6)
    values = np.arange(rows) * 7919 % 2001 - 1000
    df = (
        spark.range(rows)
        .selectExpr("id as i", "cast(id * 7919 % 2001 - 1000 as double) x", "id % 5 as key")
        .repartition(partitions, "i")
    )
    # Milliseconds for each block: there is something to kill.
    slow = (
        "m = tf.zeros([150, 150]) + tf.cast(tf.reduce_min(x), tf.float32) * 0\n"
        "for _ in range(10):\n"
        "    m = tf.linalg.matmul(m, m)\n"
        "none = tf.cast(tf.reduce_sum(m), tf.float64)\n"
    )
    one = "x = tf.placeholder(tf.float64, [None], name='x')\n" + slow
    total = "x = tf.placeholder(tf.float64, [None], name='x_input')\n" + slow
    plus = program(one + "tf.add(x + 1, none, name='z')")
    total = program(total + "tf.add(tf.reduce_sum(x), none, name='x')")

    def action():
        pairs = tfs.map_blocks(plus, df, rows_per_block=40).select("i", "z").collect()
        whole = tfs.reduce_blocks(total, df, rows_per_block=40)
        groups = tfs.aggregate(total, df.groupBy("key"), rows_per_block=40).collect()
        return {p.i: p.z for p in pairs}, len(pairs), whole, {g.key: g.x for g in groups}

    job = start(action, spark=spark)
    kills, over = 0, threading.Event()
    while kills < 3 and not over.wait(chance.uniform(0, 1)) and job.state == "running":
        workers = cluster.python_workers(spark)
        if workers:
            kill([chance.choice(workers)])
            kills += 1
    assert job.wait(LONG) == "done", job.details
    assert kills
    pairs, count, whole, groups = job.result
    assert count == rows
    np.testing.assert_array_equal([pairs[i] for i in range(rows)], values + 1)
    assert whole == values.sum()
    assert groups == {key: values[key::5].sum() for key in range(5)}


def test_a_worker_that_dies_again_and_again(spark):
    """Kill a worker as the kernel does if memory is short."""

    def die(batches):
        import os
        import signal

        for _ in batches:
            os.kill(os.getpid(), signal.SIGKILL)
            yield

    doomed = spark.range(0, 3, 1, 1).mapInArrow(die, "x double")
    with pytest.raises(WorkerFailedError) as caught:
        tfs.reduce_blocks(
            program(
                "x_input = tf.placeholder(tf.float64, [None], name='x_input')\n"
                "tf.reduce_sum(x_input, name='x')"
            ),
            doomed,
        )
    text = str(caught.value)
    assert text.startswith("A Python worker was killed or crashed in task 0 of stage "), text
    assert text.endswith(
        "4 times, often because memory is short: give it fewer rows per block, or more memory."
    )
    assert "\n" not in text
    df = spark.range(3).selectExpr("cast(id as int) x", "cast(id as int) y")
    assert [r.z for r in tfs.map_rows(program(SEED), df).collect()] == [0, 4, 8]
