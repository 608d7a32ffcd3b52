"""Applications on the tests' YARN: a session of this process, and `spark-submit`."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.nodes import LONG
from tests.conftest import KILL_TIMEOUT, ROOT, spark_home
from tests.hdfs.yarn.scheduler import Yarn
from tests.java_archive import java_options
from tfspark_magic.executor.local_session import DAEMON

APPLICATION = {
    "spark.executor.instances": "2",
    "spark.executor.cores": "1",
    "spark.executor.memory": "600m",
    "spark.executor.extraJavaOptions": java_options(),
    "spark.yarn.am.memory": "300m",
    "spark.yarn.am.extraJavaOptions": java_options(),
    "spark.driver.extraJavaOptions": java_options(),
    "spark.driver.memory": "800m",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "3",
    # All nodes are this machine: nothing has to travel.
    "spark.yarn.jars": f"local:{spark_home()}/jars/*",
    "spark.yarn.scheduler.heartbeat.interval-ms": "500",
    "spark.yarn.report.interval": "200ms",
    "spark.python.daemon.module": DAEMON.stem,
    "spark.python.task.killTimeout": KILL_TIMEOUT,
    # The first job finds all executors there.
    "spark.scheduler.minRegisteredResourcesRatio": "1.0",
    "spark.scheduler.maxRegisteredResourcesWaitingTime": "120s",
}


class Client:
    """A user of YARN whose nodes have TensorFlow, NumPy and PyArrow and nothing of ours.

    Parameters
    ----------
    yarn
        The cluster.
    folder
        For the nodes' Python.
    """

    def __init__(self, yarn: Yarn, folder: Path) -> None:
        self.yarn = yarn
        self.python = folder / "python"
        # -S leaves out the links that make an editable install importable.
        self.python.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
        self.python.chmod(0o755)
        path = os.pathsep.join([sysconfig.get_path("purelib"), str(DAEMON.parent)])
        self.settings = {
            **APPLICATION,
            "spark.pyspark.python": str(self.python),
            "spark.executorEnv.PYTHONPATH": path,
        }
        self.environment = {"HADOOP_CONF_DIR": str(yarn.conf), "SPARK_LOCAL_IP": "127.0.0.1"}

    def session(self, **settings: str) -> Any:
        """Start a session of this process, whose executors YARN runs."""
        import tfspark_magic as tfs

        conf = {**self.settings, **settings}
        with pytest.MonkeyPatch.context() as patch:
            # What is on the path of this process would be on that of the nodes.
            patch.delenv("PYTHONPATH", raising=False)
            for name, value in self.environment.items():
                patch.setenv(name, value)
            spark = tfs.session(
                "yarn", **{name.replace(".", "_"): value for name, value in conf.items()}
            )
        if spark.sparkContext.master != "yarn":
            pytest.fail("this process has a classic session already: run tests/hdfs/yarn first")
        return spark

    def submit(self, *words: str, folder: Path, mode: str, **settings: str) -> str:
        """Run a script by `spark-submit --master yarn`; return what it printed, with Spark's log."""
        driver = {
            "spark.yarn.appMasterEnv.PYTHONPATH": str(ROOT),
            "spark.pyspark.driver.python": sys.executable,
        }
        # In a container, the driver has that node's address.
        here = () if mode == "client" else ("spark.driver.host", "spark.driver.bindAddress")
        conf = {**self.settings, **driver, **settings}
        options = [f"--conf={name}={value}" for name, value in conf.items() if name not in here]
        run = subprocess.run(
            [str(spark_home() / "bin" / "spark-submit"), "--master", "yarn", "--deploy-mode", mode,
             *options, *words],
            cwd=folder, capture_output=True, text=True, check=False, timeout=LONG,
            env={**os.environ, **self.environment, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert run.returncode == 0, run.stdout + run.stderr[-6000:]
        return run.stdout + run.stderr
