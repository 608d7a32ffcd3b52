"""Test cell shapes: found in the data, set by the user, and kept as long as Spark keeps them."""

from __future__ import annotations

import pytest

import tfspark_magic as tfs
from tests.executor.test_mapping import program
from tfspark_magic import errors
from tfspark_magic.executor.failures import short_error
from tfspark_magic.frames.frame import frame_of
from tfspark_magic.graph.runtime import tf

ARRAYS = """
    id int, v array<float>, m array<array<double>>, c array<array<array<string>>>,
    ragged array<bigint>, crooked array<array<int>>, nulls array<int>, empty array<array<int>>,
    s string, d decimal(10,0)
"""
ROWS = [
    (1, [1.0, 2.0], [[1.0, 2.0, 3.0]], [[["a"], ["b"]]], [1], [[1], [1]], None, [], "a", None),
    (2, None, [[1.0, 2.0, 3.0]] * 2, [[["a"], ["b"]]], [1, 2], [[1], [1, 2]], None, [], "b", None),
    (3, [1.0, None], [None, [4.0, 5.0, 6.0]], None, [], None, None, [], None, None),
]


@pytest.fixture
def arrays(spark):
    return spark.createDataFrame(ROWS, ARRAYS).repartition(2)


def cells(df):
    return {name: str(cell) for name, cell in frame_of(df, "test").columns}


def test_analyze_finds_the_shapes_of_all_array_columns(arrays):
    found = cells(tfs.analyze(arrays))
    assert found["id"] == "int32"
    assert found["v"] == "float32[2]"
    assert found["m"] == "float64[?,3]"
    assert found["c"] == "string[1,2,1]"
    assert found["ragged"] == "int64[?]"
    assert found["crooked"] == "int32[2,?]"
    assert found["nulls"] == "int32[?]"
    assert found["empty"] == "int32[0,?]"


def test_analyze_changes_nothing_but_metadata(arrays):
    analyzed = tfs.analyze(arrays)
    assert analyzed.dtypes == arrays.dtypes
    assert analyzed.orderBy("id").collect() == arrays.orderBy("id").collect()


def test_analyze_takes_only_the_columns_asked_for(arrays):
    found = cells(tfs.analyze(arrays, "v", arrays.c, "id"))
    assert (found["v"], found["c"], found["m"]) == (
        "float32[2]", "string[1,2,1]", "float64[?,?]",
    )  # fmt: skip


@pytest.mark.both
def test_analyze_keeps_other_metadata_and_what_was_said_where_no_value_tells(spark):
    df = spark.sql("select array(1, 2) v, cast(null as array<int>) n, array(1, 2, 3) w")
    df = df.withMetadata("v", {"comment": "mine"})
    df = tfs.append_shape(tfs.append_shape(df, "n", [4]), "w", [7])
    analyzed = tfs.analyze(df)
    assert analyzed.schema["v"].metadata["comment"] == "mine"
    assert cells(analyzed) == {"v": "int32[2]", "n": "int32[4]", "w": "int32[3]"}


def test_analyze_of_a_frame_without_rows_or_arrays(spark, arrays):
    assert cells(tfs.analyze(arrays.limit(0)))["v"] == "float32[?]"
    numbers = spark.range(3)
    assert tfs.analyze(numbers) is numbers


def test_a_column_may_have_any_name(spark):
    df = spark.sql("select array(1, 2) as `a.b c`, array(1) as `back``tick`")
    assert cells(tfs.analyze(df)) == {"a.b c": "int32[2]", "back`tick": "int32[1]"}
    said = tfs.append_shape(df, df["`a.b c`"], [2])
    assert cells(said)["a.b c"] == "int32[2]"


def test_analyze_reads_the_data_once_whatever_the_number_of_columns(classic):
    df = classic.range(0, 100, 1, 5).selectExpr(*(f"array(id, id) v{i}" for i in range(8)))
    classic.sparkContext.setJobGroup("analyze", "once")
    try:
        tfs.analyze(df)
    finally:
        classic.sparkContext.setLocalProperty("spark.jobGroup.id", None)
    tracker = classic.sparkContext.statusTracker()
    jobs = [tracker.getJobInfo(job) for job in tracker.getJobIdsForGroup("analyze")]
    stages = [tracker.getStageInfo(stage) for job in jobs for stage in job.stageIds]
    tasks = sorted(stage.numCompletedTasks for stage in stages if stage is not None)
    assert [count for count in tasks if count] == [1, 5]


