"""What Spark writes is read without Java, and the other way round."""

from __future__ import annotations

import hdfs_native
import pyarrow as pa
import pyarrow.parquet as pq


def test_two_datanodes_hold_every_block(hdfs):
    client = hdfs_native.Client(hdfs.uri)
    with client.create("/blocks") as file:
        file.write(bytes(range(256)) * 1024)
    status = client.get_file_info("/blocks")
    assert status.replication == 2
    assert status.length // status.blocksize == 4
    assert client.read("/blocks").read() == bytes(range(256)) * 1024


def test_spark_reads_what_was_written_without_java(hdfs, classic):
    client = hdfs_native.Client(hdfs.uri)
    table = pa.table({"x": range(1000)})
    with client.create("/from_python.parquet") as file:
        pq.write_table(table, file)
    found = classic.read.parquet(f"{hdfs.uri}/from_python.parquet").toArrow()
    assert found.sort_by("x") == table
