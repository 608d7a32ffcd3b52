"""MLflow keeps a model in a worker, and the worker's copy of this package is replaced meanwhile."""

from __future__ import annotations

import os
import sys

import pytest

import tfspark_magic as tfs
from tests.conftest import ROOT
from tests.executor.test_mapping import SEED, frame, program
from tfspark_magic.executor.local_session import DAEMON


@pytest.mark.long
def test_nodes_with_mlflow_and_this_package(cluster, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", (tmp_path / "runs").as_uri())
    import mlflow.pyfunc

    installed = [path for path in sys.path if path.endswith("site-packages")]
    path = os.pathsep.join([str(ROOT), *installed, str(DAEMON.parent)])
    spark = cluster.classic({"spark.executorEnv.PYTHONPATH": path})
    score, df = program(SEED), frame(spark, 40, 4)
    tfs.mlflow.save_model(score, tmp_path / "model")
    theirs = mlflow.pyfunc.spark_udf(spark, str(tmp_path / "model"))
    ours = tfs.udf(score)
    # First with the installed copy, then with that of a task, which hides it.
    for function in (theirs, theirs, ours, theirs, ours, theirs):
        rows = df.select("x", function("x", "y").alias("z")).collect()
        assert [row.z for row in rows] == [7 * row.x for row in rows]
