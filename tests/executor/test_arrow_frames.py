"""Test objects with an Arrow stream as frames: inputs, results and refusals."""

from __future__ import annotations

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pytest

import tfspark_magic as tfs
from tfspark_magic import errors
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.graph.runtime import tf, tf1


def plus_one(dtype=tf.float64, shape=()):
    with tf.Graph().as_default():
        return freeze([tf.add(tf1.placeholder(dtype, shape, name="x"), 1, name="z")])


def total():
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float64, [None], name="x_input")
        return freeze([tf.reduce_sum(x, axis=0, name="x")])


def table(**columns):
    return pa.table({"x": pa.chunked_array([[1.0, 2.0], [], [4.0]]), **columns})


def test_columns_pass_through_untouched():
    others = {
        "d": pa.array(["u", "v", "u"]).dictionary_encode(),
        "v": pa.array(["a", None, "c"], pa.string_view()),
        "n": pa.nulls(3),
        "e": pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"0" * 16] * 3, pa.binary(16))),
        "s": pa.array([{"a": [1]}, None, {"a": None}]),
        "u": pa.array([1, None, 2**64 - 1], pa.uint64()),
    }
    given = table(**others).replace_schema_metadata({"made": "here"})
    out = tfs.map_rows(plus_one(), given)
    assert isinstance(out, pa.Table)
    assert out.select(given.column_names).equals(given)
    assert out.schema.field("d").type == given.schema.field("d").type
    assert out["z"].to_pylist() == [2.0, 3.0, 5.0]


def test_two_columns_of_one_name_pass_through():
    given = pa.Table.from_arrays([pa.array([1.0]), pa.array(["a"]), pa.array([7])], ["x", "t", "t"])
    out = tfs.map_rows(plus_one(), given)
    assert out.column_names == ["x", "t", "t", "z"]
    assert [column.to_pylist() for column in out.columns] == [[1.0], ["a"], [7], [2.0]]
    with pytest.raises(errors.AmbiguousColumnError):
        tfs.map_rows(plus_one(tf.int64), given, {"x": "t"})


@pytest.mark.parametrize("verb", ["map_rows", "run_local", "map_blocks"])
def test_a_reader_is_read_by_what_computes_alone(verb):
    reader = table().to_reader()
    with pytest.raises(errors.ColumnNotFoundError, match="which the table does not have"):
        getattr(tfs, verb)(plus_one(), reader, {"x": "y"})
    tfs.explain(plus_one(), reader)
    tfs.print_schema(reader)
    out = getattr(tfs, verb)(plus_one(shape=[None] if verb == "map_blocks" else ()), reader)
    assert list(out["z"].to_pylist() if verb != "run_local" else out["z"]) == [2.0, 3.0, 5.0]


def test_chosen_columns_and_trim():
    given = table(a=[1, 2, 3], b=["p", "q", "r"])
    assert tfs.map_rows(plus_one(), given, columns=["b"]).column_names == ["b", "z"]
    assert tfs.map_blocks(plus_one(shape=[None]), given, trim=True).column_names == ["z"]
    with pytest.raises(
        errors.OptionError, match="columns names 'c', which the table does not have"
    ):
        tfs.map_rows(plus_one(), given, columns=["c"])


def test_batches_one_after_the_other():
    rows = 200_000
    x = np.arange(rows, dtype=np.float64)
    frame = pl.DataFrame({"x": x, "t": [f"text {n}" for n in range(rows)]})
    batches = list(tfs.run_local(plus_one(), frame, output="batches"))
    assert len(batches) > 1
    out = pa.Table.from_batches(batches)
    np.testing.assert_array_equal(out["z"].to_numpy(), x + 1)
    assert out["t"].to_pylist() == frame["t"].to_list()


def test_maps_of_maps():
    once = tfs.map_rows(plus_one(), table())
    twice = tfs.map_rows(plus_one(), once, {"x": "z"}, columns=["x"])
    assert twice.to_pydict() == {"x": [1.0, 2.0, 4.0], "z": [3.0, 4.0, 6.0]}


