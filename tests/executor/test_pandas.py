from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import tfspark_magic as tfs
from tests.executor.test_mapping import SEED, program
from tfspark_magic import errors
from tfspark_magic.frames.frame import kind_of
from tfspark_magic.frames.pandas_columns import column_from_arrow, to_arrow
from tfspark_magic.frames.pandas_schema import columns_of_pandas
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.schema.spec import CellSpec


def frame(rows=10, **columns):
    x = np.arange(rows, dtype=np.int32)
    return pd.DataFrame({"x": x, "y": x * 2, "s": [f"s{i}" for i in x], **columns})


def same(column, dtype, rank=0):
    """A program that gives back what column `v` holds."""
    shape = [None] * rank
    return program(f"v = tf.placeholder(tf.{dtype}, {shape}, name='v')\ntf.identity(v, name='w')")


def test_rows_get_the_output_appended_and_keep_their_index():
    df = frame().set_index(pd.Index([5, 5, *"abcdefgh"], name="i"))
    out = tfs.map_rows(program(SEED), df)
    assert list(out.columns) == ["x", "y", "s", "z"]
    assert out.z.dtype == np.int32
    np.testing.assert_array_equal(out.z, df.x + 3 * df.y)
    pd.testing.assert_frame_equal(out[["x", "y", "s"]], df)


@pytest.mark.parametrize("rows", [0, 1, 7])
def test_the_callers_frame_is_left_as_it_is(rows):
    df = frame(rows, v=pd.Series([np.ones(2)] * rows, dtype=pd.ArrowDtype(pa.list_(pa.float64()))))
    df.attrs["unit"] = "m"
    before = df.copy(deep=True)
    out = tfs.map_blocks(
        program("x = tf.placeholder(tf.int32, [None], name='x')\ntf.identity(x, name='z')"), df
    )
    assert out.attrs == {"unit": "m"}
    assert out.z.dtype == np.int32
    assert not np.shares_memory(out.z, df.x)
    out.loc[:, "z"] = 7
    out.loc[:, "x"] = 7
    pd.testing.assert_frame_equal(df, before)


def test_it_works_where_a_graph_is_open():
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.int32, name="x")
        out = tfs.map_rows(tf.identity(x * 2, name="z"), frame(3))
        assert not tf.executing_eagerly()
    assert out.z.tolist() == [0, 2, 4]


def test_blocks_trim_and_whole_partition():
    top = program(
        "x = tf.placeholder(tf.int32, [None], name='x')\n"
        "top = tf.reduce_max(x, keepdims=True, name='top')"
    )
    df = frame(10).set_index("s")
    out = tfs.map_blocks(top, df, trim=True, rows_per_block=4)
    assert list(out.columns) == ["top"]
    assert out.index.tolist() == [0, 1, 2]
    assert out.top.tolist() == [3, 7, 9]
    assert tfs.map_blocks(top, df, trim=True, whole_partition=True).top.tolist() == [9]
    none = tfs.map_blocks(top, df.iloc[:0], trim=True)
    assert none.top.dtype == np.int32
    assert none.empty


SCALARS = {
    "bool": [True, False, True],
    "int8": [-128, 0, 127],
    "uint8": [0, 128, 255],
    "int16": [-32768, 0, 32767],
    "int32": [-(2**31), 0, 2**31 - 1],
    "int64": [-(2**63), 2**53 + 1, 2**63 - 1],
    "float16": [0.5, -65504.0, np.nan],
    "float32": [1.5, -0.0, np.nan],
    "float64": [0.1, -1e300, np.nan],
}
NULLABLE = {
    "bool": "boolean", "int8": "Int8", "uint8": "UInt8", "int16": "Int16", "int32": "Int32",
    "int64": "Int64", "float16": "Float32", "float32": "Float32", "float64": "Float64",
}  # fmt: skip


@pytest.mark.parametrize("dtype", SCALARS)
def test_numbers_keep_dtype_and_value(dtype):
    df = pd.DataFrame({"v": np.array(SCALARS[dtype], dtype)})
    out = tfs.map_rows(same("v", dtype), df)
    assert out.w.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(out.w, df.v)


