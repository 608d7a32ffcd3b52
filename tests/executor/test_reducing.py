from __future__ import annotations

import numpy as np
import pytest

import tfspark_magic as tfs
from tests.executor.test_mapping import program
from tfspark_magic import errors
from tfspark_magic.graph.runtime import tf, tf1

SUM = """
x_input = tf.placeholder(tf.int64, [None], name='x_input')
x = tf.reduce_sum(x_input, axis=0, name='x')
"""
LOGSUMEXP = """
x_input = tf.placeholder(tf.float64, [None], name='x_input')
x = tf.identity(tf.reduce_logsumexp(x_input, axis=0), name='x')
"""
LARGEST = """
x_1 = tf.placeholder(tf.int64, [], name='x_1')
x_2 = tf.placeholder(tf.int64, [], name='x_2')
x = tf.maximum(x_1, x_2, name='x')
"""
FIRST_BYTE = """
s_input = tf.placeholder(tf.string, [None], name='s_input')
s = tf.strings.substr(tf.strings.reduce_join(s_input, axis=0), 0, 1, name='s')
"""


def numbers(spark, rows, partitions=2):
    return spark.range(0, rows, 1, partitions).selectExpr("id x", "'other' s", "id * 0.5 y")


@pytest.mark.parametrize(("rows", "partitions"), [(1, 1), (1, 4), (4, 4), (5, 9), (50_000, 3)])
def test_sums_are_right_whatever_the_partitions(spark, rows, partitions):
    total = tfs.reduce_blocks(program(SUM), numbers(spark, rows, partitions))
    assert total == sum(range(rows))
    assert isinstance(total, np.int64)
    assert tfs.reduce_rows(program(LARGEST), numbers(spark, rows, partitions)) == rows - 1


def test_fetches_come_in_their_order_and_from_live_tensors(spark):
    with tf.Graph().as_default():
        ys = tf1.placeholder(tf.float64, [None], name="y_input")
        xs = tf1.placeholder(tf.int64, [None], name="x_input")
        y = tf.reduce_mean(ys, axis=0, name="y")
        x = tf.reduce_max(xs, axis=0, name="x")
        df = numbers(spark, 101).selectExpr("x", "cast(y as double) y")
        assert tfs.reduce_blocks([y, x], df) == [25.0, 100]
        assert tfs.reduce_blocks(["x", "y"], df) == [100, 25.0]
        assert tfs.reduce_blocks("x", df) == 100


def test_any_column_can_be_reduced_with_a_feed_dict(spark):
    df = numbers(spark, 10).selectExpr("x as other")
    assert tfs.reduce_blocks(program(SUM), df, {"x_input": "other"}) == 45
    assert tfs.reduce_rows(program(LARGEST), df, {"x_1": "other"}) == 9
    assert tfs.reduce_rows(program(LARGEST), df, {"x_1": "other", "x_2": "other"}) == 9
    with pytest.raises(errors.OptionError, match="'x_1' and 'x_2' are cells of one column"):
        tfs.reduce_rows(program(LARGEST), df, {"x_1": "other", "x_2": "x"})
    with pytest.raises(errors.ColumnNotFoundError, match="'x_input' needs a column 'x'"):
        tfs.reduce_blocks(program(SUM), df)


def test_matrices_and_vectors(spark):
    df = spark.range(0, 60, 1, 4).selectExpr(
        "array(array(cast(id as float), 1f), array(2f, cast(-id as float))) m"
    )
    source = """
    m_input = tf.placeholder(tf.float32, [None, 2, 2], name='m_input')
    m = tf.reduce_sum({}, axis=0, name='m')
    """
    for block in ("m_input", "tf.identity(m_input) * 1"):
        found = tfs.reduce_blocks(program(source.format(block).replace("\n    ", "\n")), df)
        assert found.dtype == np.float32
        assert found.tolist() == [[1770.0, 60.0], [120.0, -1770.0]]


def test_an_int_column_is_widened_as_in_maps(spark):
    df = spark.range(5).selectExpr("cast(id as int) x")
    assert tfs.reduce_blocks(program(SUM), df) == 10