@pytest.mark.parametrize("kind", ["arrow", "polars", "duckdb"])
def test_keys_are_grouped_as_spark_groups_them(kind):
    nan = float("nan")
    given = pa.table(
        {
            "x": [1.0, 2.0, 4.0, 8.0, 16.0, 32.0],
            "k": [0.0, -0.0, nan, None, nan, None],
            "d": pa.array(["a", "a", "b", "b", "b", "a"]).dictionary_encode(),
        }
    )
    frame = {"arrow": lambda t: t, "polars": pl.from_arrow, "duckdb": duckdb.from_arrow}[kind](
        given
    )
    out = tfs.aggregate(total(), frame, by="k")
    assert str(out.to_pydict()) == "{'k': [0.0, nan, None], 'x': [3.0, 20.0, 40.0]}"
    out = tfs.aggregate(total(), frame, by=["d", "k"]).to_pylist()
    assert [(row["d"], row["x"]) for row in out] == [
        ("a", 3.0),
        ("b", 20.0),
        ("b", 8.0),
        ("a", 32.0),
    ]
    plan = tfs.explain(total(), frame, by="k")
    assert (plan.verb, plan.leaving) == ("aggregate", ("k", "x"))


def test_keys_have_no_signs_at_any_depth():
    keys = [[[0.0]], [[-0.0]], [[-0.0, 1.0]], None, [None]]
    given = pa.table({"x": [1.0, 2.0, 4.0, 8.0, 16.0], "k": keys})
    out = tfs.aggregate(total(), given, by="k")
    expected = "{'k': [[[0.0]], [[0.0, 1.0]], None, [None]], 'x': [3.0, 4.0, 8.0, 16.0]}"
    assert str(out.to_pydict()) == expected
    signed = pa.table({"x": [1.0, 2.0], "k": pa.array([{"a": -0.0}, {"a": 0.0}])})
    assert str(tfs.aggregate(total(), signed, by="k")["k"].to_pylist()) == "[{'a': 0.0}]"


def test_keys_that_cannot_be():
    for by, message in {
        "y": "There is no column 'y' to group by",
        ("x", "x"): "Column 'x' is twice among those to group by",
        (): "by= names no column: use tfs.reduce_blocks",
    }.items():
        with pytest.raises(errors.TfSparkError, match=message):
            tfs.aggregate(total(), table(), by=by)
    with pytest.raises(
        errors.NotADataFrameError, match=r"write tfs.aggregate\(fetches, df, by='key'\)"
    ):
        tfs.aggregate(total(), table())
    with pytest.raises(
        errors.OptionError, match="by= goes with a DataFrame that is not grouped yet"
    ):
        tfs.aggregate(total(), table().to_pandas().groupby("x"), by="x")


def test_placeholders_are_made_of_its_columns():
    given = pl.DataFrame(
        {"v": [[1.0, 2.0]], "x": [1]}, schema={"v": pl.Array(pl.Float32, 2), "x": pl.Int64}
    )
    with tf.Graph().as_default():
        v, x = tfs.row(given, "v"), tfs.block(given, "x")
        assert (v.dtype, v.shape.as_list()) == (tf.float32, [2])
        assert (x.dtype, x.shape.as_list()) == (tf.int64, [None])
    assert tfs.analyze(given) is given


def test_what_errors_advise_works():
    df = table(i=[1, 2, 3])
    with pytest.raises(errors.DtypeMismatchError) as caught:
        tfs.map_rows(plus_one(tf.float32), df)
    advice = str(caught.value).partition("write ")[2].partition(", or make")[0]
    assert tfs.map_rows(plus_one(tf.float32), eval(advice))["z"].to_pylist() == [2.0, 3.0, 5.0]
    for other in (pl.from_arrow(df), df.to_reader(), duckdb.from_arrow(df)):
        cast = eval(advice, {"pa": pa, "df": other})
        assert tfs.map_rows(plus_one(tf.float32), cast)["z"].to_pylist() == [2.0, 3.0, 5.0]
    with pytest.raises(
        errors.NotAvailableError, match="keeps no shapes: give the placeholder its shape"
    ):
        tfs.append_shape(df, "x", [])
    with pytest.raises(
        errors.NotADataFrameError, match=r"write tfs.map_rows\(fetches, df.collect\(\)\)"
    ):
        tfs.map_rows(plus_one(), pl.from_arrow(df).lazy())
    assert tfs.map_rows(plus_one(), pl.from_arrow(df).lazy().collect()).num_rows == 3
    for alone in (df["x"], pl.Series([1.0]), 3, pa.Table):
        with pytest.raises(errors.NotADataFrameError):
            tfs.map_rows(plus_one(), alone)
    with pytest.raises(errors.OptionError, match="spark= goes with files"):
        tfs.reduce_blocks(total(), df, spark=object())
    with pytest.raises(errors.OptionError, match="profile is for Spark's tasks"):
        tfs.reduce_blocks(total(), df, profile=object())
