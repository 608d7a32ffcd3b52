"""Test `map_files`, and reductions of files on Spark: workers read, and the JVM gets the results."""

from __future__ import annotations

import datetime as dt
import warnings

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import tfspark_magic as tfs
from tests.executor.test_files import PLUS, SUM, columns
from tests.executor.test_jobs import until
from tests.executor.test_mapping import SEED, program
from tests.sources.formats.test_binary import photos, red
from tfspark_magic import errors
from tfspark_magic.executor.failures import short_error
from tfspark_magic.executor.session import cores, is_connect
from tfspark_magic.schema.arrow import in_microseconds

ROWS = 200_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Rows in three files of many row groups, and a file without rows."""
    path = tmp_path_factory.mktemp("rows")
    cuts = [(0, 100_000), (100_000, 0), (100_000, 10), (100_010, ROWS - 100_010)]
    for number, (start, rows) in enumerate(cuts):
        pq.write_table(columns(start, rows), path / f"part-{number}.parquet", row_group_size=9_000)
    return path


@pytest.mark.both
def test_the_results_are_those_of_the_dataframe_in_the_order_of_the_files(spark, folder):
    out = tfs.map_files(program(SEED), folder, spark=spark, columns=["id", "s"])
    assert out.dtypes == [("id", "bigint"), ("s", "string"), ("z", "int")]
    table = out.toArrow()
    assert table["id"].to_pylist() == list(range(ROWS))
    np.testing.assert_array_equal(table["z"], 7 * np.arange(ROWS))
    df = tfs.map_rows(program(SEED), spark.read.parquet(str(folder))).select("id", "s", "z")
    assert df.orderBy("id").toArrow().equals(table)
    assert tfs.map_files(program(SEED), folder, spark=spark).columns == ["z"]
    everything = tfs.map_files(program(SEED), folder, spark=spark, columns=None)
    assert everything.columns == ["id", "x", "y", "s", "v", "z"]
    assert everything.filter("id = 100009").select("v", "z").collect()[0].asDict() == {
        "v": [100_009.0] * 3,
        "z": 7 * 100_009,
    }


def test_there_is_a_partition_for_each_core(spark, folder):
    assert cores(spark) == 2
    out = tfs.map_files(program(SEED), folder, spark=spark)
    number = "spark_partition_id() n"
    counts = {row.n: row["count"] for row in out.selectExpr(number).groupBy("n").count().collect()}
    assert sorted(counts) == [0, 1]
    assert min(counts.values()) > ROWS // 3


def test_blocks_of_vectors_and_trim(spark, folder):
    out = tfs.map_files(program(PLUS), folder, spark=spark)
    values = np.stack(out.toPandas().w)
    np.testing.assert_array_equal(values, np.repeat(1 + np.arange(ROWS), 3).reshape(-1, 3))
    # What the schema knows of shapes is kept, as in the maps of DataFrames.
    again = program("w = tf.placeholder(tf.float32, [None, 3], name='w')\ntf.add(w, 1, name='u')")
    assert tfs.explain(again, out).bindings[0].cells == "float32[3]"
    top = program(
        "x = tf.placeholder(tf.int32, [None], name='x')\ntf.reduce_max(x, keepdims=True, name='top')"
    )
    tops = tfs.map_files(top, folder, spark=spark, trim=True, whole_partition=True).collect()
    assert len(tops) == 2
    assert max(row.top for row in tops) == ROWS - 1


def test_reductions_on_the_workers(spark, folder):
    total = tfs.reduce_blocks(program(SUM), folder, {"x_input": "id"}, spark=spark)
    assert isinstance(total, np.int64)
    assert total == ROWS * (ROWS - 1) // 2
    largest = program(
        "x_1 = tf.placeholder(tf.int32, [], name='x_1')\nx_2 = tf.placeholder(tf.int32, [], name='x_2')\n"
        "x = tf.maximum(x_1, x_2, name='x')"
    )
    assert tfs.reduce_rows(largest, folder, spark=spark) == ROWS - 1
    mean = program(
        "v_input = tf.placeholder(tf.float32, [None, 3], name='v_input')\n"
        "v = tf.reduce_mean(v_input, axis=0, name='v')"
    )
    means = [tfs.reduce_blocks(mean, folder, spark=spark) for _ in range(2)]
    np.testing.assert_array_equal(*means)
    np.testing.assert_allclose(means[0], [(ROWS - 1) / 2] * 3)
    with pytest.raises(errors.ReductionError, match="found no rows"):
        tfs.reduce_blocks(program(SUM), folder / "part-1.parquet", {"x_input": "id"}, spark=spark)


def test_filters_columns_of_folders_and_no_rows_at_all(spark, folder, tmp_path):
    for day in (1, 2):
        (tmp_path / f"day={day}").mkdir()
        pq.write_table(columns(10 * day, 2), tmp_path / f"day={day}" / "rows.parquet")
    files = tfs.files(tmp_path, filters=[("id", "!=", 10)])
    out = tfs.map_files(program(SEED), files, {"y": "day"}, spark=spark, columns=["day"])
    assert [tuple(row) for row in out.collect()] == [(1, 14), (2, 26), (2, 27)]
    none = tfs.map_files(program(SEED), folder / "part-1.parquet", spark=spark, columns=["id"])
    assert none.columns == ["id", "z"]
    assert none.collect() == []


def test_columns_of_any_type_that_spark_has_pass_through(spark, tmp_path):
    day, second = dt.date(2020, 1, 2), dt.datetime(2020, 1, 2, 3, 4, 5)  # noqa: DTZ001
    table = pa.table(
        {
            "x": pa.array([1, 2], pa.int32()),
            "y": pa.array([0, 0], pa.int32()),
            "u8": pa.array([255, None], pa.uint8()),
            "u64": pa.array([2**64 - 1, None], pa.uint64()),
            "d": [day, None],
            "t": pa.array([second, None], pa.timestamp("ms", "UTC")),
            "n": pa.array([second, None], pa.timestamp("us")),
            "st": [{"a": 1, "b": ["k"]}, None],
            "l": pa.array([[[1], []], None], pa.large_list(pa.list_(pa.int8()))),
            "m": pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int64())),
            "b": [b"\x00\xff", None],
            "c": pa.array([1, None], pa.decimal128(10, 2)),
        }
    )
    path = tmp_path / "kinds.parquet"
    pq.write_table(table, path)
    out = tfs.map_files(program(SEED), path, spark=spark, columns=None)
    read = spark.read.parquet(str(path))
    assert out.drop("z").dtypes == read.dtypes
    assert out.drop("z").collect() == read.collect()
    # Spark itself does not read half floats.
    path = tmp_path / "half.parquet"
    pq.write_table(pa.table({"h": pa.array(np.array([0.5, 1], np.float16))}), path)
    more = program("h = tf.placeholder(tf.float16, name='h')\ntf.add(h, 1, name='i')")
    out = tfs.map_files(more, path, spark=spark, columns=["h"])
    assert [tuple(row) for row in out.collect()] == [(0.5, 1.5), (1, 2)]


@pytest.fixture
def zones(spark):
    """Call it for a session's time zone in turn."""
    before = spark.conf.get("spark.sql.session.timeZone")
    yield lambda zone: spark.conf.set("spark.sql.session.timeZone", zone)
    spark.conf.set("spark.sql.session.timeZone", before)


