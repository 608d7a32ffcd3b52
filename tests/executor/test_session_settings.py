"""Sessions with settings of their own, one after the other in one process and one Java."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pyspark
import pytest

import tfspark_magic as tfs
from tests.executor.test_failures import LONG
from tests.executor.test_mapping import program
from tests.executor.test_tuning import OF_TENSORFLOW, seen_by_a_worker
from tfspark_magic.executor import local_session
from tfspark_magic.executor.jobs import start

SETTINGS = {
    "spark_ui_enabled": "false",
    "spark_sql_cache_serializer": "org.apache.spark.sql.execution.columnar.ArrowCachedBatchSerializer",
    # As Spark has them without tfs.session; the cache too is made of batches of so many rows.
    "spark_sql_execution_arrow_pythonUDF_columnarInput_enabled": "true",
    "spark_sql_execution_arrow_maxRecordsPerBatch": "10000",
}


def without_the_daemon(spark) -> None:
    """Workers that no daemon of this package forks import TensorFlow at their first task."""
    seen = seen_by_a_worker(spark)
    assert not seen.loaded
    assert seen.archives > 0
    for _ in range(2):
        x = "x = tf.placeholder(tf.int64, [], name='id')\ntf.identity(x + 1, name='z')"
        assert tfs.map_rows(program(x), spark.range(1)).first().z == 1
    seen = seen_by_a_worker(spark)
    assert seen.loaded
    assert seen.frozen > OF_TENSORFLOW


def in_the_arrow_cache(spark) -> None:
    """Every way to run a graph on what Spark's Arrow cache holds in several batches."""
    x = "x = tf.placeholder(tf.float64, {}, name='x')\n"
    row = program(x.format([]) + "tf.identity(x * 2, name='z')")
    block = program(x.format([None]) + "tf.identity(x * 2, name='z')")
    total = program(
        "x_input = tf.placeholder(tf.float64, [None], name='x_input')\n"
        "tf.reduce_sum(x_input, name='x')"
    )
    rows = 20_001
    df = spark.range(0, rows, 1, 1).selectExpr("id % 2 k", "cast(id as double) x").cache()
    assert df.count() == rows
    expected = [2.0 * i for i in range(rows)]
    for out in (
        tfs.map_rows(row, df), tfs.map_blocks(block, df, trim=True),
        df.select(tfs.udf(row)("x").alias("z")), df.filter(tfs.udf(row)("x") >= 0).selectExpr("2 * x z"),
    ):  # fmt: skip
        assert [r.z for r in out.collect()] == expected
    assert tfs.reduce_blocks(total, df) == sum(expected) / 2
    assert sum(r.x for r in tfs.aggregate(total, df.groupBy("k")).collect()) == sum(expected) / 2
    assert tfs.run_local(row, df, output="arrow")["z"].to_pylist() == expected

    df.createOrReplaceTempView("t")
    for rows_per_block in (None, 10_000):
        tfs.register(spark, "score_of", row, rows_per_block=rows_per_block)
        job = start(lambda: spark.sql("select score_of(x) z from t").collect(), spark=spark)
        assert job.wait(LONG) == "failed"
        assert job.sentence.startswith("Spark cannot hand columns of its Arrow cache"), job.details
    # The remedy, as it says.
    exec(re.search(r"write (spark\.conf\.set\(.*?\)), or", job.sentence)[1], {"spark": spark})
    assert [r.z for r in spark.sql("select score_of(x) z from t").collect()] == expected


def main() -> None:
    daemon = local_session.DAEMON
    local_session.DAEMON = daemon / "not a file"  # as in an archive
    spark = tfs.session("local[1]", **SETTINGS)
    without_the_daemon(spark)
    spark.stop()
    local_session.DAEMON = daemon
    if tuple(map(int, pyspark.__version__.split(".")[:2])) >= (4, 3):  # which has that cache
        in_the_arrow_cache(tfs.session("local[1]", **SETTINGS))


@pytest.mark.long
def test_workers_without_our_daemon_and_the_arrow_cache_of_spark(tmp_path):
    # The session's own workers may be found from any folder, with no package on their path.
    run = subprocess.run(
        [sys.executable, "-c", "from tests.executor.test_session_settings import main\nmain()\n"],
        env={**os.environ, "PYTHONPATH": str(Path(tfs.__file__).parents[1])},
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
