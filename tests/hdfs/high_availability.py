"""Two NameNodes for one HDFS: one is active, the other follows it and can take over."""

from __future__ import annotations

import shutil

from tests.conftest import free_port
from tests.hdfs.cluster import NAMENODE, Hdfs, jmx, write_conf

ADMIN = "org.apache.hadoop.hdfs.tools.DFSHAAdmin"
NAMESERVICE = "warehouse"
PROVIDER = "org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider"


class HighlyAvailableHdfs(Hdfs):
    """As `Hdfs`, with the NameNodes `nn0` (active at first) and `nn1`.

    `uri` is `hdfs://warehouse`: who reads it needs `conf` as the Hadoop configuration. What the
    active one writes to the shared folder of edits, the other reads.
    """

    def start_namenodes(self) -> None:
        self.uri = f"hdfs://{NAMESERVICE}"
        ports = [free_port(), free_port()]
        self.http_ports = [free_port(), free_port()]
        self.settings |= {
            "fs.defaultFS": self.uri,
            "dfs.nameservices": NAMESERVICE,
            f"dfs.ha.namenodes.{NAMESERVICE}": "nn0,nn1",
            f"dfs.client.failover.proxy.provider.{NAMESERVICE}": PROVIDER,
            "dfs.namenode.shared.edits.dir": f"file://{self.folder / 'edits'}",
            "dfs.ha.fencing.methods": "shell(/bin/true)",
            "dfs.ha.tail-edits.period": "1s",
            "dfs.client.failover.sleep.base.millis": 100,
            "dfs.client.failover.sleep.max.millis": 1000,
        }
        for number, (port, http) in enumerate(zip(ports, self.http_ports, strict=True)):
            name = f"{NAMESERVICE}.nn{number}"
            self.settings[f"dfs.namenode.rpc-address.{name}"] = f"127.0.0.1:{port}"
            self.settings[f"dfs.namenode.http-address.{name}"] = f"127.0.0.1:{http}"
        homes = [self.folder / "namenode0", self.folder / "namenode1"]
        for number, home in enumerate(homes):
            name_dir = f"file://{home / 'name'}"
            self.conf = write_conf(
                home,
                {
                    **self.settings,
                    "dfs.namenode.name.dir": name_dir,
                    "dfs.ha.namenode.id": f"nn{number}",
                },
            )
        self.run(homes[0], NAMENODE, "-format", "-nonInteractive")
        # The second begins with the first's empty image, as its own `-bootstrapStandby` copies it.
        shutil.copytree(homes[0] / "name", homes[1] / "name")
        self.namenodes = [self.process(home, NAMENODE) for home in homes]
        self.make_active(0)

    def make_active(self, number: int) -> None:
        """Let one NameNode serve; the other must be standing by or dead."""
        self.namenode, self.http = self.namenodes[number], self.http_ports[number]
        self.namenode.wait_for("a NameNode", lambda: jmx(self.http, "NameNodeStatus"))
        self.run(self.namenode.folder, ADMIN, "-transitionToActive", "--forceactive", f"nn{number}")
        self.namenode.wait_for(
            "an active NameNode",
            lambda: jmx(self.http, "NameNodeStatus").get("State") == "active",
        )

    def stop(self) -> None:
        super().stop()
        for process in self.namenodes:
            process.kill()
