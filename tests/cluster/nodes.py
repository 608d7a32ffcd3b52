"""A standalone cluster of real processes, whose Python has TensorFlow but not this package."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.conftest import KILL_TIMEOUT, free_port, spark_home
from tests.java_archive import java_options
from tfspark_magic.executor.java import ensure_java
from tfspark_magic.executor.local_session import DAEMON
from tfspark_magic.executor.session import is_connect

LONG = 500
"""The time limit in seconds for waiting: on a machine with much else to do, a training starts in minutes."""

APPLICATION = {
    # One core of each node; other applications on the cluster use the other cores.
    "spark.executor.cores": "1",
    "spark.cores.max": "2",
    "spark.executor.memory": "600m",
    "spark.executor.extraJavaOptions": java_options(),
    "spark.driver.memory": "800m",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "3",
    # Python workers are forked with TensorFlow imported, which takes seconds. Without it, as a
    # plain node has them, they are in test_exported.py.
    "spark.python.daemon.module": DAEMON.stem,
    "spark.python.task.killTimeout": KILL_TIMEOUT,
    # Spark Connect in the Java of the classic session: its executors serve both.
    "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
    "spark.connect.grpc.binding.address": "127.0.0.1",
    # The first job finds all executors there.
    "spark.scheduler.minRegisteredResourcesRatio": "1.0",
    "spark.scheduler.maxRegisteredResourcesWaitingTime": "120s",
}


class Cluster:
    """A master and its workers, and at most one application on them: a classic session with Connect.

    Parameters
    ----------
    folder
        For logs and what the processes write.
    nodes
        How many workers there are.
    settings
        Spark settings of the workers, such as `spark.worker.resource.gpu.amount`.
    """

    def __init__(self, folder: Path, nodes: int = 2, settings: Mapping[str, str] | None = None):
        ensure_java()
        self.folder = folder
        self.python = folder / "python"
        # -S leaves out the links that make an editable install importable; PYTHONPATH brings back
        # everything that is installed for real.
        self.python.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
        self.python.chmod(0o755)
        options = {"spark.deploy.maxExecutorRetries": "-1", **(settings or {})}
        java = " ".join(f"-D{name}={value}" for name, value in options.items())
        self._environment = {
            **{name: value for name, value in os.environ.items() if name != "SPARK_REMOTE"},
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_WORKER_DIR": str(folder / "work"),
            "SPARK_LOCAL_DIRS": str(folder / "local"),
            "SPARK_MASTER_OPTS": java,
            "SPARK_WORKER_OPTS": java,
            "SPARK_HOME": str(spark_home()),
            "PYTHONPATH": os.pathsep.join([sysconfig.get_path("purelib"), str(DAEMON.parent)]),
            "PYSPARK_PYTHON": str(self.python),
        }
        self._processes: list[subprocess.Popen] = []
        self._classic: Any = None
        self._connect: Any = None
        self._port = 0
        self._settings: Mapping[str, str] = {}
        spark_class = str(spark_home() / "bin" / "spark-class")
        deploy = "org.apache.spark.deploy"
        master = self._start(
            "master", spark_class, f"{deploy}.master.Master",
            "--host", "127.0.0.1", "--port", "0", "--webui-port", "0",
        )  # fmt: skip
        self.url = self._logged("master", master, r"Starting Spark master at (spark://[\d.:]+)")
        self._worker = (
            spark_class, f"{deploy}.worker.Worker", "--host", "127.0.0.1", "--cores", "4",
            "--memory", "4g", "--webui-port", "0", self.url,
        )  # fmt: skip
        self._nodes = [self._start(f"worker_{n}", *self._worker) for n in range(nodes)]

    def classic(self, settings: Mapping[str, str] | None = None) -> Any:
        """Return this process's classic session; with other settings than before, a new one."""
        import tfspark_magic as tfs

        wanted = {**APPLICATION, **(settings or {})}
        if self._classic is None or self._settings != wanted:
            self.stop_sessions()
            self._settings, self._port = wanted, free_port()
            conf = {**wanted, "spark.connect.grpc.binding.port": str(self._port)}
            with _environment(PYSPARK_PYTHON=str(self.python)):
                self._classic = tfs.session(
                    self.url, **{name.replace(".", "_"): value for name, value in conf.items()}
                )
            if self._classic.sparkContext.master != self.url:
                pytest.fail("this process has a classic session already: run tests/cluster first")
        return self._classic

    def connect(self, settings: Mapping[str, str] | None = None) -> Any:
        """Return a session of the Connect server, which is in the Java of the classic session."""
        from pyspark.sql.connect.session import SparkSession

        self.classic(settings)
        if self._connect is None:
            builder = SparkSession.builder.remote(f"sc://127.0.0.1:{self._port}")
            self._connect = builder.create()
        return self._connect

    def stop_sessions(self) -> None:
        """Stop the sessions and their Java, which keeps the settings that it began with."""
        if self._connect is not None:
            self._connect.stop()
        if self._classic is not None:
            stop_with_java(self._classic)
        self._connect = self._classic = None

    def stop(self) -> None:
        """Stop all that was started."""
        self.stop_sessions()
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait(LONG)

    def lose(self, executor: psutil.Process) -> int:
        """Cut the power of an executor's node: all of its processes are gone. Return the node's number."""
        parent = executor.ppid()
        lost = next(n for n, process in enumerate(self._nodes) if process.pid == parent)
        node = psutil.Process(parent)
        for process in [node, *node.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._nodes[lost].wait(LONG)
        return lost

    def restore(self, node: int) -> None:
        """Start a node again that was lost."""
        self._nodes[node] = self._start(f"worker_{node}", *self._worker)

    def executors(self, spark: Any) -> list[psutil.Process]:
        """Return the running executors of a session."""
        application = application_of(spark)
        found = []
        for process in self._processes:
            for child in _children(process.pid):
                # A process may end, or have ended, at any time.
                with contextlib.suppress(psutil.Error):
                    line = child.cmdline()
                    if application in line and "CoarseGrainedExecutorBackend" in " ".join(line):
                        found.append(child)
        return found

    def python_workers(self, spark: Any) -> list[psutil.Process]:
        """Return the Python workers of a session: computing and waiting ones."""
        daemons = [d for executor in self.executors(spark) for d in _children(executor.pid)]
        return [worker for daemon in daemons for worker in _children(daemon.pid)]

    def _start(self, name: str, *command: str) -> subprocess.Popen:
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=self.folder, stdout=log, stderr=log, env=self._environment
            )
        self._processes.append(process)
        return process

    def _logged(self, name: str, process: subprocess.Popen, pattern: str) -> str:
        """Wait for a line in the log of a process, and return the group of the pattern."""
        log = self.folder / f"{name}.log"

        def look() -> re.Match[str] | None:
            if process.poll() is not None:
                pytest.fail(f"{name} ended with exit code {process.returncode}:\n{log.read_text()}")
            return re.search(pattern, log.read_text())

        return until(look)[1]