def test_texts_are_joined_in_order(spark):
    df = spark.range(0, 20, 1, 3).selectExpr("cast(id % 10 as string) s")
    source = """
s_1 = tf.placeholder(tf.string, [], name='s_1')
s_2 = tf.placeholder(tf.string, [], name='s_2')
s = tf.strings.join([s_1, s_2], name='s')
"""
    assert tfs.reduce_rows(program(source), df) == "0123456789" * 2
    as_bytes = df.selectExpr("cast(s as binary) s")
    assert tfs.reduce_rows(program(source), as_bytes) == b"0123456789" * 2


def test_bytes_that_are_no_text_are_refused_where_text_belongs(spark):
    df = spark.range(0, 6, 1, 2).selectExpr("'é' s")
    pairs = """
s_1 = tf.placeholder(tf.string, [], name='s_1')
s_2 = tf.placeholder(tf.string, [], name='s_2')
s = tf.strings.substr(tf.strings.join([s_1, s_2]), 0, 1, name='s')
"""
    for verb, source in ((tfs.reduce_blocks, FIRST_BYTE), (tfs.reduce_rows, pairs)):
        with pytest.raises(errors.FetchError) as caught:
            verb(program(source), df)
        assert str(caught.value) == (
            "Fetch 's' gave bytes that are not UTF-8 text: encode them in the graph, for example "
            "with tf.io.encode_base64."
        )
        assert verb(program(source), df.selectExpr("encode(s, 'utf-8') s")) == b"\xc3"


def test_the_same_bits_on_every_run(spark):
    df = spark.range(0, 30_000, 1, 5).selectExpr("sin(id) x")
    found = program(LOGSUMEXP)
    results = {tfs.reduce_blocks(found, df).tobytes() for _ in range(3)}
    assert len(results) == 1
    np.testing.assert_allclose(
        np.frombuffer(results.pop()), np.logaddexp.reduce(np.sin(np.arange(30_000)))
    )


def test_an_empty_frame_is_an_error_that_says_so(spark):
    for df in (numbers(spark, 0), numbers(spark, 10).filter("x > 100")):
        with pytest.raises(errors.ReductionError, match="reduce_blocks found no rows"):
            tfs.reduce_blocks(program(SUM), df)
        with pytest.raises(errors.ReductionError, match="reduce_rows found no rows"):
            tfs.reduce_rows(program(LARGEST), df)


def test_the_three_null_policies(spark):
    df = spark.range(0, 12, 1, 3).selectExpr("if(id % 3 = 0, null, id) x")
    for verb, source, expected in (
        (tfs.reduce_blocks, SUM, 48),
        (tfs.reduce_rows, LARGEST, 11),
    ):
        with pytest.raises(
            errors.NullValuesError, match="Column 'x' holds [12] nulls? in a block of 4"
        ):
            verb(program(source), df)
        assert verb(program(source), df, nulls="null") == expected
        assert (
            verb(program(source), df, nulls={"x_input" if verb is tfs.reduce_blocks else "x_1": 0})
            == expected
        )
        assert verb(program(source), df.filter("x is null"), nulls="null") is None


COUNT = LOGSUMEXP.replace(
    "tf.reduce_logsumexp(x_input", "tf.reduce_sum(tf.cast(x_input > 1000, tf.float64)"
)
CAPPED = LOGSUMEXP.replace("tf.reduce_logsumexp(x_input", "tf.reduce_sum(tf.minimum(x_input, 1e3)")


def test_counting_is_refused_when_it_is_defined_and_the_remedy_counts(spark):
    df = spark.range(0, 3_000, 1, 3).selectExpr("if(id > 2996, 5e3, id % 50) x")
    with pytest.raises(errors.NotAlgebraicError) as caught:
        tfs.reduce_blocks(program(COUNT), df.filter("raise_error('ran') is null"))
    assert str(caught.value) == (
        "Fetch 'x' is no reduction for reduce_blocks, which applies the graph to its own results "
        "again: it adds up values that are never large, as in counting, so that a large "
        "result does not come out unchanged when it is fed again. Make a column of what is to be added up, with "
        "map_rows, reduce that column by a plain sum, and combine sums and counts afterwards; "
        "check=False switches this check off."
    )
    ones = """
x = tf.placeholder(tf.float64, [], name='x')
y = tf.cast(x > 1000, tf.float64, name='y')
"""
    mapped = tfs.map_rows(program(ones), df)
    total = program(COUNT.replace("tf.cast(x_input > 1000, tf.float64)", "x_input"))
    assert tfs.reduce_blocks(total, mapped, {"x_input": "y"}) == 3.0
    with pytest.raises(errors.NotAlgebraicError, match="rows made up for it gave"):
        tfs.reduce_blocks(program(CAPPED), df)


