from __future__ import annotations

import datetime as dt
import math
import re

import numpy as np
import pytest

import tfspark_magic as tfs
from tests.executor.test_mapping import program
from tests.executor.test_reducing import FIRST_BYTE, LOGSUMEXP, SUM
from tfspark_magic import errors
from tfspark_magic.executor.session import is_connect

BY_HAND = SUM.replace("reduce_sum(x_input", "reduce_sum(x_input * 1")


def rows_of(df):
    return sorted((tuple(row) for row in df.collect()), key=repr)


@pytest.fixture
def df(spark):
    return spark.range(0, 2_000, 1, 3).selectExpr("id x", "id % 7 k", "concat('s', id % 3) s")


@pytest.mark.parametrize("source", [SUM, BY_HAND], ids=["plain", "graph"])
def test_groups_are_those_of_spark(df, source):
    out = tfs.aggregate(program(source), df.groupBy("k", "s"))
    assert out.columns == ["k", "s", "x"]
    assert rows_of(out) == rows_of(df.groupBy("k", "s").sum("x"))


def test_it_is_lazy(df):
    failing = df.selectExpr("k", "x", "raise_error('ran') bad").filter("bad is null")
    out = tfs.aggregate(program(SUM), failing.groupBy("k"))
    assert dict(out.dtypes) == {"k": "bigint", "x": "bigint"}
    with pytest.raises(Exception, match="ran"):
        out.collect()


@pytest.mark.both
def test_computed_keys_keep_their_names(df, spark):
    from tfspark_magic.executor.session import functions

    F = functions(spark)
    grouped = df.groupBy((F.col("x") % 2).alias("odd"), F.upper("s"))
    out = tfs.aggregate(program(SUM), grouped)
    assert out.columns == ["odd", "upper(s)", "x"]
    assert rows_of(out) == rows_of(grouped.sum("x"))


KEYS = [
    "cast(id % 3 as tinyint)", "cast(id % 3 as decimal(20, 4))", "id % 2 = 0",
    "if(id % 4 = 0, null, id % 4)", "cast(cast(id % 3 as string) as binary)", "date_add('2020-01-01', int(id % 3))",
    "timestamp_micros(id % 3)", "cast(timestamp_micros(id % 3) as timestamp_ntz)",
    "make_dt_interval(int(id % 3))", "array(id % 2, null, id % 3)",
    "if(id % 5 = 0, null, array(array(id % 2)))", "named_struct('a', id % 2, 'b', cast(id % 3 as string))",
    "array(named_struct('a', id % 2))", "map('a', id % 2)",
    "if(id % 2 = 0, map('a', 1, 'b', 2), map('b', 2, 'a', 1))", "null",
]  # fmt: skip


@pytest.mark.matrix
@pytest.mark.parametrize("key", KEYS)
def test_keys_of_any_type_that_spark_groups_by(spark, key):
    frame = spark.range(0, 60, 1, 3).selectExpr("id x", f"{key} k")
    out = tfs.aggregate(program(SUM), frame.groupBy("k"))
    assert out.schema["k"].dataType == frame.schema["k"].dataType
    assert rows_of(out) == rows_of(frame.groupBy("k").sum("x"))


@pytest.mark.parametrize("kind", ["double", "float"])
def test_zero_and_nan_are_one_group_each(spark, kind):
    frame = spark.createDataFrame(
        [(0.0, 1), (-0.0, 2), (math.nan, 4), (-math.nan, 8), (None, 16), (1.5, 32)],
        "k double, x long",
    ).selectExpr(f"cast(k as {kind}) k", "x")
    found = {repr(key): x for key, x in tfs.aggregate(program(SUM), frame.groupBy("k")).collect()}
    assert found == {"0.0": 3, "nan": 12, "None": 16, "1.5": 32}
    nested = frame.selectExpr("array(k) k", "x")
    sums = sorted(x for _, x in tfs.aggregate(program(SUM), nested.groupBy("k")).collect())
    assert sums == [3, 12, 16, 32]


DEEP = {
    "flat": "k",
    "array": "array(1.5d, k)",
    "struct": "if(x = 32, null, named_struct('a.b', k, 's', 'text'))",
    "array of structs": "array(named_struct('a', array(k), 'b', cast(k as float)), null)",
    "struct of an array of structs": "named_struct('v', array(named_struct('w', array(k))), 'n', x < 0)",
    "map": "map('a', array(k))",
}


