from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest

import tfspark_magic as tfs
from tfspark_magic import errors
from tfspark_magic.graph.capture import run_cell
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.graph.runtime import tf, tf1


def program(source, **names):
    cell = run_cell(source, names)
    result = cell.result
    fetches = [result] if isinstance(result, tf.Tensor) else list(result or cell.loose_ends)
    return freeze(fetches, "score")


SEED = """
x = tf.placeholder(tf.int32, name='x')
y = tf.placeholder(tf.int32, name='y')
z = tf.add(x, y * 3, name='z')
"""


def frame(spark, rows=10, partitions=2):
    return spark.range(0, rows, 1, partitions).selectExpr(
        "id", "cast(id as int) x", "cast(id * 2 as int) y", "concat('s', id) s"
    )


def test_rows_get_the_output_appended(spark):
    out = tfs.map_rows(program(SEED), frame(spark))
    assert out.columns == ["id", "x", "y", "s", "z"]
    assert dict(out.dtypes)["z"] == "int"
    assert [tuple(r) for r in out.collect()] == [
        (i, i, 2 * i, f"s{i}", i + 6 * i) for i in range(10)
    ]


def test_live_tensors_lists_and_names_can_be_fetched(spark):
    graph = tf.Graph()
    with graph.as_default():
        x = tf1.placeholder(tf.int32, name="x")
        double = tf.multiply(x, 2, name="double")
        square = tf.multiply(x, x, name="square")
        by_name = tfs.map_rows(["square", "double"], frame(spark))
    assert by_name.columns[-2:] == ["square", "double"]
    for fetches in ([double, square], (double, "square"), ["double:0", square]):
        rows = tfs.map_rows(fetches, frame(spark, 4)).select("double", "square").collect()
        assert [tuple(r) for r in rows] == [(2 * i, i * i) for i in range(4)]


def test_feed_dict_binds_by_name_and_by_tensor(spark):
    with tf.Graph().as_default():
        a = tf1.placeholder(tf.int64, name="a")
        z = tf.add(a, 1, name="z")
    for feed_dict in ({"a": "y"}, {a: "y"}):
        rows = tfs.map_rows(z, frame(spark, 3), feed_dict).collect()
        assert [r.z for r in rows] == [1, 3, 5]


def test_blocks_see_consecutive_rows_of_one_partition(spark):
    sums = program("x = tf.placeholder(tf.int32, [None], name='x')\ntf.cumsum(x, name='sum')")
    out = tfs.map_blocks(sums, frame(spark, 12, 2), rows_per_block=4)
    got = [(r.x, r["sum"]) for r in out.collect()]
    expected = []
    for start, stop in ((0, 4), (4, 6), (6, 10), (10, 12)):
        expected += zip(range(start, stop), np.cumsum(range(start, stop)), strict=True)
    assert got == expected


def test_trim_returns_the_outputs_alone(spark):
    top = program("x = tf.placeholder(tf.int32, [None], name='x')\ntf.reduce_max(x, keepdims=True)")
    out = tfs.map_blocks(top, frame(spark, 10, 2), trim=True, whole_partition=True)
    assert [list(r) for r in out.collect()] == [[4], [9]]
    assert out.columns == ["Max"]


def test_trim_gives_exact_types_and_skips_empty_partitions(spark):
    many = program(
        """
        x = tf.placeholder(tf.int32, [None], name='x')
        f = tf.cast(x[:1], tf.float32, name='f')
        v = tf.cast(tf.stack([x[:1], x[:1]], 1), tf.float64, name='v')
        s = tf.strings.as_string(x[:1], name='s')
        u = tf.cast(x[:1], tf.uint8, name='u')
        """.replace("\n        ", "\n")
    )
    empty = frame(spark, 3, 3).filter("x = 1")
    out = tfs.map_blocks(many, empty, trim=True)
    assert out.dtypes == [
        ("f", "float"), ("v", "array<double>"), ("s", "string"), ("u", "smallint"),
    ]  # fmt: skip
    assert [list(r) for r in out.collect()] == [[1.0, [1.0, 1.0], "1", 1]]


