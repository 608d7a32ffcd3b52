"""The clusters that the tests share: each is started when the first test asks for it."""

from __future__ import annotations

from functools import partial

import pytest

from tests.hdfs.cluster import Hdfs
from tfspark_magic.sources import batches


@pytest.fixture(scope="session")
def hdfs(tmp_path_factory):
    """A plain HDFS with two DataNodes, both of which hold every block."""
    cluster = Hdfs(tmp_path_factory.mktemp("hdfs"))
    yield cluster
    cluster.stop()


@pytest.fixture
def nothing_prefetched(monkeypatch):
    """Switch off the prefetch of datasets, so that a process is killed in the middle of a read."""
    monkeypatch.setattr(batches, "Prefetch", partial(batches.Prefetch, prefetch_bytes=1))


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/hdfs/" in item.path.as_posix():
            item.add_marker(pytest.mark.hdfs)
