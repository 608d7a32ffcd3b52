"""A container or a whole node is lost in the middle of a map: exactly the right rows."""

from __future__ import annotations

import pytest

from tests.cluster.conftest import hold  # noqa: F401  (a fixture)
from tests.cluster.nodes import LONG, until
from tests.cluster.test_surviving import RIGHT, frame, mapped
from tests.hdfs.yarn.scheduler import kill
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
    master = yarn.node_of_master(application)
    lost = next(node for node in (1 - master, master) if yarn.executors(application, node))
    yarn.lose(lost)
    hold.go()
    assert job.wait(LONG) == "done", job.details
    assert job.result == RIGHT[mapped]
    yarn.wait_for_nodes(1)
    yarn.nodes[lost].start()
    yarn.wait_for_nodes(2)
