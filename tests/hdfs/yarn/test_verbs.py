"""All verbs in a session of this process, from HDFS to HDFS, on nodes that have nothing of ours."""

from __future__ import annotations

import numpy as np
import pytest

import tfspark_magic as tfs
from tests.cluster.test_every_verb import (  # noqa: F401
    ROWS,
    SUM,
    test_aggregate,
    test_analyze,
    test_map_blocks,
    test_map_blocks_trimmed,
    test_map_rows,
    test_reduce_blocks,
    test_reduce_rows,
    test_run_local,
)
from tests.executor.test_fit import rows_of, small_model
from tests.executor.test_mapping import SEED, program

TRAINING = {"features": ["a", "b"], "label": "y", "epochs": 2, "seed": 1}


@pytest.fixture(scope="module")
def folder(spark):
    """Rows that Spark wrote to the HDFS of the configuration."""
    path = "hdfs:///on_yarn/rows"
    spark.range(0, ROWS, 1, 4).selectExpr(
        "cast(id as int) i", "cast(2 * id as int) y", "cast(id as double) x", "id % 7 as key"
    ).write.parquet(path)
    return path


@pytest.fixture
def df(spark, folder):
    return spark.read.parquet(folder).repartitionByRange(4, "i").sortWithinPartitions("i")


def test_the_nodes_have_no_copy_of_this_package(spark, yarn):
    def look(batches):
        import importlib.util
        import sys

        import pyarrow as pa

        for _ in batches:
            spec = importlib.util.find_spec("tfspark_magic")
            found = {"origin": [spec.origin if spec else None], "plain": [sys.flags.no_site]}
            yield pa.RecordBatch.from_pydict(
                found, pa.schema({"origin": "string", "plain": "int32"})
            )

    rows = spark.range(0, 4, 1, 4).mapInArrow(look, "origin string, plain int").collect()
    # The Python of `spark.pyspark.python`, and not the one of this process.
    assert {row.plain for row in rows} == {1}
    # What an earlier test has sent to a worker is no file of the node.
    assert [row for row in rows if row.origin and not row.origin.startswith("<")] == []
    assert len(yarn.executors(spark.sparkContext.applicationId)) == 2


def test_from_hdfs_to_hdfs(spark, df):
    target = "hdfs:///on_yarn/scored"
    tfs.map_rows(program(SEED), df, {"x": "i"}).write.parquet(target)
    found = spark.read.parquet(target).orderBy("i").toArrow()
    np.testing.assert_array_equal(found["z"], 7 * np.arange(ROWS))


def test_workers_read_files_by_themselves(spark, folder):
    seed = program(SEED)
    out = tfs.map_files(seed, folder, {"x": "i"}, spark=spark, columns=["i"]).toArrow()
    np.testing.assert_array_equal(np.sort(out["z"]), 7 * np.arange(ROWS))
    total = tfs.reduce_blocks(program(SUM), folder, {"x_input": "x"}, spark=spark)
    assert total == sum(range(ROWS))


@pytest.mark.long
def test_a_training_with_two_workers(spark):
    """One batch of all rows is the same for two workers as for one process."""
    path = "hdfs:///on_yarn/training"
    rows_of(spark, 16, 2).write.parquet(path)
    trained = tfs.fit(small_model(), spark.read.parquet(path), workers=2, batch_size=8, **TRAINING)
    check_training(trained, spark.read.parquet(path))


@pytest.mark.long
def test_a_training_whose_workers_read_the_files(spark):
    path = "hdfs:///on_yarn/training_files"
    rows_of(spark, 16, 2).write.parquet(path)
    trained = tfs.fit(small_model(), path, spark=spark, workers=2, batch_size=8, **TRAINING)
    check_training(trained, spark.read.parquet(path))


def check_training(trained, df, epochs=2):
    options = TRAINING | {"epochs": epochs}
    alone = tfs.fit(small_model(), df.toPandas(), batch_size=16, **options)
    assert len(trained.history.epoch) == epochs
    for mine, its in zip(trained.get_weights(), alone.get_weights(), strict=True):
        np.testing.assert_allclose(mine, its, 1e-5)
