"""Iceberg tables: their rows are those of pyiceberg's own reader."""

from __future__ import annotations

import datetime as dt
import pickle
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import DayTransform, IdentityTransform
from pyiceberg.types import (
    DateType,
    IntegerType,
    ListType,
    LongType,
    NestedField,
    StringType,
    StructType,
    TimestampType,
)

import tfspark_magic as tfs
from tests.executor.test_mapping import program
from tests.sources.iceberg_deletes import positions, values, vector, with_deletes
from tests.sources.test_delta import QUADRUPLED, by_rows
from tests.sources.test_files import table_of
from tfspark_magic.errors import OptionError, PathNotFoundError, TableFormatError


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ice berg")
    made = SqlCatalog("own", uri=f"sqlite:///{folder}/c.db", warehouse=f"file://{folder}/lake")
    made.create_namespace("a")
    return made


def agree(found, table, **options):
    own = table.scan(**options).to_arrow()
    read = table_of(pickle.loads(pickle.dumps(found)))
    assert read.column_names == own.column_names
    assert by_rows(read) == by_rows(own)
    return read


@pytest.fixture(scope="module")
def evolved(catalog):
    """A table with several schemas, partitions and snapshots."""
    inner = StructType(NestedField(6, "a", IntegerType()), NestedField(7, "b", StringType()))
    schema = Schema(
        NestedField(1, "id", IntegerType()), NestedField(2, "day", DateType()),
        NestedField(3, "t", TimestampType()), NestedField(4, "s", inner),
        NestedField(5, "v", ListType(8, IntegerType(), element_required=False)),
    )  # fmt: skip
    spec = PartitionSpec(
        PartitionField(2, 1000, IdentityTransform(), "day"),
        PartitionField(3, 1001, DayTransform(), "t_day"),
    )
    table = catalog.create_table("a.evolved", schema, partition_spec=spec)
    days = [dt.date(2024, 2, 29), dt.date(2024, 2, 29), None, dt.date(1969, 12, 31)]
    times = [dt.datetime.fromisoformat(f"2024-03-0{n}T01:02:03.000004") for n in (1, 1, 2, 3)]
    rows = pa.table(
        {
            "id": pa.array([1, 2, None, 4], pa.int32()), "day": days, "t": times,
            "s": pa.array([{"a": 1, "b": "x"}, None, {"a": None, "b": None}, {"a": 4, "b": ""}],
                          pa.struct([("a", pa.int32()), ("b", pa.string())])),
            "v": pa.array([[1, 2], None, [], [None]], pa.list_(pa.int32())),
        }
    )  # fmt: skip
    table.append(rows)
    table.delete("id = 2")
    with table.update_schema() as update:
        update.rename_column("id", "key")
    with table.update_schema() as update:
        update.update_column("key", LongType())
        update.update_column(("v", "element"), LongType())
        update.add_column("id", StringType())
        update.add_column(("s", "c"), LongType())
        update.move_first("day")
    with table.update_spec() as update:
        update.remove_field("day")
    more = table.scan().to_arrow().slice(0, 2)
    table.append(more.set_column(1, more.schema.field(1), pa.array([2**40, 5])))
    with table.manage_snapshots() as manage:
        manage.create_tag(table.snapshots()[0].snapshot_id, "first")
    return table


def test_evolved_columns_partitions_and_snapshots_are_those_of_its_own_reader(evolved):
    read = agree(tfs.files(evolved), evolved)
    assert read.schema.types[:3] == [pa.date32(), pa.int64(), pa.timestamp("us")]
    assert "id" in read.column_names
    for snapshot in evolved.snapshots():
        found = tfs.files(evolved, version=snapshot.snapshot_id)
        agree(found, evolved, snapshot_id=snapshot.snapshot_id)
        assert found.log.version == snapshot.snapshot_id
    tagged = tfs.files(evolved, version="first")
    assert tagged.schema.names[0] == "id"
    moment = dt.datetime.fromtimestamp(evolved.history()[1].timestamp_ms / 1000, dt.UTC)
    assert tfs.files(evolved, timestamp=moment).log.version == evolved.history()[1].snapshot_id


