"""A Spark Connect server for tests, of the Python that runs this: `python -m tests.connect_server PORT`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pyspark

from tests.conftest import KILL_TIMEOUT
from tfspark_magic.executor.java import ensure_java
from tfspark_magic.executor.local_session import DAEMON


def serve(port: str) -> None:
    """Become the server."""
    ensure_java()
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYTHONPATH"] = str(DAEMON.parent)
    submit = str(Path(pyspark.__file__).parent / "bin" / "spark-submit")
    arguments = [
        "--master=local[2]",
        "--class=org.apache.spark.sql.connect.service.SparkConnectServer",
        f"--conf=spark.connect.grpc.binding.port={port}",
        "--conf=spark.connect.grpc.binding.address=127.0.0.1",
        "--conf=spark.ui.enabled=false",
        "--conf=spark.sql.shuffle.partitions=8",
        # Workers with TensorFlow imported, as a local session's; those of tests/cluster are Spark's.
        f"--conf=spark.python.daemon.module={DAEMON.stem}",
        f"--conf=spark.sql.warehouse.dir={Path.cwd() / 'warehouse'}",
        f"--conf=spark.python.task.killTimeout={KILL_TIMEOUT}",
        "--driver-memory=2g",
    ]
    os.execv(submit, [submit, *arguments])


if __name__ == "__main__":
    serve(sys.argv[1])
