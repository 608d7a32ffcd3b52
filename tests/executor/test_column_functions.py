"""Programs as functions of columns, and by name in SQL."""

from __future__ import annotations

import copy
import math
import pickle

import numpy as np
import pyarrow as pa
import pytest
from pyspark import cloudpickle
from pyspark.sql import types as T

import tfspark_magic as tfs
from tests.executor.test_large_programs import LARGE
from tests.executor.test_large_programs import program as large_program
from tests.executor.test_mapping import SEED, frame, program
from tfspark_magic import errors
from tfspark_magic.executor.failures import sentences
from tfspark_magic.executor.session import functions

TWO = SEED + "w = tf.subtract(x, y, name='w')\n[z, w]"
VECTOR = """
v = tf.placeholder(tf.float32, [None], name='v')
tf.reduce_sum(v, name='total')
"""


@pytest.fixture
def F(spark):
    return functions(spark)


@pytest.mark.both
def test_one_output_is_a_column(spark, F):
    score = tfs.udf(program(SEED))
    df = frame(spark)
    assert repr(score) == "score(x int32, y int32) -> int"
    out = df.select("id", score(F.col("x"), "y"))
    assert out.dtypes == [("id", "bigint"), ("z", "int")]
    assert [tuple(r) for r in out.collect()] == [(i, 7 * i) for i in range(10)]
    again = df.withColumn("s", score(F.col("y") + 1, F.col("x"))).filter("s > 20")
    assert [r.s for r in again.collect()] == [2 * i + 1 + 3 * i for i in range(4, 10)]
    kept = df.filter(score(F.col("x"), F.col("y")) < 14).select("id")
    assert [r.id for r in kept.collect()] == [0, 1]


@pytest.mark.both
def test_several_outputs_are_a_struct(spark, F):
    score = tfs.udf(program(TWO))
    call = score(F.col("x"), F.col("y"))
    out = frame(spark, 4).select(call, call.z.alias("z"), call["w"].alias("minus"))
    assert out.dtypes == [("score", "struct<z:int,w:int>"), ("z", "int"), ("minus", "int")]
    assert [(r[0].z, r[0].w, r[1], r[2]) for r in out.collect()] == [
        (7 * i, -i, 7 * i, -i) for i in range(4)
    ]


def test_arguments_by_name_and_constants(spark, F):
    score = tfs.udf(program(SEED))
    out = frame(spark, 3).select(
        score(y=F.lit(2), x=F.col("y")).alias("a"), score(F.col("x"), y="x")
    )
    assert [tuple(r) for r in out.collect()] == [(2 * i + 6, 4 * i) for i in range(3)]
    constant = frame(spark, 2).select(score(F.lit(1), F.lit(2)))
    assert [r.z for r in constant.collect()] == [7, 7]


def test_names_alone_are_columns_of_the_session_there_is(classic):
    out = frame(classic, 3).select(tfs.udf(program(SEED))("x", "y"))
    assert [r.z for r in out.collect()] == [0, 7, 14]


@pytest.mark.both
def test_sql(spark):
    frame(spark, 6).createOrReplaceTempView("numbers")
    function = tfs.register(spark, "score", program(SEED))
    assert repr(function) == "score(x int32, y int32) -> int"
    rows = spark.sql("select id, score(y, x) s from numbers where score(x, y) > 10").collect()
    assert [tuple(r) for r in rows] == [(i, 5 * i) for i in range(2, 6)]
    tfs.register(spark, "score", program(TWO))
    rows = spark.sql(
        "select score(x, 1).w w, sum(score(x, y).z) t from numbers group by 1"
    ).collect()
    assert sorted(tuple(r) for r in rows) == [(i - 1, 7 * i) for i in range(6)]