def test_what_is_no_reduction_is_refused_with_what_to_write(spark):
    source = LOGSUMEXP.replace("reduce_logsumexp(x_input", "reduce_mean(tf.abs(x_input)")
    df = spark.range(0, 100, 1, 2).selectExpr("cast(id * id as double) x")
    with pytest.raises(errors.NotAlgebraicError) as caught:
        tfs.reduce_blocks(program(source), df)
    assert "sums and counts" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert tfs.reduce_blocks(program(source), df, check=False) > 0


@pytest.mark.both
def test_only_the_needed_columns_leave_the_jvm(spark):
    df = numbers(spark, 10).selectExpr("x", "raise_error('read') bad")
    assert tfs.reduce_blocks(program(SUM), df) == 45


BAD = [
    ("z = tf.reduce_sum(tf.placeholder(tf.int64, [None], name='x'), axis=0, name='z')",
     "reduce_blocks", errors.ReductionError,
     "fetch 'z' is made from 'z_input', a block of the column to reduce, and the graph takes 'x'"),
    ("x = tf.reduce_sum(tf.placeholder(tf.int64, [None], name='x_input'), axis=0, name='x')",
     "reduce_rows", errors.ReductionError, "fetch 'x' is made from 'x_1' and 'x_2', two cells"),
    ("x = tf.reduce_sum(tf.placeholder(tf.int64, [None], name='x_input') + "
     "tf.placeholder(tf.int64, [None], name='w_input'), axis=0, name='x')",
     "reduce_blocks", errors.ReductionError, "placeholder 'w_input' belongs to no fetch"),
    ("x = tf.cast(tf.reduce_sum(tf.placeholder(tf.int64, [None], name='x_input'), axis=0), "
     "tf.float64, name='x')",
     "reduce_blocks", errors.ReductionError, "fetch 'x' is float64 and its placeholder 'x_input' int64"),
    ("x = tf.multiply(tf.placeholder(tf.int64, [None], name='x_input'), 2, name='x')",
     "reduce_blocks", errors.ShapeMismatchError, "Fetch 'x' of reduce_blocks"),
    ("x = tf.reduce_sum(tf.placeholder(tf.int64, [None, 2], name='x_input'), axis=0, name='x')",
     "reduce_blocks", errors.ShapeMismatchError, "Placeholder 'x_input' and column 'x'"),
    ("x = tf.reduce_sum(tf.placeholder(tf.int32, [None], name='x_input'), axis=0, name='x')",
     "reduce_blocks", errors.DtypeMismatchError, "takes int32, column 'x' is int64"),
    ("x = tf.identity(tf.reduce_sum(tf.placeholder(tf.int64, [], name='x_input')), name='x')",
     "reduce_blocks", errors.ShapeMismatchError, "a block, whose first axis is its rows"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "verb", "kind", "text"), BAD)
def test_rules_are_checked_at_definition(classic, source, verb, kind, text):
    df = numbers(classic, 10).selectExpr("x", "raise_error('ran') bad").filter("bad is null")
    with pytest.raises(kind) as caught:
        getattr(tfs, verb)(program(source), df)
    assert text in str(caught.value)


@pytest.mark.both
def test_streams_and_other_things_are_refused(spark):
    stream = spark.readStream.format("rate").load().selectExpr("value x")
    with pytest.raises(errors.NotAvailableError, match="foreachBatch"):
        tfs.reduce_blocks(program(SUM), stream)
    with pytest.raises(errors.NotADataFrameError, match=r"reduce_blocks needs a DataFrame"):
        tfs.reduce_blocks(program(SUM), [1, 2])
