"""What errors of binding advise is done as it is said, and works."""

from __future__ import annotations

import datetime as dt
import decimal
import re

import numpy as np
import pandas as pd
import pytest

import tfspark_magic as tfs
from tfspark_magic import errors
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.graph.runtime import tf, tf1


def program(dtype, shape):
    with tf.Graph().as_default():
        x = tf1.placeholder(dtype, shape, name="x")
        return freeze([tf.identity(x, name="z")], "same")


def advised(graph, df, feed=None, pattern=r"(df\.\w+\(.*\))", **options):
    """Run what the error of a map says to write, and return the frame that it makes."""
    with pytest.raises(errors.TfSparkError) as caught:
        collect(tfs.map_rows(graph, df, feed, **options))
    code = re.search(pattern, str(caught.value))
    assert code, str(caught.value)
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql import functions as F

    names = {"df": df, "pd": pd, "F": F, "vector_to_array": vector_to_array}
    # The code may be followed by words.
    text = re.split(r"(?<=\)), or | if its ", code[1])[0]
    return eval(text, names)


def collect(out):
    return out["z"].tolist() if isinstance(out, pd.DataFrame) else [r["z"] for r in out.collect()]


PANDAS = {
    "a cast": ("float32", [], pd.Series([1.5, 2.5])),
    "a cast of arrays": ("float32", [None], pd.Series([np.ones(2), np.zeros(3)])),
    "unsigned": ("int64", [], pd.Series([1, 2], dtype="uint64")),
    "small unsigned": ("int64", [], pd.Series([1, 2], dtype="uint32")),
    "a duration": ("float64", [], pd.Series([dt.timedelta(seconds=2)] * 2)),
    "a decimal": ("float64", [], pd.Series([decimal.Decimal("1.5")] * 2)),
}


@pytest.mark.parametrize("kind", PANDAS)
def test_what_is_advised_for_pandas(kind):
    dtype, shape, column = PANDAS[kind]
    df = pd.DataFrame({"x": column})
    graph = program(dtype, shape)
    mended = advised(graph, df)
    assert len(collect(tfs.map_rows(graph, mended))) == 2


def test_fields_of_a_struct_of_pandas():
    mixed = pd.DataFrame({"s": [{"x": 1.5, "name": "a"}, {"x": 2.5, "name": "b"}]})
    graph = program("float64", [])
    mended = advised(graph, mixed, {"x": "s"}, r"(df\.join\(.*\))")
    assert collect(tfs.map_rows(graph, mended)) == [1.5, 2.5]
    with pytest.raises(errors.UnsupportedTypeError) as caught:
        tfs.map_rows(graph, mixed, {"x": "s"})
    assert "'s.*'" not in str(caught.value)
    plain = pd.DataFrame({"s": [{"x": 1.5, "y": 1.0}]})
    with pytest.raises(errors.UnsupportedTypeError, match=r"bind 's\.\*'"):
        tfs.map_rows(graph, plain, {"x": "s"})
    assert [
        z.tolist() for z in collect(tfs.map_rows(program("float64", [2]), plain, {"x": "s.*"}))
    ] == [[1.5, 1.0]]


@pytest.mark.parametrize(
    ("dtype", "values"),
    [
        ("string", ["a", None]),
        ("bool", pd.array([True, None], "boolean")),
        ("int64", pd.array([1, None], "Int64")),
    ],
)
def test_the_value_advised_for_nulls_is_one(dtype, values):
    df, graph = pd.DataFrame({"x": values}), program(dtype, [])
    with pytest.raises(errors.NullValuesError) as caught:
        tfs.map_rows(graph, df)
    nulls = eval(re.search(r"such as nulls=(.*)\.$", str(caught.value))[1])
    assert len(collect(tfs.map_rows(graph, df, nulls=nulls))) == 2
    assert len(collect(tfs.map_rows(graph, df, nulls="null"))) == 2


SPARK = {
    "a cast": ("int32", [], "id as x", None),
    "a cast of arrays": ("int32", [None], "array(id) as x", None),
    "a decimal": ("float64", [], "cast(id as decimal(5, 2)) as x", None),
    "decimals in arrays": ("float64", [None], "array(cast(id as decimal(5, 2))) as x", None),
    "a struct of all kinds": ("int64", [], "struct(id as x, 'a' as y) as s", "s"),
    "structs in arrays": ("int64", [None], "array(struct(id as a, 'a' as y)) as x", None),
}


@pytest.mark.parametrize("kind", SPARK)
def test_what_is_advised_for_spark(classic, kind):
    dtype, shape, expression, column = SPARK[kind]
    df, graph = classic.range(2).selectExpr(expression), program(dtype, shape)
    mended = advised(graph, df, None if column is None else {"x": column})
    assert len(collect(tfs.map_rows(graph, mended))) == 2


def test_what_is_advised_for_vectors_of_mllib(classic):
    from pyspark.ml.linalg import Vectors

    df = classic.createDataFrame(
        [([Vectors.dense([1.0, 2.0])], Vectors.dense([3.0, 4.0]))], ["vs", "x"]
    )
    several = advised(program("float64", [None, None]), df, {"x": "vs"})
    out = tfs.map_rows(program("float64", [None, None]), several, {"x": "vs"})
    assert collect(out) == [[[1.0, 2.0]]]
    narrow = advised(program("float32", [None]), df)
    assert collect(tfs.map_rows(program("float32", [None]), narrow)) == [[3.0, 4.0]]


def test_a_profile_is_refused_in_words_for_files_too(tmp_path):
    pd.DataFrame({"x": [1.0]}).to_parquet(tmp_path / "f.parquet")
    block = program("float64", [None])
    with pytest.raises(errors.OptionError) as caught:
        tfs.map_blocks(block, str(tmp_path), trim=True, profile=object())
    assert "pandas" not in str(caught.value)
    assert tfs.map_blocks(block, str(tmp_path), trim=True).to_arrow()["z"].to_pylist() == [1.0]
