"""Graphs that fail: one sentence, with the place, and the session can still be used."""

from __future__ import annotations

import re

import pytest

import tfspark_magic as tfs
from tests.cluster.nodes import LONG
from tests.executor.test_mapping import program
from tfspark_magic import errors
from tfspark_magic.executor.jobs import start
from tfspark_magic.worker.rechunk import MAX_ROWS

MANY = 3_000_000
BAD = 2_154_321  # in the second block of a partition
PLACE = r"rows? (\d+)(?: to (\d+))? of partition (\d+)"


@pytest.fixture(autouse=True)
def the_session_stays_usable(spark):
    yield
    x = "x = tf.placeholder(tf.int64, [None], name='id')\ntf.identity(x * 2, name='z')"
    rows = tfs.map_blocks(program(x), spark.range(0, 4, 1, 2)).collect()
    assert [row.z for row in rows] == [0, 2, 4, 6]


def sentence(spark, action, kind) -> str:
    job = start(action, spark=spark)
    assert job.wait(LONG) == "failed"
    assert type(job.error).__name__ == kind.__name__
    assert isinstance(job.error, kind)
    assert job.sentence == str(job.error)
    assert "\n" not in job.sentence
    return job.sentence


def names_the_row(text: str, row: int, rows: int) -> bool:
    first, last, partition = map(int, re.search(PLACE, text).groups())
    start_of = partition * (rows // 4)
    return start_of + first <= row <= start_of + last and last - first < MAX_ROWS


def test_one_bad_row_of_three_million_in_a_map(spark):
    fussy = program(
        "x = tf.placeholder(tf.int64, [None], name='id')\n"
        f"with tf.control_dependencies([tf.debugging.assert_none_equal(x, tf.constant({BAD}, tf.int64),"
        " message='not this one')]):\n"
        "    z = tf.identity(x, name='z')\nz"
    )
    out = tfs.map_blocks(fussy, spark.range(0, MANY, 1, 4))
    text = sentence(spark, out.select("z").groupBy().sum("z").collect, errors.WorkerFailedError)
    assert text.startswith("Program 'score' failed in rows ")
    assert "not this one" in text
    assert names_the_row(text, BAD, MANY), text


def test_one_null_of_three_million_in_an_aggregation(spark):
    df = spark.range(0, MANY, 1, 4).selectExpr(f"nullif(id, {BAD}L) x", "id % 3 as key")
    total = program(
        "x_input = tf.placeholder(tf.int64, [None], name='x_input')\ntf.reduce_sum(x_input, name='x')"
    )
    out = tfs.aggregate(total, df.groupBy("key"))
    text = sentence(spark, out.collect, errors.NullValuesError)
    assert text.startswith("Column 'x' holds 1 null in a block of ")
    assert names_the_row(text, BAD, MANY), text