@pytest.mark.parametrize("dtype", SCALARS)
def test_nulls_give_pandas_nullable_dtypes(dtype):
    present = np.array(SCALARS[dtype][:2], dtype)
    arrow = pa.array([present[0], None, present[1]], pa.from_numpy_dtype(dtype))
    df = pd.DataFrame({"v": pd.Series(arrow, dtype=pd.ArrowDtype(arrow.type))})
    out = tfs.map_rows(same("v", dtype), df, nulls="null")
    assert str(out.w.dtype) == NULLABLE[dtype]
    assert out.w.isna().tolist() == [False, True, False]
    assert out.w.dropna().tolist() == present.tolist()
    value = dtype == "bool" or 1
    assert str(tfs.map_rows(same("v", dtype), df, nulls=value).w.dtype) == dtype


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("dtype", SCALARS)
def test_arrays_of_any_rank_and_of_several_shapes(dtype, rank):
    values = np.array(SCALARS[dtype], dtype)
    shapes = [(2,) * rank, None, (3,) * rank, (1,) * rank]
    cells = [None if s is None else np.resize(values, s) for s in shapes]
    df = pd.DataFrame({"v": pd.Series(cells, list("abcd"), dtype=object)})
    out = tfs.map_rows(same("v", dtype, rank), df, nulls="null").w
    assert out["b"] is None
    for found, cell in zip(out.drop("b"), [c for c in cells if c is not None], strict=True):
        assert found.dtype == cell.dtype
        np.testing.assert_array_equal(found, cell)
        found[...] = 1


def test_text_and_bytes():
    text = pd.Series(["a", None, "ä€😀"])
    for column in (text, text.fillna(np.nan), text.astype("string"), text.astype("category")):
        out = tfs.map_rows(same("v", "string"), pd.DataFrame({"v": column}), nulls="null")
        assert out.w.tolist() == ["a", None, "ä€😀"]
        assert out.w.dtype == object
    out = tfs.map_rows(same("v", "string"), pd.DataFrame({"v": [b"\xff", b"", None]}), nulls=b"n")
    assert out.w.tolist() == [b"\xff", b"", b"n"]
    cells = pd.Series([np.array(["a", "bcd"]), np.array([], dtype=str)], dtype=object)
    out = tfs.map_rows(same("v", "string", 1), pd.DataFrame({"v": cells}))
    assert [c.tolist() for c in out.w] == [["a", "bcd"], []]


def test_lists_times_and_bytes_as_pixels():
    lists = pd.DataFrame({"v": [[1.0, float("nan")], [2]]})
    out = tfs.map_rows(same("v", "float64", 1), lists)
    np.testing.assert_array_equal(out.w[0], [1.0, np.nan])
    times = pd.DataFrame({"v": pd.to_datetime(["1970-01-01 00:00:01", None])})
    assert tfs.map_rows(same("v", "int64"), times, nulls=-1).w.tolist() == [1_000_000, -1]
    pixels = pd.DataFrame({"v": [b"\x00\xff", b"\x07"]})
    out = tfs.map_rows(same("v", "uint8", 1), pixels)
    assert [c.tolist() for c in out.w] == [[0, 255], [7]]


def test_columns_side_by_side_and_the_fields_of_a_struct():
    df = pd.DataFrame(
        {"a": [1.5, 2.5], "b": np.array([1, 2], np.float32), "d": [{"p": 1, "q": 2}] * 2}
    )
    out = tfs.map_rows(same("v", "float64", 1), df, {"v": ["a", "b"]})
    np.testing.assert_array_equal(np.stack(out.w), [[1.5, 1], [2.5, 2]])
    out = tfs.map_rows(same("v", "int64", 1), df, {"v": "d.*"})
    np.testing.assert_array_equal(np.stack(out.w), [[1, 2], [1, 2]])


def test_nan_is_a_value_beside_numbers_and_a_null_beside_anything_else():
    df = pd.DataFrame(
        {
            "f": [1.0, np.nan],
            "o": pd.Series([1.5, np.nan], dtype=object),
            "n": pd.Series([1.5, None], dtype="Float64"),
            "s": ["a", np.nan],
        }
    )
    assert [array.null_count for array in to_arrow(df, ["f", "o", "n", "s"])] == [0, 0, 1, 1]


def test_numbers_are_not_copied():
    df = pd.DataFrame({"x": np.arange(9.0)})
    (array,) = to_arrow(df, ["x"])
    assert array.buffers()[1].address == df.x.to_numpy().ctypes.data


UNSUPPORTED = {
    "uint32": (np.array([1], np.uint32), "astype({'v': 'int64'})"),
    "complex": (np.array([1j]), "is complex128"),
    "interval": (pd.array([pd.Interval(0, 1)]), "Column 'v' is"),
    "empty": ([None], "object without a value"),
    "mixed": (["a", 1], "cells of several types"),
    "dtypes": ([np.ones(1), np.ones(1, np.float32)], "one dtype"),
    "ranks": ([np.ones(1), np.ones((1, 1))], "one rank"),
    "lists": ([np.ones(1), [1.0]], "several types"),
    "large": ([2**70], "several types"),
}


