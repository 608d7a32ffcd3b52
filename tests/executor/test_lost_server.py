"""A Connect server that ends in the middle of a job, and another one in its place."""

from __future__ import annotations

import pytest

from tests.conftest import free_port, start_connect_server
from tests.executor.test_jobs import LONG, until
from tfspark_magic.executor.jobs import start
from tfspark_magic.executor.spark_internals import default_session

GONE = (
    "Spark is gone (its server has ended or restarted): "
    "call spark.stop(), start a new session and read the data again."
)
ENDED = (
    "The Spark session has ended: make a new one, for example with "
    "spark.stop() and SparkSession.builder.remote(...).getOrCreate(), and read its DataFrames again."
)


@pytest.mark.long
@pytest.mark.both
def test_a_connect_server_that_is_gone_and_comes_back(tmp_path):
    port = free_port()
    server = start_connect_server(tmp_path, port)
    from pyspark.sql.connect.client.retries import DefaultPolicy
    from pyspark.sql.connect.session import SparkSession

    builder = SparkSession.builder.remote(f"sc://127.0.0.1:{port}")
    lost = builder.create()
    try:
        # Spark asks a server that is gone for ten minutes, ever more rarely.
        lost._client.set_retry_policies([DefaultPolicy(max_backoff=500)])
        sleeping = lost.range(1).selectExpr("java_method('java.lang.Thread', 'sleep', 600000L)")
        job = start(sleeping.collect, spark=lost)
        until(lambda: job.progress.tasks_active)
        server.kill()
        server.wait(LONG)
        waiting = start(lost.range(3).count, spark=lost)
        waiting.cancel()
        assert waiting.wait(LONG) == "cancelled"
        server = start_connect_server(tmp_path, port)
        assert job.wait(LONG) == "failed"
        assert job.sentence == GONE, job.details
        later = start(lost.range(3).count, spark=lost)
        assert later.wait(LONG) == "failed"
        assert later.sentence in (GONE, ENDED), later.details
        # The remedy.
        lost.stop()
        found = builder.getOrCreate()
        assert found is not lost
        assert default_session(connect=True) is found
        assert found.range(3).count() == 3
        # Otherwise the functions of columns of later tests ask this server for a setting.
        found.stop()
    finally:
        server.kill()
