"""Delta tables are written to by one commit, or are left as they were."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

import tfspark_magic as tfs
from tests.executor.test_mapping import program
from tests.sources.test_delta import QUADRUPLED, by_rows
from tests.sources.test_files import table_of
from tfspark_magic.errors import (
    OptionError,
    PathAccessError,
    PathNotFoundError,
    UnsupportedTypeError,
)
from tfspark_magic.sources.part_files import PartFiles
from tfspark_magic.sources.staging import begin
from tfspark_magic.sources.tables import delta_staging

ROWS = pa.table(
    {
        "id": [1, 2, 3, 4],
        "city": ["x/y z%", None, "ü=", "x/y z%"],
        "day": [dt.date(2024, 2, 29)] * 3 + [None],
        "v": pa.array([[1, 2], None, [3, 4], [5, 6]], pa.list_(pa.float32(), 2)),
        "t": pa.array([0, 1, None, 3], pa.timestamp("us", "UTC")),
    }
)


def own(path):
    return pa.table(DeltaTable(path).scan())


def test_what_this_process_writes_is_what_every_reader_reads(tmp_path):
    path = str(tmp_path / "a b" / "t")
    tfs.write_parquet(ROWS, f"delta://{path}", partition_by=["city", "day"])
    tfs.write_parquet(
        ROWS.slice(0, 1), f"delta://{path}", partition_by=["city", "day"], append=True
    )
    expected = by_rows(pa.concat_tables([ROWS, ROWS.slice(0, 1)]))
    assert by_rows(own(path)) == expected
    found = tfs.files(f"delta://{path}")
    assert by_rows(table_of(found)) == expected
    assert found.schema.names == ROWS.column_names
    spec = tfs.dataset(found, "v", 9, nulls=0).element_spec
    assert spec.shape.as_list() == [None, 2]
    assert DeltaTable(path).version() == 1
    tfs.write_parquet(
        ROWS.slice(1), f"delta://{path}", partition_by=["city", "day"], overwrite=True
    )
    assert by_rows(own(path)) == by_rows(ROWS.slice(1))
    assert by_rows(table_of(tfs.files(f"delta://{path}", version=1))) == expected
    assert not [one for one in Path(path).parent.iterdir() if one.name != "t"]


def test_text_of_any_type_names_folders(tmp_path):
    """pandas and Polars have text with large offsets."""
    path = f"delta://{tmp_path / 't'}"
    rows = ROWS.set_column(1, "city", ROWS["city"].cast(pa.large_string()))
    tfs.write_parquet(rows, path, partition_by=["city"])
    tfs.write_parquet(ROWS, path, partition_by=["city"], append=True)
    assert by_rows(table_of(tfs.files(path))) == by_rows(pa.concat_tables([ROWS, ROWS]))
    with pytest.raises(PathAccessError, match="name too long"):
        tfs.write_parquet(pa.table({"p": ["x" * 999], "n": [1]}), f"{path}2", partition_by=["p"])
    assert [one.name for one in tmp_path.iterdir()] == ["t"]


def test_what_does_not_go_into_a_table_is_said_before_anything_is_written(tmp_path):
    path = str(tmp_path / "t")
    write_deltalake(path, ROWS.select(["id", "city"]))
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "a.txt").touch()
    checked = str(tmp_path / "checked")
    write_deltalake(checked, pa.table({"id": [1]}))
    DeltaTable(checked).alter.add_constraint({"positive": "id > 0"})
    added = str(tmp_path / "added")
    write_deltalake(added, ROWS.select(["id"]), configuration={"delta.appendOnly": "true"})
    for rows, at, options, kind, said in (
        (ROWS, path, {}, OptionError, "is there already"),
        (ROWS.select(["id"]), path, {"append": True}, OptionError, "has a column 'city', too"),
        (ROWS, path, {"append": True}, OptionError, "has no column 'day'"),
        (pa.table({"id": ["a"], "city": ["b"]}), path, {"append": True}, OptionError, "has column 'id' as int64, not as"),
        (ROWS, path, {"append": True, "partition_by": ["day"]}, OptionError, "is partitioned by []"),
        (ROWS, path, {"append": True, "overwrite": True}, OptionError, "exclude each other"),
        (ROWS, path, {"resume": True}, OptionError, "leave resume out"),
        (ROWS, tmp_path / "plain", {}, OptionError, "no Delta table"),
        (pa.table({"id": [2]}), checked, {"append": True}, OptionError, "has constraints, which"),
        (ROWS.select(["id"]), added, {"overwrite": True}, OptionError, "pass append=True instead"),
        (pa.table({"a": [1], "A": [2]}), tmp_path / "u", {}, OptionError, "'a' and 'A' have one name"),
        (pa.table({"u": pa.array([1], pa.uint16())}), tmp_path / "u", {}, UnsupportedTypeError, "uint16"),
    ):  # fmt: skip
        with pytest.raises(kind) as caught:
            tfs.write_parquet(rows, f"delta://{at}", **options)
        assert said in str(caught.value), caught.value
    with pytest.raises(OptionError, match="on local disks, and not at 'memory:///t'"):
        tfs.write_parquet(ROWS, "delta+memory:///t")
    with pytest.raises(OptionError, match="are read, and not written to"):
        tfs.write_parquet(ROWS, f"iceberg://{path}")
    assert DeltaTable(path).version() == 0
    assert sorted(one.name for one in tmp_path.iterdir()) == ["added", "checked", "plain", "t"]


def test_rows_that_fail_leave_the_table_as_it_was(tmp_path):
    path = str(tmp_path / "t")
    write_deltalake(path, pa.table({"x": [1]}))
    before = sorted(str(one) for one in tmp_path.rglob("*"))

    def rows():
        yield pa.record_batch({"x": [1]})
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        tfs.write_parquet(rows(), f"delta://{path}", append=True)
    assert sorted(str(one) for one in tmp_path.rglob("*")) == before


KILLED = """
import os, sys
import pyarrow as pa
import tfspark_magic as tfs
from tfspark_magic.sources.tables.delta_staging import DeltaStaging

