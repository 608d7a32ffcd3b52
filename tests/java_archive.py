"""Store the classes that Spark loads in an archive, so that each Java of the tests starts in half the time.

    python -m tests.java_archive

An archive belongs to one Java and one Spark; another Java starts without it, and gives no message.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

ARCHIVE = Path(sys.prefix, "spark_classes.jsa")
FAST = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""A Java of the tests runs for minutes at most; its second compiler would take a third of this time."""
QUIET = "-Xlog:cds=off -Xlog:cds+dynamic=off"
ELSEWHERE = ("deploy.master.Master", "deploy.worker.Worker", "deploy.SparkSubmit",
             "executor.CoarseGrainedExecutorBackend")  # fmt: skip
"""Classes of a cluster's processes, in `org.apache.spark`."""


def java_options() -> str:
    """Return the options for each Java that runs Spark, or starts it."""
    return f"{FAST} {QUIET} -XX:SharedArchiveFile={ARCHIVE}" if ARCHIVE.exists() else FAST


def use_archive() -> None:
    """Let each Java that Spark starts from this process take its classes from the archive."""
    for name in ("SUBMIT_OPTS", "LAUNCHER_OPTS", "DAEMON_JAVA_OPTS"):
        os.environ[f"SPARK_{name}"] = java_options()


def make_archive() -> None:
    """Run a bit of everything, also a Connect server, and store the classes that are loaded."""
    os.environ["SPARK_SUBMIT_OPTS"] = f"{FAST} {QUIET} -XX:ArchiveClassesAtExit={ARCHIVE}"
    from pyspark import SparkContext

    import tfspark_magic as tfs

    spark = tfs.session(
        "local[2]",
        spark_plugins="org.apache.spark.sql.connect.SparkConnectPlugin",
        spark_connect_grpc_binding_port="0",
    )
    java = SparkContext._jvm.java.lang.Class
    for name in ELSEWHERE:
        java.forName(f"org.apache.spark.{name}")
    with tempfile.TemporaryDirectory() as folder:
        table = str(Path(folder, "table"))
        rows = spark.range(10).selectExpr("id", "cast(id as double) x", "array(id) cells")
        rows.write.parquet(table)
        kept = spark.read.parquet(table)
        kept.groupBy("id").count().collect()
        kept.mapInArrow(lambda batches: batches, kept.schema).toPandas()
    spark.stop()
    gateway = SparkContext._gateway
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait()


if __name__ == "__main__":
    make_archive()
