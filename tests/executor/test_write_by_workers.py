"""Test `write_parquet` of `map_files`: Spark's workers write, and the whole appears at once."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import signal
import threading
import time
from decimal import Decimal
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tfspark_magic as tfs
from tests.executor.test_files import columns
from tests.executor.test_mapping import SEED, program
from tests.sources.tables import PARQUET_HAS_VIEWS
from tests.sources.test_files import table_of
from tfspark_magic import errors
from tfspark_magic.executor.jobs import start
from tfspark_magic.frames import file_tasks

ROWS, GROUP = 60_000, 2_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("rows")
    for number, first in enumerate(range(0, ROWS, ROWS // 3)):
        pq.write_table(columns(first, ROWS // 3), path / f"{number}.parquet", row_group_size=GROUP)
    return path


@pytest.fixture
def many_tasks(monkeypatch, folder):
    """Some twenty tasks, each of which writes a file."""
    size = sum(path.stat().st_size for path in folder.iterdir())
    monkeypatch.setattr(file_tasks, "TASK_BYTES", size // 20)


def scored(spark, folder, names=("id", "s"), source=SEED):
    return tfs.map_files(program(source), folder, spark=spark, columns=list(names))


def in_order(path):
    """The rows as a reader of the folder gets them, in the order of the names of the files."""
    return pa.concat_tables(pq.read_table(one) for one in sorted(path.glob("part-*.parquet")))


def refused(call):
    with pytest.raises(errors.TfSparkError) as error:
        call()
    return str(error.value)


@pytest.mark.both
def test_the_rows_are_those_of_the_dataframe_in_order(spark, folder, many_tasks, tmp_path):
    df = scored(spark, folder)
    path = tmp_path / "new" / "scored"
    tfs.write_parquet(df, path)
    table = in_order(path)
    assert len(list(path.iterdir())) > 15
    assert table["id"].to_pylist() == list(range(ROWS))
    np.testing.assert_array_equal(table["z"], 7 * np.arange(ROWS))
    assert spark.read.parquet(str(path)).orderBy("id").toArrow().equals(df.toArrow())
    assert [one.name for one in path.parent.iterdir()] == ["scored"]
    assert (path / "_SUCCESS").exists()
    assert refused(lambda: tfs.write_parquet(df, path)) == (
        f"{str(path)!r} is there already: pass overwrite=True to replace it, or append=True to add to it."
    )
    more = scored(spark, folder / "1.parquet")
    tfs.write_parquet(more, path, append=True)
    own = list(range(ROWS // 3, 2 * ROWS // 3))
    assert in_order(path)["id"].to_pylist() == [*range(ROWS), *own]
    # What is there is not written again.
    tfs.write_parquet(more, path, append=True, resume=True)
    assert len(in_order(path)) == ROWS + len(own)
    tfs.write_parquet(more, path, overwrite=True)
    assert in_order(path)["id"].to_pylist() == own


def test_a_path_is_of_this_process_and_not_of_the_workers(classic, folder, tmp_path, monkeypatch):
    elsewhere = Path.cwd()
    monkeypatch.chdir(tmp_path)
    tfs.write_parquet(scored(classic, folder), "here")
    assert in_order(tmp_path / "here")["id"].to_pylist() == list(range(ROWS))
    assert not (elsewhere / ".here.tfspark_magic").exists()


def test_a_store_without_renames_of_folders_gets_the_same_files(classic, folder, tmp_path):
    df = scored(classic, tfs.files(folder, filters=[("id", "<", 10)]))
    for options in ({}, {"append": True}, {"overwrite": True}):
        tfs.write_parquet(df, f"local://{tmp_path}/scored", partition_by=["s"], **options)
    assert sorted(row.id for row in classic.read.parquet(f"{tmp_path}/scored").collect()) == [
        *range(10)
    ]
    assert [one.name for one in tmp_path.iterdir()] == ["scored"]


def test_partitions_are_read_by_spark_and_by_this_process(classic, tmp_path):
    day = [dt.date(2020, 1, 1), None, dt.date(2020, 1, 2), dt.date(2020, 1, 1)]
    text, yes = ["a/b", "c=d", None, "a/b"], [True, False, None, True]
    table = pa.table({"x": pa.array(range(4), pa.int32()), "y": pa.array([0] * 4, pa.int32()),
                      "day": day, "t": text, "yes": yes})  # fmt: skip
    pq.write_table(table, tmp_path / "rows.parquet")
    df = scored(classic, tmp_path / "rows.parquet", table.column_names)
    tfs.write_parquet(df, tmp_path / "ours", partition_by=["day", "t", "yes"])
    df.write.partitionBy("day", "t", "yes").parquet(str(tmp_path / "theirs"))
    ours, theirs = (classic.read.parquet(str(tmp_path / name)) for name in ("ours", "theirs"))
    assert ours.dtypes == theirs.dtypes
    assert sorted(ours.collect()) == sorted(theirs.collect())
    folders = [
        sorted(str(file.parent.relative_to(root)) for file in root.rglob("*.parquet"))
        for root in (tmp_path / "ours", tmp_path / "theirs")
    ]
    assert folders[0] == folders[1]
    assert tfs.files(tmp_path / "ours").partition_names == ("day", "t", "yes")


def test_types_are_those_that_spark_writes(classic, tmp_path):
    moment = dt.datetime(2020, 1, 2, 3, 4, 5, 678, dt.UTC)
    table = pa.table(
        {
            "x": pa.array([1, 2], pa.int32()), "y": pa.array([0, 0], pa.int32()),
            "i8": pa.array([1, None], pa.int8()), "u8": pa.array([255, None], pa.uint8()),
            "t": pa.array([moment, None], pa.timestamp("ms", "UTC")),
            "ntz": pa.array([moment, None], pa.timestamp("us")), "d": [moment.date(), None],
            "st": [{"a": 1, "b": ["k"]}, None], "b": [b"\x00", None],
            "m": pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int64())),
            "c": pa.array([Decimal("1.25"), None], pa.decimal128(10, 2)),
            "e": pa.array(["v", None]).dictionary_encode(),
            "v": pa.array([[1.0, 2.0], [3.0, 4.0]], pa.list_(pa.float32())),
        }
    )  # fmt: skip
    pq.write_table(table, tmp_path / "kinds.parquet")
    df = scored(classic, tmp_path / "kinds.parquet", table.column_names)
    tfs.write_parquet(df, tmp_path / "ours")
    df.write.option("parquet.outputTimestampType", "TIMESTAMP_MICROS").parquet(f"{tmp_path}/theirs")
    ours, theirs = (classic.read.parquet(f"{tmp_path}/{name}") for name in ("ours", "theirs"))
    assert ours.schema == theirs.schema == df.schema
    assert ours.collect() == theirs.collect() == df.collect()
    own = pq.ParquetFile(next((tmp_path / "ours").glob("part-*")))
    # Both say UTC in the same words, and none is a time of 96 bits.
    assert "isAdjustedToUTC=true, timeUnit=microseconds" in str(own.schema)
    assert own.metadata.row_group(0).column(0).compression == "SNAPPY"


@pytest.mark.both
def test_no_rows_and_shapes_of_cells(spark, folder, tmp_path):
    files = tfs.files(folder, filters=[("id", "<", 0)])
    tfs.write_parquet(scored(spark, files), tmp_path / "none")
    assert spark.read.parquet(str(tmp_path / "none")).columns == ["id", "s", "z"]
    plus = program("v = tf.placeholder(tf.float32, [None, 3], name='v')\ntf.add(v, 1, name='w')")
    tfs.write_parquet(tfs.map_files(plus, folder, spark=spark), tmp_path / "shaped")
    again = program("w = tf.placeholder(tf.float32, [None, 3], name='w')\ntf.add(w, 1, name='u')")
    read = spark.read.parquet(str(tmp_path / "shaped"))
    assert tfs.explain(again, read).bindings[0].cells == "float32[3]"


def test_rows_are_appended_to_what_others_have_written(classic, tmp_path):
    """Spark writes times of 96 bits, and pandas, Polars and Arrow text of several types."""
    moments = [dt.datetime(2020, 1, 2, 3, 4, 5, 678, dt.UTC), None]
    table = pa.table(
        {
            "x": pa.array([1, 2], pa.int32()), "y": pa.array([0, 0], pa.int32()),
            "t": pa.array(moments, pa.timestamp("us", "UTC")), "s": ["a", None],
        }
    )  # fmt: skip
    pq.write_table(table, tmp_path / "rows.parquet")
    df = scored(classic, tmp_path / "rows.parquet", table.column_names)
    of_spark = tmp_path / "spark"
    df.write.option("spark.sql.parquet.outputTimestampType", "INT96").parquet(str(of_spark))
    views = [pa.string_view()] if PARQUET_HAS_VIEWS else []
    for kind in (pa.large_string(), pa.dictionary(pa.int32(), pa.string()), *views):
        folder = tmp_path / str(kind.id)
        folder.mkdir()
        there = df.toArrow().set_column(3, "s", pa.chunked_array([pa.array(["a", None], kind)]))
        pq.write_table(there, folder / "0.parquet")
    for folder in (path for path in tmp_path.iterdir() if path.is_dir()):
        tfs.write_parquet(df, folder, append=True)
        assert sorted(classic.read.parquet(str(folder)).collect()) == sorted(df.collect() * 2)
        assert table_of(tfs.files(folder)).num_rows == 4


def test_what_cannot_be_written_is_said_before_any_job(classic, folder, tmp_path):
    df = scored(classic, tfs.files(folder, filters=[("id", "<", 10)]), ["id", "s", "v"])
    path = tmp_path / "scored"
    before = len(classic.sparkContext.statusTracker().getJobIdsForGroup(None))
    for options, text in (
        ({"overwrite": True, "append": True}, "overwrite=True and append=True exclude each other"),
        ({"partition_by": "s"}, "got 's': write partition_by=['s']."),
        ({"partition_by": ["S"]}, "names 'S', which the rows do not have."),
        ({"partition_by": ["v"]}, "Column 'v' is list<element: float>, which cannot be used here"),
    ):
        assert text in refused(lambda options=options: tfs.write_parquet(df, path, **options))
    plain, names = scored(classic, folder), ["id", "s", "z"]
    every = refused(lambda: tfs.write_parquet(plain, path, partition_by=names))
    assert "partition_by names all columns" in every
    other = refused(lambda: tfs.write_parquet(df.select("id"), path))
    assert other.endswith("and this is another one: write it by df.write.parquet(path).")
    assert "is a file" in refused(lambda: tfs.write_parquet(df, folder / "0.parquet"))
    assert "has no name: name a folder in it" in refused(lambda: tfs.write_parquet(df, "/"))
    for options in ({"append": True}, {"resume": True}, {"partition_by": ["x"]}):
        text = refused(lambda o=options: tfs.write_parquet(pa.table({"x": [1]}), path, **o))
        assert text.endswith(f"this process writes one file: leave {next(iter(options))} out.")
    assert len(classic.sparkContext.statusTracker().getJobIdsForGroup(None)) == before
    assert not list(tmp_path.iterdir())
    tfs.write_parquet(df, path, partition_by=["s"])
    for options, text in (
        ({"partition_by": ["id"]}, "has no column 's', it has ['id', 'v', 'z']"),
        ({}, "has no column 's', it has ['id', 'v', 'z']"),
    ):
        found = refused(lambda o=options: tfs.write_parquet(df, path, append=True, **o))
        assert text in found
        assert found.endswith("append rows with the same columns, or pass overwrite=True.")
    assert [one.name for one in tmp_path.iterdir()] == ["scored"]


def test_a_value_that_is_too_long_for_a_folder_leaves_nothing(classic, tmp_path):
    table = pa.table({"x": pa.array([1, 2], pa.int32()), "y": pa.array([3, 4], pa.int32())})
    pq.write_table(table.append_column("t", [["s", "l" * 300]]), tmp_path / "long.parquet")
    df = scored(classic, tmp_path / "long.parquet", ["t"])
    for options in ({}, {"overwrite": True}, {}):
        said = refused(
            lambda o=options: tfs.write_parquet(df, tmp_path / "new", partition_by=["t"], **o)
        )
        assert "name too long" in said
        assert [one.name for one in tmp_path.iterdir()] == ["long.parquet"]


def test_a_failure_leaves_what_was_there(classic, folder, tmp_path):
    path = tmp_path / "scored"
    tfs.write_parquet(scored(classic, folder), path)
    before = sorted(one.name for one in path.iterdir())
    fails = "x = tf.placeholder(tf.int64, name='id')\n"
    failing = scored(classic, folder, source=fails + "z = tf.gather([0], x // 50000, name='z')")
    for options in ({"overwrite": True}, {"append": True}):
        with pytest.raises(errors.TfSparkError):
            tfs.write_parquet(failing, path, **options)
        assert sorted(one.name for one in path.iterdir()) == before
        assert [one.name for one in tmp_path.iterdir()] == ["scored"]


@pytest.mark.both
def test_progress_and_cancel_as_of_other_jobs(spark, folder, many_tasks, tmp_path):
    source = (
        "x = tf.placeholder(tf.int64, [None], name='id')\n"
        "slow = tf.while_loop(lambda i: i < 100000000, lambda i: i + 1, [0])\n"
        "tf.add(x, tf.cast(slow, tf.int64), name='z')"
    )
    df = scored(spark, folder, source=source)
    seen = []
    job = start(
        lambda: tfs.write_parquet(df, tmp_path / "scored"), spark=spark, on_progress=seen.append
    )
    while not any(progress.tasks_active for progress in seen):
        time.sleep(0.1)
    job.cancel()
    assert job.wait(60) == "cancelled"
    assert not (tmp_path / "scored").exists()
    quick = start(lambda: tfs.write_parquet(scored(spark, folder), tmp_path / "done"), spark=spark)
    assert quick.wait(120) == "done"
    assert quick.progress.tasks_done == quick.progress.tasks > 15


def workers():
    """The processes of Spark's Python workers on this machine that belong to this process.

    Their daemon is left out: Spark's next query fails where it finds both a daemon and a waiting worker dead.
    """

    def is_python(process):
        return "daemon" in " ".join(process.cmdline())

    found = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if is_python(process) and is_python(process.parent()):
                found.append(process)
    return found


def test_exactly_the_rows_when_workers_are_killed(classic, folder, many_tasks, tmp_path):
    """A local session gives up when a worker dies: the rerun keeps what was finished."""
    df, path = scored(classic, folder), tmp_path / "scored"
    done = f"{tmp_path}/.scored.tfspark_magic"
    failed, kept, ended = [], set(), threading.Event()

    def records():
        return {
            name.split(".")[0]
            for _, _, names in os.walk(done)
            for name in names
            if name[:1].isdigit() and name.endswith(".json")
        }

    def kill_at(count):
        while not ended.is_set():
            if len(records()) >= count and (found := workers()):
                for process in found:
                    process.send_signal(signal.SIGKILL)
                return
            time.sleep(0.001)

    for count in (3, 9):
        ended.clear()
        killer = threading.Thread(target=kill_at, args=(count,))
        killer.start()
        try:
            tfs.write_parquet(df, path, resume=True)
        except errors.TfSparkError as error:
            failed.append(str(error))
            kept |= records()
            assert not path.exists()
        finally:
            ended.set()
            killer.join()
    tfs.write_parquet(df, path, resume=True)
    assert failed
    assert len(kept) >= 3
    assert in_order(path)["id"].to_pylist() == list(range(ROWS))
    np.testing.assert_array_equal(in_order(path)["z"], 7 * np.arange(ROWS))
    assert [one.name for one in tmp_path.iterdir()] == ["scored"]
    names = {one.name for one in path.glob("part-*")}
    assert all(any(attempt.rpartition("-")[2] in name for name in names) for attempt in kept)
