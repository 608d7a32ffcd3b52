from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import tfspark_magic as tfs
from tests.executor.test_mapping import SEED, frame, program
from tfspark_magic import errors
from tfspark_magic.worker.streaming import PackBatches, unpack

pytestmark = pytest.mark.both

SQUARE = "v = tf.placeholder(tf.float32, [None], name='v')\nw = tf.multiply(v, v, name='w')"
CUMSUM = "x = tf.placeholder(tf.int32, [None], name='x')\ntotal = tf.cumsum(x, name='total')"
TOP = "x = tf.placeholder(tf.int32, [None], name='x')\ntf.reduce_max(x, keepdims=True, name='top')"


@pytest.mark.parametrize("output", ["pandas", "arrow", "batches"])
@pytest.mark.parametrize("rows", [0, 1, 1000])
def test_the_rows_come_in_order_with_the_output(spark, rows, output):
    df = frame(spark, rows, 5)
    out = tfs.run_local(program(SEED), df, output=output, rows_per_block=64)
    if output == "batches":
        batches = list(out)
        assert all(isinstance(batch, pa.RecordBatch) for batch in batches)
        if not rows:
            assert batches == []
            return
        out = pa.Table.from_batches(batches)
    if output == "pandas":
        assert list(out.columns) == ["id", "x", "y", "s", "z"]
        assert [str(d) for d in out.dtypes] == ["int64", "int32", "int32", "object", "int32"]
        out = pa.Table.from_pandas(out) if rows else pa.table({"z": pa.array([], pa.int32())})
    else:
        assert out.schema.field("z").type == pa.int32()
        assert out.select(["id", "x", "y", "s"]).equals(df.toArrow())
    expected = 7 * np.arange(rows)
    np.testing.assert_array_equal(out["z"].to_numpy(), expected)


def test_the_verb_is_what_the_placeholders_say(spark):
    df = frame(spark, 10, 1)
    totals = tfs.run_local(program(CUMSUM), df, rows_per_block=4).total
    assert totals.tolist() == [0, 1, 3, 6, 4, 9, 15, 22, 8, 17]
    with pytest.raises(errors.ShapeMismatchError):
        tfs.run_local(program(CUMSUM), df, verb="map_rows")
    cell = program("x = tf.placeholder(tf.int32, [], name='x')\ntf.identity(x, name='z')")
    with pytest.raises(errors.ShapeMismatchError):
        tfs.run_local(cell, df, verb="map_blocks")
    for options in ({"verb": "reduce"}, {"output": "numpy"}):
        with pytest.raises(errors.OptionError):
            tfs.run_local(program(SEED), df, **options)


@pytest.mark.parametrize("output", ["pandas", "arrow", "batches"])
def test_trim_returns_the_fetches_alone(spark, output):
    df = frame(spark, 10, 2).withColumnRenamed("s", "top")
    out = tfs.run_local(program(TOP), df, trim=True, output=output, rows_per_block=0)
    out = pa.Table.from_batches(out) if output == "batches" else out
    out = out if output == "pandas" else out.to_pandas()
    assert list(out.columns) == ["top"]
    assert out.top.tolist() == [9]
    none = tfs.run_local(program(TOP), df.filter("x < 0"), trim=True)
    assert none.top.dtype == np.int32
    assert none.empty


def test_only_what_feeds_the_graph_leaves_spark_where_the_rest_is_trimmed(spark):
    wrong = frame(spark, 4).selectExpr("x", "y", "raise_error('not asked for') e")
    assert tfs.run_local(program(SEED), wrong, trim=True).z.tolist() == [0, 7, 14, 21]


@pytest.mark.parametrize("stream", [True, False])
def test_columns_that_pass_through_are_as_spark_has_them(spark, stream):
    df = spark.sql(
        """
        select cast(id as int) x, cast(id as int) y, timestamp_micros(id) t, date_add('2020-01-01', cast(id as int)) d,
               cast(id as decimal(20, 4)) c, named_struct('a', id, 'b', timestamp_micros(id)) st,
               map('k', id) m, array(id, null) l, array(array(id), array(id, id)) r, if(id = 1, null, id) n,
               cast('2020-01-01 00:00:00' as timestamp_ntz) z0, array(cast(id as float), 1f) v,
               cast(null as void) nothing, X'00ff' b
        from range(0, 3, 1, 2)
        """
    )
    if stream:
        out = pa.Table.from_batches(tfs.run_local(program(SEED), df, output="batches"))
    else:
        out = tfs.run_local(program(SEED), df, output="arrow")
    assert out.drop_columns("z").equals(df.toArrow())
    assert out["z"].to_pylist() == [0, 4, 8]
    found = tfs.run_local(program(SEED), df)
    assert found.d[1] == dt.date(2020, 1, 2)
    assert found.c[1] == Decimal(1)
    assert found.t[1] == pd.Timestamp(1, unit="us", tz="UTC")
    assert found.st[2]["a"] == 2
    assert found.m[2] == [("k", 2)]
    assert found.l[2] == [2, None]
    assert found.r[2] == [[2], [2, 2]]
    assert found.v[2].dtype == np.float32
    assert found.v[2].tolist() == [2, 1]
    assert found.n.dtype == "Int64"
    assert found.n.isna().tolist() == [False, True, False]
    assert found.b[0] == b"\x00\xff"