def test_keys_are_shown_as_spark_shows_them_at_every_depth(spark):
    frame = spark.createDataFrame(
        [(-0.0, 1), (0.0, 2), (math.nan, 4), (-math.nan, 8), (None, 16), (-1.5, 32)],
        "k double, x long",
    ).repartition(3)
    for key in DEEP.values():
        keyed = frame.selectExpr(f"{key} k", "x")
        out = tfs.aggregate(program(SUM), keyed.groupBy("k"))
        assert repr(rows_of(out)) == repr(rows_of(keyed.groupBy("k").sum("x")))
        assert "-0.0" not in repr(rows_of(out))
        assert out.schema["k"].dataType == keyed.schema["k"].dataType


def test_vectors_and_matrices_are_values(spark):
    frame = spark.range(0, 500, 1, 2).selectExpr(
        "id % 5 k", "array(array(cast(id as double), 1d), array(0d, cast(-id as double))) x"
    )
    source = """
x_input = tf.placeholder(tf.float64, [None, 2, 2], name='x_input')
x = tf.reduce_max({}, axis=0, name='x')
"""
    for block in ("x_input", "x_input + 0.0"):
        out = tfs.aggregate(program(source.format(block)), frame.groupBy("k"))
        assert dict(out.collect()) == {k: [[495.0 + k, 1.0], [0.0, -float(k)]] for k in range(5)}
        assert out.schema["x"].metadata["tfspark_magic.shape"] == [2, 2]


def test_many_groups_of_any_size(spark):
    # One group of half the rows, many of one row, and all between.
    frame = spark.range(0, 100_000, 1, 4).selectExpr(
        "if(id % 2 = 0, -1, cast(sqrt(id) * 10 as bigint)) k", "cast(id % 10 as double) / 10 x"
    )
    out = tfs.aggregate(program(LOGSUMEXP), frame.groupBy("k")).toArrow().sort_by("k")
    ids = np.arange(100_000)
    keys = np.where(ids % 2 == 0, -1, (np.sqrt(ids) * 10).astype(np.int64))
    groups, inverse = np.unique(keys, return_inverse=True)
    expected = np.log(np.bincount(inverse, np.exp((ids % 10) / 10)))
    assert out["k"].to_pylist() == groups.tolist()
    np.testing.assert_allclose(out["x"].to_numpy(), expected, rtol=1e-12)


def test_an_empty_frame_has_no_groups(df):
    out = tfs.aggregate(program(SUM), df.filter("x < 0").groupBy("k"))
    assert out.collect() == []


def test_the_three_null_policies(spark):
    frame = spark.range(0, 12, 1, 2).selectExpr("id % 3 k", "if(id % 3 = 0 or id = 4, null, id) x")
    with pytest.raises(Exception, match="Column 'x' holds"):
        tfs.aggregate(program(SUM), frame.groupBy("k")).collect()
    for source in (SUM, BY_HAND):
        left_out = tfs.aggregate(program(source), frame.groupBy("k"), nulls="null")
        assert rows_of(left_out) == [(0, None), (1, 18), (2, 26)]
        filled = tfs.aggregate(program(source), frame.groupBy("k"), nulls=1)
        assert rows_of(filled) == [(0, 4), (1, 19), (2, 26)]


def test_the_result_is_a_frame_like_any_other(df):
    out = tfs.aggregate(program(SUM), df.groupBy("k"))
    assert out.filter("k = 3").count() == 1
    again = tfs.aggregate(program(SUM), out.groupBy((out.k > 3).alias("large")))
    assert sum(row.x for row in again.collect()) == sum(range(2_000))


def test_a_graph_that_is_no_reduction_is_refused(spark):
    frame = spark.range(0, 100, 1, 2).selectExpr("id % 3 k", "cast(id * id as double) x")
    source = LOGSUMEXP.replace("reduce_logsumexp(x_input", "reduce_mean(tf.abs(x_input)")
    with pytest.raises(errors.NotAlgebraicError, match="Fetch 'x' is no reduction for aggregate"):
        tfs.aggregate(program(source), frame.groupBy("k"))


def test_a_graph_that_counts_rare_rows_is_refused_where_they_come_in_one_partition(spark):
    frame = spark.range(0, 4_000, 1, 4).selectExpr("id % 3 k", "if(id > 3990, 2e3, id % 50) x")
    source = LOGSUMEXP.replace(
        "tf.reduce_logsumexp(x_input", "tf.reduce_sum(tf.minimum(x_input, 1e3)"
    )
    with pytest.raises(Exception, match="NotAlgebraicError: Fetch 'x' is no reduction"):
        tfs.aggregate(program(source), frame.groupBy("k")).collect()