moved = DeltaStaging._write_log
DeltaStaging._write_log = lambda *_: os._exit(7)
tfs.write_parquet(pa.table({"x": [2]}), sys.argv[1], overwrite=True)
"""


def test_a_killed_write_leaves_the_table_as_it_was(tmp_path):
    path = str(tmp_path / "t")
    write_deltalake(path, pa.table({"x": [1]}))
    run = subprocess.run([sys.executable, "-c", KILLED, f"delta://{path}"], check=False)
    assert run.returncode == 7
    assert own(path).to_pydict() == table_of(tfs.files(f"delta://{path}")).to_pydict() == {"x": [1]}
    tfs.write_parquet(pa.table({"x": [3]}), f"delta://{path}", overwrite=True)
    assert own(path).to_pydict() == {"x": [3]}
    assert [one.name for one in tmp_path.iterdir()] == ["t"]
    # A table that is not there yet is not there after it.
    new = str(tmp_path / "new")
    subprocess.run([sys.executable, "-c", KILLED, f"delta://{new}"], check=False)
    with pytest.raises(PathNotFoundError, match="no Delta table"):
        tfs.files(f"delta://{new}")
    tfs.write_parquet(pa.table({"x": [4]}), f"delta://{new}")
    assert own(new).to_pydict() == table_of(tfs.files(f"delta://{new}")).to_pydict() == {"x": [4]}


@pytest.mark.parametrize("lost", ["rows/*/*", "commit.json"])
def test_a_stopped_commit_that_lost_a_file_is_taken_back(tmp_path, monkeypatch, lost):
    path, schema = str(tmp_path / "t"), pa.schema([("x", pa.int64())])
    field = {"name": "x", "type": "long", "nullable": True, "metadata": {}}
    columns = json.dumps({"type": "struct", "fields": [field]})
    new = {"overwrite": False, "append": False}

    def staged(missing):
        staging = delta_staging.DeltaStaging(path, "job", columns, ())
        for task in missing:
            attempt = staging.attempt(task)
            with PartFiles(staging.filesystem, attempt, schema, ()) as files:
                files.write(pa.record_batch([[task]], schema=schema))
            staging.finish(task, attempt, files.written)
        return staging

    def stopped(self, plan):
        self._move(plan["moves"][:1], self.target)
        raise KeyboardInterrupt

    staging = staged([0, 1])
    with monkeypatch.context() as patch:
        patch.setattr(delta_staging.DeltaStaging, "_finish", stopped)
        with pytest.raises(KeyboardInterrupt):
            staging.commit(staging.finished(), **new)
    next((tmp_path / ".t.tfspark_magic" / "job").glob(lost)).write_bytes(b"{")
    assert begin(staging, **new, resume=True)
    done = staging.finished()
    assert list(done) == ([0] if lost.startswith("rows") else [0, 1])
    staged({0, 1} - set(done)).commit(staging.finished(), **new)
    assert sorted(own(path)["x"].to_pylist()) == [0, 1]
    assert [one.name for one in tmp_path.iterdir()] == ["t"]


@pytest.mark.both
def test_workers_write_in_one_commit_and_a_rerun_goes_on(spark, tmp_path, monkeypatch):
    source, path = f"delta://{tmp_path / 'in'}", f"delta://{tmp_path / 'out'}"
    write_deltalake(str(tmp_path / "in"), pa.table({"x": range(100), "k": ["a", "b"] * 50}))
    mapped = tfs.map_files(program(QUADRUPLED), source, spark=spark, columns=["k"])
    tfs.write_parquet(mapped, path, partition_by=["k"])
    expected = sorted(("ab"[n % 2], 4 * n) for n in range(100))
    table = DeltaTable(str(tmp_path / "out"))
    assert (
        sorted((row["k"], row["z"]) for row in own(str(tmp_path / "out")).to_pylist()) == expected
    )
    assert table.version() == 0
    few = tfs.files(source, filters=[("x", "<", 50)])
    mapped = tfs.map_files(program(QUADRUPLED), few, spark=spark, columns=["k"])
    with monkeypatch.context() as patch:
        patch.setattr(delta_staging.DeltaStaging, "_write_log", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            tfs.write_parquet(mapped, path, partition_by=["k"], append=True, resume=True)
    assert own(str(tmp_path / "out")).num_rows == 100
    for _ in range(2):
        tfs.write_parquet(mapped, path, partition_by=["k"], append=True, resume=True)
    assert own(str(tmp_path / "out")).num_rows == 150
    assert DeltaTable(str(tmp_path / "out")).version() == 1
    for version in (2, 2):  # All rows are to be those of this call, and then they are.
        tfs.write_parquet(mapped, path, partition_by=["k"], overwrite=True, resume=True)
        assert table_of(tfs.files(path)).num_rows == 50
        assert DeltaTable(str(tmp_path / "out")).version() == version
