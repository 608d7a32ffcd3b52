"""Delta tables: their rows are those of deltalake's own reader, and of Spark."""

from __future__ import annotations

import datetime as dt
import json
import pickle
import shutil
import sys
from decimal import Decimal
from pathlib import Path

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

import tfspark_magic as tfs
from tests.executor.test_mapping import program
from tests.sources.tables import PARQUET_HAS_VIEWS
from tests.sources.test_files import table_of
from tfspark_magic.errors import (
    FileContentError,
    MissingDependencyError,
    OptionError,
    PathNotFoundError,
    TableFormatError,
)

OF_SPARK = Path(__file__).parent / "delta_of_spark"
ANSWERS = sorted(OF_SPARK.glob("*.parquet"))


QUADRUPLED = "x = tf.placeholder(tf.int64, name='x')\nz = tf.multiply(x, 4, name='z')"


def by_rows(table):
    """Return the rows of a table in an order that their values give."""
    return sorted(table.to_pylist(), key=repr)


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """A table of four versions, with partitions whose values are in the log alone."""
    path = str(tmp_path_factory.mktemp("lake") / "a b" / "t")
    days = pa.array([1, 1, None, 2], pa.int32())
    rows = pa.table({"day": days, "id": [1, 2, 3, 4], "city": ["x/y z", None, "ü%", "b=c"]})
    write_deltalake(path, rows, partition_by=["day", "city"])
    more = pa.table({"day": pa.array([2], pa.int32()), "id": [5], "city": ["b=c"], "x": [0.5]})
    write_deltalake(path, more, mode="append", schema_mode="merge")
    DeltaTable(path).delete("id = 2")
    write_deltalake(path, more, mode="append", commit_properties=None)
    return path


def test_partitions_evolution_deletes_and_versions_are_those_of_its_own_reader(lake):
    for version in range(4):
        own = pa.table(DeltaTable(lake, version=version).scan())
        found = tfs.files(f"delta://{lake}", version=version)
        assert found.schema.names == own.column_names
        kinds = {"day": pa.int32(), "id": pa.int64(), "city": pa.string(), "x": pa.float64()}
        assert found.schema.types == [kinds[name] for name in found.schema.names]
        assert by_rows(table_of(found)) == by_rows(own)
    columns = "id: int64, day: int32, city: string, x: double"
    assert repr(found) == f"<Delta table {lake}, version 3: {columns}>"
    assert by_rows(table_of(tfs.files(lake, format="delta"))) == by_rows(table_of(found))
    assert by_rows(table_of(tfs.files(DeltaTable(lake, version=3)))) == by_rows(table_of(found))


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda path: path.stem)
def test_deletion_vectors_mapped_columns_and_widened_types_are_read_as_spark_does(answer):
    name, _, version = answer.stem.rpartition("-")
    found, of_spark = (
        tfs.files(f"delta://{OF_SPARK / name}", version=int(version)),
        pq.read_table(answer),
    )
    read = table_of(pickle.loads(pickle.dumps(found)))
    assert read.column_names == of_spark.column_names
    assert by_rows(read) == by_rows(of_spark)
    assert [str(one) for one in read.schema.types] == [str(one) for one in of_spark.schema.types]
    assert sum(one.rows for one in found.fragments()) == of_spark.num_rows


def test_a_file_from_before_its_types_were_widened_has_the_types_of_now():
    found = tfs.files(f"delta://{OF_SPARK / 'widened'}", filters=[("id", "<", 2**40)])
    assert found.schema.types[3:] == [
        pa.decimal128(10, 4),
        pa.int32(),
        found.schema.field("v").type,
    ]
    assert table_of(found).to_pylist() == [
        {
            "id": 1, "f": float(np.float32(0.1)), "d": dt.datetime.fromisoformat("2024-02-29"),
            "n": Decimal("1.25"), "b": 3, "v": [1, 2],
        }
    ]  # fmt: skip
    latest = tfs.files(f"delta://{OF_SPARK / 'widened'}", filters=[("id", "=", 2**40)])
    assert table_of(latest)["v"].to_pylist() == [[2**40]]


