"""Test columns with any names: dots, backticks, spaces, characters of Spark's syntax, two cases."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tfspark_magic as tfs
from tfspark_magic import errors
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.graph.runtime import tf, tf1

pytestmark = pytest.mark.both

NAMES = [
    "a.b",
    "a`b",
    "a b",
    "*",
    "x.*",
    "größe 量",
    "1st",
    "two\nlines",
    "`",
    "a.`b`.c",
    "a,b",
    "",
]


def with_fetch(make, name, *placeholders):
    """A program of int64 placeholders, its fetch called as TensorFlow calls operations."""
    with tf.Graph().as_default():
        fed = [tf1.placeholder(tf.int64, shape, name=p) for p, shape in placeholders]
        return freeze([tf.identity(make(*fed), name=name)], "named")


def row_program():
    return with_fetch(lambda x, v: x + tf.reduce_sum(v), "o.p", ("x", []), ("v", [None]))


def block_program():
    return with_fetch(
        lambda x, v: x + tf.reduce_sum(v, 1), "o.p", ("x", [None]), ("v", [None, None])
    )


def total(name):
    return with_fetch(lambda x: tf.reduce_sum(x, 0), name, (f"{name}_input", [None]))


@pytest.fixture
def named(spark):
    """Numbers 0 to 3 in two partitions, each column one of NAMES, and a vector of them."""
    names = [*NAMES, "v.w"]
    columns = [*(f"id + {i}" for i in range(len(NAMES))), "array(id, 1)"]
    return spark.range(0, 4, 1, 2).selectExpr(*columns).toDF(*names)


def of_each(make, suffixes, shape):
    """A program with a fetch for each of NAMES, called n0, n1 and so on; and what feeds it."""
    feed, fetches = {}, []
    with tf.Graph().as_default():
        for at, name in enumerate(NAMES):
            fed = [tf1.placeholder(tf.int64, shape, name=f"n{at}{suffix}") for suffix in suffixes]
            feed |= {tensor.op.name: name for tensor in fed}
            fetches.append(tf.identity(make(*fed), name=f"n{at}"))
        return freeze(fetches, "each"), feed


def test_columns_of_any_name_feed_every_verb(named):
    grown = [[i + at + 1 for at in range(len(NAMES))] for i in range(4)]
    for shape, verb, options in (
        ([], tfs.map_rows, {}),
        ([None], tfs.map_blocks, {}),
        ([None], tfs.map_blocks, {"trim": True}),
    ):
        program, feed = of_each(lambda x: x + 1, ["_input"], shape)
        out = verb(program, named, feed, **options)
        assert out.columns[: -len(NAMES)] == ([] if options else named.columns)
        assert [list(row)[-len(NAMES) :] for row in out.collect()] == grown
    sums, feed = of_each(lambda x: tf.reduce_sum(x, 0), ["_input"], [None])
    assert tfs.reduce_blocks(sums, named, feed) == [6 + 4 * at for at in range(len(NAMES))]
    grouped = tfs.aggregate(sums, named.groupBy("`a.b`", "````"), feed).collect()
    assert sorted(list(row)[2:] for row in grouped) == [[n - 1 for n in row] for row in grown]
    largest, feed = of_each(tf.maximum, ["_1", "_2"], [])
    assert tfs.reduce_rows(largest, named, feed) == [3 + at for at in range(len(NAMES))]


def test_results_of_any_name_come_to_this_process(named):
    feed = {"x": "a.b", "v": ["a`b", "*", "x.*"]}
    expected = [i + (3 * i + 1 + 3 + 4) for i in range(4)]
    frame = tfs.run_local(row_program(), named, feed)
    table = tfs.run_local(row_program(), named, feed, output="arrow")
    batches = list(tfs.run_local(row_program(), named, feed, output="batches"))
    assert list(frame.columns) == table.column_names == [*named.columns, "o.p"]
    assert pa.Table.from_batches(batches).column_names == table.column_names
    assert frame["o.p"].tolist() == table["o.p"].to_pylist() == expected
    assert pa.Table.from_batches(batches)["o.p"].to_pylist() == expected
    only = tfs.run_local(row_program(), named, feed, trim=True, verb="map_rows")
    assert only["o.p"].tolist() == expected


def test_columns_of_any_name_are_analyzed_explained_and_made_placeholders(named):
    looked = tfs.analyze(named)
    assert looked.schema["v.w"].metadata
    assert tfs.append_shape(named, "v.w", [2]).schema["v.w"].metadata
    assert "a`b" in str(tfs.explain(row_program(), named, {"x": "a`b", "v": "v.w"}))
    with tf.Graph().as_default():
        y = tfs.row(named, "a`b", name="y")
        out = tfs.map_rows(tf.identity(y + 1, name="z"), named, {y: "a`b"})
    assert [row["z"] for row in out.collect()] == [2, 3, 4, 5]


def test_two_columns_of_one_name_pass_through(spark):
    twins = spark.range(3).selectExpr("id as x", "id + 1 as x", "array(id, id) as v", "id as k")
    feed = {"x": "k"}
    out = list(tfs.run_local(row_program(), twins, feed, output="batches"))
    assert pa.Table.from_batches(out).column_names == ["x", "x", "v", "k", "o.p"]
    with pytest.raises(errors.AmbiguousColumnError):
        tfs.map_rows(row_program(), twins)


@pytest.fixture
def case_sensitive(spark):
    spark.conf.set("spark.sql.caseSensitive", "true")
    yield spark
    spark.conf.unset("spark.sql.caseSensitive")


def test_names_that_differ_in_case_are_two_columns_where_spark_says_so(case_sensitive, tmp_path):
    df = case_sensitive.range(4).selectExpr("id as x", "id * 10 as X", "array(id) as v")
    with_v = {"x": "X"}
    for out in (
        tfs.map_rows(row_program(), df, with_v),
        tfs.map_blocks(block_program(), df, with_v),
        tfs.map_blocks(block_program(), df, with_v, trim=True),
    ):
        assert [row["o.p"] for row in out.collect()] == [0, 11, 22, 33]
    assert tfs.run_local(row_program(), df)["o.p"].tolist() == [0, 2, 4, 6]
    for output in ("arrow", "batches"):
        found = tfs.run_local(row_program(), df, with_v, output=output)
        table = found if output == "arrow" else pa.Table.from_batches(list(found))
        assert table["o.p"].to_pylist() == [0, 11, 22, 33]
    assert tfs.reduce_blocks(total("X"), df) == 60
    assert tfs.reduce_blocks(total("x"), df) == 6
    sums = tfs.aggregate(total("X"), df.groupBy("x"))
    assert sorted((r["x"], r["X"]) for r in sums.collect()) == [(i, 10 * i) for i in range(4)]
    assert tfs.analyze(df).schema["v"].metadata
    appended = tfs.map_rows(with_fetch(lambda p: p[0] + 1, "V", ("p", [None])), df, {"p": "v"})
    assert [row["V"] for row in appended.collect()] == [1, 2, 3, 4]
    pq.write_table(pa.table({"x": [1, 2], "X": [10, 20], "v": [[0], [0]]}), tmp_path / "f.parquet")
    out = tfs.map_files(row_program(), tmp_path, with_v, spark=case_sensitive, columns=["x", "X"])
    assert [tuple(row) for row in out.collect()] == [(1, 10, 10), (2, 20, 20)]


def test_names_that_differ_in_case_are_one_where_spark_says_so(spark):
    df = spark.range(4).selectExpr("id as x", "id * 10 as X", "array(id) as v")
    with pytest.raises(errors.AmbiguousColumnError):
        tfs.map_rows(row_program(), df)
    alone = spark.range(4).selectExpr("array(id) as v")
    with pytest.raises(errors.NameConflictError):
        tfs.map_rows(with_fetch(lambda p: p[0] + 1, "V", ("p", [None])), alone, {"p": "v"})


def test_names_of_pandas_and_files_differ_in_case(tmp_path):
    df = pd.DataFrame({"x": [1, 2], "X": [10, 20], "v": [np.zeros(1, np.int64)] * 2})
    assert tfs.map_rows(row_program(), df, {"x": "X"})["o.p"].tolist() == [10, 20]
    pq.write_table(pa.table({"x": [1, 2], "X": [10, 20], "v": [[0], [0]]}), tmp_path / "f.parquet")
    assert tfs.map_rows(row_program(), str(tmp_path), {"x": "X"}).to_arrow()["o.p"].to_pylist() == [
        10,
        20,
    ]


LISTS = [(("1", "23"), ("12", "3")), (("a, b", "c"), ("a", "b, c")), (("x",), ("[x]",))]


def of_lists(left, right, axis=0, lead=()):
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.int64, [*lead, len(left)], name="x")
        y = tf1.placeholder(tf.int64, [*lead, len(right)], name="y")
        w = tf1.placeholder(tf.int64, lead, name="w")
        z = tf.reduce_sum(x, axis) * 1000 + tf.reduce_sum(y, axis) + w
        return freeze([tf.identity(z, name="z")], "lists")


@pytest.mark.parametrize(("left", "right"), LISTS, ids=str)
def test_lists_of_columns_whose_names_read_alike_are_two(left, right):
    names = list(dict.fromkeys([*left, *right, "[a, b, c]"]))
    values = pd.DataFrame({name: [10 * at + 1, 10 * at + 2] for at, name in enumerate(names)})
    feed = {"x": list(left), "y": list(right), "w": names[0]}
    out = tfs.map_rows(of_lists(left, right), values, feed)
    expected = values[[*left]].sum(axis=1) * 1000 + values[[*right]].sum(axis=1) + values[names[0]]
    assert out["z"].tolist() == expected.tolist()


def test_every_verb_tells_lists_apart(spark, tmp_path):
    values = {"1": [1, 2], "23": [3, 4], "12": [5, 6], "3": [7, 8]}
    df = spark.createDataFrame(list(zip(*values.values(), strict=True)), [*values]).coalesce(1)
    feed = {"x": ["1", "23"], "y": ["12", "3"], "w": "12"}
    rows, blocks = of_lists("12", "34"), of_lists("12", "34", 1, [None])
    pq.write_table(pa.table(values), tmp_path / "f.parquet")
    path = str(tmp_path)
    found = [
        [r["z"] for r in tfs.map_rows(rows, df, feed).collect()],
        [r["z"] for r in tfs.map_blocks(blocks, df, feed, trim=True).collect()],
        tfs.run_local(rows, df, feed, output="arrow")["z"].to_pylist(),
        tfs.map_rows(rows, path, feed).to_arrow()["z"].to_pylist(),
        [r["z"] for r in tfs.map_files(rows, path, feed, spark=spark).collect()],
    ]
    assert found == [[4017, 6020]] * len(found)


def test_reductions_of_lists_whose_names_read_alike(spark):
    df = spark.createDataFrame([(1, 2, 3, 4)], ["1", "23", "12", "3"])
    with tf.Graph().as_default():
        a = tf.reduce_sum(tf1.placeholder(tf.int64, [None, 2], name="a_input"), 0, name="a")
        b = tf.reduce_sum(tf1.placeholder(tf.int64, [None, 2], name="b_input"), 0, name="b")
        program = freeze([a, b], "both")
    feed = {"a_input": ["1", "23"], "b_input": ["12", "3"]}
    found = tfs.reduce_blocks(program, df, feed)
    assert [value.tolist() for value in found] == [[1, 2], [3, 4]]
    grouped = tfs.aggregate(program, df.selectExpr("*", "0 as k").groupBy("k"), feed).collect()
    assert [list(row) for row in grouped] == [[0, [1, 2], [3, 4]]]
