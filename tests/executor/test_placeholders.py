"""`block` and `row`: placeholders that take a column."""

from __future__ import annotations

import pytest

import tfspark_magic as tfs
from tfspark_magic import errors
from tfspark_magic.graph.capture import run_cell
from tfspark_magic.graph.runtime import tf


@pytest.fixture
def df(spark):
    frame = spark.sql(
        "select 1 i, 1L `a b`, array(array(1f, 2f)) m, 's' s, cast('b' as binary) b, "
        "cast(1 as decimal(3,0)) d, array(1, 2) `x.y`"
    )
    return tfs.analyze(frame)


@pytest.mark.parametrize(
    ("column", "dtype", "cell"),
    [("i", "int32", []), ("m", "float32", [1, 2]), ("s", "string", []), ("b", "string", [])],
)
def test_a_placeholder_has_the_columns_name_dtype_and_shape(df, column, dtype, cell):
    with tf.Graph().as_default():
        one, many = tfs.row(df, column), tfs.block(df, column, "many")
    assert (one.op.name, one.dtype.name, one.shape.as_list()) == (column, dtype, cell)
    assert (many.op.name, many.dtype.name, many.shape.as_list()) == ("many", dtype, [None, *cell])


def test_an_unknown_size_stays_unknown(spark):
    with tf.Graph().as_default():
        assert tfs.block(spark.sql("select array(1) v"), "v").shape.as_list() == [None, None]


def test_the_name_can_be_said_in_three_ways_and_the_column_in_two(df):
    with tf.Graph().as_default():
        made = [
            tfs.row(df, "i", "first"),
            tfs.row(df, df.i, name="second"),
            tfs.row(df, "i", tf_name="third"),
            tfs.row(df, df["`x.y`"]),
        ]
    assert [tensor.op.name for tensor in made] == ["first", "second", "third", "x.y"]


def test_they_run(df):
    with tf.Graph().as_default():
        out = tfs.map_rows(tf.add(tfs.row(df, "i"), 3, name="z"), df)
    assert [row.z for row in out.collect()] == [4]
    with tf.Graph().as_default():
        m, other = tfs.block(df, "m"), tfs.block(df, "a b", "other")
        z = tf.multiply(m, tf.cast(other, tf.float32)[:, None, None], name="z")
        out = tfs.map_blocks(z, df, {other: "a b"})
    assert [row.z for row in out.collect()] == [[[1.0, 2.0]]]


def test_the_fields_of_a_struct_and_pandas_frames_have_placeholders_too(spark):
    import pandas as pd

    with tf.Graph().as_default():
        df = spark.sql("select named_struct('a', 1, 'b', 2F) s")
        fields = tfs.row(df, "s.*", "s")
        assert (fields.dtype.name, fields.shape.as_list()) == ("float64", [2])
        x = tfs.block(pd.DataFrame({"x": [1.5]}), "x")
        assert (x.op.name, x.dtype.name, x.shape.as_list()) == ("x", "float64", [None])


def test_in_a_cell_they_are_part_of_its_graph(df):
    cell = run_cell("x = tfs.row(df, 'i')\nx * 2", {"tfs": tfs, "df": df})
    assert cell.result.graph is cell.graph
    assert next(op.name for op in cell.graph.get_operations()) == "i"


@pytest.mark.parametrize("verb", ["block", "row"])
def test_without_a_graph_there_is_no_placeholder(df, verb):
    with pytest.raises(errors.CaptureError) as caught:
        getattr(tfs, verb)(df, "i")
    assert str(caught.value) == (
        f"tfs.{verb} makes a placeholder, which needs a graph: write it in a %%tfgraph cell, or "
        f"under `with tf.Graph().as_default():`."
    )


@pytest.mark.parametrize(
    ("column", "name", "bad"), [("a b", None, "a b"), ("a b", "_x", "_x"), ("a b", "x/", "x/")]
)
def test_a_name_that_tensorflow_does_not_take(df, column, name, bad):
    with tf.Graph().as_default() as graph, pytest.raises(errors.OptionError) as caught:
        tfs.row(df, column, name)
    assert str(caught.value) == (
        f"TensorFlow takes no placeholder called {bad!r}: pass tfs.row(..., name='a_b'), and "
        "feed_dict={'a_b': 'a b'} to the verb that runs the graph."
    )
    assert not graph.get_operations()


def test_columns_that_cannot_be_taken(df):
    with tf.Graph().as_default():
        with pytest.raises(errors.OptionError, match="row: the DataFrame has no column 'z'"):
            tfs.row(df, "z")
        with pytest.raises(errors.UnsupportedTypeError, match="Column 'd' is decimal"):
            tfs.block(df, "d")
