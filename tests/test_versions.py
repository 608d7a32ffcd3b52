"""Test that a version that is too old, or a part that `pyspark-client` lacks, is one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tfspark_magic.errors import VersionError
from tfspark_magic.versions import SPARK, TENSORFLOW, check_version

ROOT = Path(__file__).parents[1]

WITHOUT_CLASSIC = """
import sys

class Hidden:
    '''Hides what PySpark has and `pyspark-client` has not.'''
    def find_spec(self, name, path=None, target=None):
        if name.startswith(("pyspark.core", "pyspark.sql.classic", "py4j")):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Hidden())
import pyspark
assert not hasattr(pyspark, "SparkContext")
"""

WITHOUT_SPARK = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.startswith(("pyspark", "py4j")):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Hidden())
import pandas as pd
import pyarrow as pa
import tfspark_magic as tfs
from tfspark_magic.graph.runtime import tf1

df = pd.DataFrame({"x": [1.0, 2.0, 3.0], "k": [0, 1, 0]})
df.to_parquet("x.parquet")
with tf1.Graph().as_default():
    twice = tf1.multiply(tf1.placeholder(tf1.float64, [], name="x"), 2.0, name="z")
    for frame in (df, pa.Table.from_pandas(df)):
        print(*tfs.map_rows(twice, frame)["z"].to_numpy(), *tfs.run_local(twice, frame)["z"])
    print(*tfs.map_rows(twice, "x.parquet").to_pandas()["z"])
    tfs.explain(twice, df)
with tf1.Graph().as_default():
    total = tf1.reduce_sum(tf1.placeholder(tf1.float64, [None], name="x_input"), name="x")
    print(tfs.reduce_blocks(total, df), *tfs.aggregate(total, df, by="k")["x"])
try:
    tfs.udf
except tfs.TfSparkError as error:
    print(error)
"""


def run(folder: Path, code: str, *arguments: str) -> str:
    # A file: `pyspark-client` takes `python -c` for its own doctests, which it cannot run.
    script = folder / "script.py"
    script.write_text(code)
    done = subprocess.run(
        [sys.executable, script, *arguments], cwd=folder, capture_output=True, text=True,
        check=False, env={**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_pip_is_told_the_same():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    needed = [line for lines in (project["dependencies"], *extras.values()) for line in lines]
    told = {
        (line.partition(">=")[0].partition("[")[0], line.partition(">=")[2].partition(",")[0])
        for line in needed
        if line.startswith(("pyspark", "tensorflow"))
    }
    assert told == {("pyspark", SPARK), ("tensorflow", TENSORFLOW)}


@pytest.mark.parametrize("found", ["4.1.0", "4.1", "4.10.0", "5.0.0", "4.2.0-amzn-1", "4.2.0.dev1"])
def test_new_enough(found):
    check_version("Spark", "4.1", found, "here", "do something")


@pytest.mark.parametrize("found", ["4.0.9", "3.10.0", "4.0.0-amzn-0"])
def test_too_old(found):
    with pytest.raises(VersionError) as caught:
        check_version("Spark", "4.1", found, "the server", "make another session")
    assert str(caught.value) == (
        f"Spark 4.1 or later is needed, and the server has {found}: make another session."
    )


@pytest.mark.parametrize(
    ("bound", "module", "what", "command"),
    [
        ("SPARK", "executor.spark_internals", "PySpark", "pip install --upgrade 'pyspark"),
        ("TENSORFLOW", "graph.runtime", "TensorFlow", "pip install --upgrade 'tensorflow>=99.5'"),
    ],
)
def test_what_is_installed_is_asked_when_it_is_imported(bound, module, what, command, tmp_path):
    said = run(
        tmp_path,
        f"import tfspark_magic.versions as versions; versions.{bound} = '99.5'\n"
        f"try: import tfspark_magic.{module}\n"
        f"except versions.VersionError as error: print(error)",
    )
    assert said.startswith(f"{what} 99.5 or later is needed, and {sys.executable}"), said
    assert command in said


def test_a_process_without_java_starts_no_spark(tmp_path):
    said = run(
        tmp_path,
        WITHOUT_CLASSIC + "import tfspark_magic as tfs\n"
        "try: tfs.session()\n"
        "except tfs.TfSparkError as error: print(error)",
    )
    assert said == (
        "PySpark with its Java is needed to start a Spark on this machine and is not installed: pip "
        "uninstall --yes pyspark-client, then pip install 'pyspark[connect]'; or connect to a Spark "
        'elsewhere by SparkSession.builder.remote("sc://host:15002").getOrCreate().'
    )


def test_frames_that_need_no_spark_need_no_pyspark(tmp_path):
    assert run(tmp_path, WITHOUT_SPARK).splitlines() == [
        *["2.0 4.0 6.0 2.0 4.0 6.0"] * 2,
        "2.0 4.0 6.0",
        "6.0 4.0 2.0",
        "PySpark is needed for tfs.udf and is not installed: pip install pyspark, or for Spark Connect "
        "alone pip install pyspark-client.",
    ]
