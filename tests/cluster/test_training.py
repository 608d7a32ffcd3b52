"""Trainings on the cluster: they go on when an executor and a node are lost, and wait for executors."""

from __future__ import annotations

import re

import numpy as np
import pytest

import tfspark_magic as tfs
from tests.cluster.nodes import until
from tests.executor.test_fit import BATCH, Waiting, rows_of, small_model
from tfspark_magic.errors import NotAvailableError
from tfspark_magic.executor.jobs import Job, start

# Processes of trainings start here several times.
pytestmark = [pytest.mark.long, pytest.mark.timeout(2400)]


def begun(job: Job, folder, epoch: int) -> None:
    """Wait until a training is in an epoch in which `Waiting` waits."""
    until(lambda: (folder / f"waits_{epoch}").exists() or job.state != "running")
    assert job.state == "running", job.details


def test_a_training_goes_on_without_an_executor_and_a_node(spark, cluster, tmp_path):
    """Each costs the epoch that it was in, and the weights are those of a quiet run."""
    df = rows_of(spark, 27, 4)
    options = {
        "features": ["a", "b"], "label": "y", "epochs": 4, "batch_size": BATCH, "seed": 1, "workers": 2,
    }  # fmt: skip
    kept, waiting = tmp_path / "kept", Waiting(str(tmp_path), 1, 2)
    job = start(
        lambda: tfs.fit(small_model(), df, checkpoint=kept, callbacks=[waiting], **options),
        spark=spark,
    )
    begun(job, tmp_path, 1)
    cluster.executors(spark)[0].kill()
    (tmp_path / "go_1").touch()
    begun(job, tmp_path, 2)
    node = cluster.lose(cluster.executors(spark)[0])
    (tmp_path / "go_2").touch()
    job.wait()
    cluster.restore(node)
    assert job.state == "done", job.details
    assert (tmp_path / "epochs").read_text() == "0 1 1 2 2 3 "
    whole = tfs.fit(small_model(), df, **options)
    assert job.result.history.history == whole.history.history
    for mine, its in zip(job.result.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, its)


def test_a_training_under_dynamic_allocation(cluster):
    """One sentence on both kinds of session; followed literally, it trains, as soon as executors are there."""
    df = rows_of(cluster.classic(), 8, 2).toPandas()
    options = {"features": ["a", "b"], "label": "y", "epochs": 1, "batch_size": 4, "workers": 2}
    dynamic = "spark.dynamicAllocation"
    settings = {
        f"{dynamic}.enabled": "true", f"{dynamic}.shuffleTracking.enabled": "true",
        # A session is there before its executors, which Spark's own setting for this cluster says.
        "spark.scheduler.minRegisteredResourcesRatio": "0",
    }  # fmt: skip
    for session in (cluster.classic, cluster.connect):
        with pytest.raises(
            NotAvailableError, match=r"under dynamic allocation: start the session"
        ) as caught:
            tfs.fit(small_model(), session(settings).createDataFrame(df), **options)
        name, value = re.search(r"with (\S+)=(\w+)\.", str(caught.value)).groups()
        rows = session({**settings, name: value}).createDataFrame(df)
        trained = tfs.fit(small_model(), rows, **options)
        assert len(trained.history.epoch) == 1
    cluster.connect()
