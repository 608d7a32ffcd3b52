"""Verbs read files on HDFS by this process and by Spark's workers, and write them back."""

from __future__ import annotations

import numpy as np
import pyarrow.parquet as pq
import pytest
from pyarrow import fs

import tfspark_magic as tfs
from tests.executor.test_files import SUM, columns
from tests.executor.test_mapping import SEED, program
from tfspark_magic import errors
from tfspark_magic.sources.filesystem import open_filesystem

ROWS = 20_000


@pytest.fixture(scope="module")
def folder(hdfs):
    for number, start in enumerate(range(0, ROWS, ROWS // 4)):
        batches = columns(start, ROWS // 4).to_batches(max_chunksize=1000)
        tfs.write_parquet(batches, f"{hdfs.uri}/verbs/part-{number}.parquet")
    return f"{hdfs.uri}/verbs"


def test_maps_and_reductions_without_spark(folder):
    out = tfs.map_rows(program(SEED), folder, columns=["id"]).to_arrow()
    np.testing.assert_array_equal(out["z"], 7 * np.arange(ROWS))
    assert tfs.reduce_blocks(program(SUM), folder, {"x_input": "id"}) == sum(range(ROWS))


def test_maps_and_reductions_by_the_workers(spark, folder):
    out = tfs.map_files(program(SEED), folder, spark=spark, columns=["id"]).toArrow()
    np.testing.assert_array_equal(out["id"], np.arange(ROWS))
    np.testing.assert_array_equal(out["z"], 7 * np.arange(ROWS))
    total = tfs.reduce_blocks(program(SUM), folder, {"x_input": "id"}, spark=spark)
    assert total == sum(range(ROWS))


def test_results_are_written_whole_and_read_by_spark(hdfs, classic, folder):
    path = f"{hdfs.uri}/new/folder/scored.parquet"
    scored = tfs.map_rows(program(SEED), folder, columns=["id"])
    tfs.write_parquet(scored, path)
    with pytest.raises(errors.OptionError, match="is there already"):
        tfs.write_parquet(scored, path)
    tfs.write_parquet(scored, path, overwrite=True)
    found = classic.read.parquet(path).orderBy("id").toArrow()
    np.testing.assert_array_equal(found["z"], 7 * np.arange(ROWS))
    filesystem, inside = open_filesystem(path)
    with filesystem.open_input_file(inside) as file:
        assert pq.ParquetFile(file).metadata.num_row_groups == 1

    def failing():
        yield from scored
        raise errors.NullValuesError("x", 1, 1, 0)

    with pytest.raises(errors.NullValuesError):
        tfs.write_parquet(failing(), f"{hdfs.uri}/new/folder/other.parquet")
    names = filesystem.get_file_info(fs.FileSelector(inside.rpartition("/")[0]))
    assert [info.base_name for info in names] == ["scored.parquet"]


def test_workers_write_to_hdfs_and_nobody_sees_a_part(hdfs, classic, folder):
    """Here a folder is renamed by the NameNode, and files of an attempt are open on DataNodes."""
    target = f"{hdfs.uri}/by/workers"
    scored = tfs.map_files(program(SEED), folder, spark=classic, columns=["id"])
    tfs.write_parquet(scored, target)
    with pytest.raises(errors.OptionError, match="is there already"):
        tfs.write_parquet(scored, target)
    tfs.write_parquet(scored, target, append=True)
    assert classic.read.parquet(target).count() == 2 * ROWS
    tfs.write_parquet(scored, target, overwrite=True)
    tfs.write_parquet(scored, target, overwrite=True, resume=True)
    found = tfs.map_rows(program(SEED), tfs.files(folder), columns=["id"]).to_arrow()
    same = classic.read.parquet(target).orderBy("id").toArrow()
    np.testing.assert_array_equal(same["z"], found["z"])
    filesystem, inside = open_filesystem(target)
    parent = filesystem.get_file_info(fs.FileSelector(inside.rpartition("/")[0]))
    assert [info.base_name for info in parent] == ["workers"]
    names = [info.base_name for info in filesystem.get_file_info(fs.FileSelector(inside))]
    assert "_SUCCESS" in names
