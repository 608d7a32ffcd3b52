"""Hadoop's own artifacts, from Maven Central, once per user."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

VERSION = "3.5.0"  # that of the Hadoop client inside PySpark 4.3
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
ARTIFACTS = ("hadoop-common", "hadoop-hdfs", "hadoop-hdfs-client", "hadoop-minikdc",
             "hadoop-yarn-server-resourcemanager", "hadoop-yarn-server-nodemanager",
             "hadoop-yarn-server-timelineservice", "hadoop-yarn-client")  # fmt: skip
FOLDER = f"hadoop-{VERSION}-hdfs-yarn"


def hadoop_jars() -> Path:
    """The folder with the jars of HDFS, YARN and a key distribution centre."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"), "tfspark_magic")
    jars = cache / FOLDER
    if jars.exists():
        return jars
    maven = shutil.which("mvn")
    if maven is None:
        pytest.skip("Hadoop for the tests comes by Maven, which is not installed (mvn)")
    # Two runs at once each fill a folder of their own; the first to finish names it.
    filling = cache / f"{FOLDER}.{os.getpid()}"
    filling.mkdir(parents=True)
    try:
        _copy(maven, filling)
        try:
            (filling / "jars").rename(jars)
        except OSError:
            if not jars.exists():
                raise
    finally:
        shutil.rmtree(filling, ignore_errors=True)
    return jars


def _copy(maven: str, folder: Path) -> None:
    dependencies = "".join(
        f"<dependency><groupId>org.apache.hadoop</groupId><artifactId>{name}</artifactId>"
        f"<version>{VERSION}</version></dependency>"
        for name in ARTIFACTS
    )
    pom = folder / "pom.xml"
    pom.write_text(
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        "<groupId>tests</groupId><artifactId>hdfs</artifactId><version>1</version>"
        f"<packaging>pom</packaging><dependencies>{dependencies}</dependencies></project>"
    )
    run = subprocess.run(
        [maven, "-B", "-q", "-f", pom, COPY, f"-DoutputDirectory={folder / 'jars'}",
         "-DincludeScope=runtime"],
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )  # fmt: skip
    if run.returncode:
        sys.stderr.write(run.stdout + run.stderr)
        pytest.skip(f"Maven could not get Hadoop {VERSION}: {run.stdout.strip().splitlines()[:1]}")
