"""Read files that Spark wrote to HDFS without Java, and the other way round."""

from __future__ import annotations

import hdfs_native
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tfspark_magic.sources.files import files
from tfspark_magic.sources.filesystem import open_filesystem
from tfspark_magic.verbs.dataset import dataset

ROWS = 40_000


@pytest.fixture(scope="module")
def written(hdfs, classic):
    """A folder of Parquet files that Spark wrote, with a folder for each day."""
    path = f"{hdfs.uri}/by_spark"
    rows = classic.range(ROWS, numPartitions=3).selectExpr(
        "id", "cast(rand(7) as float) x", "array(cast(id as float), 1.5f) v", "id % 2 day"
    )
    rows.write.partitionBy("day").parquet(path)
    return path


def test_every_block_has_two_replicas(hdfs):
    client = hdfs_native.Client(hdfs.uri)
    with client.create("/blocks") as file:
        file.write(bytes(range(256)) * 1024)
    status = client.get_file_info("/blocks")
    assert status.replication == 2
    assert status.length // status.blocksize == 4


def test_a_dataset_of_what_spark_wrote(written, classic):
    expected = classic.read.parquet(written).orderBy("id").toPandas()
    data = dataset(written, ["id", "x", "v", "day"], 1000, shapes={"v": 2})
    batches = list(data.as_numpy_iterator())
    found = {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}
    order = np.argsort(found["id"])
    np.testing.assert_array_equal(found["id"][order], np.arange(ROWS))
    np.testing.assert_array_equal(found["x"][order], expected["x"].to_numpy())
    np.testing.assert_array_equal(found["v"][order], np.stack(expected["v"]))
    np.testing.assert_array_equal(found["day"][order], expected["day"].to_numpy())


def test_only_what_the_filters_need_is_read(written):
    data = dataset(written, "id", 1000, filters=[("day", "==", 1), ("id", "<", 100)])
    assert sorted(np.concatenate(list(data.as_numpy_iterator()))) == list(range(1, 100, 2))


@pytest.mark.parametrize("pattern", ["by_spark/day=*", "by_{spark,none}", "by_spark/*/*.parquet"])
def test_globs(hdfs, written, pattern):
    assert files(f"{hdfs.uri}/{pattern}").paths == files(written).paths


def test_spark_reads_what_was_written_without_java(hdfs, classic):
    table = pa.table({"x": np.arange(ROWS), "y": np.random.default_rng(1).normal(size=ROWS)})
    filesystem, inside = open_filesystem(f"{hdfs.uri}/by_python/part-0.parquet")
    pq.write_table(table, inside, filesystem=filesystem, row_group_size=5000)
    found = classic.read.parquet(f"{hdfs.uri}/by_python").toArrow()
    assert found.sort_by("x") == table
    assert pq.read_table(inside, filesystem=filesystem) == table


def test_the_hdfs_of_hadoops_configuration(hdfs, written, monkeypatch):
    monkeypatch.setenv("HADOOP_CONF_DIR", str(hdfs.conf))
    assert files("hdfs:///by_spark").schema == files(written).schema