def test_widened_where_every_value_fits_and_refused_where_not(spark):
    frame(spark, 3).createOrReplaceTempView("numbers")
    spark.createDataFrame([(1, 2.5)], "a int, d double").selectExpr(
        "a", "d", "cast(d as decimal(4, 2)) m", "struct(a, d) s"
    ).createOrReplaceTempView("odd")
    wide = "x = tf.placeholder(tf.float64, [], name='x')\ntf.multiply(x, 2., name='z')"
    tfs.register(spark, "wide", program(wide))
    assert [r[0] for r in spark.sql("select wide(x) from numbers").collect()] == [0.0, 2.0, 4.0]
    tfs.register(spark, "score", program(SEED))

    def refuses(query, sentence):
        with pytest.raises(errors.ArgumentError, match=sentence), sentences():
            spark.sql(query).collect()

    refuses(
        "select score(x, id) from numbers",
        "^Argument 2 of score feeds placeholder 'y', which takes int32, and is int64: nothing is "
        "cast silently, so cast it to int, or make the placeholder tf.int64.$",
    )
    refuses("select score(s, x) from numbers", "is string: .* make the placeholder tf.string")
    refuses("select score(d, a) from odd", "is float64: .* so cast it to int, or make")
    refuses("select score(m, a) from odd", r"is decimal128\(4, 2\): cast it to a number")
    refuses("select score(s, a) from odd", "is struct<.*>: pass its fields")
    refuses("select score(null, a) from odd", "is null: cast the null to a type")
    refuses("select score(array(a), a) from odd", r"takes int32, and is int32\[\?\]: pass an arg")
    with (
        pytest.raises(errors.FeedError, match=r"takes 2 arguments \(x, y\) and got 1"),
        sentences(),
    ):
        spark.sql("select score(x) from numbers").collect()


def test_shapes_are_those_of_the_placeholders(spark, F):
    df = spark.range(0, 20, 1, 2).selectExpr(
        "id", "transform(sequence(0, id % 4), i -> cast(i + id as float)) v",
        "array(array(cast(id as float), 1f)) m",
    )  # fmt: skip
    expected = [sum(r.v) for r in df.collect()]
    ragged = df.select(tfs.udf(program(VECTOR))(F.col("v")))
    assert [r.total for r in ragged.collect()] == expected
    fixed = tfs.udf(program(VECTOR.replace("[None]", "[3]")))
    with pytest.raises(errors.ShapeMismatchError, match="'v of score'.*'v'"), sentences():
        df.select(fixed(F.col("v"))).collect()
    # A placeholder without a shape takes single values, or what is said.
    loose = program(VECTOR.replace("[None], ", ""))
    with (
        pytest.raises(errors.ArgumentError, match=r"takes float32, and is float32\[\?\]"),
        sentences(),
    ):
        df.select(tfs.udf(loose)(F.col("v"))).collect()
    said = tfs.udf(loose, types={"v": T.ArrayType(T.FloatType())})
    assert [r.total for r in df.select(said(F.col("v"))).collect()] == expected
    matrix = program(
        "m = tf.placeholder(tf.float32, [None, 2], name='m')\ntf.matmul(m, m, True, name='p')"
    )
    out = df.select(tfs.udf(matrix)(F.col("m")))
    assert out.dtypes == [("p", "array<array<float>>")]
    assert [r.p for r in out.collect()][3] == [[9.0, 3.0], [3.0, 1.0]]


def test_blocks(spark, F):
    source = "x = tf.placeholder(tf.int32, [None], name='x')\ntf.cumsum(x, name='sum')"
    df = frame(spark, 12, 2)
    sums = tfs.udf(program(source), verb="map_blocks", rows_per_block=4)
    expected = [
        total
        for start, stop in ((0, 4), (4, 6), (6, 10), (10, 12))
        for total in np.cumsum(range(start, stop))
    ]
    assert [r["sum"] for r in df.select(sums(F.col("x"))).collect()] == expected
    by_type = tfs.udf(program(source), types={"x": T.IntegerType()}, rows_per_block=4)
    assert [r["sum"] for r in df.select(by_type(F.col("x"))).collect()] == expected
    with pytest.raises(errors.ArgumentError, match="say verb='map_blocks' if"), sentences():
        df.select(tfs.udf(program(source))(F.col("x"))).collect()
    with pytest.raises(errors.ShapeMismatchError, match="expected a block"):
        tfs.udf(program("x = tf.placeholder(tf.int32, [], name='x')\nx + 1"), verb="map_blocks")


