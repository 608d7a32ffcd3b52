"""One cluster for all tests of this folder, which run before any other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cluster.held import Hold
from tests.cluster.nodes import Cluster


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    # A process has one classic session at a time: here it is the cluster's, elsewhere a local one
    # that stays until the end.
    here = Path(__file__).parent
    items.sort(key=lambda item: here not in item.path.parents)
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.cluster)


@pytest.fixture(scope="package")
def cluster(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    # Each node claims to have two GPUs, which do not exist; test_devices.py replaces them. A
    # session gets GPUs only if it asks for them.
    discovery = folder / "find_gpus"
    discovery.write_text("""#!/bin/sh\necho '{"name": "gpu", "addresses": ["0", "1"]}'\n""")
    discovery.chmod(0o755)
    resource = "spark.worker.resource.gpu"
    gpus = {f"{resource}.amount": "2", f"{resource}.discoveryScript": str(discovery)}
    started = Cluster(folder, settings=gpus)
    yield started
    started.stop()


@pytest.fixture
def classic(cluster):
    """Replaces the local session: here `spark`, classic or Connect, is a session of the cluster."""
    return cluster.classic()


@pytest.fixture
def connect(cluster):
    pytest.importorskip("grpc", reason="Spark Connect's packages are not installed")
    return cluster.connect()


@pytest.fixture
def hold(tmp_path):
    folder = tmp_path / "hold"
    folder.mkdir()
    held = Hold(folder)
    yield held
    held.go()
