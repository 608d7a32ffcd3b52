"""Test the types of columns, from Spark to tensors and back, on classic Spark and on Connect."""

from __future__ import annotations

import pytest
from pyspark.ml.linalg import Vectors

import tfspark_magic as tfs
from tfspark_magic import errors
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.graph.runtime import tf, tf1

BIG = 2**62 + 1


def same(dtype, shape, compute=tf.identity):
    """Return a program that gives back what `x` is fed, or what is computed of it."""
    with tf.Graph().as_default():
        x = tf1.placeholder(dtype, shape, name="x")
        return freeze([tf.identity(compute(x), name="z")], "same")


def rows_of(df):
    return [row.z for row in df.collect()]


def refused(kind, program, df, column):
    with pytest.raises(errors.TfSparkError) as caught:
        tfs.map_rows(program, df, {"x": column})
    assert type(caught.value) is kind
    return str(caught.value)


def vectors(spark):
    cells = [Vectors.dense([1.0, 2.0]), Vectors.sparse(2, [1], [5.0]), None]
    return spark.createDataFrame([(i, cell) for i, cell in enumerate(cells)], ["i", "v"])


def test_vectors_of_mllib_are_float64_vectors_in_each_map(spark):
    df = vectors(spark).where("i < 2")
    expected = [[2.0, 4.0], [0.0, 10.0]]
    rows, blocks = same(tf.float64, [2], lambda x: x * 2), same(tf.float64, [None, 2])
    out = tfs.map_rows(rows, df, {"x": "v"})
    assert rows_of(out) == expected
    assert rows_of(out.where("z[1] > 4")) == expected[1:]
    assert rows_of(out.where("i = 1")) == expected[1:]
    for trim in (False, True):
        found = rows_of(tfs.map_blocks(blocks, df, {"x": "v"}, trim=trim))
        assert found == [[1.0, 2.0], [0.0, 5.0]]


def test_null_vectors_follow_the_null_policies(spark):
    df, program = vectors(spark), same(tf.float64, [2])
    assert rows_of(tfs.map_rows(program, df, {"x": "v"}, nulls="null"))[2] is None
    assert rows_of(tfs.map_rows(program, df, {"x": "v"}, nulls=7))[2] == [7.0, 7.0]
    with pytest.raises(Exception, match="Column 'v' holds 1 null"):
        tfs.map_rows(program, df, {"x": "v"}).collect()


def test_a_vector_feeds_no_narrower_placeholder(spark):
    text = refused(errors.DtypeMismatchError, same(tf.float32, [None]), vectors(spark), "v")
    assert text == (
        "Placeholder 'x' takes float32, column 'v' is vector[?], and nothing is cast silently: "
        "write df.withColumn('v', vector_to_array('v', 'float32')), or make the placeholder "
        "tf.float64."
    )


TIMES = """
    SELECT * FROM VALUES
    (0, DATE'1970-01-03', TIMESTAMP_NTZ'1970-01-01 00:00:01.000002', NULL),
    (1, DATE'1969-12-31', TIMESTAMP_NTZ'1960-01-01 00:00:00', DATE'2000-01-01') AS t(i, d, n, o)
"""


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_dates_and_times_are_integers(spark, zone):
    before = spark.conf.get("spark.sql.session.timeZone")
    spark.conf.set("spark.sql.session.timeZone", zone)
    try:
        df = spark.sql(TIMES).selectExpr(
            "*", "timestamp_micros(i * 10 - 7) t", "array(n, n) ns", "array(d) ds",
            "array(array(timestamp_micros(i))) ts", "struct(d, d as e) s",
        )  # fmt: skip
        scalar = same(tf.int64, [])
        micros = [1_000_002, -315_619_200_000_000]
        assert rows_of(tfs.map_rows(scalar, df, {"x": "d"})) == [2, -1]
        assert rows_of(tfs.map_rows(scalar, df, {"x": "n"})) == micros
        assert rows_of(tfs.map_rows(scalar, df, {"x": "t"})) == [-7, 3]
        assert rows_of(tfs.map_rows(scalar, df, {"x": "o"}, nulls="null")) == [None, 10957]
        assert rows_of(tfs.map_rows(scalar, df, {"x": "o"}, nulls=-9)) == [-9, 10957]
        vector = same(tf.int64, [None])
        assert rows_of(tfs.map_rows(vector, df, {"x": "ns"})) == [[n, n] for n in micros]
        assert rows_of(tfs.map_rows(vector, df, {"x": "ds"})) == [[2], [-1]]
        assert rows_of(tfs.map_rows(vector, df, {"x": "s.*"})) == [[2, 2], [-1, -1]]
        assert rows_of(tfs.map_rows(vector, df, {"x": ["n", "n"]})) == [[n, n] for n in micros]
        matrix = same(tf.int64, [1, 1])
        assert rows_of(tfs.map_rows(matrix, df, {"x": "ts"})) == [[[0]], [[1]]]
        block = same(tf.int64, [None])
        assert rows_of(tfs.map_blocks(block, df, {"x": "t"}, trim=True)) == [-7, 3]
    finally:
        spark.conf.set("spark.sql.session.timeZone", before)