def stop_with_java(spark: Any) -> None:
    """Stop a classic session and its Java, so that the next session gets a Java of its own."""
    from pyspark import SparkContext

    spark.stop()
    gateway = SparkContext._gateway
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait(LONG)
    SparkContext._gateway = SparkContext._jvm = None


def _children(pid: int) -> list[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        return psutil.Process(pid).children()
    return []


def application_of(spark: Any) -> str:
    """Return the cluster's name of a session's application."""
    return spark.conf.get("spark.app.id") if is_connect(spark) else spark.sparkContext.applicationId


def until(condition: Callable[[], Any], seconds: float = LONG) -> Any:
    """Wait until a value is true, and return it."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return found


@contextlib.contextmanager
def _environment(**variables: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def hiding(nothing: Path) -> list[str]:
    """The begin of a command that sees neither this Python nor its packages, but for Spark; needs root.

    Parameters
    ----------
    nothing
        An empty folder, which is seen in their place.
    """
    site = Path(sysconfig.get_path("purelib"))
    hidden = [sys.base_prefix, *(site / name for name in ("tensorflow", "numpy", "pyarrow"))]
    mounts = " && ".join(f"mount --bind {nothing} {path}" for path in hidden)
    return ["unshare", "--mount", "sh", "-c", f'{mounts} && exec "$@"', "sh"]
