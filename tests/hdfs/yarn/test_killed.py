"""A container or a whole node is lost in the middle of a map or a training: exactly the right result."""

from __future__ import annotations

import pytest

import tfspark_magic as tfs
from tests.cluster.conftest import hold  # noqa: F401  (a fixture)
from tests.cluster.nodes import LONG, until
from tests.cluster.test_surviving import RIGHT, frame, mapped
from tests.cluster.test_training import begun
from tests.executor.test_fit import Waiting, rows_of, small_model
from tests.hdfs.yarn.scheduler import kill
from tests.hdfs.yarn.test_verbs import TRAINING, check_training
from tfspark_magic.executor.jobs import start


def test_a_container(spark, yarn, hold):  # noqa: F811
    application = spark.sparkContext.applicationId
    until(lambda: len(yarn.executors(application)) == 2)
    job = start(mapped(hold, frame(spark)), spark=spark)
    hold.wait(2)
    kill(yarn.executors(application)[:1])
    hold.go()
    assert job.wait(LONG) == "done", job.details
    assert job.result == RIGHT[mapped]


@pytest.mark.long
def test_a_node(spark, yarn, hold):  # noqa: F811
    application = spark.sparkContext.applicationId
    until(lambda: len(yarn.executors(application)) == 2)
    job = start(mapped(hold, frame(spark)), spark=spark)
    hold.wait(2)
    lost = node_to_lose(yarn, application)
    yarn.lose(lost)
    hold.go()
    assert job.wait(LONG) == "done", job.details
    assert job.result == RIGHT[mapped]
    restore(yarn, lost)


@pytest.mark.long
@pytest.mark.timeout(2400)
def test_a_training(spark, yarn, tmp_path):
    """It loses a container and then a node, and goes on each time from the checkpoint in HDFS."""
    application = spark.sparkContext.applicationId
    until(lambda: len(yarn.executors(application)) == 2)
    path = "hdfs:///killed/training"
    rows_of(spark, 16, 2).write.parquet(path)
    df = spark.read.parquet(path)
    options = TRAINING | {"epochs": 4}
    waiting, kept = Waiting(str(tmp_path), 1, 2), "hdfs:///killed/kept"
    job = start(
        lambda: tfs.fit(
            small_model(),
            df,
            workers=2,
            batch_size=8,
            checkpoint=kept,
            callbacks=[waiting],
            **options,
        ),
        spark=spark,
    )
    begun(job, tmp_path, 1)
    kill(yarn.executors(application)[:1])
    (tmp_path / "go_1").touch()
    begun(job, tmp_path, 2)
    lost = node_to_lose(yarn, application)
    yarn.lose(lost)
    (tmp_path / "go_2").touch()
    job.wait()
    restore(yarn, lost)
    assert job.state == "done", job.details
    assert (tmp_path / "epochs").read_text() == "0 1 1 2 2 3 "
    check_training(job.result, df, epochs=4)


def node_to_lose(yarn, application):
    """A node with an executor, and if there is one, without the application's master."""
    master = yarn.node_of_master(application)
    return next(node for node in (1 - master, master) if yarn.executors(application, node))


def restore(yarn, lost):
    yarn.wait_for_nodes(1)
    yarn.nodes[lost].start()
    yarn.wait_for_nodes(2)