def test_nulls(spark, F):
    df = frame(spark, 6, 2).selectExpr("if(x in (0, 4), null, x) x", "if(x = 2, null, y) y")
    arguments = (F.col("x"), F.col("y"))
    with pytest.raises(errors.NullValuesError, match="'x of score' holds 1 null"), sentences():
        df.select(tfs.udf(program(SEED))(*arguments)).collect()
    nulls = df.select(tfs.udf(program(SEED), nulls="null")(*arguments))
    assert [r.z for r in nulls.collect()] == [None, 7, None, 21, None, 35]
    df.createOrReplaceTempView("holes")
    tfs.register(spark, "score", program(SEED), nulls={"x": 0, "y": 1})
    filled = spark.sql("select score(x, y) z from holes").collect()
    assert [r.z for r in filled] == [0, 7, 5, 21, 24, 35]
    fields = df.select(tfs.udf(program(TWO), nulls="null")(*arguments).alias("s")).collect()
    assert fields[0].s == (None, None)
    assert fields[1].s == (7, -1)


def test_times_and_bytes(spark, F):
    spark.createDataFrame(
        pa.table({"b": pa.array([b"\xff\x00", b"ab"]), "s": ["no", "yes"], "id": [1, 2]})
    ).selectExpr("*", "date '1970-01-11' d", "timestamp '1970-01-01 00:00:01' t")\
     .createOrReplaceTempView("odd")  # fmt: skip
    day = program("d = tf.placeholder(tf.int64, [], name='d')\ntf.add(d, 1, name='next')")
    tfs.register(spark, "next", day)
    assert spark.sql("select next(d), next(t) from odd").first()[:] == (11, 1_000_001)
    text = program("s = tf.placeholder(tf.string, [], name='s')\ntf.identity(s, name='same')")
    tfs.register(spark, "same", text)
    assert [r[0] for r in spark.sql("select same(s) from odd").collect()] == ["no", "yes"]
    with pytest.raises(errors.ArgumentError, match="types={'s': 'binary'}"), sentences():
        spark.sql("select same(b) from odd").collect()
    tfs.register(spark, "same", text, types={"s": T.BinaryType()})
    assert [r[0] for r in spark.sql("select same(b) from odd").collect()] == [b"\xff\x00", b"ab"]
    # Where no result is made of it, it makes no difference; bytes are small integers, too.
    tfs.register(
        spark, "length_of", program("s = tf.placeholder(tf.string, name='s')\ntf.strings.length(s)")
    )
    assert [
        tuple(r) for r in spark.sql("select length_of(s), length_of(b) from odd").collect()
    ] == [
        (2, 2),
        (3, 2),
    ]
    pixels = program(
        "p = tf.placeholder(tf.uint8, [None], name='p')\ntf.reduce_sum(tf.cast(p, tf.int32))"
    )
    tfs.register(spark, "brightness", pixels)
    assert spark.sql("select brightness(b) from odd").first()[0] == 255
    assert spark.sql("select brightness(array(1S, 2S)) from odd").first()[0] == 3


def test_no_rows_and_empty_partitions(spark, F):
    score = tfs.udf(program(SEED))
    df = frame(spark, 12, 6).filter("x % 4 = 0")
    assert [r.z for r in df.select(score(F.col("x"), F.col("y"))).collect()] == [0, 28, 56]
    assert df.filter("x < 0").select(score(F.col("x"), F.col("y"))).collect() == []


