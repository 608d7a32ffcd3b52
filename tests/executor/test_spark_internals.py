"""Check that private parts of PySpark still exist; each test says what breaks without them."""

from __future__ import annotations

import threading
import zipfile

import pyarrow as pa
import pytest
from pyspark.errors import PySparkTypeError
from pyspark.sql import types as T

from tfspark_magic.executor import spark_internals
from tfspark_magic.executor.session import is_connect

both = pytest.mark.both


def test_a_stopped_context_is_known(classic):
    """Else each verb on a stopped session ends with an AssertionError of Spark's."""
    from pyspark import SparkContext  # pyspark-client has none, and no classic session.

    assert not spark_internals.is_stopped(classic.sparkContext)
    stopped = SparkContext.__new__(SparkContext)
    stopped._jsc = None
    assert spark_internals.is_stopped(stopped)


def test_the_context_and_the_java_of_this_process(classic):
    """Else the stop button of a notebook leaves Spark's jobs running, and a crash is for good."""
    assert spark_internals.active_context() is classic.sparkContext
    assert spark_internals.has_java()
    assert spark_internals.java_process().poll() is None
    version = spark_internals.java_classes().java.lang.System.getProperty("java.version")
    assert int(version.split(".")[0]) >= 17


def test_sparks_own_context_tells_of_jobs_and_stages(classic):
    """Else there is no progress of classic jobs, and no job can be cancelled but all."""
    scala = spark_internals.scala_context(classic.sparkContext)
    assert list(scala.statusTracker().getActiveJobIds()) == []
    assert scala.statusStore().activeStages().size() == 0
    assert scala.getLocalProperties() is not None


def test_a_context_says_how_many_tasks_run_at_once(classic):
    """Else `tfs.fit` with too many workers waits without a word."""
    assert spark_internals.slots(classic.sparkContext) == 2


def test_a_connection_on_which_nothing_is_awaited_is_left_alone(classic):
    """Else an interrupt has the next call of Java wait for an answer that is not its own."""
    client = classic.sparkContext._gateway._gateway_client
    before = client.get_thread_connection()
    spark_internals.hang_up(classic.sparkContext)
    assert client.get_thread_connection() is before
    assert before.socket is not None
    assert classic.range(3).count() == 3


@both
def test_the_session_that_another_thread_made(spark):
    """Else `tfs.udf` in a thread says that there is no session."""
    found = spark_internals.default_session(connect=is_connect(spark))
    assert is_connect(found) == is_connect(spark)
    assert found.range(3).count() == 3


def test_what_workers_have_on_their_path(classic, tmp_path):
    """Else a worker's Python is said to lack what it has from `addPyFile`."""
    archive = tmp_path / "on_the_path_of_workers.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("on_the_path_of_workers.py", "")
    classic.sparkContext.addPyFile(str(archive))
    assert archive.name in spark_internals.worker_includes(classic.sparkContext)


@both
@pytest.mark.parametrize("spark", ["connect"], indirect=True)
def test_a_plan_of_connect_is_text(spark):
    """Else the number of cores of a Connect session is not known."""
    assert "Range (0, 5" in spark_internals.plan_text(spark.range(5))


def test_the_plan_that_spark_has_optimized(classic):
    """Else `tfs.files` does not know what a classic DataFrame reads."""
    plan = spark_internals.optimized_plan(classic.range(5).filter("id > 1 + 1"))
    assert str(plan.nodeName()) == "Filter"
    assert str(plan.condition().sql()) == "(id > 2L)"


@both
@pytest.mark.parametrize("spark", ["connect"], indirect=True)
def test_the_plan_that_a_server_is_sent(spark):
    """Else `tfs.files` does not know what a Connect DataFrame reads."""
    df = spark.range(5).filter("id > 2").select("id")
    plan = spark_internals.requested_plan(df)
    assert plan.WhichOneof("rel_type") == "project"
    assert plan.project.input.filter.condition.expression_string.expression == "id > 2"
    assert spark_internals.first_step(df).count() == 5


@both
def test_what_a_frame_is_grouped_by(spark):
    """Else `aggregate` has no keys."""
    df = spark.range(6).selectExpr("id", "id % 2 k")
    grouped = df.groupBy("k", (df.id % 3).alias("m"))
    assert spark_internals.grouped_frame(grouped).columns == ["id", "k"]
    keys = spark_internals.grouping_columns(grouped, connect=is_connect(spark))
    assert df.select(*keys).columns == ["k", "m"]


@both
def test_functions_and_udfs_are_of_the_kind_of_session(spark):
    """Else nothing can be mapped where both kinds of session live in one process."""
    connect = is_connect(spark)
    names = spark_internals.functions_of(connect=connect)
    udf = spark_internals.arrow_udf(lambda batches: batches, T.LongType(), "same", connect=connect)
    found = spark.range(3).select(udf(names.col("id")).alias("id"))
    assert [row.id for row in found.collect()] == [0, 1, 2]


@both
def test_vectors_of_mllib_become_arrays(spark):
    """Else a column of MLlib's vectors feeds no graph."""
    from pyspark.ml.linalg import Vectors

    df = spark.createDataFrame([(Vectors.dense([1.0, 2.0]),)], ["v"])
    connect = is_connect(spark)
    column = spark_internals.functions_of(connect=connect).col("v")
    array = spark_internals.vector_to_array(column, connect=connect)
    assert [list(row[0]) for row in df.select(array).collect()] == [[1.0, 2.0]]


def test_types_of_arrow_and_of_spark():
    """Else `map_files` cannot say which columns pass through."""
    assert spark_internals.spark_from_arrow(pa.int32()) == (T.IntegerType(), pa.int32())
    utc = pa.timestamp("us", "UTC")
    assert spark_internals.spark_from_arrow(pa.timestamp("us", "Asia/Tokyo")) == (
        T.TimestampType(),
        utc,
    )
    assert spark_internals.arrow_from_spark(T.TimestampType()) == utc
    with pytest.raises(PySparkTypeError):
        spark_internals.spark_from_arrow(pa.month_day_nano_interval())


def test_a_thread_that_is_inside_a_call_of_java_is_known(classic):
    """Else an action that is cancelled may lose its connection, and with it the tag of its jobs."""
    sleep = spark_internals.java_classes().java.lang.Thread.sleep
    thread = threading.Thread(target=sleep, args=(1000,))
    thread.start()
    seen = []
    while thread.is_alive():
        seen.append(spark_internals.asks_java(thread.ident))
        thread.join(0.05)
    assert any(seen)
    assert not spark_internals.asks_java(threading.get_ident())
