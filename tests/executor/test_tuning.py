from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import tfspark_magic as tfs
from tests.executor.test_mapping import SEED, program

pytestmark = pytest.mark.both

BATCH = "spark.sql.execution.arrow.maxRecordsPerBatch"
BYTES = "spark.sql.execution.arrow.maxBytesPerBatch"
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


WORKER = """
import sys
import tfspark_magic as tfs
from tfspark_magic.executor import local_session

if sys.argv[1] == "archive":
    local_session.DAEMON = local_session.DAEMON / "not a file"
spark = tfs.session("local[1]", spark_ui_enabled=False)

def loaded(batches):
    import os, sys
    import pyarrow as pa
    there = "tensorflow" in sys.modules
    for _ in batches:
        yield pa.RecordBatch.from_pydict({"there": [there]})

def frozen(batches):
    import gc
    import pyarrow as pa
    for _ in batches:
        yield pa.RecordBatch.from_pydict({"count": [gc.get_freeze_count()]})

print("loaded:", spark.range(1).mapInArrow(loaded, "there boolean").collect()[0].there)
import tensorflow as tf
cell = tf.TensorSpec([], tf.int64, name="id")
plus = tf.function(lambda id: {"z": id + 1}, input_signature=[cell])
for _ in range(2):
    tfs.map_rows(plus, spark.range(1)).collect()
count = spark.range(1).mapInArrow(frozen, "count long").collect()[0]["count"]
print("left alone:", count > 100_000)
print("rows:", spark.conf.get("spark.sql.execution.arrow.maxRecordsPerBatch"))
spark.stop()
"""


@pytest.mark.parametrize(("how", "loaded"), [("files", True), ("archive", False)])
def test_workers_of_a_local_session_have_tensorflow_before_they_are_forked(how, loaded, tmp_path):
    # The session's own workers may be found from any folder, with no package on their path.
    run = subprocess.run(
        [sys.executable, "-c", WORKER, how],
        env={**os.environ, "PYTHONPATH": str(Path(tfs.__file__).parents[1])},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"loaded: {loaded}" in run.stdout, run.stdout + run.stderr[-3000:]
    assert "rows: 100000" in run.stdout
    # Otherwise each task ends with a search for garbage among TensorFlow's objects.
    assert "left alone: True" in run.stdout