MICROS = [1_577_934_245_678_901, None, -1, 1_594_000_000_000_000]


def times_of_spark(df, names):
    texts = df.selectExpr(*(f"cast({name} as string)" for name in names))
    return df.select(names).dtypes, [tuple(row) for row in texts.collect()]


def test_times_are_of_the_type_and_the_instant_that_sparks_reader_gives(spark, zones, tmp_path):
    wide = pa.array([m and 1000 * m for m in MICROS], pa.int64()).cast(pa.timestamp("ns"))
    times = {
        f"{unit}{number}": pc.floor_temporal(wide, unit=whole).cast(pa.timestamp(unit, zone))
        for unit, whole in (("ms", "millisecond"), ("us", "microsecond"), ("ns", "microsecond"))
        for number, zone in enumerate((None, "UTC", "America/New_York"))
    }
    identity = program("t = tf.placeholder(tf.int64, name='t')\ntf.identity(t, name='z')")
    # In 96 bits Spark cuts off what is below a microsecond.
    finer = pa.array([m and 1000 * m + 7 for m in MICROS], pa.int64()).cast(wide.type)
    tables = {"today": pa.table(times), "int96": pa.table({"old": wide, "finer": finer})}
    for kind, table in tables.items():
        path, readable, copy, again = (tmp_path / f"{kind}{n}.parquet" for n in range(4))
        old = kind == "int96"
        pq.write_table(table, path, use_deprecated_int96_timestamps=old)
        # Nanoseconds are read by Spark in 96 bits alone.
        micros = [c if old else c.cast(in_microseconds(c.type)) for c in table.columns]
        names = table.column_names
        pq.write_table(pa.table(micros, names), readable, use_deprecated_int96_timestamps=old)
        feed = {"t": names[-1]}
        tfs.write_parquet(tfs.map_rows(identity, path, feed, columns=names, nulls="null"), copy)
        written = [copy]
        if not old:
            tfs.write_parquet(table, again)
            written.append(again)
        readers = [spark.read.parquet(str(file)) for file in (readable, *written)]
        out = tfs.map_files(identity, path, feed, spark=spark, columns=names, nulls="null")
        for zone in ("UTC", "America/New_York"):
            zones(zone)
            expected, *others = [times_of_spark(df, names) for df in [*readers, out]]
            assert all(other == expected for other in others)
        instants = readers[0].selectExpr(f"unix_micros({names[-1]}) z").collect()
        assert out.select("z").collect() == instants
        # Arrow before version 23 wrote times before 1970 so that Spark cuts off a nanosecond upwards.
        assert [row.z for row in instants] in (MICROS, [MICROS[0], None, 0, MICROS[3]])


