"""Graphs that cannot do what is asked: one sentence, with the place, and life goes on."""

from __future__ import annotations

import re

import pytest

import tfspark_magic as tfs
from tests.cluster.nodes import LONG
from tests.executor.test_mapping import program
from tfspark_magic import errors
from tfspark_magic.executor.jobs import start

MANY = 10_000_000
BAD = 7_654_321
PLACE = r"rows ([\d]+) to ([\d]+) of partition (\d+)"


@pytest.fixture(autouse=True)
def the_session_stays_usable(request):
    yield
    spark = request.getfixturevalue("spark")
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


def names_the_row(text: str, row: int) -> bool:
    first, last, partition = map(int, re.search(PLACE, text).groups())
    start_of = partition * (MANY // 4)
    return start_of + first <= row <= start_of + last and last - first < 1 << 17


def test_one_bad_row_of_ten_million_in_a_map(spark):
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
    assert names_the_row(text, BAD), text


@pytest.mark.parametrize("verb", ["map", "reduce", "aggregate"])
def test_one_null_of_ten_million(spark, verb):
    df = spark.range(0, MANY, 1, 4).selectExpr(f"nullif(id, {BAD}L) x", "id % 3 as key")
    more = program("x = tf.placeholder(tf.int64, [None], name='x')\ntf.identity(x + 1, name='z')")
    total = program(
        "x_input = tf.placeholder(tf.int64, [None], name='x_input')\ntf.reduce_sum(x_input, name='x')"
    )
    actions = {
        "map": lambda: tfs.map_blocks(more, df).groupBy().sum("z").collect(),
        "reduce": lambda: tfs.reduce_blocks(total, df),
        "aggregate": lambda: tfs.aggregate(total, df.groupBy("key")).collect(),
    }
    text = sentence(spark, actions[verb], errors.NullValuesError)
    assert text.startswith("Column 'x' holds 1 null in a block of ")
    assert names_the_row(text, BAD), text


@pytest.mark.parametrize("verb", ["map", "reduce"])
def test_a_graph_that_needs_more_memory_than_there_is(spark, verb):
    size = f"tf.stack([tf.size(x, tf.int64), {1 << 40}])"
    huge = f"huge = tf.reduce_sum(tf.fill({size}, x[0]))\n"
    df = spark.range(0, 200, 1, 2).selectExpr("cast(id as double) x")
    if verb == "map":
        graph = program(
            f"x = tf.placeholder(tf.float64, [None], name='x')\n{huge}tf.add(x, huge, name='z')"
        )
        text = sentence(spark, tfs.map_blocks(graph, df).collect, errors.WorkerFailedError)
        assert re.match(f"Program 'score' ran out of memory in {PLACE}: ", text), text
    else:
        graph = program(
            "x = tf.placeholder(tf.float64, [None], name='x_input')\n"
            f"{huge}tf.add(tf.reduce_sum(x), huge, name='x')"
        )
        text = sentence(spark, lambda: tfs.reduce_blocks(graph, df), errors.WorkerFailedError)
        assert re.match(f"Program 'score' ran out of memory in reduce_blocks in {PLACE}: ", text), (
            text
        )
    assert text.endswith("; pass a smaller rows_per_block.")