def test_times_of_two_kinds_are_no_vector(spark):
    text = refused(errors.UnsupportedTypeError, same(tf.int64, [2]), spark.sql(TIMES), ["d", "n"])
    assert text == (
        "The list [d, n] is a vector of (d date, n timestamp_ntz), which cannot be "
        "used here: no dtype holds each of them exactly: cast them to one that you choose."
    )


def test_the_result_of_a_map_of_times_is_computed_once(spark):
    df = spark.sql(TIMES)
    for column in ("d", "n"):
        out = tfs.map_rows(same(tf.int64, []), df, {"x": column})
        assert rows_of(out.where("z > 0")) == [2 if column == "d" else 1_000_002]


def structs(spark):
    return spark.sql(
        """
        SELECT i, named_struct('a', i, 'b b', cast(i as float) / 2) s, cast(i as float) f,
               if(i = 1, NULL, named_struct('a', i, 'b', if(i = 2, NULL, i))) n,
               named_struct('a', 1Y, 'd', cast(i as decimal(5, 2))) m,
               named_struct('a', i, 'w', array(i)) w,
               named_struct('a', cast(i as bigint), 'd', 1.5D) l,
               named_struct('k', concat('k', i), 'l', 'z') t
        FROM VALUES (0), (1), (2) AS t(i)
        """
    )


def test_the_fields_of_a_struct_are_a_vector_when_asked_for(spark):
    df = structs(spark)
    assert rows_of(tfs.map_rows(same(tf.float64, [2]), df, {"x": "s.*"})) == [
        [0.0, 0.0], [1.0, 0.5], [2.0, 1.0],
    ]  # fmt: skip
    blocks = same(tf.float64, [None, 2], lambda x: tf.reduce_sum(x, 1))
    assert rows_of(tfs.map_blocks(blocks, df, {"x": "s.*"})) == [0.0, 1.5, 3.0]
    assert rows_of(tfs.map_rows(same(tf.string, [None]), df, {"x": "t.*"})) == [
        ["k0", "z"], ["k1", "z"], ["k2", "z"],
    ]  # fmt: skip


def test_null_fields_and_null_structs_are_nulls(spark):
    df, program = structs(spark), same(tf.int32, [2])
    assert rows_of(tfs.map_rows(program, df, {"x": "n.*"}, nulls="null")) == [[0, 0], None, None]
    assert rows_of(tfs.map_rows(program, df, {"x": "n.*"}, nulls=9)) == [[0, 0], [9, 9], [2, 9]]
    with pytest.raises(Exception, match=r"Column 'n\.\*' holds 2 nulls"):
        tfs.map_rows(program, df, {"x": "n.*"}).collect()