def test_analyze_refuses_what_it_cannot_do(spark, arrays):
    with pytest.raises(errors.OptionError) as caught:
        tfs.analyze(arrays, "raged")
    assert str(caught.value) == (
        "analyze: the DataFrame has no column 'raged'. Did you mean 'ragged'?"
    )
    with pytest.raises(errors.UnsupportedTypeError, match=r"Column 'd' is decimal\(10,0\)"):
        tfs.analyze(arrays, "d")
    twice = spark.sql("select array(1) a, array(2) A")
    with pytest.raises(errors.AmbiguousColumnError):
        tfs.analyze(twice)
    with pytest.raises(errors.NotADataFrameError):
        tfs.analyze(3)


@pytest.mark.both
def test_a_stream_is_not_analyzed_but_takes_a_shape(spark):
    stream = spark.readStream.format("rate").load().selectExpr("array(value, value) v")
    with pytest.raises(errors.NotAvailableError) as caught:
        tfs.analyze(stream)
    assert str(caught.value) == (
        "The data of a streaming DataFrame cannot be read now: give its shapes with "
        "tfs.append_shape(df, column, shape)."
    )
    assert cells(tfs.append_shape(stream, "v", [2])) == {"v": "int64[2]"}


@pytest.mark.parametrize(
    ("shape", "expected"), [([None, 3], "[?,3]"), ((-1, 0), "[?,0]"), ([2, 3], "[2,3]")]
)
def test_append_shape_says_a_shape_without_running_anything(spark, shape, expected):
    df = spark.sql("select raise_error('run')").selectExpr("array(array(1)) m", "1 x")
    said = tfs.append_shape(df, df.m, shape)
    assert cells(said)["m"] == f"int32{expected}"
    assert cells(tfs.append_shape(said, "x", []))["x"] == "int32"


@pytest.mark.parametrize(
    ("column", "shape", "sentence"),
    [
        ("m", [3], "The shape of column 'm': expected 2 sizes, one for each axis of "
         "array<array<double>>, found [3]; write [None, None], with the known sizes "
         "instead of None."),
        ("v", [3, None], "The shape of column 'v': expected 1 size, one for each axis of "
         "array<float>, found [3,?]; write [None], with the known sizes instead of "
         "None."),
        ("id", [1], "The shape of column 'id': expected [], its cells being int scalars, "
         "found [1]; write []."),
    ],
)  # fmt: skip
def test_append_shape_checks_the_rank(arrays, column, shape, sentence):
    with pytest.raises(errors.ShapeMismatchError) as caught:
        tfs.append_shape(arrays, column, shape)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("shape", [[-2], [1.5], "2", 2, None])
def test_append_shape_refuses_what_is_no_shape(arrays, shape):
    with pytest.raises(errors.OptionError) as caught:
        tfs.append_shape(arrays, "v", shape)
    assert str(caught.value) == (
        f"A shape is a list of sizes, with None for one not known; got {shape!r}."
    )


def test_append_shape_takes_only_a_column_that_is_there(arrays):
    for column in ("nope", arrays.id + 1):
        with pytest.raises(errors.OptionError, match="append_shape: the DataFrame has no column"):
            tfs.append_shape(arrays, column, [])


def test_a_wrong_shape_is_found_when_the_map_runs(spark):
    df = tfs.append_shape(spark.sql("select array(1, 2) v"), "v", [3])
    out = tfs.map_rows(program("v = tf.placeholder(tf.int32, name='v')\ntf.identity(v, 'w')"), df)
    with pytest.raises(Exception, match="Column 'v'") as caught:
        out.collect()
    short = short_error(caught.value)
    assert isinstance(short, errors.ShapeMismatchError)
    assert str(short) == (
        "Column 'v' for placeholder 'v': expected cells of shape [3], found [2] in row 0 of "
        "partition 0; filter such rows, or change the placeholder's shape."
    )