def test_a_graph_that_fails_as_a_block_is_mapped_in_sparks_workers(spark):
    loop = (
        "loop = tf.while_loop(lambda i, s: i < {n}, lambda i, s: (i + 1, s * {v}), "
        "[tf.zeros_like({n}), {v}])[1]\n"
        "tf.add({v}, 0 * tf.gradients(loop, {v})[0], name='x')"
    )
    runs = "b = tf.placeholder(tf.float64, [None], name='x_input')\nm = tf.reduce_max(b)\n"
    pairs = (
        "a = tf.placeholder(tf.float64, [], name='x_1')\n"
        "b = tf.placeholder(tf.float64, [], name='x_2')\nm = tf.maximum(a, b)\n"
    )
    df = spark.range(0, 40, 1, 2).selectExpr("cast(id % 7 as double) x", "id % 3 k")
    grouped = tfs.aggregate(program(runs + loop.format(n="b[0]", v="m")), df.groupBy("k"))
    assert rows_of(grouped) == [(0, 6.0), (1, 6.0), (2, 6.0)]
    assert tfs.reduce_rows(program(pairs + loop.format(n="a", v="m")), df) == 6.0


def test_the_same_bits_on_every_run(spark):
    frame = spark.range(0, 20_000, 1, 5).selectExpr("id % 10 k", "sin(id) x")
    out = tfs.aggregate(program(LOGSUMEXP), frame.groupBy("k"))
    assert len({str(rows_of(out)) for _ in range(3)}) == 1


@pytest.mark.both
def test_what_cannot_be_grouped_is_refused_at_definition(df, spark):
    for grouped, text in (
        (df.rollup("k"), "this is a rollup"),
        (df.cube("k"), "this is a cube"),
        (df.groupBy("k").pivot("s", ["s0"]), "this is a pivot"),
        (df.groupBy(), "df.groupBy() has no keys: use tfs.reduce_blocks"),
    ):
        with pytest.raises(errors.ReductionError) as caught:
            tfs.aggregate(program(SUM), grouped)
        assert text in str(caught.value)
    in_full = f"{type(df).__module__}.{type(df).__qualname__}"
    for other, kind in ((df, in_full), ("text", "str")):
        with pytest.raises(errors.NotADataFrameError) as caught:
            tfs.aggregate(program(SUM), other)
        assert str(caught.value) == (
            f"aggregate needs a grouped DataFrame, got {kind}: write "
            f"tfs.aggregate(fetches, df.groupBy('key'))."
        )
    with pytest.raises(errors.NameConflictError, match="'x' has the name of a key"):
        tfs.aggregate(program(SUM), df.groupBy("x"))
    stream = spark.readStream.format("rate").load().selectExpr("value x", "value % 2 k")
    with pytest.raises(errors.NotAvailableError, match="foreachBatch"):
        tfs.aggregate(program(SUM), stream.groupBy("k"))


def test_dates_as_keys_come_back_as_dates(spark):
    frame = spark.sql("select date'2020-01-01' k, 1L x union all select date'2020-01-01', 2L")
    assert rows_of(tfs.aggregate(program(SUM), frame.groupBy("k"))) == [(dt.date(2020, 1, 1), 3)]


def test_bytes_that_are_no_text_are_refused_where_text_belongs(spark):
    frame = spark.range(0, 8, 1, 2).selectExpr("id % 2 k", "'é' s")
    out = tfs.aggregate(program(FIRST_BYTE), frame.groupBy("k"))
    with pytest.raises(Exception, match="FetchError: Fetch 's' gave bytes that are not UTF-8 text"):
        out.collect()
    as_bytes = frame.selectExpr("k", "encode(s, 'utf-8') s")
    out = tfs.aggregate(program(FIRST_BYTE), as_bytes.groupBy("k"))
    assert rows_of(out) == [(0, b"\xc3"), (1, b"\xc3")]


@pytest.mark.both
def test_keys_are_in_the_result_whatever_spark_is_set_to_retain(df, spark):
    grouped = df.groupBy("k", (df.x % 2).alias("odd"))
    expected = rows_of(grouped.sum("x"))
    spark.conf.set("spark.sql.retainGroupColumns", "false")
    try:
        out = tfs.aggregate(program(SUM), grouped)
        assert out.columns == ["k", "odd", "x"]
        assert rows_of(out) == expected
    finally:
        spark.conf.unset("spark.sql.retainGroupColumns")


TEXT = "if(id % 3 = 0, 'Ab', if(id % 3 = 1, 'aB', null)) collate UNICODE_CI"
MONTHS = "make_ym_interval(int(id % 3) - 1, int(id % 5))"
ENTRIES = "array_sort(map_entries({}))"


def refusal(grouped):
    with pytest.raises(errors.UnsupportedTypeError) as caught:
        tfs.aggregate(program(SUM), grouped)
    return str(caught.value)


