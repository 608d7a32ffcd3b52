"""The files of a DataFrame have exactly its rows, or are refused with the step that is more than a scan."""

from __future__ import annotations

import datetime as dt
import math

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tfspark_magic as tfs
from tests.executor.test_mapping import SEED, program
from tests.executor.test_reducing import SUM as WHOLE
from tests.sources.test_files import table_of
from tfspark_magic import errors
from tfspark_magic.executor.session import functions, is_connect

pytestmark = pytest.mark.both

DAY = dt.date(2024, 2, 29)
NOON = dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Rows with all that is compared in its own way, in row groups of four rows, below folders."""
    path = tmp_path_factory.mktemp("scans") / "a table"
    floats = [None, math.nan, -0.0, 0.0, 0.1, -1.5, math.inf, -math.inf, 1.0, 1.0, math.nan, 1.0]
    rows = len(floats)
    for day, k in ((DAY, 1), (DAY + dt.timedelta(1), 2), (None, 10)):
        table = pa.table(
            {
                "id": pa.array(range(rows), pa.int64()),
                "x": pa.array([None, *range(1, rows)], pa.int32()),
                "f": pa.array(floats, pa.float32()),
                "d": pa.array(floats, pa.float64()),
                "s": [None, "", "a", "B", "é", "b", "a b", "%41", "a", "\U0001f600", "z", "a"],
                "b": pa.array([None, True, False] * 4),
                "on": pa.array([None, DAY, DAY + dt.timedelta(2)] * 4),
                "at": pa.array([None, NOON] * 6, pa.timestamp("us", "UTC")),
                "v": [[float(n), 1.0] for n in range(rows)],
                "n": pa.array(range(rows), pa.decimal128(9, 2)),
            }
        )
        name = "__HIVE_DEFAULT_PARTITION__" if day is None else f"{day}"
        below = path / f"day={name}" / f"k={k}"
        below.mkdir(parents=True)
        pq.write_table(table, below / "part 0.parquet", row_group_size=4)
    return path


@pytest.fixture
def df(spark, folder):
    return spark.read.parquet(str(folder))


def same(df, whole=None):
    """The number of rows in the files of a frame, which have its columns, types and rows."""
    table, whole = table_of(tfs.files(df)), df.toArrow() if whole is None else whole
    assert table.column_names == whole.column_names == df.columns
    assert [str(t) for t in table.schema.types] == [str(t) for t in whole.schema.types]
    assert sorted(map(repr, table.to_pylist())) == sorted(map(repr, whole.to_pylist()))
    return table.num_rows


def test_columns_in_any_order(df):
    whole = df.toArrow()
    assert same(df, whole) == 36
    for names in (["x"], ["d", "id"], ["day"], ["k", "x", "day"], ["v", "n", "at"]):
        assert same(df.select(*names), whole.select(names)) == 36
    assert same(df.drop("x", "day"), whole.drop_columns(["x", "day"])) == 36


FILTERS = {
    "whole": lambda c: (c.x > 3) & (c.x <= 10),
    "turned": lambda c: (c.x < 4) | (c.id == 11),
    "not": lambda c: ~((c.x > 3) & (c.id < 9)),
    "neither": lambda c: ~((c.x > 3) | c.b),
    "null": lambda c: c.x.isNull() | c.s.isNull(),
    "not null": lambda c: c.x.isNotNull() & ~c.b.isNull(),
    "null safe": lambda c: c.x.eqNullSafe(5),
    "not null safe": lambda c: ~c.x.eqNullSafe(5),
    "in": lambda c: c.x.isin(1, 2, 99),
    "not in": lambda c: ~c.x.isin(1, 2, 99),
    "in many": lambda c: c.s.isin(*"abcdefghijklmnop"),
    "not in many": lambda c: ~c.s.isin(*"abcdefghijklmnop"),
    "between": lambda c: c.x.between(2, 4),
    "whole of doubles": lambda c: c.x >= 4.0,
    "nan is large": lambda c: c.d > 0.5,
    "nan is large, of floats": lambda c: c.f >= 0.5,
    "nan is not less": lambda c: ~(c.d < 0.5),
    "nan is not one": lambda c: c.d != 1.0,
    "zeros": lambda c: c.d == 0.0,
    "less": lambda c: c.f < 0.0,
    "least": lambda c: c.d <= -math.inf,
    "most": lambda c: c.d >= math.inf,
    "text": lambda c: c.s >= "a",
    "text and more": lambda c: (c.s < "b") | (c.s == "\U0001f600"),
    "yes": lambda c: c.b,
    "no": lambda c: ~c.b,
    "date": lambda c: c.on > DAY,
    "time": lambda c: c.at == NOON,
    "folder": lambda c: c.k > 1,
    "folder of text": lambda c: (c.day == DAY) | c.day.isNull(),
    "folders and rows": lambda c: ((c.k == 2) & (c.x > 5)) | (c.k == 10),
}


def test_filters_keep_the_same_rows(df, spark):
    """Spark says in one query which rows each filter keeps."""
    of = functions(spark)
    kept = [of.coalesce(made(df), of.lit(False)) for made in FILTERS.values()]
    said = df.select("k", "id", *(one.alias(f"f{n}") for n, one in enumerate(kept))).toArrow()
    rows = set(zip(said["k"].to_pylist(), said["id"].to_pylist(), strict=True))
    for name, keeps, made in zip(FILTERS, said.columns[2:], FILTERS.values(), strict=True):
        expected = (
            said.filter(keeps)
            .select(["k", "id"])
            .sort_by([("k", "ascending"), ("id", "ascending")])
        )
        assert 0 < expected.num_rows < len(rows) == 36, name
        found = table_of(tfs.files(df.filter(made(df)).select("k", "id")))
        assert (
            found.sort_by([("k", "ascending"), ("id", "ascending")]).to_pylist()
            == expected.to_pylist()
        ), name


REFUSED = {
    "step Sort": lambda df, f: df.sort("x"),
    "limit": lambda df, f: df.limit(3),
    "distinct": lambda df, f: df.distinct(),
    "join": lambda df, f: df.join(df.select("id"), "id"),
    "union": lambda df, f: df.union(df),
    "sample": lambda df, f: df.sample(0.5, seed=1),
    "a new column": lambda df, f: df.withColumn("y", df.x + 1),
    "a changed column": lambda df, f: df.withColumn("x", df.x + 1),
    "a cast": lambda df, f: df.select(df.x.cast("long").alias("x")),
    "a new name": lambda df, f: df.withColumnRenamed("x", "y"),
    "a swap": lambda df, f: df.select(df.x.cast("long").alias("id"), df.id.alias("x")),
    "a constant": lambda df, f: df.select(f.lit(1).alias("x")),
    "twice": lambda df, f: df.select("x", "x"),
    "an array": lambda df, f: df.select(df.v[0]),
    "explode": lambda df, f: df.select(f.explode("v").alias("v")),
    "random rows": lambda df, f: df.filter(f.rand(1) < 0.5),
    "two columns": lambda df, f: df.filter(df.x < df.id),
    "a list of doubles": lambda df, f: df.filter(df.d.isin(1.0, 2.0)),
    "part of a number": lambda df, f: df.filter(df.f == 0.1),
    "a half": lambda df, f: df.filter(df.x > 3.5),
    "a number as text": lambda df, f: df.filter(df.s == 1),
    "nan": lambda df, f: df.filter(df.d == f.lit(math.nan)),
    "like": lambda df, f: df.filter(df.s.like("%a%")),
    "a decimal": lambda df, f: df.filter(df.n > 3),
    "a function": lambda df, f: df.filter(f.upper("s") == "A"),
    "the file's name": lambda df, f: df.select("x", "_metadata.file_name"),
}  # fmt: skip


# Where Spark's optimizer has found the same filter on the column itself.
ON_CLASSIC = {"a half": 24}


def test_what_is_more_than_a_scan(df, spark):
    for name, made in REFUSED.items():
        frame = made(df, functions(spark))
        if name in ON_CLASSIC and not is_connect(spark):
            assert same(frame) == ON_CLASSIC[name]
            continue
        assert refusal(frame).startswith("tfs.files takes a DataFrame that only reads Parquet or")


def refusal(df):
    with pytest.raises(errors.NotAvailableError) as caught:
        tfs.files(df)
    return str(caught.value)


def test_what_is_read_in_another_way_is_refused(spark, df, tmp_path):
    one = {"n": pa.array([1], pa.uint32()), "x": pa.array([1], pa.int64()), "k": [1], "d": [DAY]}
    (tmp_path / "k=2").mkdir()
    pq.write_table(pa.table(one), tmp_path / "k=2" / "a.parquet")
    there = spark.read.parquet(str(tmp_path))
    assert "column 'n' of type bigint, which is uint32 in" in refusal(there.select("n"))
    assert "has 'k' in its files and in the names of their folders" in refusal(there.select("k"))
    wider = spark.read.schema("x decimal(20,0), z int").parquet(str(tmp_path / "k=2"))
    assert "column 'x' of type decimal(20,0), which is int64 in" in refusal(wider.select("x"))
    assert "has a column 'z', which" in refusal(wider.select("z"))
    old = pa.table({"d": [DAY]}).replace_schema_metadata({"org.apache.spark.version": "2.4.8"})
    pq.write_table(old, tmp_path / "old.parquet")
    assert "of the old calendar" in refusal(spark.read.parquet(str(tmp_path / "old.parquet")))
    spark.conf.set("spark.sql.parquet.datetimeRebaseModeInRead", "LEGACY")
    try:
        assert "datetimeRebaseModeInRead=LEGACY: set it to CORRECTED" in refusal(df)
    finally:
        spark.conf.unset("spark.sql.parquet.datetimeRebaseModeInRead")
    held = spark.read.parquet(str(tmp_path / "k=2")).cache()
    try:
        assert "is cached: call df.unpersist()" in refusal(held)
    finally:
        held.unpersist()
    coded = spark.read.option("datetimeRebaseMode", "LEGACY").parquet(str(tmp_path / "k=2"))
    assert "read with the option 'datetimerebasemode': leave" in refusal(coded).lower()
    spark.range(2).write.csv(str(tmp_path / "csv"))
    assert "reads" in refusal(spark.read.csv(str(tmp_path / "csv")))
    assert "reads" in refusal(spark.range(3)) or "step" in refusal(spark.range(3))


def test_other_paths_and_orc(spark, folder, tmp_path):
    one, other = sorted(folder.rglob("*.parquet"))[:2]
    assert same(spark.read.parquet(str(one), str(other))) == 24
    assert same(spark.read.parquet(str(folder / "day=*" / "k=1"))) == 12
    above = spark.read.option("basePath", str(folder)).parquet(str(one.parent))
    if is_connect(spark):
        assert "has a column 'day', which" in refusal(above)
    else:
        assert same(above) == 12
    spark.range(9).selectExpr("id", "float(id) f").write.orc(str(tmp_path / "orc"))
    found = spark.read.orc(str(tmp_path / "orc"))
    assert same(found.filter(found.f > 3.0)) == 5
    timed = spark.sql("select date'2020-01-01' t")
    timed.write.orc(str(tmp_path / "timed"))
    assert "depend on time zones" in refusal(spark.read.orc(str(tmp_path / "timed")))
    twice = spark.read.parquet(str(one), str(one.parent))
    if is_connect(spark):
        assert "overlap" in refusal(twice)
    else:
        assert same(twice) == 24
    # What Spark writes by itself: times of 96 bits, and shapes of cells.
    shaped = tfs.analyze(spark.range(3).selectExpr("array(id, id) v", "current_timestamp() at"))
    shaped.write.parquet(str(tmp_path / "shaped"))
    read = spark.read.parquet(str(tmp_path / "shaped"))
    assert same(read.filter(read.at > NOON)) == 3
    assert str(dict(tfs.files(tfs.append_shape(read, "v", [2])).columns())["v"]) == "int64[2]"


def test_tables(spark, folder, df):
    df.write.partitionBy("k").saveAsTable("scanned")
    try:
        table = spark.table("scanned")
        if is_connect(spark):
            assert "reads 'scanned', of which Connect does not tell the files" in refusal(table)
            text = refusal(df.filter("x > 3"))
            assert "the filter 'x > 3' in SQL" in text
            assert text.endswith("write it with columns, as in df.filter(df.x > 3).")
        else:
            assert same(table.filter("k > 1 and x > 3")) == 16
            assert same(spark.sql("select x, d from scanned where d > 0.5")) == 18
    finally:
        spark.sql("drop table scanned")


def test_what_else_has_files(folder):
    files = tfs.files(folder)
    assert tfs.files(files) is files
    with pytest.raises(errors.OptionError, match="Options of tfs.files go with paths"):
        tfs.files(files, format="orc")
    with pytest.raises(errors.NotAvailableError, match="this is a frame of Arrow: write the rows"):
        tfs.files(pa.table({"x": [1]}))


def test_explain_advises_what_can_be_had(spark, df, folder):
    seed = program(SEED)
    rows = df.select("x", df.k.alias("k"), "id").filter(df.x > 3)
    told = dict(tfs.explain(seed, rows, {"y": "k"}).advice)
    assert told["read as files"] == (
        "df only reads 3 Parquet files, about 36 rows, with a filter: tfs.map_files(score, "
        "tfs.files(df), spark=spark) lets Spark's workers read the columns x, k (288 bytes) "
        "themselves, without the JVM; columns= names those that pass through"
    )
    assert told["small rows"] == (
        "tfs.tune(spark, small_rows=True): rows of 8 bytes reach Python two to three times as fast"
    )
    if is_connect(spark):
        return
    found = tfs.map_files(seed, tfs.files(rows), {"y": "k"}, spark=spark, columns=["id"])
    expected = tfs.map_rows(seed, rows, {"y": "k"}).select("id", "z")
    assert sorted(found.collect()) == sorted(expected.collect())
    total = program(WHOLE.replace("int64", "float64"))
    told = dict(
        tfs.explain(total, df.filter(df.d < 9.0), {"x_input": "d"}, verb="reduce_blocks").advice
    )
    assert (
        "tfs.reduce_blocks(score, tfs.files(df), spark=spark) lets Spark's workers"
        in told["read as files"]
    )
    with tfs.tune(spark, small_rows=True):
        assert "small rows" not in dict(tfs.explain(seed, rows, {"y": "k"}).advice)
    assert "read as files" not in dict(tfs.explain(seed, rows.limit(3), {"y": "k"}).advice)
    large = program("v = tf.placeholder(tf.float64, [99], name='v')\ntf.identity(v, name='w')")
    long = tfs.append_shape(spark.sql("select array_repeat(1D, 99) v"), "v", [99])
    assert tfs.explain(large, long).advice == ()
