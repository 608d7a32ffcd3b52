"""Two NameNodes: a reader goes on when the active one dies and the other takes over."""

from __future__ import annotations

import threading

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.hdfs.high_availability import NAMESERVICE, HighlyAvailableHdfs
from tfspark_magic.sources.filesystem import open_filesystem
from tfspark_magic.verbs.dataset import dataset

FILES, ROWS = 12, 5000
URI = f"hdfs://{NAMESERVICE}/rows"


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    cluster = HighlyAvailableHdfs(tmp_path)
    monkeypatch.setenv("HADOOP_CONF_DIR", str(cluster.conf))
    yield cluster
    cluster.stop()


@pytest.mark.long
def test_the_active_namenode_dies_in_the_middle_of_a_read(cluster, nothing_prefetched):
    for part in range(FILES):
        values = np.arange(part * ROWS, (part + 1) * ROWS)
        filesystem, inside = open_filesystem(f"{URI}/part-{part:02}.parquet")
        pq.write_table(pa.table({"x": values}), inside, filesystem=filesystem)

    # Each file asks the NameNode where its blocks are when its turn comes.
    data = dataset(URI, "x", 1000, threads=1, prefetch=0).as_numpy_iterator()
    found = [next(data) for _ in range(3)]
    cluster.namenodes[0].kill()
    rest = threading.Thread(target=lambda: found.extend(data))
    rest.start()
    rest.join(1)
    assert rest.is_alive(), "the rest was read without a NameNode"
    cluster.make_active(1)
    rest.join(120)
    assert not rest.is_alive()
    np.testing.assert_array_equal(np.concatenate(found), np.arange(FILES * ROWS))

    # And it writes, too, and finds what was written before.
    pq.write_table(pa.table({"x": [1]}), "/rows/more.parquet", filesystem=filesystem)
    assert sum(len(batch) for batch in dataset(URI, "x", 1000)) == FILES * ROWS + 1
