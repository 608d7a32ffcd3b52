from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

from tfspark_magic.errors import NullValuesError, TfSparkError, WorkerFailedError
from tfspark_magic.executor.failures import short_error

REPORT = """An exception was thrown from the Python worker: Traceback (most recent call last):
  File "blocks.py", line 88, in _without_nulls
    raise NullValuesError(feed.column, int(mask.sum()), rows, first)
tfspark_magic.errors.NullValuesError: Column 'x' holds 1 null: pass nulls=0.
"""


@pytest.mark.parametrize(
    "end",
    ["", " SQLSTATE: 38000", "\n SQLSTATE: 38000\n\tat org.apache", "\tat java.base/Thread.run"],
)
def test_the_sentence_and_the_class(end: str) -> None:
    error = short_error(RuntimeError(REPORT + end))
    assert isinstance(error, NullValuesError)
    assert str(error) == "Column 'x' holds 1 null: pass nulls=0."
    assert type(error).__name__ == "NullValuesError"
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, NullValuesError)
    assert str(again) == str(error)


def test_a_sentence_of_several_lines() -> None:
    text = "tfspark_magic.errors.WorkerFailedError: Program 'p' failed:\nout of range\n SQLSTATE: 38000"
    error = short_error(RuntimeError(text))
    assert isinstance(error, WorkerFailedError)
    assert str(error) == "Program 'p' failed:\nout of range"


def test_what_is_not_ours() -> None:
    assert short_error(RuntimeError("KeyError: 1")) is None
    assert short_error(RuntimeError("tfspark_magic.errors.closest: no class of errors")) is None
    assert short_error(RuntimeError("tfspark_magic.errors.Unknown: no such class")) is None
    wrapped = REPORT + "\n\nDuring handling of the above exception, another exception occurred:\n\n"
    wrapped += "Traceback (most recent call last):\n  ...\nKeyError: 1"
    assert short_error(RuntimeError(wrapped)) is None


def test_one_of_ours_is_itself() -> None:
    error = TfSparkError("as it is")
    assert short_error(error) is error


LOST = (
    "org.apache.spark.SparkException: Job aborted due to stage failure: Task 3 in stage 7.0 failed 4 "
    "times, most recent failure: Lost task 3.3 in stage 7.0 (TID 9) (127.0.0.1 executor 1): {}\n"
    "Driver stacktrace:\n\tat org.apache"
)


@pytest.mark.parametrize(
    "reason",
    [
        "org.apache.spark.SparkException: Python worker exited unexpectedly (crashed)",
        "ExecutorLostFailure (executor 1 exited caused by one of the running tasks) Reason: "
        "Command exited with code 137",
    ],
)
def test_a_worker_that_is_gone(reason: str) -> None:
    error = short_error(RuntimeError(LOST.format(reason)))
    assert isinstance(error, WorkerFailedError)
    assert str(error) == (
        "A Python worker was killed or crashed in task 3 of stage 7, 4 times, often because "
        "memory is short: give it fewer rows per block, or more memory."
    )


@pytest.mark.parametrize(
    "reason",
    ["ModuleNotFoundError: No module named 'pyarrow'",
     "[PACKAGE_NOT_INSTALLED] PyArrow >= 18.0.0 must be installed; however, it was not found."],
)  # fmt: skip
def test_a_node_without_arrow(reason: str) -> None:
    thrown = f"An exception was thrown from the Python worker:\nTraceback (most recent call last):\n{reason}"
    for report in (LOST.format(reason), thrown):
        text = str(short_error(RuntimeError(report)))
        assert text.startswith("A node of the cluster lacks PyArrow, which each node needs in add")
        assert text.endswith(": pip install pyarrow.")
    assert short_error(ModuleNotFoundError(reason)) is None


CONNECT = """
import os, sys
os.environ["PYSPARK_PYTHON"] = sys.executable
from IPython.core.interactiveshell import InteractiveShell
from pyspark.sql import SparkSession
shell = InteractiveShell.instance(colors="nocolor")
shell.user_ns["spark"] = SparkSession.builder.remote("local[2]").getOrCreate()
shell.run_cell("%load_ext tfspark_magic")
shell.run_cell("df = spark.range(4).selectExpr('if(id = 1, null, cast(id as int)) x').coalesce(1)")
shell.run_cell('''%%tfgraph p --no-draw --df df --out result --nulls null --preview 3
x = tf.placeholder(tf.int32, name="x")
y = tf.identity(x + 1, name="y")''')
shell.run_cell("%tfrun p --df df --preview")
shell.run_cell("failing = %tfrun p --df df")
shell.run_cell("failing.collect()")
os._exit(0)
"""


@pytest.mark.long
def test_the_same_on_connect() -> None:
    pytest.importorskip("grpc_status")
    done = subprocess.run(
        [sys.executable, "-u", "-c", CONNECT],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    text = done.stdout
    assert "Program p: x int32 -> y int32" in text, done.stderr
    assert "       1      0\n    null   null\n       3      2\nThe first 3 rows" in text
    assert text.count("NullValuesError") == 2, text
    assert "Traceback" not in text