def test_a_list_of_columns_is_a_vector(spark):
    df = structs(spark)
    out = tfs.map_rows(same(tf.float64, [3]), df, {"x": ["i", "f", "i"]})
    assert rows_of(out) == [[float(i)] * 3 for i in range(3)]
    assert rows_of(tfs.map_rows(same(tf.int64, [1]), df, {"x": ["i"]})) == [[0], [1], [2]]
    assert rows_of(
        tfs.map_blocks(same(tf.float64, [None, 2]), df, {"x": ("f", "i")}, trim=True)
    ) == [[float(i)] * 2 for i in range(3)]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (
            "s",
            "Column 's' is struct<a:int,b b:double>, which cannot be used here: bind 's.*', its "
            "fields as a vector, or make columns of its fields, with df.select('*', 's.*').",
        ),
        (
            "m.*",
            "Field 'm.d' is decimal(5,2), which cannot be used here: write df.withColumn('m', "
            "df['m'].withField('d', df['m']['d'].cast('double'))).",
        ),
        (
            "w.*",
            "'w' in column 'w.*' is int32[?], which cannot be used here: only scalars can be put side "
            "by side as a vector.",
        ),
        (
            "l.*",
            "Column 'l.*' is a vector of (a int64, d float64), which cannot be used here: no dtype "
            "holds each of them exactly: cast them to one that you choose.",
        ),
    ],
)
def test_what_is_no_vector_is_refused_with_what_to_do(classic, column, text):
    df = structs(classic)
    assert refused(errors.UnsupportedTypeError, same(tf.float64, [2]), df, column) == text


def test_the_cast_that_a_message_says_to_write_is_one_that_works(classic):
    df = structs(classic)
    df = df.withColumn("m", df["m"].withField("d", df["m"]["d"].cast("double")))
    assert rows_of(tfs.map_rows(same(tf.float64, [2]), df, {"x": "m.*"}))[2] == [1.0, 2.0]


def test_tensors_of_rank_3_and_4_go_in_and_come_out(spark):
    df = spark.sql("SELECT array(array(array(id, 1), array(2, 3))) c FROM range(3)")
    cells = [[[[i, 1], [2, 3]]] for i in range(3)]
    for rows, blocks in (([1, 2, 2], [None, 1, 2, 2]), ([None] * 3, [None] * 4)):
        assert rows_of(tfs.map_rows(same(tf.int64, rows), df, {"x": "c"})) == cells
        assert rows_of(tfs.map_blocks(same(tf.int64, blocks), df, {"x": "c"}, trim=True)) == cells
    deeper = same(tf.int64, [1, 2, 2], lambda x: x[None])
    assert rows_of(tfs.map_rows(deeper, df, {"x": "c"})) == [[cell] for cell in cells]


def test_large_integers_are_exact(spark):
    df = spark.range(BIG, BIG + 3).selectExpr("id", "array(id, -id) v")
    assert rows_of(tfs.map_rows(same(tf.int64, [], lambda x: x + 1), df, {"x": "id"})) == [
        BIG + 1, BIG + 2, BIG + 3,
    ]  # fmt: skip
    assert rows_of(tfs.map_blocks(same(tf.int64, [None, 2]), df, {"x": "v"}, trim=True)) == [
        [BIG + i, -BIG - i] for i in range(3)
    ]
    null = df.selectExpr("if(id % 2 = 0, NULL, id) as n")
    found = rows_of(tfs.map_rows(same(tf.int64, []), null, {"x": "n"}, nulls="null"))
    assert found == [BIG, None, BIG + 2]
    assert rows_of(tfs.map_rows(same(tf.int64, []), null, {"x": "n"}, nulls=BIG))[1] == BIG


@pytest.mark.parametrize("per_row", [True, False])
def test_one_row_keeps_its_dtype_and_shape(spark, per_row):
    df = spark.sql("SELECT array(array(1.5F, 2F)) m, array('a') t, X'00FF' b, true o, 3Y y")
    verb, axis = (tfs.map_rows, []) if per_row else (tfs.map_blocks, [None])
    for column, dtype, shape, kind, value in [
        ("m", tf.float32, [1, 2], "array<array<float>>", [[1.5, 2.0]]),
        ("t", tf.string, [None], "array<string>", ["a"]),
        ("b", tf.string, [], "binary", b"\x00\xff"),
        ("o", tf.bool, [], "boolean", True),
        ("y", tf.int8, [], "tinyint", 3),
    ]:
        out = verb(same(dtype, axis + shape), df, {"x": column})
        assert dict(out.dtypes)["z"] == kind
        assert rows_of(out) == [value]


