"""What `%tfrun --export` writes, run by `spark-submit` on the cluster, without a notebook."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq

from tests.conftest import spark_home
from tests.notebook.conftest import notebook  # noqa: F401  (a fixture)
from tests.notebook.test_tfgraph import SEED

ROOT = Path(__file__).parents[2]


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
    run = subprocess.run(
        [str(spark_home() / "bin" / "spark-submit"), "--master", cluster.url, "--conf",
         "spark.ui.enabled=false", "--total-executor-cores", "1", "job.py", "result"],
        env={
            **os.environ, "PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": str(cluster.python),
            "PYSPARK_DRIVER_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1",
        },
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr[-3000:]
    result = pq.read_table(tmp_path / "result")
    assert result.column_names == columns
    assert sorted(zip(*(c.to_pylist() for c in result.columns), strict=True)) == here
    assert {row[-1] - row[1] for row in here} >= {0, 3, 117}