@pytest.mark.parametrize(
    "filters",
    [
        [("day", "=", dt.date(2024, 2, 29))],
        [("t", ">", dt.datetime.fromisoformat("2024-03-01T12:00:00"))],
        [("key", "!=", 1)],
        [[("key", "in", [1, 5])], [("day", "<", dt.date(1970, 1, 1))]],
        [("id", "=", "none")],
    ],
)
def test_filters_give_the_rows_that_they_give_without_a_log(evolved, filters):
    whole = table_of(tfs.files(evolved))
    found = tfs.files(evolved, filters=filters)
    assert by_rows(table_of(found)) == by_rows(whole.filter(pq.filters_to_expression(filters)))
    assert len(found.paths) < len(tfs.files(evolved).paths) or filters[0][0] == "key"


def test_deleted_rows_are_left_out_and_deletes_by_values_refused(catalog, tmp_path, spark):
    table = catalog.create_table("a.deleted", Schema(NestedField(1, "x", LongType())))
    for start in (0, 100):
        table.append(pa.table({"x": range(start, start + 50)}))
    first, second = sorted(
        (task.file.file_path for task in table.scan().plan_files()),
        key=lambda path: pq.read_table(path.removeprefix("file://"))["x"][0].as_py(),
    )
    own = [
        positions(str(tmp_path / "p.parquet"), {first: [3, 1], second: [0, 49]}),
        positions(str(tmp_path / "q.parquet"), {second: [1, 0]}),
        vector(str(tmp_path / "d.puffin"), first, [7, 49]),
    ]
    path = with_deletes(table, *own)
    expected = [n for n in range(50) if n not in (1, 3, 7, 49)]
    expected += range(102, 149)
    found = tfs.files(f"iceberg://{path}")
    assert sorted(table_of(found)["x"].to_pylist()) == expected
    assert sum(one.rows for one in found.fragments()) == len(expected)
    mapped = tfs.map_files(program(QUADRUPLED), found, spark=spark)
    assert sorted(row.z for row in mapped.collect()) == [4 * n for n in expected]
    path = with_deletes(table, values(str(tmp_path / "v.parquet"), pa.table({"x": [1]})))
    with pytest.raises(TableFormatError, match="deletes"):
        tfs.files(f"iceberg://{path}")


def test_a_folder_without_a_catalog_and_files_without_ids(catalog, tmp_path):
    table = catalog.create_table(
        "a.named", Schema(NestedField(1, "x", LongType()), NestedField(2, "y", LongType()))
    )
    plain = str(tmp_path / "plain.parquet")
    pq.write_table(pa.table({"y": [2], "x": [1]}), plain)
    table.add_files([plain])
    with table.update_schema() as update:
        update.rename_column("x", "z")
    agree(tfs.files(table), table)
    folder = Path(table.location().removeprefix("file://"))
    with pytest.raises(TableFormatError, match="only its catalog knows") as caught:
        tfs.files(f"iceberg://{folder}")
    advised = caught.value.args[2].rpartition("such as ")[2].strip("'")
    assert tfs.files(advised).schema.names == ["z", "y"]
    alone = tmp_path / "alone"
    (alone / "metadata").mkdir(parents=True)
    text = Path(table.metadata_location.removeprefix("file://")).read_text()
    (alone / "metadata" / "v3.metadata.json").write_text(text)
    found = tfs.files(f"iceberg://{alone}")
    assert table_of(found).to_pydict() == {"z": [1], "y": [2]}
    assert table_of(tfs.files(alone, format="iceberg")).num_rows == 1


def test_what_is_no_table_or_no_snapshot_is_one_sentence(evolved, tmp_path):
    for call, kind, said in (
        (lambda: tfs.files(f"iceberg://{tmp_path}"), PathNotFoundError, "no Iceberg table"),
        (lambda: tfs.files(evolved, version=5), PathNotFoundError, "no snapshot 5"),
        (lambda: tfs.files(evolved, version="x"), PathNotFoundError, "tag or branch 'x'"),
        (lambda: tfs.files(evolved, version=1.5), OptionError, "is the id of a snapshot"),
        (lambda: tfs.files("iceberg://nowhere/a.b"), PathNotFoundError, "the catalog 'nowhere'"),
        (lambda: tfs.files(evolved, filters=[("a", "=", 1)]), OptionError, "no column 'a'"),
    ):
        with pytest.raises(kind) as caught:
            call()
        assert said in str(caught.value), caught.value
