"""Test the errors of failed jobs: one sentence, and all details."""

from __future__ import annotations

import re

import pytest

import tfspark_magic as tfs
from tests.executor.test_mapping import program
from tfspark_magic.errors import NullValuesError, OutOfMemoryError
from tfspark_magic.executor.failures import one_sentence
from tfspark_magic.executor.jobs import start
from tfspark_magic.graph.runtime import tf

pytestmark = pytest.mark.both

LONG = 120


def test_a_failing_worker_gives_our_sentence(spark):
    with tf.Graph().as_default():
        x = tf.compat.v1.placeholder(tf.int32, [None], name="x")
        y = tf.identity(x + 1, name="y")
        df = spark.range(4).selectExpr("if(id = 1, null, cast(id as int)) x").coalesce(1)
        mapped = tfs.map_blocks(y, df)
    # Classic iterators give a worker's error as one of Java.
    for action in (mapped.collect, lambda: list(mapped.toLocalIterator())):
        job = start(action, spark=spark)
        assert job.wait(LONG) == "failed"
        assert isinstance(job.error, NullValuesError)
        assert job.sentence == str(job.error)
        assert job.sentence.startswith("Column 'x' holds 1 null")
        assert "Traceback" in job.details


def test_an_error_of_a_udf_is_one_sentence(spark):
    def fail(blocks):
        for _ in blocks:
            raise ValueError("no such colour: <b>")
        yield

    job = start(spark.range(3).mapInArrow(fail, "id long").count, spark=spark)
    assert job.wait(LONG) == "failed"
    assert job.sentence == "ValueError: no such colour: <b>"


def test_a_worker_that_is_killed(spark):
    def die(blocks):
        import os
        import signal

        os.kill(os.getpid(), signal.SIGKILL)
        yield from blocks

    job = start(spark.range(3).mapInArrow(die, "id long").count, spark=spark)
    assert job.wait(LONG) == "failed"
    assert job.sentence.startswith("A Python worker was killed or crashed")


def test_a_reduction_that_needs_more_memory_than_there_is(classic):
    df = classic.range(0, 200, 1, 2).selectExpr("cast(id as double) x")
    huge = program(
        "x = tf.placeholder(tf.float64, [None], name='x_input')\n"
        f"size = tf.stack([tf.size(x, out_type=tf.int64), {1 << 40}])\n"
        "tf.add(tf.reduce_sum(x), tf.reduce_sum(tf.fill(size, x[0])), name='x')"
    )
    # TensorFlow waits ten seconds for memory before it gives up.
    job = start(lambda: tfs.reduce_blocks(huge, df), spark=classic)
    assert job.wait(LONG) == "failed"
    assert isinstance(job.error, OutOfMemoryError)
    place = r"rows? \d+(?: to \d+)? of partition \d+"
    said = f"Program 'score' ran out of memory in reduce_blocks in {place}: "
    assert re.match(said, job.sentence), job.sentence
    assert job.sentence.endswith("; pass a smaller rows_per_block.")
    assert "\n" not in job.sentence


def test_a_wrong_query_is_one_sentence(spark):
    job = start(lambda: spark.sql("select nothing_like_it").collect(), spark=spark)
    assert job.wait(LONG) == "failed"
    assert job.sentence.startswith("[UNRESOLVED_COLUMN")
    assert "\n" not in job.sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Job 3 cancelled because SparkContext was shut down", "Spark is gone (stopped)"),
        ("status = StatusCode.UNAVAILABLE", "Spark is gone (its server has ended or restarted)"),
        ("Answer from Java side is empty", "Spark is gone (its Java has ended)"),
        ("x" * 5000, "RuntimeError: xxx"),
    ],
)
def test_sentences(text, sentence):
    found = one_sentence(RuntimeError(text))
    assert found.startswith(sentence)
    assert len(found) < 400


class Unsaid(Exception):
    """Java has the text of its errors: once it has ended, their `str` fails."""

    def __str__(self):
        raise ConnectionRefusedError


class Py4JJavaError(Unsaid):
    pass


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [(Unsaid, "Unsaid."), (Py4JJavaError, "Spark is gone (its Java has ended)")],
)
def test_an_error_that_cannot_say_what_it_is_ends_its_job(kind, sentence):
    def fail():
        raise kind

    def report():
        raise RuntimeError

    job = start(fail, reports=report)
    assert job.wait(LONG) == "failed"
    assert job.sentence.startswith(sentence)
