"""Test the tasks that read fragments of files in Spark's workers, without Spark."""

from __future__ import annotations

import pickle
import sys
from types import SimpleNamespace

import pyarrow as pa
import pytest

from tfspark_magic import errors
from tfspark_magic.sources.file_rows import FileRows
from tfspark_magic.sources.files import Files, Fragment
from tfspark_magic.sources.tasks import Groups, ReduceFragments


def test_groups_survive_the_way_and_are_small():
    name = "hdfs://namenode:8020/a/rather/long/path/part-{}.parquet"
    fragments = [
        Fragment(name.format(n), "parquet", (0,), (("day", 3),), 10, 100) for n in range(5000)
    ]
    packed = pickle.dumps(Groups([fragments[:1], fragments[1:]]))
    assert len(packed) < 50_000
    assert pickle.loads(packed)[0] == (fragments[0],)
    assert pickle.loads(packed)[1] == tuple(fragments[1:])


def test_a_node_without_hdfs_native_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "hdfs_native", None)
    uri = "hdfs://a-namenode-of-no-other-test:1/x.parquet"
    files = Files((uri,), "parquet", pa.schema([("x", pa.int64())]))
    plan = SimpleNamespace(rows_per_block=None, row_bytes=0)
    groups = Groups([[Fragment(uri, "parquet", (0,))]])
    task = ReduceFragments(plan, FileRows(files, (), ()), groups)
    with pytest.raises(errors.MissingDependencyError) as caught:
        list(task(iter([pa.record_batch({"id": [0]})])))
    assert str(caught.value) == (
        "hdfs-native is needed to open hdfs:// paths on the workers and is not installed: install "
        "hdfs-native on each node."
    )
