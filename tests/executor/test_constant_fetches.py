"""Fetches that depend on no placeholder: constants, variables, and random numbers."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tfspark_magic as tfs
from tfspark_magic import errors
from tfspark_magic.graph.capture import run_cell
from tfspark_magic.graph.freeze import freeze

VALUES = """
x = tf.placeholder(tf.float64, {shape}, name="x")
c = tf.constant([1, 2, 3], name="c")
s = tf.constant("text", name="s")
v = tf.identity(tf.Variable([[0.5], [1.5]], dtype=tf.float32), name="v")
y = tf.identity(x + 3, name="y")
r = tf.identity(tf.random.uniform([]), name="r")
"""


def program(shape, *fetches):
    names: dict[str, object] = {}
    run_cell(VALUES.format(shape=shape), names)
    return freeze([names[name] for name in fetches], "constants")


DF = pd.DataFrame({"x": [0.0, 1.0, 2.0], "note": ["a", 1, None]})
CELLS = {"c": [1, 2, 3], "s": "text", "v": [[0.5], [1.5]]}


def cells(frame, name):
    return [cell if isinstance(cell, str) else cell.tolist() for cell in frame[name]]


@pytest.mark.parametrize("beside", [(), ("y",)], ids=["alone", "beside"])
def test_each_row_has_a_cell_of_a_constant(beside):
    for verb, shape in ((tfs.map_rows, []), (tfs.map_blocks, [None])):
        out = verb(program(shape, "c", *beside, "s", "v"), DF, rows_per_block=2)
        assert list(out.columns) == ["x", "note", "c", *beside, "s", "v"]
        assert all(cells(out, name) == [cell] * 3 for name, cell in CELLS.items())
        assert not beside or out["y"].tolist() == [3, 4, 5]
    out = tfs.map_rows(program([], "c", *beside), DF, vectorize=False)
    assert cells(out, "c") == [CELLS["c"]] * 3
    assert len(tfs.map_rows(program([], "c", *beside), DF[:0])) == 0


def test_a_trimmed_constant_is_the_rows_of_each_block():
    out = tfs.map_blocks(program([None], "c"), DF, trim=True, rows_per_block=2)
    assert out["c"].tolist() == [1, 2, 3] * 2
    out = tfs.map_blocks(program([None], "y", "c"), DF, trim=True)
    assert (out["y"].tolist(), out["c"].tolist()) == ([3, 4, 5], [1, 2, 3])
    with pytest.raises(errors.ShapeMismatchError, match="a scalar"):
        tfs.map_blocks(program([None], "s"), DF, trim=True)


def test_random_numbers_of_no_placeholder_are_drawn_for_each_row():
    many = pd.DataFrame({"k": range(50)})
    assert len(set(tfs.map_rows(program([], "r"), many)["r"])) == 50
    assert len(set(tfs.map_rows(program([], "r"), many, vectorize=False)["r"])) == 50


def test_spark_and_files_count_rows_without_reading_a_column(spark, tmp_path):
    df = spark.createDataFrame(
        [(0.0, None), (1.0, {"a": 1}), (2.0, {})], "x double, m map<string,int>"
    )
    rows, blocks = program([], "c", "s"), program([None], "c", "s")
    expected = [(CELLS["c"], "text")] * 3
    for out in (tfs.map_rows(rows, df), tfs.map_blocks(blocks, df)):
        assert out.columns == ["x", "m", "c", "s"]
        assert [(r["c"], r["s"]) for r in out.collect()] == expected
    one = tfs.map_rows(program([], "s"), df)
    assert one.filter("s = 'text'").limit(2).count() == 2
    trimmed = tfs.map_blocks(program([None], "c"), df.coalesce(1), trim=True)
    assert [r["c"] for r in trimmed.collect()] == [1, 2, 3]
    assert tfs.run_local(rows, df, output="arrow")["s"].to_pylist() == ["text"] * 3
    assert "leave the JVM  no columns" in str(tfs.explain(rows, df)).replace("   ", "  ")
    pq.write_table(pa.table({"x": [0.0, 1.0, 2.0]}), tmp_path / "f.parquet")
    assert tfs.map_rows(rows, str(tmp_path)).to_arrow()["c"].to_pylist() == [[1, 2, 3]] * 3
    mapped = tfs.map_files(rows, str(tmp_path), spark=spark)
    assert [(r["c"], r["s"]) for r in mapped.collect()] == expected


def test_a_function_takes_an_argument():
    with pytest.raises(errors.FetchError, match=r"use tfs\.map_rows"):
        tfs.udf(program([], "c"))


# What TensorFrames' own tests of its Python call, by their names there, in words of ours.


def doubles(spark, count, name="x"):
    return spark.range(0, count, 1, 1).selectExpr(f"cast(id as double) {name}")


def test_what_tensorframes_tests(spark, capsys):
    df = doubles(spark, 10)
    tfs.print_schema(df)
    assert " |-- x: double" in capsys.readouterr().out
    added = program([None], "y")
    assert tfs.map_blocks(added, df).collect()[0]["y"] == 3.0  # map_blocks_0, 1
    assert tfs.map_blocks(added, df.toPandas())["y"][0] == 3.0  # map_blocks_2
    row = program([], "y")
    assert tfs.map_rows(row, df).collect()[0]["y"] == 3.0  # map_rows_1
    of_a = doubles(spark, 5, "a")
    assert tfs.map_rows(row, of_a, feed_dict={"x": "a"}).collect()[0]["y"] == 3.0  # map_rows_2
    # map_rows_3, 4: a row graph whose placeholder is [None], fed with single values.
    for frame in (df, df.toPandas()):
        with pytest.raises(errors.ShapeMismatchError, match="map_blocks"):
            tfs.map_rows(added, frame)
    import tensorflow as tf

    with tf.Graph().as_default():
        one = tf.compat.v1.placeholder(tf.double, [], name="x_1")
        other = tf.compat.v1.placeholder(tf.double, [], name="x_2")
        assert tfs.reduce_rows(tf.add(one, other, name="x"), df) == 45  # reduce_rows_1
    with tf.Graph().as_default():
        block = tf.compat.v1.placeholder(tf.double, [None], name="x_input")
        assert tfs.reduce_blocks(tf.reduce_sum(block, name="x"), df) == 45  # reduce_blocks_1
    with tf.Graph().as_default():
        tf.compat.v1.placeholder(tf.double, [None], name="x")
        two = tfs.map_blocks(tf.constant([2], name="z"), df, trim=True)  # map_blocks_trimmed_1
        assert two.collect()[0]["z"] == 2
    keyed = df.selectExpr("x", "cast(x % 2 as string) key")
    with tf.Graph().as_default():
        block = tfs.block(keyed, "x", tf_name="x_input")
        sums = tfs.aggregate(tf.reduce_sum(block, [0], name="x"), keyed.groupBy("key"))
        assert sorted(map(tuple, sums.collect())) == [("0.0", 20.0), ("1.0", 25.0)]  # groupby_1
    vectors = df.selectExpr("x", "array(x, x) v")
    shaped = tfs.append_shape(tfs.append_shape(vectors, "x", [-1]), "v", [None, 2])
    with tf.Graph().as_default():
        assert tfs.block(shaped, "v").shape.as_list() == [None, 2]
        assert tfs.row(shaped, "x").shape.as_list() == []
