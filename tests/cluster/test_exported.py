"""What `%tfrun --export` writes, run by `spark-submit` on the cluster, without a notebook."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.cluster.nodes import LONG
from tests.conftest import spark_home
from tests.java_archive import java_options
from tests.notebook.conftest import notebook  # noqa: F401  (a fixture)
from tests.notebook.test_tfgraph import SEED

ROOT = Path(__file__).parents[2]


def submit(cluster, cores, *words):
    """Run a script with the cluster's Python, which has not this package."""
    run = subprocess.run(
        [str(spark_home() / "bin" / "spark-submit"), "--master", cluster.url, "--conf",
         "spark.ui.enabled=false", "--conf", f"spark.executor.extraJavaOptions={java_options()}",
         "--total-executor-cores", str(cores), *words],
        env={
            **os.environ, "PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": str(cluster.python),
            "PYSPARK_DRIVER_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1",
        },
        capture_output=True, text=True, check=False, timeout=LONG,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr[-3000:]
    return run.stdout


def test_the_script_gives_what_the_notebook_gives(notebook, cluster, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    spark = cluster.classic()
    flights = str(tmp_path / "flights")
    spark.range(0, 40, 1, 2).selectExpr(
        "cast(id as int) x", "cast(2 * id as int) y", "id % 3 k"
    ).write.parquet(flights)
    notebook.names["df"] = spark.read.parquet(flights)
    notebook.ok("%%tfgraph score\n" + SEED)
    line = "score --df df --bind x=y y=x --nulls 0 --rows-per-block 7 --device cpu"
    told = notebook.ok(f"%tfrun {line} --export job.py").plain
    assert told == ["job.py and job.tfs are written. Run them with: spark-submit job.py OUTPUT"]
    notebook.ok(f"%tfrun {line} --out here")
    here = sorted(map(tuple, notebook.names["here"].collect()))
    columns = notebook.names["here"].columns
    submit(cluster, 1, "job.py", "result", "--partition-by", "k")
    assert {folder.name for folder in (tmp_path / "result").glob("k=*")} == {"k=0", "k=1", "k=2"}
    result = spark.read.parquet(str(tmp_path / "result"))
    assert sorted(result.columns) == sorted(columns)
    assert sorted(map(tuple, result.select(*columns).collect())) == here
    assert {row[-1] - row[1] for row in here} >= {0, 3, 117}


@pytest.mark.long
def test_the_script_trains_on_the_cluster(notebook, cluster, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    spark = cluster.classic()
    path = str(tmp_path / "rows")
    spark.range(0, 40, 1, 2).selectExpr("id % 7 / 7F x", "id % 3 + 0D y").selectExpr(
        "cast(x as float) x", "y"
    ).write.parquet(path)
    notebook.names["rows"] = spark.read.parquet(path)
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((1,), name="x"), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    notebook.names["net"] = model
    line = "%tfrun net --op fit --label y --epochs 2 --batch-size 20 --workers 2"
    notebook.ok(f"{line} --export train.py")
    said = submit(cluster, 2, "train.py", "trained.keras")
    assert re.findall(r"^Epoch (\d)/2: loss", said, re.MULTILINE) == ["1", "2"]
    # One batch of all rows is the same in any order.
    table = pq.read_table(path)
    model.fit(np.array(table["x"])[:, None], np.array(table["y"]), 40, epochs=2, verbose=0)
    there = keras.saving.load_model("trained.keras")
    for mine, its in zip(there.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(mine, its, 1e-5)
