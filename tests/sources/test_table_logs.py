from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tfspark_magic as tfs
from tfspark_magic.errors import TableFormatError

LOGS = {
    "delta": ("_delta_log/00000000000000000000.json", "a Delta table", "format('delta').load("),
    "hudi": (".hoodie/hoodie.properties", "a Hudi table", "format('hudi').load("),
    "iceberg": ("metadata/v1.metadata.json", "an Iceberg table", "format('iceberg').load("),
    "paimon": ("snapshot/LATEST", "a Paimon table", "format('paimon').load("),
    "stream": ("_spark_metadata/0", "the output of a Spark stream", "spark.read.parquet("),
}


def make(folder, *files):
    for name in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".parquet"):
            pq.write_table(pa.table({"x": [1, 2]}), path)
        else:
            path.write_text("{}")
    return folder


@pytest.mark.parametrize("kind", LOGS)
def test_a_table_with_a_log_is_not_read_as_its_files(tmp_path, kind):
    log, said, read = LOGS[kind]
    table = make(tmp_path / "t", log, "a.parquet", "day=1/b.parquet", "data/k=1/c.parquet")
    above = tmp_path
    for path in (
        table, f"{table}/", f"{table}/*.parquet", f"{table}/a.parquet", table / "day=1",
        f"{table}/day=*", f"{table}/day=1/b.parquet", [table / "a.parquet", table / "day=1"],
        f"{table}/data/k=1/c.parquet", f"{table}/**/*.parquet", above, f"{above}/t*",
    ):  # fmt: skip
        with pytest.raises(TableFormatError) as caught:
            tfs.files(path)
        own = f"'{kind}://{table}', or " if kind in ("delta", "iceberg") else ""
        spark = re.search(r"spark\.read.*\)", str(caught.value))[0]
        assert str(caught.value) == (
            f"{str(table)!r} is {said}, whose log says which of its files and rows count: pass {own}the "
            f"DataFrame that {spark} gives."
        )
        assert spark.endswith(f"{read}{str(table)!r})")


def test_folders_that_only_have_such_a_name_are_read(tmp_path):
    folder = make(tmp_path / "t", "metadata/a.parquet", "snapshot/b.parquet", "data/c.parquet")
    assert len(tfs.files(folder).paths) == 3
    assert len(tfs.files(folder / "data").paths) == 1
    # A file beside a table does not belong to it.
    lake = make(tmp_path / "lake", "t/_delta_log/0.json", "t/a.parquet", "plain/b.parquet")
    assert len(tfs.files(lake / "plain").paths) == 1


def test_what_a_stream_wrote_is_read_as_it_says(spark, tmp_path):
    table = make(tmp_path / "t", "a.parquet")
    stream = spark.readStream.schema("x long").parquet(str(table)).writeStream
    stream.option("checkpointLocation", str(tmp_path / "c")).trigger(availableNow=True).start(
        str(tmp_path / "out"), format="parquet"
    ).awaitTermination()
    make(tmp_path / "out", "left_by_a_failure.parquet")
    with pytest.raises(TableFormatError) as caught:
        tfs.files(tmp_path / "out")
    frame = eval(re.search(r"spark\.read.*\)", str(caught.value))[0], {"spark": spark})
    assert sorted(row.x for row in frame.collect()) == [1, 2]