def assert_groups(frame, key):
    """Check that the groups of this key are those of column `k`."""
    out = tfs.aggregate(program(SUM), frame.groupBy(key.alias("key")))
    found = sorted(row.x for row in out.collect())
    assert found == sorted(row[0] for row in frame.groupBy("k").sum("x").select("sum(x)").collect())


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (TEXT, "string collate UNICODE_CI"),
        ("concat(string(id % 3), repeat(' ', int(id % 2))) collate UTF8_BINARY_RTRIM",
         "string collate UTF8_BINARY_RTRIM"),
        (f"array({TEXT}, 'z')", "array<string collate UNICODE_CI>"),
        (f"array(named_struct('t', {TEXT}, 'i', id % 2))",
         "array<struct<t:string collate UNICODE_CI,i:bigint>>"),
        (f"named_struct('t', {TEXT}, 'm', {MONTHS})",
         "struct<t:string collate UNICODE_CI,m:interval year to month>"),
    ],
    ids=["text", "trimmed", "array", "struct", "with an interval"],
)  # fmt: skip
def test_collated_keys_are_refused_and_the_advice_works(spark, key, kind):
    from tfspark_magic.executor.session import functions

    frame = spark.range(0, 30, 1, 3).selectExpr("id x", f"{key} k")
    text = refusal(frame.groupBy("k"))
    assert text.startswith(f"Key 'k' is {kind}, which cannot be used here: group by one spelling")
    (expression,) = re.findall(r"F\.expr\('(.+)'\)\.$", text)
    assert_groups(frame, functions(spark).expr(expression.replace("...", "k")))


@pytest.mark.parametrize(
    ("key", "entries"),
    [
        ("array({})", "transform(k, m -> {})"),
        ("named_struct('m', {})", "named_struct('m', {})"),
        ("map('a', {})", "transform_values(k, (a, m) -> {})"),
    ],
    ids=["array", "struct", "map"],
)
def test_maps_inside_keys_are_refused_and_the_advice_works(spark, key, entries):
    from tfspark_magic.executor.session import functions

    either = "if(id % 2 = 0, map('a', 1, 'b', int(id % 3)), map('b', int(id % 3), 'a', 1))"
    frame = spark.range(0, 30, 1, 3).selectExpr("id x", f"{key.format(either)} k")
    text = refusal(frame.groupBy("k"))
    assert text == (
        f"Key 'k' is {frame.schema['k'].dataType.simpleString()}, which cannot be used here: "
        f"group by the entries of the map in it, F.array_sort(F.map_entries(...))."
    )
    inner = "k.m" if "struct" in key else "m"
    assert_groups(frame, functions(spark).expr(entries.format(ENTRIES.format(inner))))


def test_maps_of_collated_text_take_both_pieces_of_advice(spark):
    from tfspark_magic.executor.session import functions

    F = functions(spark)
    frame = spark.range(0, 30, 1, 3).selectExpr("id x", f"map(coalesce({TEXT}, 'z'), id % 2) k")
    assert "F.array_sort(F.map_entries(...))" in refusal(frame.groupBy("k"))
    entries = ENTRIES.format("k")
    text = refusal(frame.groupBy(F.expr(entries).alias("entries")))
    (expression,) = re.findall(r"F\.expr\('(.+)'\)\.$", text)
    assert_groups(frame, F.expr(expression.replace("...", entries)))


@pytest.mark.parametrize(
    "key",
    [
        MONTHS,
        "cast(int(id % 3) as interval year)",
        "cast(int(id % 3) as interval month)",
        "make_interval(1, int(id % 3), 2, 3)",
        f"array({MONTHS}, null)",
        f"named_struct('m', {MONTHS}, 'i', id % 2)",
        f"map('a', {MONTHS})",
    ],
)
def test_intervals_of_months_are_refused_and_the_advice_works(spark, key):
    from tfspark_magic.executor.session import functions

    frame = spark.range(0, 30, 1, 3).selectExpr("id x", f"{key} k")
    text = refusal(frame.groupBy("k"))
    assert "which cannot be used here: group by it as text, with cast(" in text
    (kind,) = re.findall(r"cast\('(.+)'\)\.$", text)
    assert_groups(frame, functions(spark).col("k").cast(kind))


@pytest.mark.both
def test_times_of_day_are_keys(spark):
    frame = spark.createDataFrame([(dt.time(1, 2), 1), (dt.time(1, 2), 2)], "k time, x long")
    grouped = frame.groupBy("k")
    if is_connect(spark):
        with pytest.raises(errors.UnsupportedTypeError) as caught:
            tfs.aggregate(program(SUM), grouped)
        # Spark's server takes them as it is told: the remedy, as it says.
        code = re.search(r"(spark\.conf\.set\(.*?\))", str(caught.value))[1]
        exec(code, {"spark": spark})
    try:
        assert rows_of(tfs.aggregate(program(SUM), grouped)) == [(dt.time(1, 2), 3)]
    finally:
        spark.conf.unset("spark.sql.timeType.enabled")
