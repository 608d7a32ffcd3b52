"""All verbs on the cluster, whose nodes have TensorFlow, NumPy and PyArrow and nothing of ours."""

from __future__ import annotations

import numpy as np
import pytest

import tfspark_magic as tfs
from tests.executor.test_mapping import SEED, program
from tfspark_magic.executor import shipping
from tfspark_magic.worker.shipped import SparkFile

pytestmark = pytest.mark.both

ROWS = 1000
SUM = "x_input = tf.placeholder(tf.float64, [None], name='x_input')\ntf.reduce_sum(x_input, 0, name='x')"


@pytest.fixture
def df(spark):
    return spark.range(0, ROWS, 1, 4).selectExpr(
        "cast(id as int) i", "cast(2 * id as int) y", "cast(id as double) x", "id % 7 as key"
    )


def test_the_nodes_have_no_copy_of_this_package(spark, cluster):
    def look(batches):
        import importlib.util
        import os
        import sys

        import pyarrow as pa

        for _ in batches:
            found = str(importlib.util.find_spec("tfspark_magic"))
            yield pa.RecordBatch.from_pydict(
                {"found": [found], "python": [sys.executable], "parent": [os.getppid()]}
            )

    rows = spark.range(0, 4, 1, 4).mapInArrow(look, "found string, python string, parent long")
    assert {row.found for row in rows.collect()} == {"None"}
    assert len(cluster.executors(spark)) == 2


def test_map_rows(df):
    out = tfs.map_rows(program(SEED), df, {"x": "i"})
    assert out.columns == ["i", "y", "x", "key", "z"]
    assert [row.z for row in out.collect()] == [7 * i for i in range(ROWS)]


def test_map_blocks(df):
    cumulated = program(
        "x = tf.placeholder(tf.float64, [None], name='x')\ntf.identity(x - x[0], name='z')"
    )
    rows = tfs.map_blocks(cumulated, df, rows_per_block=50).select("z").collect()
    assert [row.z for row in rows] == [i % 50 for i in range(ROWS)]


def test_map_blocks_trimmed(df):
    total = program(
        "x = tf.placeholder(tf.float64, [None], name='x')\n"
        "tf.reduce_sum(x, keepdims=True, name='total')"
    )
    rows = tfs.map_blocks(total, df, trim=True, whole_partition=True).collect()
    starts = range(0, ROWS, 250)
    assert [row.total for row in rows] == [sum(range(start, start + 250)) for start in starts]


def test_reduce_blocks(df):
    assert tfs.reduce_blocks(program(SUM), df) == sum(range(ROWS))


def test_reduce_rows(df):
    largest = program(
        "x_1 = tf.placeholder(tf.float64, [], name='x_1')\n"
        "x_2 = tf.placeholder(tf.float64, [], name='x_2')\n"
        "tf.maximum(x_1, x_2, name='x')"
    )
    assert tfs.reduce_rows(largest, df) == ROWS - 1


def test_aggregate(df):
    rows = tfs.aggregate(program(SUM), df.groupBy("key")).collect()
    assert {r.key: r.x for r in rows} == {k: float(sum(range(k, ROWS, 7))) for k in range(7)}


def test_run_local(df):
    found = tfs.run_local(program(SEED), df, {"x": "i"})
    np.testing.assert_array_equal(found.z, 7 * np.arange(ROWS))


def test_analyze(df):
    vectors = df.selectExpr("array(x, x, x) v", "x")
    text = tfs.explain(
        program("v = tf.placeholder(tf.float64, [3], name='v')\ntf.reduce_sum(v, name='s')"),
        tfs.analyze(vectors),
    )
    assert "v" in str(text)


def test_weights_beside_the_graph(spark, df, monkeypatch):
    """Sent to the nodes as Spark's files: the driver's own are not there."""
    monkeypatch.setattr(
        shipping, "SparkFile", lambda name, here: SparkFile(name, f"{here} elsewhere")
    )
    table = np.random.default_rng(1).normal(size=(1000, 700))
    look_up = program(
        "i = tf.placeholder(tf.int32, [], name='i')\n"
        "tf.reduce_sum(tf.constant(table)[i], name='z')",
        table=table,
    )
    rows = tfs.map_rows(look_up, df).select("i", "z").collect()
    np.testing.assert_allclose([r.z for r in rows], table.sum(axis=1)[[r.i for r in rows]])
    sent = shipping._sent[spark]
    try:
        assert [file for file in sent.values() if file.here.endswith(" elsewhere")]
        assert all(not file.here.endswith(".pb elsewhere") for file in sent.values())
    finally:
        sent.clear()