def test_what_deltalake_writes_anew_holds_views_of_text(tmp_path):
    path, kept = str(tmp_path / "t"), [{"a": 1, "b": "x"}, None, {"a": 2, "b": None}]
    rows = pa.table(
        {
            "id": [1, 2, 3], "s": ["a", None, "ü"], "b": [b"x", None, b""], "st": kept,
            "v": [["p", None], [], None],
            "m": pa.array([[("k", "v")], None, []], pa.map_(pa.string(), pa.string())),
        }
    )  # fmt: skip
    write_deltalake(path, rows)
    DeltaTable(path).update({"id": "id + 0"}, predicate="id < 2")
    (file,) = DeltaTable(path).file_uris()
    views = [str(one) for one in pq.read_schema(file).types]
    assert any("view" in one for one in views) == PARQUET_HAS_VIEWS, views
    found = tfs.files(f"delta://{path}")
    assert by_rows(table_of(found)) == by_rows(rows)
    some = tfs.files(f"delta://{path}", filters=[("s", "==", "ü")])
    assert table_of(some).to_pylist() == rows.slice(2).to_pylist()


def test_files_are_left_out_by_their_partitions_before_they_are_opened(lake, tmp_path):
    table = shutil.copytree(lake, tmp_path / "t")
    filters = [("day", "=", 2), ("id", ">", 4)]
    path = f"delta://{table}"
    expected = [
        row for row in by_rows(table_of(tfs.files(path))) if row["day"] == 2 and row["id"] > 4
    ]
    for one in table.rglob("*.parquet"):
        if "day=2" not in str(one):
            one.unlink()
    assert by_rows(table_of(tfs.files(path, filters=filters))) == expected
    nulls = tfs.files(path, filters=pc.field("day").is_null())
    assert len(nulls.paths) == 1
    none = tfs.files(path, filters=[("day", "=", 77)])
    assert (none.paths, table_of(none).num_rows, none.schema.names[0]) == ((), 0, "id")
    assert list(tfs.dataset(none, "id", 2)) == []


def test_every_verb_reads_a_table(lake):
    path = f"delta://{lake}"
    mapped = tfs.map_rows(program(QUADRUPLED), path, {"x": "id"}, columns=["day"]).to_arrow()
    assert sorted(mapped["z"].to_pylist()) == [4, 12, 16, 20, 20]
    (batch,) = tfs.dataset(path, ["id"], 9, version=0)
    assert sorted(batch["id"].numpy()) == [1, 2, 3, 4]


def test_a_table_on_another_filesystem_is_read_by_its_log_there():
    memory, table = fsspec.filesystem("memory"), OF_SPARK / "deleted"
    memory.put(str(table), "/of spark/deleted", recursive=True)
    for version in (2, 4):
        found = tfs.files("delta+memory:///of spark/deleted", version=version)
        assert found.paths[0].startswith("memory:///of spark/deleted/day=")
        assert by_rows(table_of(found)) == by_rows(
            pq.read_table(OF_SPARK / f"deleted-{version}.parquet")
        )
    memory.rm("/of spark", recursive=True)


def test_files_of_one_name_in_several_partitions(tmp_path):
    # So they are where a folder of Parquet files became a Delta table.
    table = shutil.copytree(OF_SPARK / "deleted", tmp_path / "t")
    names = [path.name for path in table.rglob("*.parquet")]
    assert len(set(names)) == len(names) > 1
    for path in table.rglob("*.parquet"):
        path.rename(path.with_name("part-0.parquet"))
    for log in (table / "_delta_log").glob("*.json"):
        text = log.read_text()
        for name in names:
            text = text.replace(name, "part-0.parquet")
        log.write_text(text)
    for version in (2, 4):
        assert by_rows(table_of(tfs.files(f"delta://{table}", version=version))) == by_rows(
            pq.read_table(OF_SPARK / f"deleted-{version}.parquet")
        )