@pytest.mark.parametrize("case", UNSUPPORTED)
def test_a_column_that_cannot_feed_is_an_error_only_if_it_is_to(case):
    cells, text = UNSUPPORTED[case]
    if isinstance(cells, list) and len(cells) == 2:
        column = pd.Series([None, None], dtype=object)
        column[0], column[1] = cells
    else:
        column = pd.Series(cells)
    df = frame(len(column)).assign(v=column)
    assert len(tfs.map_rows(program(SEED), df)) == len(column)
    kinds = {"mixed": "string", "dtypes": "float64", "ranks": "float64", "lists": "float64"}
    rank = 1 if case in ("dtypes", "ranks", "lists") else 0
    with pytest.raises(errors.UnsupportedTypeError) as caught:
        tfs.map_rows(same("v", kinds.get(case, "int64"), rank), df)
    assert text in str(caught.value)


def test_labels_that_are_no_names_pass():
    df = frame(2)
    df[7] = ["p", "q"]
    out = tfs.map_rows(program(SEED), df)
    assert list(out.columns) == ["x", "y", "s", 7, "z"]
    df.columns = pd.CategoricalIndex(["x", "y", "s", "t"])
    assert list(tfs.map_rows(program(SEED), df).columns) == ["x", "y", "s", "t", "z"]
    twice = pd.concat([df, df], axis=1)
    with pytest.raises(errors.AmbiguousColumnError):
        tfs.map_rows(program(SEED), twice)


def test_describing_and_results():
    assert kind_of(frame(1)) == "pandas"
    assert kind_of([1]) is None
    found = dict(columns_of_pandas(frame(1, v=[np.ones((2, 2), np.float32)])))
    assert found["v"] == CellSpec("float32", (None, None))
    chunks = pa.chunked_array([[1, None], [3]], pa.int16())
    assert column_from_arrow(chunks, CellSpec("uint8"), [4, 5, 6]).dtype == "UInt8"
    empty = column_from_arrow(pa.array([], pa.list_(pa.int8())), CellSpec("int8", (None,)), [])
    assert empty.dtype == object


FAILURES = {
    "dtype": ("x = tf.placeholder(tf.float32, name='x')\ntf.identity(x, name='z')", {}),
    "shape": ("x = tf.placeholder(tf.int32, [3, 2], name='x')\ntf.identity(x, name='z')", {}),
    "column": ("k = tf.placeholder(tf.int32, name='k')\ntf.identity(k, name='z')", {}),
    "name": ("x = tf.placeholder(tf.int32, name='x')\ny = tf.identity(x, name='y')", {}),
    "option": (SEED, {"nulls": "never"}),
    "null": ("t = tf.placeholder(tf.string, name='t')\ntf.identity(t, name='z')", {}),
    "worker": (
        # Both rows fail alike: rows run at once, and the first one to fail is named, whichever it is.
        "x = tf.placeholder(tf.int32, name='x')\nz = tf.debugging.check_numerics("
        "tf.cast(x + 1, tf.float32) / 0.0, 'not finite', name='z')",
        {},
    ),
}


@pytest.mark.parametrize("case", FAILURES)
def test_errors_are_those_of_spark(spark, case):
    from tfspark_magic.executor.failures import short_error

    source, options = FAILURES[case]
    score = program(source)
    df = pd.DataFrame({"x": np.arange(2, dtype=np.int32), "y": np.arange(2, dtype=np.int32)})
    df["t"] = ["a", None]
    rows = spark.createDataFrame([(0, 0, "a"), (1, 1, None)], "x int, y int, t string").coalesce(1)
    with pytest.raises(errors.TfSparkError) as here:
        tfs.map_rows(score, df, **options)
    with pytest.raises(Exception) as there:
        tfs.map_rows(score, rows, **options).collect()
    error = short_error(there.value)
    assert error is not None
    # Spark's rows have a partition, and a frame has none.
    found, expected = str(error).replace(" of partition 0", ""), str(here.value)
    if case == "dtype":
        # What is written to cast a column is another thing in each.
        found, expected = (text.partition("silently: ")[0] for text in (found, expected))
    assert found == expected
    assert isinstance(error, type(here.value))


def test_no_java_is_needed():
    code = """
import os, sys
os.environ.update(PATH='', JAVA_HOME='/nowhere', TF_CPP_MIN_LOG_LEVEL='3')
import pandas as pd, tfspark_magic as tfs
from tfspark_magic.graph.runtime import tf, tf1
from pyspark.sql import SparkSession
df = pd.DataFrame({'x': [1, 2]})
with tf.Graph().as_default():
    z = tf.identity(tf1.placeholder(tf.int64, name='x') * 2, name='z')
    out = tfs.map_rows(z, df)
    table = tfs.run_local(z, df, output='arrow')
assert SparkSession.getActiveSession() is None
print(out.z.tolist(), table['z'].to_pylist())
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[2, 4] [2, 4]"