@pytest.mark.both
def test_print_schema_says_what_tensorflow_gets(spark, capsys):
    df = spark.sql("select 1 x, array(array(1D, 2D)) y, 's' s, cast(1 as decimal(10,0)) d")
    assert tfs.print_schema(tfs.analyze(df)) is None
    assert capsys.readouterr().out == (
        "root\n"
        " |-- x: int (nullable = false) int32\n"
        " |-- y: array<array<double>> (nullable = false) float64[1,2]\n"
        " |-- s: string (nullable = false) string\n"
        " |-- d: decimal(10,0) (nullable = false) no tensor: write df.withColumn('d', "
        "df['d'].cast('double'))\n"
    )


def test_the_fields_of_a_struct_have_no_metadata_of_their_own(spark):
    df = spark.sql("select named_struct('a', 1, 'b', array(1)) s, named_struct('c', 1D) t")
    assert tfs.analyze(df) is df
    with pytest.raises(errors.OptionError, match=r"has no column 't\.\*'"):
        tfs.append_shape(df, "t.*", [1])


def test_analyze_finds_the_size_of_vectors_dense_and_sparse(spark):
    from pyspark.ml.linalg import Vectors

    vectors = [Vectors.dense([1.0, 2.0, 3.0]), None, Vectors.sparse(3, [0], [1.0])]
    df = spark.createDataFrame([(v,) for v in vectors], ["v"])
    analyzed = tfs.analyze(df)
    assert analyzed.schema["v"].metadata["tfspark_magic.shape"] == [3]
    assert analyzed.collect() == df.collect()
    longer = spark.createDataFrame([(v,) for v in (*vectors, Vectors.dense([1.0]))], ["v"])
    assert tfs.analyze(longer).schema["v"].metadata["tfspark_magic.shape"] == [-1]


def test_a_pandas_frame_needs_no_analysis(capsys):
    import numpy as np
    import pandas as pd

    df = pd.DataFrame({"x": [1, 2], "v": [np.ones(2)] * 2, "z": [1j, 2j], 3: [1, 2]})
    assert tfs.analyze(df) is df
    with pytest.raises(errors.OptionError, match="analyze: the DataFrame has no column 'y'"):
        tfs.analyze(df, "y")
    with pytest.raises(errors.NotAvailableError, match="keeps no shapes: give the placeholder"):
        tfs.append_shape(df, "v", [2])
    tfs.print_schema(df[["x", "v", 3]])
    assert capsys.readouterr().out == (
        "root\n"
        " |-- x: int64 int64\n"
        " |-- v: object float64[?]\n"
        " |-- 3: int64 no tensor: give the column a name that is a string\n"
    )


def test_shapes_survive_select_alias_and_filter(arrays):
    from tfspark_magic.executor.session import functions

    col = functions(arrays.sparkSession).col
    df = tfs.analyze(arrays).select("id", col("m").alias("renamed"), "v").filter("id > 1")
    assert cells(df) == {"id": "int32", "renamed": "float64[?,3]", "v": "float32[2]"}


def test_what_a_map_gives_carries_its_shape_to_the_next(spark):
    rows = program(
        "x = tf.placeholder(tf.float32, name='x')\ntf.stack([[x, x], [x, x * 2]], name='m')"
    )
    df = spark.range(4).selectExpr("id", "cast(id as float) x")
    mapped = tfs.map_rows(rows, df).filter("id > 1")
    assert cells(mapped)["m"] == "float32[2,2]"
    with tf.Graph().as_default():
        m = tfs.block(mapped, "m")
        assert m.shape.as_list() == [None, 2, 2]
        flat = tf.reshape(m, [-1, m.shape[1] * m.shape[2]], name="flat")
        out = tfs.map_blocks(flat, mapped)
    assert cells(out)["flat"] == "float32[4]"
    assert [row.flat for row in out.orderBy("id").collect()] == [[2, 2, 2, 4], [3, 3, 3, 6]]
