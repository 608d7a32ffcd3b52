from __future__ import annotations

import pytest

import tfspark_magic as tfs
from tests.executor.test_mapping import SEED, program

pytestmark = pytest.mark.both

BATCH = "spark.sql.execution.arrow.maxRecordsPerBatch"
BYTES = "spark.sql.execution.arrow.maxBytesPerBatch"
OF_TENSORFLOW = 100_000
"""Fewer objects than TensorFlow has."""
COLUMNAR = "spark.sql.execution.arrow.pythonUDF.columnarInput.enabled"


@pytest.fixture
def conf(spark):
    """The settings of a session, which are what they were again after the test."""
    before = {name: spark.conf.get(name, None) for name in (BATCH, BYTES, COLUMNAR)}
    yield spark.conf
    for name, value in before.items():
        if value is None:
            spark.conf.unset(name)
        else:
            spark.conf.set(name, value)


def test_a_session_is_told_only_when_asked_and_gets_back_what_it_had(spark, conf):
    conf.unset(BYTES)
    conf.set(BATCH, "1234")
    tuning = tfs.tune(spark, small_rows=True)
    assert {name: conf.get(name) for name in tuning.settings} == tuning.settings
    assert conf.get(BYTES) == "2147483647"
    assert conf.get(COLUMNAR) == "false"
    assert f"{BATCH} = {conf.get(BATCH)}" in repr(tuning)
    tuning.undo()
    assert conf.get(BATCH) == "1234"
    assert conf.get(BYTES, None) is None
    conf.set(BATCH, "99")
    tuning.undo()
    assert conf.get(BATCH) == "99"
    assert repr(tuning).startswith("Undone:")


def test_rows_of_any_size_stay_limited_unless_they_are_said_to_be_small(spark, conf):
    conf.unset(BYTES)
    with tfs.tune(spark) as tuning:
        assert BYTES not in tuning.settings
        df = spark.range(0, 1000, 1, 2).selectExpr("cast(id as int) x", "cast(id as int) y")
        rows = tfs.map_rows(program(SEED), df).collect()
    assert [r.z for r in rows] == [4 * i for i in range(1000)]
    assert conf.get(BYTES, None) is None


def test_settings_come_back_where_the_block_fails(spark, conf):
    conf.set(BATCH, "1234")
    with pytest.raises(ZeroDivisionError), tfs.tune(spark):
        1 / 0  # noqa: B018
    assert conf.get(BATCH) == "1234"


def seen_by_a_worker(spark):
    """What a worker has imported, how many objects its garbage search leaves out, and Spark's archives."""

    def look(batches):
        import gc
        import sys

        import pyarrow as pa

        for _ in batches:
            archives = [path for path in sys.path_importer_cache if "pyspark.zip" in path]
            seen = {
                "loaded": ["tensorflow" in sys.modules], "frozen": [gc.get_freeze_count()],
                "archives": [len(archives)],
            }  # fmt: skip
            yield pa.RecordBatch.from_pydict(seen)

    return spark.range(1).mapInArrow(look, "loaded boolean, frozen long, archives long").first()


def test_workers_of_a_local_session_have_tensorflow_before_they_are_forked(classic):
    seen = seen_by_a_worker(classic)
    assert seen.loaded
    # Otherwise each task ends with a search for garbage among TensorFlow's objects.
    assert seen.frozen > OF_TENSORFLOW
    # Otherwise each worker compiles what it imports.
    assert seen.archives == 0
    assert classic.conf.get(BATCH) == "100000"
