"""Programs with weights beside the graph: sent once in a session, mapped by every worker."""

from __future__ import annotations

import numpy as np
import pytest

import tfspark_magic as tfs
from tfspark_magic.executor import shipping
from tfspark_magic.graph.capture import run_cell
from tfspark_magic.graph.freeze import freeze

pytestmark = pytest.mark.both

LARGE = np.arange(600 * 600, dtype=np.float64).reshape(600, 600) % 97


def program(source):
    return freeze([run_cell(source, {"large": LARGE}).result], "large")


@pytest.fixture
def df(spark):
    return spark.range(0, 500, 1, 4).selectExpr("cast(id as int) x", "cast(id as double) v")


def test_every_verb(df):
    look_up = program(
        "x = tf.placeholder(tf.int32, [], name='x')\ntf.identity(tf.constant(large)[x], name='z')"
    )
    rows = tfs.map_rows(look_up, df).select("x", "z").collect()
    np.testing.assert_array_equal([r.z for r in rows], LARGE[[r.x for r in rows]])
    blocks = program(
        "x = tf.placeholder(tf.int32, [None], name='x')\n"
        "tf.reduce_sum(tf.gather(tf.constant(large), x), axis=1, keepdims=True, name='z')"
    )
    trimmed = tfs.map_blocks(blocks, df, trim=True).toPandas()
    np.testing.assert_array_equal(
        np.sort(np.stack(trimmed.z)[:, 0]), np.sort(LARGE[:500].sum(axis=1))
    )
    # No plain sum, so that the graph is what is folded.
    total = program(
        "v_input = tf.placeholder(tf.float64, [None], name='v_input')\n"
        "zero = tf.reduce_min(tf.constant(large))\n"
        "tf.add(tf.reduce_sum(v_input), zero, name='v')"
    )
    assert tfs.reduce_blocks(total, df) == sum(range(500))
    grouped = tfs.aggregate(total, df.groupBy((df.x % 2).alias("odd"))).collect()
    assert {r.odd: r.v for r in grouped} == {0: 62_250.0, 1: 62_500.0}


def test_sent_once_in_a_session(spark, df, monkeypatch):
    sent = []
    if spark is not df.sparkSession or type(spark).__module__.startswith("pyspark.sql.connect"):
        monkeypatch.setattr(spark, "addArtifact", lambda *paths, **_: sent.extend(paths))
    source = f"x = tf.placeholder(tf.int32, [], name='x')\ntf.constant(large + {id(spark)})[x, 0]"
    for _ in range(3):
        mapped = tfs.map_rows(program(source), df)
    assert len(sent) <= 1
    found = [file for file in shipping._sent[spark].values() if file.name.endswith(".weights")]
    assert len({file.name for file in found}) == len(found) >= 1
    assert mapped.columns == ["x", "v", "strided_slice"]


def test_a_lazy_map_outlives_its_program(df):
    mapped = tfs.map_rows(
        program(
            "x = tf.placeholder(tf.int32, [], name='x')\n"
            "tf.identity(tf.constant(large * 2)[x, 1], name='z')"
        ),
        df,
    )
    assert [r.z for r in mapped.select("z").collect()] == list(LARGE[:500, 1] * 2)


def test_explain_says_how_they_travel(df):
    look_up = program(
        "x = tf.placeholder(tf.int32, [], name='x')\ntf.identity(tf.constant(large)[x], name='z')"
    )
    assert "2.75 MiB of weights, in a file that workers share" in str(tfs.explain(look_up, df))


def test_a_pandas_frame(df):
    look_up = program(
        "x = tf.placeholder(tf.int32, [], name='x')\ntf.identity(tf.constant(large)[x, 3], name='z')"
    )
    frame = df.toPandas()
    np.testing.assert_array_equal(tfs.map_rows(look_up, frame).z, LARGE[frame.x, 3])