def test_times_of_orc_are_those_that_spark_wrote(spark, tmp_path):
    times = "timestamp_ntz'2020-07-02 03:04:05.678901'"
    spark.sql(f"select {times} t, array(1L) l").write.orc(str(tmp_path / "a"))
    identity = program("t = tf.placeholder(tf.int64, name='t')\ntf.identity(t, name='z')")
    out = tfs.map_files(identity, tmp_path / "a", spark=spark, columns=["t"])
    assert times_of_spark(out, ["t"]) == times_of_spark(spark.read.orc(str(tmp_path / "a")), ["t"])
    assert [row.z for row in out.select("z").collect()] == [1_593_659_045_678_901]


def test_what_spark_cannot_hold_is_told_at_once(spark, tmp_path):
    path = tmp_path / "x.parquet"
    x = pa.array([1], pa.int32())
    fine = pa.array([dt.timedelta(microseconds=1)], pa.duration("us"))
    nanos = pa.array([1], pa.timestamp("ns"))
    pq.write_table(
        pa.table({"x": x, "y": x, "t": pa.array([1], pa.time32("ms")), "f": fine, "n": nanos}), path
    )
    with pytest.raises(errors.UnsupportedTypeError, match="Column 't' is time32.*leave it out"):
        tfs.map_files(program(SEED), path, spark=spark, columns=["t"])
    out = tfs.map_files(program(SEED), path, spark=spark, columns=["n"])
    with pytest.raises(Exception, match="holds") as caught:
        out.collect()
    assert str(short_error(caught.value)) == (
        f"Column 'n' of {path} holds the timestamp[ns] 1, which Spark's timestamp[us] cannot "
        f"hold exactly: leave it out of the passthrough columns (`columns=`)."
    )


@pytest.mark.both
def test_errors_of_the_workers_name_column_and_file(spark, tmp_path):
    for number, xs in enumerate([[1, 2], [3, None]]):
        table = pa.table({"x": pa.array(xs, pa.int32()), "y": pa.array([1, 1], pa.int32())})
        pq.write_table(table, tmp_path / f"part-{number}.parquet")
    with pytest.raises(Exception, match="Column 'x' holds 1 null") as caught:
        tfs.map_files(program(SEED), tmp_path, spark=spark).collect()
    short = short_error(caught.value)
    assert isinstance(short, errors.NullValuesError)
    assert str(short).startswith(f"In {tmp_path / 'part-1.parquet'}: Column 'x' holds 1 null")
    nulls = tfs.map_files(program(SEED), tmp_path, spark=spark, nulls="null")
    assert [row.z for row in nulls.collect()] == [4, 5, 6, None]
    total = program(SUM.replace("int64", "int32"))
    assert tfs.reduce_blocks(total, tmp_path, nulls="null", spark=spark) == 6
    with pytest.raises(errors.NullValuesError, match=r"part-1.parquet: Column 'x'"):
        tfs.reduce_blocks(total, tmp_path, spark=spark)


def test_what_the_schema_tells_is_told_at_once(spark, folder):
    with pytest.raises(errors.ColumnNotFoundError):
        tfs.map_files(program(SEED), folder, {"x": "nope"}, spark=spark)
    with pytest.raises(errors.NameConflictError):
        tfs.map_files(program(SEED.replace("'z'", "'id'")), folder, spark=spark, columns=["id"])
    assert tfs.map_files(program(SEED.replace("'z'", "'id'")), folder, spark=spark).columns == [
        "id"
    ]
    with pytest.raises(errors.NotADataFrameError, match=r"write tfs.map_files\(fetches, path"):
        tfs.map_files(program(SEED), spark.range(1), spark=spark)
    df = spark.range(3).withColumnRenamed("id", "x")
    with pytest.raises(errors.OptionError, match="spark= goes with files"):
        tfs.reduce_blocks(program(SUM), df, spark=spark)
    with pytest.raises(errors.OptionError, match="columns= goes with files"):
        tfs.run_local(
            program("x = tf.placeholder(tf.int64, name='x')\ntf.add(x, 1, name='w')"),
            df,
            columns=["x"],
        )


