"""A real HDFS on this machine: a NameNode and DataNodes, each a process of its own.

All listen on loopback, on free ports, and keep what they store in one folder.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from tests.conftest import free_port
from tests.hdfs.artifacts import hadoop_jars

NAMENODE = "org.apache.hadoop.hdfs.server.namenode.NameNode"
DATANODE = "org.apache.hadoop.hdfs.server.datanode.DataNode"
BLOCK = 1 << 16  # bytes; small, so that a small file has many blocks on several DataNodes
# For a short start rather than a long life.
JAVA = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
        "-Djava.net.preferIPv4Stack=true")  # fmt: skip


class Process:
    """A Java process of Hadoop with its log; `kill` is what a power cut is."""

    def __init__(
        self,
        folder: Path,
        main: str,
        *arguments: str,
        options: tuple[str, ...] = (),
        environment: Mapping[str, str] | None = None,
        within: Sequence[str] = (),
    ) -> None:
        self.folder = folder
        self.environment = {**os.environ, **(environment or {})}
        self.command = [*within, *java_command(folder, main, *arguments, options=options)]
        self.log = folder / f"{main.rsplit('.', 1)[1]}.log"
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(
                self.command, cwd=self.folder, stdout=log, stderr=log, env=self.environment
            )

    def kill(self) -> None:
        self.popen.kill()
        self.popen.wait(30)

    def wait_for(self, what: str, ready: Callable[[], object], seconds: float = 400) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            if self.popen.poll() is not None or time.monotonic() > deadline:
                tail = "\n".join(self.log.read_text().splitlines()[-40:])
                raise AssertionError(f"{what} did not come; {self.log.name} ends:\n{tail}")
            time.sleep(0.1)


class Hdfs:
    """A NameNode and `datanodes` DataNodes.

    Attributes
    ----------
    uri : str
        `hdfs://127.0.0.1:port`, without a slash at the end.
    http : int
        The port of the NameNode's web interface.
    conf : pathlib.Path
        The folder of `core-site.xml` and `hdfs-site.xml`, as `HADOOP_CONF_DIR` names it.
    """

    java_options: tuple[str, ...] = ()

    def __init__(
        self, folder: Path, datanodes: int = 2, settings: Mapping[str, object] | None = None
    ) -> None:
        self.folder = folder
        self.settings = {**common_settings(datanodes), **(settings or {})}
        self.start_namenodes()
        # They wait for the NameNode by themselves.
        self.datanodes = [self._datanode(number) for number in range(datanodes)]
        self.wait_for_datanodes(datanodes)

    def start_namenodes(self) -> None:
        self.http = free_port()
        self.uri = f"hdfs://127.0.0.1:{free_port()}"
        self.settings |= {
            "fs.defaultFS": self.uri,
            "dfs.namenode.http-address": f"127.0.0.1:{self.http}",
        }
        home = self.folder / "namenode"
        self.conf = write_conf(
            home, {**self.settings, "dfs.namenode.name.dir": f"file://{home / 'name'}"}
        )
        self.run(home, NAMENODE, "-format", "-nonInteractive")
        self.namenode = self.process(home, NAMENODE)

    def _datanode(self, number: int) -> Process:
        home = self.folder / f"datanode{number}"
        write_conf(home, {**self.settings, "dfs.datanode.data.dir": f"file://{home / 'data'}"})
        return self.process(home, DATANODE)

    def process(self, home: Path, main: str, *arguments: str) -> Process:
        return Process(home, main, *arguments, options=self.java_options)

    def run(self, home: Path, main: str, *arguments: str) -> str:
        """Run one of Hadoop's commands to its end and return what it printed."""
        done = subprocess.run(
            java_command(home, main, *arguments, options=self.java_options),
            cwd=home,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        said = f"{done.stdout[-2000:]}{done.stderr[-2000:]}"
        assert done.returncode == 0, f"{main} {' '.join(arguments)}:\n{said}"
        return done.stdout

    def live_datanodes(self) -> set[str]:
        """The addresses of the DataNodes that the NameNode knows, and the blocks of which it knows."""
        found = json.loads(jmx(self.http, "NameNodeInfo").get("LiveNodes", "{}"))
        # In minutes; since 1970 where there was none yet.
        return {name for name, node in found.items() if node["lastBlockReport"] < 1_000_000}

    def wait_for_datanodes(self, number: int) -> None:
        """Wait until `number` DataNodes are up and no block misses a replica there could be."""

        def ready() -> bool:
            if len(self.live_datanodes()) != number:
                return False
            return number < 2 or not jmx(self.http, "FSNamesystem").get("UnderReplicatedBlocks", 1)

        self.namenode.wait_for(f"{number} DataNodes", ready)

    def restart_datanodes(self, *numbers: int) -> None:
        """Bring killed DataNodes back, at addresses of their own, with the blocks they had."""
        known = self.live_datanodes()
        for number in numbers:
            self.datanodes[number].start()
        self.namenode.wait_for(
            "the DataNodes", lambda: len(self.live_datanodes() - known) == len(numbers)
        )
        self.wait_for_datanodes(len(self.datanodes))

    def stop(self) -> None:
        for process in [*self.datanodes, self.namenode]:
            process.kill()


def common_settings(datanodes: int) -> dict[str, object]:
    """What every cluster here is told: loopback, small blocks, quick to notice a death."""
    return {
        "dfs.datanode.hostname": "127.0.0.1",
        "dfs.datanode.address": "127.0.0.1:0",
        "dfs.datanode.http.address": "127.0.0.1:0",
        "dfs.datanode.ipc.address": "127.0.0.1:0",
        "dfs.namenode.datanode.registration.ip-hostname-check": "false",
        "dfs.replication": min(2, datanodes),
        "dfs.blocksize": BLOCK,
        "dfs.namenode.fs-limits.min-block-size": 1024,
        "dfs.heartbeat.interval": 1,
        "dfs.namenode.heartbeat.recheck-interval": 1000,  # ms
        "dfs.namenode.redundancy.interval.seconds": "1s",
        "dfs.namenode.safemode.extension": 0,
        "dfs.namenode.edits.noeditlogchannelflush": "true",
        "dfs.datanode.scan.period.hours": -1,
        "dfs.client.socket-timeout": 5000,  # ms
        "ipc.client.connect.max.retries": 3,
    }


def write_conf(home: Path, settings: Mapping[str, object]) -> Path:
    """Write the configuration of one process, and the folders that it looks for beside it."""
    conf = home / "conf"
    # The pages of the web interface, which have to be found, come in no artifact.
    for webapp in ("hdfs", "datanode", "journal"):
        (conf / "webapps" / webapp).mkdir(parents=True, exist_ok=True)
    properties = "".join(
        f"<property><name>{name}</name><value>{escape(str(value))}</value></property>\n"
        for name, value in settings.items()
    )
    for file in ("core-site.xml", "hdfs-site.xml", "yarn-site.xml"):
        (conf / file).write_text(f"<configuration>\n{properties}</configuration>\n")
    (conf / "log4j.properties").write_text(
        "log4j.rootLogger=INFO,console\n"
        "log4j.appender.console=org.apache.log4j.ConsoleAppender\n"
        "log4j.appender.console.layout=org.apache.log4j.PatternLayout\n"
        "log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %p %c{1}: %m%n\n"
    )
    return conf


def java_command(
    home: Path, main: str, *arguments: str, options: tuple[str, ...] = ()
) -> list[str]:
    from tfspark_magic.executor.java import ensure_java

    ensure_java()
    java = os.environ.get("JAVA_HOME")
    return [
        str(Path(java, "bin", "java")) if java else "java",
        *JAVA,
        *options,
        "-cp",
        f"{home / 'conf'}:{hadoop_jars()}/*",
        main,
        *arguments,
    ]


def jmx(port: int, name: str) -> dict:
    """One of a NameNode's management beans; empty while it does not answer."""
    query = f"http://127.0.0.1:{port}/jmx?qry=Hadoop:service=NameNode,name={name}"
    try:
        with urllib.request.urlopen(query, timeout=5) as reply:
            beans = json.load(reply)["beans"]
    except (OSError, ValueError):
        return {}
    return beans[0] if beans else {}
