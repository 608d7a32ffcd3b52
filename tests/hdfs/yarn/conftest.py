"""One YARN and one session on it for all tests of this folder, which run before local sessions start."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cluster.nodes import stop_with_java
from tests.hdfs.yarn.client import Client
from tests.hdfs.yarn.scheduler import Yarn


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    # A process has one classic session at a time. The test of Kerberos has a session of its own, which it stops.
    here = Path(__file__).parent
    items.sort(
        key=lambda item: (here not in item.path.parents, item.path != here / "test_kerberos.py")
    )


@pytest.fixture(scope="package")
def yarn(hdfs, tmp_path_factory):
    started = Yarn(tmp_path_factory.mktemp("yarn"), hdfs)
    yield started
    started.stop()


@pytest.fixture(scope="package")
def client(yarn, tmp_path_factory):
    return Client(yarn, tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="package")
def spark(client):
    """Replaces the local session: here it is one whose executors YARN runs."""
    session = client.session()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HADOOP_CONF_DIR", str(client.yarn.conf))
        yield session
    stop_with_java(session)
