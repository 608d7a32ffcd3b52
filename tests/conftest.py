"""Sessions that all tests share: a classic one in this process, a Connect server beside it."""

from __future__ import annotations

import contextlib
import gc
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.java_archive import use_archive

os.environ.setdefault("TZ", "UTC")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# A classic session's Java is forked beside a Connect session here: gRPC, told of forks, now and then
# fails in the child, which has no use for it.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
# What starts a cluster or a server here starts Python workers with this Python.
os.environ["PYSPARK_PYTHON"] = sys.executable
use_archive()
with contextlib.suppress(ImportError):
    from hypothesis import HealthCheck, settings

    # No test fails because a machine is slow.
    untimed = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
    settings.register_profile("untimed", settings.default, **untimed)
    settings.load_profile("untimed")

ROOT = Path(__file__).parents[1]

KILL_TIMEOUT = "200ms"
"""Until then Spark looks all the time whether the worker of a task that was cancelled has ended."""
CONNECT = re.compile(r"\[(.*-)?connect(-.*)?\]$")
"""In the name of a test that is given a Connect session: others would start a server beside theirs."""
CLASSIC = re.compile(r"\[(.*-)?classic(-.*)?\]$")
"""In the name of a test that is given a session of this process."""
EACH = 3
"""`make test` runs one of so many cases of a matrix."""
FURTHER = tuple(f"notebooks/{number}" for number in ("03", "05", "06", "08", "11", "12"))
"""Notebooks that only `make test-all` and `make test-notebooks` run: they show no verb that others do not."""
LONGEST = {
    "cluster": 0,
    "classic": 1,
    "hdfs": 2,
    "connect": 3,
    "browser": 4,
    "notebook": 5,
    "notebooks": 6,
}
"""The tests that take minutes, and so begin first: the cluster needs a process without a local session."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def spark_home() -> Path:
    import pyspark

    return Path(pyspark.__file__).parent


def wait_for_port(port: int, process: subprocess.Popen, seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"the server ended with exit code {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    pytest.fail(f"nothing listens on port {port}")


def shared_by(nodeid: str) -> str:
    """The group of a test: tests in one process share a cluster, a session, or things that their file starts."""
    path, _, _ = nodeid.partition("::")
    folder = path.split("/")[1]
    if folder in ("cluster", "hdfs", "browser"):
        return folder
    if CONNECT.search(nodeid):
        return "connect"
    if folder == "executor":
        return "classic"
    # One session of Spark for all of these files, and not one in each process.
    return "notebook" if folder == "notebook" or CLASSIC.search(nodeid) else path


def turn(nodeid: str) -> int:
    """The order of a test: long tests come first, so that no process waits for them at the end."""
    path, _, _ = nodeid.partition("::")
    folder = path.split("/")[0 if path.startswith("notebooks/") else 1]
    return LONGEST.get(folder, LONGEST.get(shared_by(nodeid), len(LONGEST)))


def pytest_configure(config):
    # In the processes of xdist interrupts have no effect until a classic session starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser):
    parser.addoption(
        "--all",
        action="store_true",
        help="run long tests, all cases of a matrix, and each test of a session on classic Spark and on Connect",
    )


def pytest_collection_modifyitems(config, items):
    everything = config.getoption("--all") or all("::" in arg for arg in config.args)
    kept, left_out = [], []
    for item in items:
        is_short = not item.get_closest_marker("long") and not item.nodeid.startswith(FURTHER)
        if item.get_closest_marker("matrix"):
            # As in a Latin square: each value of a parameter meets a third of those of another.
            is_short &= sum(item.callspec.indices.values()) % EACH == 0
        here = is_short and (item.get_closest_marker("both") or not CONNECT.search(item.nodeid))
        (kept if everything or here else left_out).append(item)
    config.hook.pytest_deselected(items=left_out)
    # The scheduler keeps this order with --no-loadscope-reorder.
    items[:] = sorted(kept, key=lambda item: turn(item.nodeid))


def pytest_collection_finish(session):
    # TensorFlow has half a million objects; searches for garbage among them take a tenth of the time.
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Tests that share what is expensive to start run in one process, where there are several."""
    from xdist.scheduler import LoadFileScheduling

    class LoadSharedScheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return shared_by(nodeid)

    return LoadSharedScheduling(config, log)


@pytest.fixture(scope="session")
def classic(tmp_path_factory):
    import tfspark_magic

    warehouse = tmp_path_factory.mktemp("warehouse")
    spark = tfspark_magic.session(
        "local[2]", spark_sql_warehouse_dir=warehouse, spark_python_task_killTimeout=KILL_TIMEOUT
    )
    yield spark
    spark.stop()


@pytest.fixture(scope="session")
def connect_url(tmp_path_factory):
    """A Connect server, of this Python or of `TFSPARK_MAGIC_SERVER_PYTHON`."""
    folder, port = tmp_path_factory.mktemp("connect"), free_port()
    server = start_connect_server(folder, port)
    yield f"sc://127.0.0.1:{port}"
    server.terminate()
    server.wait(30)


def start_connect_server(folder: Path, port: int) -> subprocess.Popen:
    pytest.importorskip("grpc_status", reason="Spark Connect's packages are not installed")
    python = os.environ.get("TFSPARK_MAGIC_SERVER_PYTHON", sys.executable)
    environment = {name: value for name, value in os.environ.items() if name != "SPARK_REMOTE"}
    environment["PYTHONPATH"] = str(ROOT)
    with (folder / "server.log").open("ab") as log:
        server = subprocess.Popen(
            [python, "-m", "tests.connect_server", str(port)],
            cwd=folder, stdout=log, stderr=log, env=environment,
        )  # fmt: skip
    try:
        wait_for_port(port, server)
    except BaseException:
        server.kill()
        raise
    return server


@pytest.fixture(scope="session")
def connect(connect_url):
    from pyspark.sql.connect.session import SparkSession

    spark = SparkSession.builder.remote(connect_url).create()
    yield spark
    spark.stop()


@pytest.fixture(params=["classic", "connect"])
def spark(request):
    """A session of either kind: with Connect where a test says `both`, or by `--all`."""
    return request.getfixturevalue(request.param)


def pytest_sessionfinish(session, exitstatus):
    """If everything can be installed, as in CI, a skipped test is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if skipped and os.environ.get("TFSPARK_MAGIC_NO_SKIPS") and exitstatus == 0:
        reporter.write_line(f"{len(skipped)} tests were skipped where none may be.", red=True)
        session.exitstatus = 1