TYPES = {
    "bool": (pa.bool_(), "boolean", [True, False, True]),
    "int8": (pa.int8(), "tinyint", [-128, 0, 127]),
    "int16": (pa.int16(), "smallint", [-32768, 0, 32767]),
    "int32": (pa.int32(), "int", [-(2**31), 0, 2**31 - 1]),
    "int64": (pa.int64(), "bigint", [-(2**63), 2**53 + 1, 2**63 - 1]),
    "uint8": (pa.int16(), "smallint", [0, 128, 255]),
    "float16": (pa.float32(), "float", [0.5, -65504.0, math.inf]),
    "float32": (pa.float32(), "float", [1.5, -0.0, 3.0e38]),
    "float64": (pa.float64(), "double", [0.1, -1e300, math.inf]),
    "string": (pa.string(), "string", ["", "ä€😀", "a\0b"]),
    "binary": (pa.binary(), "binary", [b"", b"\xff\x00", b"ab"]),
}


def nested(values, rank):
    """Cells of a rank, of three values."""
    cells = values if rank == 0 else [values[:2], values[1:], values[::2]]
    return [[cell] for cell in cells] if rank == 2 else cells


@pytest.mark.parametrize("rank", [0, 1, 2])
def test_every_type_passes_through_rows_and_blocks_unchanged(spark, rank):
    columns, source, expected = {}, [], {}
    for dtype, (arrow, name, values) in TYPES.items():
        inner = arrow
        for _ in range(rank):
            inner = pa.list_(inner)
        columns[dtype] = pa.array(nested(values, rank), inner)
        expected[f"{dtype}_out"] = "array<" * rank + name + ">" * rank
        placed = "string" if dtype == "binary" else dtype
        source.append(f"v = tf.placeholder(tf.{placed}, name='{dtype}')")
        source.append(f"{dtype}_out = tf.identity(v, name='{dtype}_out')")
    df = spark.createDataFrame(pa.table(columns)).repartition(1)
    identity = program("\n".join(source))
    for out in (tfs.map_rows(identity, df), tfs.map_blocks(identity, df)):
        assert {name: dtype for name, dtype in out.dtypes if name in expected} == expected
        for row in out.collect():
            for dtype in TYPES:
                assert row[f"{dtype}_out"] == row[dtype], dtype


@pytest.mark.parametrize(("rows", "partitions"), [(0, 1), (0, 4), (1, 1), (3, 8), (25_000, 3)])
def test_any_number_of_rows_and_partitions(spark, rows, partitions):
    score = program(SEED)
    out = tfs.map_rows(score, frame(spark, rows, partitions))
    got = out.select("id", "z").toArrow()
    assert got["id"].to_pylist() == list(range(rows))
    assert got["z"].to_pylist() == [7 * i for i in range(rows)]


def test_empty_partitions_between_full_ones_keep_the_order(spark):
    df = frame(spark, 12, 6).filter("x % 4 = 0 or x > 9")
    assert [r.z for r in tfs.map_rows(program(SEED), df).collect()] == [0, 28, 56, 70, 77]


def test_ragged_cells_come_back_in_order(spark):
    df = spark.range(0, 50, 1, 2).selectExpr(
        "id", "transform(sequence(0, id % 5), i -> cast(i + id as double)) v"
    )
    twice = program(
        "v = tf.placeholder(tf.float64, [None], name='v')\n"
        "[tf.multiply(v, 2., name='twice'), tf.reduce_sum(v, name='sum')]"
    )
    for row in tfs.map_rows(twice, df).collect():
        assert row.twice == [2 * x for x in row.v]
        assert row["sum"] == sum(row.v)


