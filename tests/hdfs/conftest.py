"""The clusters that the tests share: each is started when the first test asks for it."""

from __future__ import annotations

import pytest

from tests.hdfs.cluster import Hdfs


@pytest.fixture(scope="session")
def hdfs(tmp_path_factory):
    """A plain HDFS with two DataNodes, both of which hold every block."""
    cluster = Hdfs(tmp_path_factory.mktemp("hdfs"))
    yield cluster
    cluster.stop()


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/hdfs/" in item.path.as_posix():
            item.add_marker(pytest.mark.hdfs)
