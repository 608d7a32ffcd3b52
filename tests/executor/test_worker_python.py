"""Test a local session whose workers run another Python: the error at definition, and its remedy."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig

import pytest

import tfspark_magic as tfs
from tests.executor.test_mapping import SEED, frame, program
from tests.executor.test_what_is_refused import SUM
from tfspark_magic import errors

BLOCK = "x = tf.placeholder(tf.int32, [None], name='x')\ntf.identity(x, name='z')"


def after_a_plain_builder(other: str) -> None:
    """Each verb reports a `python3` without the packages; the remedy works; other Pythons are accepted."""
    from pyspark.sql import SparkSession

    from tfspark_magic.executor.java import ensure_java

    with pytest.raises(errors.NotAvailableError, match="^There is no Spark session yet: make"):
        tfs.udf(program(SEED))("x", "y")
    ensure_java()
    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    spark = builder.getOrCreate()
    score, total, df = program(SEED), program(SUM), frame(spark, 4)
    verbs = {
        "map_rows": lambda: tfs.map_rows(score, df),
        "map_blocks": lambda: tfs.map_blocks(program(BLOCK), df, trim=True),
        "reduce_blocks": lambda: tfs.reduce_blocks(total, df),
        "aggregate": lambda: tfs.aggregate(total, df.groupBy("id")),
        "udf": lambda: df.select(tfs.udf(score)("x", "y")),
        "register": lambda: tfs.register(spark, "score_of", score),
        "explain": lambda: tfs.explain(score, df),
    }
    for name, verb in verbs.items():
        with pytest.raises(errors.WorkerPythonError) as caught:
            verb()
        said = str(caught.value)
        version = f"({sys.version.split()[0]})"
        assert f"{other} {version} instead of {sys.executable} {version}" in said, (name, said)
        assert "which lacks NumPy, PyArrow and TensorFlow: " in said, (name, said)
        assert "pip install" not in said
    # What needs no worker goes on.
    assert len(tfs.run_local(score, df)) == 4

    # The remedy, as it says.
    stop, setting = re.search(
        r"call (spark\.stop\(\)), then (os\.environ.*? = [\w.]+)", said
    ).groups()
    exec(stop, {"spark": spark})
    exec(setting, {"os": os, "sys": sys})
    spark = builder.getOrCreate()
    assert tfs.map_rows(score, frame(spark, 4)).count() == 4
    spark.stop()

    os.environ["PYSPARK_PYTHON"] = "/nowhere/python"
    spark = builder.getOrCreate()
    with pytest.raises(errors.WorkerPythonError, match=r"cannot be used \(No such file"):
        tfs.map_rows(score, frame(spark, 4))
    spark.stop()

    # Another Python that has what it needs, by way of Spark's own settings, serves.
    os.environ["PYSPARK_PYTHON"] = other
    path = {"spark.executorEnv.PYTHONPATH": sysconfig.get_path("purelib")}
    spark = builder.config(map=path).getOrCreate()
    out = tfs.map_rows(score, frame(spark, 4))
    assert out.count() == 4
    assert out.mapInArrow(_executable, "python string").first()[0] == other

    # What is stopped, and not what is not there yet, is told.
    spark.stop()
    with pytest.raises(errors.NotAvailableError, match="^The Spark session has ended: make"):
        tfs.udf(score)("x", "y")


def _executable(batches):
    import sys

    import pyarrow as pa

    for _ in batches:
        yield pa.RecordBatch.from_pydict({"python": [sys.executable]})


@pytest.mark.long
def test_another_python_that_lacks_the_packages(tmp_path):
    # Made of the Python that this environment is made of, without what is installed here.
    folder = tmp_path / "other"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    names = {"PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON", "SPARK_REMOTE"}
    environment = {name: value for name, value in os.environ.items() if name not in names}
    environment["PATH"] = f"{folder / 'bin'}{os.pathsep}{environment['PATH']}"
    script = (
        "from tests.executor.test_worker_python import after_a_plain_builder\n"
        f"after_a_plain_builder({str(folder / 'bin' / 'python3')!r})\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