def test_results_that_differ_in_shape_from_row_to_row(spark):
    df = spark.range(4).selectExpr("concat_ws(',', sequence(0, id)) s")
    split = program(
        "s = tf.placeholder(tf.string, [], name='s')\ntf.strings.split([s], ',').values"
    )
    for row in tfs.map_rows(split, df).collect():
        assert row[1] == row.s.split(",")


def test_nulls_are_an_error_that_names_column_count_and_row(spark):
    df = frame(spark, 6, 1).selectExpr("id", "if(x in (2, 4), null, x) x", "y")
    with pytest.raises(
        Exception, match="Column 'x' holds 2 nulls in a block of 6 rows, the first in row 2"
    ):
        tfs.map_rows(program(SEED), df).collect()


def test_null_rows_give_null_results_and_reach_no_graph(spark):
    df = frame(spark, 6, 2).selectExpr("id", "if(x in (0, 4), null, x) x", "if(x = 2, null, y) y")
    checked = SEED + "z = tf.debugging.check_numerics(tf.cast(z, tf.float32), 'null') and z"
    del checked
    out = tfs.map_rows(program(SEED), df, nulls="null")
    assert [r.z for r in out.collect()] == [None, 7, None, 21, None, 35]


def test_a_value_takes_the_place_of_nulls(spark):
    df = frame(spark, 4, 1).selectExpr("if(x = 2, null, x) x", "if(x = 1, null, y) y")
    same = tfs.map_rows(program(SEED), df, nulls=100).collect()
    assert [r.z for r in same] == [0, 301, 112, 21]
    per = tfs.map_rows(program(SEED), df, nulls={"x": 0, "y": 1}).collect()
    assert [r.z for r in per] == [0, 4, 12, 21]


def test_nulls_inside_arrays(spark):
    df = spark.createDataFrame(
        pa.table({"v": pa.array([[1.0, None], [3.0, 4.0], None], pa.list_(pa.float64()))})
    ).repartition(1)
    total = program("v = tf.placeholder(tf.float64, [2], name='v')\ntf.reduce_sum(v, name='t')")
    with pytest.raises(Exception, match="Column 'v' holds 2 nulls"):
        tfs.map_rows(total, df).collect()
    assert [r.t for r in tfs.map_rows(total, df, nulls="null").collect()] == [None, 7.0, None]
    assert [r.t for r in tfs.map_rows(total, df, nulls=0.5).collect()] == [1.5, 7.0, 1.0]


def test_nan_is_data(spark):
    df = spark.range(1).selectExpr("double('NaN') v", "id")
    same = program("v = tf.placeholder(tf.float64, name='v')\ntf.identity(v, name='w')")
    assert math.isnan(tfs.map_rows(same, df).collect()[0].w)


@pytest.mark.both
def test_variables_are_frozen_when_the_map_is_defined(spark):
    with tf.Graph().as_default(), tf1.Session() as session:
        x = tf1.placeholder(tf.int32, name="x")
        step = tf1.Variable(10)
        z = tf.add(x, step, name="z")
        session.run(tf1.global_variables_initializer())
        out = tfs.map_rows(z, frame(spark, 3))
        step.load(1000, session)
        later = tfs.map_rows(z, frame(spark, 3), session=session)
    assert [r.z for r in out.collect()] == [10, 11, 12]
    assert [r.z for r in later.collect()] == [1000, 1001, 1002]


@pytest.mark.both
def test_column_names_with_dots_spaces_and_backticks(spark):
    odd = "a.b `c` d"
    df = spark.range(3).withColumnRenamed("id", odd)
    with tf.Graph().as_default():
        z = tf.add(tf1.placeholder(tf.int64, name="a"), 1, name="z")
    assert [r.z for r in tfs.map_rows(z, df, {"a": odd}).collect()] == [1, 2, 3]