def test_workers_read_a_table_without_deltalake(spark, tmp_path):
    path = f"delta://{OF_SPARK / 'deleted'}"
    mapped = tfs.map_files(
        program(QUADRUPLED), path, {"x": "id"}, spark=spark, columns=["day", "id"]
    )
    expected = pq.read_table(OF_SPARK / "deleted-4.parquet")
    assert sorted((row.id, row.day, row.z) for row in mapped.collect()) == sorted(
        (row["id"], row["day"], 4 * row["id"]) for row in expected.to_pylist()
    )


def test_a_time_is_the_version_that_was_the_last_one(lake):
    for version in range(4):
        commit = Path(lake) / "_delta_log" / f"{version:020}.json"
        moment = dt.datetime.fromtimestamp(commit.stat().st_mtime_ns // 1000 / 1e6 + 1e-5, dt.UTC)
        own = DeltaTable(lake)
        own.load_as_version(moment)
        for timestamp in (moment, moment.isoformat()):
            found = tfs.files(f"delta://{lake}", timestamp=timestamp)
            assert found.log.version == own.version() == version
    with pytest.raises(PathNotFoundError, match="no version"):
        tfs.files(f"delta://{lake}", timestamp="2001-01-01T00:00:00+00:00")
    with pytest.raises(OptionError) as caught:
        tfs.files(f"delta://{lake}", timestamp="2001-01-01T00:00:00")
    assert str(caught.value) == (
        "timestamp='2001-01-01T00:00:00' has no time zone: write it as '2001-01-01T00:00:00+00:00' for "
        "UTC."
    )


def test_what_is_no_table_or_no_version_or_no_option_is_one_sentence(lake, tmp_path, monkeypatch):
    for call, kind, said in (
        (lambda: tfs.files(f"delta://{lake}", version=9), PathNotFoundError, "9"),
        (lambda: tfs.files(f"delta://{tmp_path}"), PathNotFoundError, "no Delta table"),
        (lambda: tfs.files(f"delta://{lake}", version=1.5), OptionError, "is a number, got 1.5"),
        (
            lambda: tfs.files(f"delta://{lake}", schema=pa.schema([])),
            OptionError,
            "leave schema out",
        ),
        (lambda: tfs.files("delta://lake/t"), OptionError, "write delta:///path for a local table"),
        (lambda: tfs.files([f"delta://{lake}", "a"]), OptionError, "is read alone"),
        (lambda: tfs.files(str(tmp_path), version=1), OptionError, "leave version out"),
        (
            lambda: tfs.files(f"delta://{lake}", filters=[("a", "=", 1)]),
            OptionError,
            "no column 'a'",
        ),
    ):
        with pytest.raises(kind) as caught:
            call()
        assert said in str(caught.value), caught.value
    monkeypatch.setitem(sys.modules, "deltalake", None)
    with pytest.raises(MissingDependencyError) as caught:
        tfs.files(f"delta://{lake}")
    assert str(caught.value).endswith("pip install 'tfspark_magic[tables]'.")


def test_a_table_whose_readers_must_know_more_is_refused(lake, tmp_path):
    table = shutil.copytree(lake, tmp_path / "t")
    log = table / "_delta_log" / "00000000000000000000.json"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    for line in lines:
        if "protocol" in line:
            line["protocol"] = {
                "minReaderVersion": 3, "minWriterVersion": 7,
                "readerFeatures": ["variantType"], "writerFeatures": ["variantType"],
            }  # fmt: skip
    log.write_text("\n".join(map(json.dumps, lines)))
    with pytest.raises(
        TableFormatError, match="whose readers must know variantType: pass the DataF"
    ):
        tfs.files(f"delta://{table}")


def test_a_file_that_is_gone_or_of_another_type_is_named(lake, tmp_path):
    table = shutil.copytree(lake, tmp_path / "t")
    found = tfs.files(f"delta://{table}")
    one = Path(found.paths[0])
    own = pq.read_table(one, partitioning=None)
    pq.write_table(own.set_column(0, "id", pa.array(["a"] * len(own))), one)
    with pytest.raises(FileContentError, match="expected column 'id' as int64, found string"):
        tfs.files(f"delta://{table}").fragments()
    one.unlink()
    with pytest.raises(PathNotFoundError, match=one.name):
        tfs.files(f"delta://{table}").fragments()