def test_text_and_bytes_go_in_and_come_out_of_arrays(spark):
    df = spark.sql(
        "SELECT array('zürich', '', concat('k', id)) t, array(X'00FF', encode(id, 'UTF-8')) b,"
        " array(array('a', '東京'), array('', 'b')) m FROM range(2)"
    )
    assert rows_of(tfs.map_rows(same(tf.string, [3]), df, {"x": "t"})) == [
        ["zürich", "", "k0"], ["zürich", "", "k1"],
    ]  # fmt: skip
    assert rows_of(tfs.map_rows(same(tf.string, [None]), df, {"x": "b"})) == [
        [b"\x00\xff", b"0"], [b"\x00\xff", b"1"],
    ]  # fmt: skip
    blocks = tfs.map_blocks(same(tf.string, [None, 2, 2]), df, {"x": "m"})
    assert rows_of(blocks) == [[["a", "東京"], ["", "b"]]] * 2


def test_ragged_vectors_are_for_rows_and_for_blocks_of_rows_alone(spark):
    df = spark.sql("SELECT sequence(0L, id % 5) v FROM range(40)")
    expected = [[2 * n for n in range(i % 5 + 1)] for i in range(40)]
    rows = same(tf.int64, [None], lambda x: x * 2)
    assert rows_of(tfs.map_rows(rows, df, {"x": "v"})) == expected
    sums = same(tf.int64, [None], tf.reduce_sum)
    assert rows_of(tfs.map_rows(sums, df, {"x": "v"})) == [sum(cell) // 2 for cell in expected]
    blocks = same(tf.int64, [None, None], lambda x: x * 2)
    assert rows_of(tfs.map_blocks(blocks, df, {"x": "v"})) == expected
    with pytest.raises(Exception, match="depend on each other"):
        tfs.map_blocks(same(tf.int64, [None, None], tf.cumsum), df, {"x": "v"}).collect()


MATRICES = """
    SELECT * FROM VALUES (0, array(array(1, 2), array(3, 4))), (1, array(array(1, NULL), NULL)),
    (2, NULL), (3, array(array(5, 6), array(7, NULL))) AS t(i, m)
"""


@pytest.mark.parametrize("per_row", [True, False])
def test_nulls_inside_matrices_follow_the_null_policies(spark, per_row):
    df = spark.sql(MATRICES)
    verb, axis = (tfs.map_rows, []) if per_row else (tfs.map_blocks, [None])
    program = same(tf.int32, [*axis, 2, 2])
    first = [[1, 2], [3, 4]]
    assert rows_of(verb(program, df, {"x": "m"}, nulls="null")) == [first, None, None, None]
    assert rows_of(verb(program, df, {"x": "m"}, nulls=0)) == [
        first, [[1, 0], [0, 0]], [[0, 0], [0, 0]], [[5, 6], [7, 0]],
    ]  # fmt: skip
    with pytest.raises(Exception, match="Column 'm' holds"):
        verb(program, df, {"x": "m"}).collect()


def test_decimals_are_refused_with_a_cast_that_works(classic):
    df = classic.sql(
        "SELECT cast(id as decimal(9, 2)) d, array(cast(id as decimal)) a FROM range(2)"
    )
    text = refused(errors.UnsupportedTypeError, same(tf.float64, [None]), df, "a")
    assert "write df.withColumn('a', df['a'].cast('array<double>'))" in text
    df = df.withColumn("a", df["a"].cast("array<double>"))
    assert rows_of(tfs.map_rows(same(tf.float64, [None]), df, {"x": "a"})) == [[0.0], [1.0]]