def test_vectors_matrices_strings_and_ragged_cells(spark):
    df = spark.sql(
        """
        select id, transform(sequence(0, id), i -> cast(i as float)) v, repeat('ä', cast(id as int)) s,
               array(array(id), array(id)) m
        from range(0, 50, 1, 3)
        """
    )
    for options in ({}, {"rows_per_block": 7}):
        out = tfs.run_local(program(SQUARE), df, **options)
        for row, cell in enumerate(out.w):
            assert cell.dtype == np.float32
            np.testing.assert_array_equal(cell, np.arange(row + 1, dtype=np.float32) ** 2)
    swap = program(
        "m = tf.placeholder(tf.int64, [2, 1], name='m')\ns = tf.placeholder(tf.string, name='s')\n"
        "t = tf.transpose(m, name='t')\nn = tf.strings.length(s, unit='UTF8_CHAR', name='n')"
    )
    out = tfs.run_local(swap, df)
    np.testing.assert_array_equal(np.stack(out.t), np.arange(50).repeat(2).reshape(50, 1, 2))
    assert out.n.tolist() == list(range(50))


def test_dtypes_that_spark_lacks_come_as_they_are(spark):
    source = """
x = tf.placeholder(tf.int32, name='x')
u = tf.cast(x, tf.uint8, name='u')
h = tf.cast([x], tf.float16, name='h')
"""
    table = tfs.run_local(program(source), frame(spark, 3), output="arrow")
    assert table["u"].type == pa.uint8()
    assert table["h"].type.value_type == pa.float16()
    out = tfs.run_local(program(source), frame(spark, 3))
    assert out.u.dtype == np.uint8
    assert out.h[2].dtype == np.float16


def test_nulls_as_in_the_maps(spark):
    df = spark.sql("select if(id % 2 = 0, null, cast(id as int)) x, 1 y from range(0, 6, 1, 2)")
    out = tfs.run_local(program(SEED), df, nulls="null")
    assert out.z.dtype == "Int32"
    assert out.z.isna().tolist() == [True, False] * 3
    assert tfs.run_local(program(SEED), df, nulls=0).z.tolist() == [3, 4, 3, 6, 3, 8]
    for output in ("batches", "arrow"):
        with pytest.raises(errors.NullValuesError, match="Column 'x' holds"):
            list(tfs.run_local(program(SEED), df, output=output))


def test_columns_side_by_side(spark):
    pair = program("p = tf.placeholder(tf.int32, [2], name='p')\ntf.reduce_sum(p, name='sum')")
    for trim in (False, True):
        out = tfs.run_local(pair, frame(spark, 5), {"p": ["x", "y"]}, trim=trim)
        assert out["sum"].tolist() == [0, 3, 6, 9, 12]
        assert list(out.columns) == (["sum"] if trim else ["id", "x", "y", "s", "sum"])


def test_batches_are_lazy_and_few(spark):
    score, df = program(SEED), frame(spark, 100_000, 10)
    with pytest.raises(errors.ColumnNotFoundError):
        tfs.run_local(score, df.drop("x"), output="batches")
    batches = tfs.run_local(score, df, output="batches", rows_per_block=1000)
    first = next(batches)
    assert first["z"].to_pylist() == (7 * np.arange(1000)).tolist()
    batches.close()
    assert df.count() == 100_000


@pytest.mark.parametrize("options", [{"output": "batches"}, {"output": "arrow"}, {"trim": True}])
def test_errors_of_sparks_workers_are_our_short_ones(spark, options):
    df = spark.sql("select if(id = 4, null, cast(id as int)) x, 1 y from range(0, 6, 1, 2)")
    lazy = tfs.map_rows(program(SEED), df)
    again = program("z = tf.placeholder(tf.int32, name='z')\ntf.identity(z, name='again')")
    with pytest.raises(errors.NullValuesError) as caught:
        list(tfs.run_local(again, lazy, **options))
    assert "\n" not in str(caught.value)


def test_a_pandas_frame_too():
    df = pd.DataFrame(
        {"x": np.arange(4, dtype=np.int32), "y": np.ones(4, np.int32), "none": [None] * 4}
    )
    before = df.copy(deep=True)
    out = tfs.run_local(program(SEED), df)
    pd.testing.assert_frame_equal(out, tfs.map_rows(program(SEED), df))
    table = tfs.run_local(program(SEED), df, output="arrow", rows_per_block=3)
    assert table.column_names == ["x", "y", "none", "z"]
    assert table["z"].to_pylist() == [3, 4, 5, 6]
    batches = list(tfs.run_local(program(SEED), df, output="batches", rows_per_block=3, trim=True))
    assert [batch.to_pydict() for batch in batches] == [{"z": [3, 4, 5]}, {"z": [6]}]
    pd.testing.assert_frame_equal(df, before)


def test_what_is_packed_is_unpacked():
    batches = [pa.record_batch({"x": [i, None]}) for i in range(5)]
    empty = batches[0].slice(0, 0)
    packed = list(PackBatches(cell_bytes=40)(iter([empty, *batches])))
    assert 1 < len(packed) < 5
    found = [batch for cell in packed for batch in unpack(cell.column(0)[0].as_py())]
    assert found == batches
    assert list(PackBatches()(iter([empty]))) == []