def test_it_is_explained_without_running(spark, folder):
    told = tfs.explain(program(SEED), folder, columns=["s"], spark=spark)
    assert told.read.startswith("3 columns of 5, in ")
    assert told.read.endswith("by Spark's workers in 2 tasks: the JVM sees the results alone")
    assert told.shipped.endswith("inside each task")
    assert tfs.explain(program(SEED), folder, spark=spark).passing == ()


@pytest.mark.both
def test_a_file_that_is_gone_is_an_error_of_one_sentence(spark, tmp_path):
    path = tmp_path / "rows.parquet"
    pq.write_table(columns(0, 10), path)
    out = tfs.map_files(program(SEED), path, spark=spark)
    path.unlink()
    with pytest.raises(Exception, match=r"rows\.parquet") as caught:
        out.collect()
    assert isinstance(short_error(caught.value), errors.PathNotFoundError)


def test_photographs_are_the_rows_that_sparks_reader_gives(spark, tmp_path):
    paths = photos(tmp_path)
    out = tfs.map_files(red, tmp_path, spark=spark, columns=["path", "size", "modified", "kind"])
    found = {row.path: row for row in out.collect()}
    read = spark.read.format("binaryFile").load(str(tmp_path)).drop("content").collect()
    assert [found[row.path.removeprefix("file:")].size for row in read] == [r.length for r in read]
    # Spark's times are of milliseconds.
    cut = {row.path: row.modified.replace(microsecond=678000) for row in found.values()}
    assert [cut[r.path.removeprefix("file:")] for r in read] == [r.modificationTime for r in read]
    assert [found[str(path)].red for path in paths] == pytest.approx(
        [0, 40, 80, 20, 60, 100], abs=2
    )
    paths[1].write_bytes(b"no picture")
    with pytest.raises(Exception, match="In .* failed in row") as caught:
        out.collect()
    assert str(short_error(caught.value)).startswith(f"In {paths[1]}: Program 'red' failed in row ")


@pytest.mark.both
def test_broken_photographs_are_null_if_asked_and_the_tasks_tell_how_many(spark, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    paths = photos(folder)
    for at in (1, 4):
        paths[at].write_bytes(b"no picture")
    read = spark.read.format("binaryFile").load(str(folder))
    read = read.withColumnRenamed("content", "bytes")
    if is_connect(spark):
        with pytest.raises(errors.NotAvailableError, match="no task of Spark Connect can tell"):
            tfs.map_rows(red, read, errors="null")
        with pytest.warns(RuntimeWarning, match="failed on 2 rows"):
            found = tfs.run_local(red, read, errors="null")
        assert found.set_index("path")["red"].isna().sum() == 2
        return
    of_files = tfs.map_files(red, folder, spark=spark, columns=["path"], errors="null")
    of_rows = tfs.map_rows(red, read.repartition(3), errors="null")
    assert of_files.schema["red"].nullable
    assert of_rows.schema["red"].nullable
    for out, first in ((of_files, f"In {paths[1]}: Program"), (of_rows, "Program")):
        text, rows = said_after(out.collect)
        assert text.startswith(
            f"Program 'red' failed on 2 rows, whose results are null. The first: {first} 'red' failed in row "
        )
        nulls = sorted(row.path.removeprefix("file:") for row in rows if row.red is None)
        assert nulls == [str(paths[1]), str(paths[4])]
    text, _ = said_after(lambda: tfs.write_parquet(of_files, tmp_path / "out"))
    assert "failed on 2 rows" in text
    assert pq.read_table(tmp_path / "out")["red"].null_count == 2
    with pytest.raises(errors.OptionError, match="errors='null' needs rows"):
        tfs.map_files(red, folder, spark=spark, verb="map_blocks", errors="null")
    with pytest.raises(errors.OptionError, match="errors is 'raise' or 'null', got 'drop'"):
        tfs.map_rows(red, read, errors="drop")


def said_after(action):
    """Return the warning that comes once the tasks of an action have ended, and its result."""
    with warnings.catch_warnings(record=True) as said:
        # Others may leave a socket open.
        warnings.simplefilter("always", RuntimeWarning)
        warnings.simplefilter("ignore", ResourceWarning)
        result = action()
        until(lambda: said, seconds=20)
    (one,) = said
    return str(one.message), result