@pytest.mark.both
def test_weights_beside_the_graph(spark, F):
    look_up = large_program(
        "x = tf.placeholder(tf.int32, [], name='x')\ntf.identity(tf.constant(large)[x, 3], name='z')"
    )
    larger = large_program(
        "x = tf.placeholder(tf.int32, [], name='x')\n"
        "tf.identity(tf.tile(tf.constant(large), [1, 2])[x, 3], name='z')"
    )
    df = spark.range(0, 500, 1, 4).selectExpr("cast(id as int) x")
    for one in (look_up, larger):
        rows = df.select("x", tfs.udf(one)(F.col("x"))).collect()
        np.testing.assert_array_equal([r.z for r in rows], LARGE[[r.x for r in rows], 3])
    df.createOrReplaceTempView("places")
    tfs.register(spark, "look_up", look_up)
    found = spark.sql("select sum(look_up(x)) from places").first()[0]
    assert math.isclose(found, LARGE[:500, 3].sum())


@pytest.mark.both
def test_wrong_definitions_and_calls(spark, F):
    score = tfs.udf(program(SEED))
    with pytest.raises(errors.FeedError, match=r"takes 2 arguments \(x, y\) and got 3"):
        score("x", "y", "z")
    with pytest.raises(errors.FeedError, match="x gets two arguments"):
        score(F.col("x"), x="y")
    with pytest.raises(errors.FeedError, match="k is not one of its arguments"):
        score(F.col("x"), k="y")
    with pytest.raises(errors.FeedError, match=r"got int for y: write F.lit\(3\)"):
        score(F.col("x"), 3)
    with pytest.raises(errors.OptionError, match="verb is"):
        tfs.udf(program(SEED), verb="reduce")
    with pytest.raises(errors.OptionError, match="device is"):
        tfs.udf(program(SEED), device="tpu")
    with pytest.raises(errors.OptionError, match="nulls='a'"):
        tfs.register(spark, "score", program(SEED), nulls="a")
    with pytest.raises(errors.PlaceholderNotFoundError, match="'k'"):
        tfs.udf(program(SEED), types={"k": T.IntegerType()})
    with pytest.raises(errors.DtypeMismatchError, match="'x of score' is float64"):
        tfs.udf(program(SEED), types={"x": T.DoubleType()})
    with pytest.raises(errors.OptionError, match="is no type that feeds a graph"):
        tfs.udf(program(SEED), types={"x": T.DecimalType(3, 1)})


@pytest.mark.both
def test_a_name_that_sql_has_already_is_refused(spark):
    for name in ("sum", "SUM", "Abs", "cast", "if", "current_date", "extract"):
        with pytest.raises(errors.OptionError) as caught:
            tfs.register(spark, name, program(SEED))
        assert str(caught.value) == (
            f"SQL has its own function {name!r}, and would still call that one: write "
            f"tfs.register(spark, 'tf_{name}', ...)."
        )
        tfs.register(spark, f"tf_{name}", program(SEED))
        assert spark.sql(f"select tf_{name}(1, 2) z").collect()[0].z == 7
    for name in ("a.b", "a b", "1st", "", "x`y", "é", None):
        with pytest.raises(errors.OptionError, match="a name of letters, digits and underscores"):
            tfs.register(spark, name, program(SEED))
    # One's own is replaced, as often as one likes.
    tfs.register(spark, "tf_sum", program(TWO))
    assert spark.sql("select TF_SUM(1, 2).w w").collect()[0].w == -1


@pytest.mark.both
def test_a_function_of_columns_is_pickled(spark, F):
    score = tfs.udf(program(SEED))
    frame(spark, 2).select(score(F.col("x"), "y")).collect()
    for copied in (
        pickle.loads(pickle.dumps(score)), cloudpickle.loads(cloudpickle.dumps(score)),
        copy.copy(score), copy.deepcopy(score),
    ):  # fmt: skip
        assert repr(copied) == repr(score)
        out = frame(spark, 3).select(copied(F.col("x"), "y"))
        assert [r.z for r in out.collect()] == [0, 7, 14]