@pytest.mark.both
def test_a_map_of_a_map(spark):
    with tf.Graph().as_default():
        z = tf.add(tf1.placeholder(tf.int32, name="x"), 1, name="z")
    with tf.Graph().as_default():
        w = tf.multiply(tf1.placeholder(tf.int32, name="z"), 10, name="w")
    out = tfs.map_rows(w, tfs.map_rows(z, frame(spark, 3)))
    assert [(r.z, r.w) for r in out.collect()] == [(1, 10), (2, 20), (3, 30)]


@pytest.mark.both
def test_known_cell_shapes_and_carried_dtypes_survive_in_the_metadata(spark):
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.int32, name="x")
        v = tf.cast(tf.stack([x, x]), tf.uint8, name="v")
    with tf.Graph().as_default():
        w = tf.reduce_sum(tf1.placeholder(tf.uint8, [2], name="v"), name="w")
    first = tfs.map_rows(v, frame(spark, 3)).filter("id > 0").select("id", "v")
    assert [r.w for r in tfs.map_rows(w, first).collect()] == [2, 4]
    with tf.Graph().as_default():
        wrong = tf.reduce_sum(tf1.placeholder(tf.uint8, [3], name="v"), name="w")
    with pytest.raises(errors.ShapeMismatchError, match=r"cells of shape \[3\].*uint8\[2\]"):
        tfs.map_rows(wrong, first)


@pytest.mark.both
def test_wrong_frames_and_bindings_are_refused_at_definition(spark):
    df, score = frame(spark), program(SEED)
    with pytest.raises(
        errors.NotADataFrameError, match="a DataFrame or the path of files, got dict"
    ):
        tfs.map_rows(score, {"x": [1]})
    with pytest.raises(errors.ColumnNotFoundError, match="needs a column 'x'.*There are: a"):
        tfs.map_rows(score, spark.range(1).selectExpr("id a"))
    with pytest.raises(errors.DtypeMismatchError, match=r"cast\('int'\)"):
        tfs.map_rows(score, df.selectExpr("cast(x as bigint) x", "y"))
    with pytest.raises(errors.NameConflictError, match="'z'.*a column of the DataFrame"):
        tfs.map_rows(score, df.selectExpr("*", "1 z"))
    with pytest.raises(errors.FetchNotFoundError, match="Did you mean"), tf.Graph().as_default():
        tf1.placeholder(tf.int32, name="x") + 1
        tfs.map_rows("ad", df)
    with pytest.raises(errors.UnsupportedTypeError, match="decimal.*cast"):
        tfs.map_rows(score, df.selectExpr("cast(x as decimal(10, 2)) x", "y"))


@pytest.mark.both
def test_a_failure_beside_the_data_names_program_and_rows(spark):
    check = program(
        "x = tf.placeholder(tf.int32, [None], name='x')\n"
        "with tf.control_dependencies([tf.debugging.assert_less(x, 7, message='too big')]):\n"
        "    y = tf.identity(x, name='w')\n"
        "y"
    )
    out = tfs.map_blocks(check, frame(spark, 10, 1), rows_per_block=5)
    with pytest.raises(Exception, match="Program 'score' failed in rows 5 to 9 of partition 0"):
        out.collect()
    assert frame(spark, 2).count() == 2


def test_streaming_frames_map_like_any_other(spark, tmp_path):
    frame(spark, 20).write.parquet(str(tmp_path / "in"))
    source = spark.readStream.schema(frame(spark).schema).parquet(str(tmp_path / "in"))
    query = (
        tfs.map_rows(program(SEED), source)
        .writeStream.format("parquet")
        .option("checkpointLocation", str(tmp_path / "checkpoint"))
        .trigger(availableNow=True)
        .start(str(tmp_path / "out"))
    )
    query.awaitTermination()
    rows = spark.read.parquet(str(tmp_path / "out")).orderBy("id").collect()
    assert [r.z for r in rows] == [7 * i for i in range(20)]
