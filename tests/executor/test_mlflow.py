"""`mlflow.pyfunc.spark_udf` of a program, beside our own maps in the same Python workers."""

from __future__ import annotations

import math
import subprocess
import sys
import uuid

import numpy as np
import pandas as pd
import pytest

import tfspark_magic as tfs
from tests.conftest import ROOT
from tests.executor.test_mapping import SEED, frame, program
from tfspark_magic.executor.failures import sentences
from tfspark_magic.executor.session import functions


@pytest.fixture(autouse=True)
def quiet(monkeypatch, tmp_path):
    """Nothing leaves this machine, and nothing is left in the folder of the tests."""
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", (tmp_path / "runs").as_uri())


@pytest.fixture
def udf_of(tmp_path):
    """Save a program, and make MLflow's function of it."""

    def made(spark, score, **options):
        import mlflow.pyfunc

        path = tmp_path / uuid.uuid4().hex
        tfs.mlflow.save_model(score, path, **options)
        return mlflow.pyfunc.spark_udf(spark, str(path))

    return made


@pytest.mark.parametrize("first", ["ours", pytest.param("theirs", marks=pytest.mark.long)])
def test_one_worker_does_both_in_any_order(first, classic, udf_of, monkeypatch):
    def where(series: pd.Series) -> pd.Series:
        """Say in which process this is, and whether its copy of this package came with a task."""
        import os
        import sys

        package = sys.modules.get("tfspark_magic")
        shipped = None if package is None else str(package.__spec__.origin).startswith("<")
        return series.map(lambda _: f"{os.getpid()} {shipped}")

    # Workers are forked for each set of variables: this one has done nothing yet.
    monkeypatch.setitem(classic.sparkContext.environment, "FRESH", uuid.uuid4().hex)
    score, df = program(SEED), frame(classic, 20, 1)
    expected = [3 * 2 * i + i for i in range(20)]
    told = functions(classic).pandas_udf(where, "string")

    def run(which):
        function = tfs.udf(score) if which == "ours" else udf_of(classic, score)
        assert [row.z for row in df.select(function("x", "y").alias("z")).collect()] == expected
        return classic.range(0, 1, 1, 1).select(told("id")).first()[0].split()

    order = ["ours", "theirs"] if first == "ours" else ["theirs", "ours"]
    seen = [run(which) for which in order * 2]
    assert len({process for process, _ in seen}) == 1
    assert [shipped for _, shipped in seen] == [str(first == "ours"), "True", "True", "True"]


PAIR = """
x = tf.placeholder(tf.float32, name='x')
v = tf.placeholder(tf.float64, [3], name='v')
s = tf.placeholder(tf.string, name='s')
wide = tf.cast(x, tf.float16, name='wide')
scaled = tf.multiply(v, tf.cast(x, tf.float64), name='scaled')
text = tf.strings.join([s, '!'], name='text')
outer = tf.multiply(v[:, tf.newaxis], v, name='outer')
sign = tf.greater(x, 1., name='sign')
[wide, scaled, text, outer, sign]
"""


def test_its_values_are_those_of_our_map(classic, udf_of):
    score = program(PAIR)
    df = classic.range(0, 9, 1, 1).selectExpr(
        "float(id / 3) x", "transform(sequence(1, 3), i -> double(i + id)) v", "concat('s', id) s"
    )
    ours = tfs.map_rows(score, df).select("wide", "scaled", "text", "outer", "sign").collect()
    function = udf_of(classic, score)
    for call in (
        function(),
        function("x", "v", "s"),
        function(functions(classic).struct("s", "v", "x")),
    ):
        rows = [row.out for row in df.select(call.alias("out")).collect()]
        assert [row.asDict() for row in rows] == [row.asDict() for row in ours]


LONE = {
    "bool": "tf.equal(x, 1, name='z')", "int32": "tf.cast(x, tf.int32, name='z')",
    "int64": "tf.identity(x, name='z')", "uint8": "tf.cast(x, tf.uint8, name='z')",
    "float32": "tf.cast(x, tf.float32, name='z')", "float64": "tf.identity(x / 3, name='z')",
    "string": "tf.strings.as_string(x, name='z')",
    "binary": "tf.io.encode_png(tf.fill([1, 1, 1], tf.cast(x, tf.uint8)), name='z')",
    "vector": "tf.tile([x], [x], name='z')",
}  # fmt: skip


@pytest.mark.matrix
@pytest.mark.parametrize("kind", LONE)
def test_a_lone_output(kind, classic, udf_of):
    score = program(f"x = tf.placeholder(tf.int64, name='x')\n{LONE[kind]}")
    df = classic.range(0, 4, 1, 1).withColumnRenamed("id", "x")
    ours = [row.z for row in tfs.map_rows(score, df).collect()]
    rows = df.select(udf_of(classic, score)("x").alias("out")).collect()
    # A lone vector is a field of a struct.
    assert [row.out.z if kind == "vector" else row.out for row in rows] == ours


def test_what_mlflow_and_pandas_do_to_nulls(classic, udf_of):
    """What docs/mlflow.md says of nulls; if it fails, MLflow or Spark has changed."""
    score = program("x = tf.placeholder(tf.float32, name='x')\ntf.identity(x, name='z')")
    df = classic.sql("select x from values (float(1)), (null), (float('NaN')) t(x)").coalesce(1)
    got = [row.z for row in df.select(udf_of(classic, score)("x").alias("z")).collect()]
    assert got == [1.0, None, None]
    with pytest.raises(Exception, match="1 null"):
        tfs.map_rows(score, df).collect()
    kept = tfs.map_rows(score, df, nulls="null").collect()
    assert [row.z is not None and math.isnan(row.z) for row in kept] == [False, False, True]
    whole = program("x = tf.placeholder(tf.int32, name='x')\ntf.identity(x, name='z')")
    df = classic.sql("select x from values (1), (null) t(x)").coalesce(1)
    with pytest.raises(Exception, match="Can not safely convert float64 to int32"):
        df.select(udf_of(classic, whole)("x")).collect()
    text = program("t = tf.placeholder(tf.string, name='t')\ntf.strings.length(t, name='n')")
    df = classic.sql("select t from values ('a'), (null) t(t)").coalesce(1)
    with pytest.raises(Exception, match="1 null"):
        df.select(udf_of(classic, text)("t")).collect()


@pytest.mark.long
def test_other_columns_are_refused(classic, udf_of):
    score = udf_of(classic, program(SEED))
    df = frame(classic).selectExpr("double(x) x", "y")
    with pytest.raises(Exception, match="Can not safely convert float64 to int32"):
        df.select(score("x", "y")).collect()


def test_a_failure_has_its_sentence(classic, udf_of):
    source = "x = tf.placeholder(tf.int64, name='x')\ntf.gather([1, 2], x, name='z')"
    df = classic.range(0, 4, 1, 1).withColumnRenamed("id", "x")
    with pytest.raises(Exception) as caught:
        df.select(udf_of(classic, program(source))("x")).collect()
    assert "WorkerFailedError" in str(caught.value)
    assert "row 2" in str(caught.value), sentences(caught.value)


@pytest.mark.long
def test_a_keras_model(classic, udf_of):
    from tfspark_magic.graph.runtime import tf

    layers = [tf.keras.layers.Flatten(), tf.keras.layers.Dense(2, name="score")]
    model = tf.keras.Sequential([tf.keras.Input((2, 3), name="image"), *layers])
    cell = "transform(sequence(0, 1), i -> transform(sequence(0, 2), j -> float(i + j + id)))"
    df = classic.range(5).selectExpr(f"{cell} image")
    ours = tfs.map_rows(model, df).collect()
    rows = df.select("*", udf_of(classic, model)("image").alias("out")).collect()
    np.testing.assert_allclose([r.out.score for r in rows], [r.score for r in ours], rtol=1e-5)


@pytest.mark.long
def test_on_connect(connect_url, tmp_path):
    """In a process of its own: MLflow asks the process, not the session, whether it is on Connect."""
    tfs.mlflow.save_model(program(SEED), tmp_path / "model")
    code = f"""
import mlflow.pyfunc, tfspark_magic as tfs
from pyspark.sql import SparkSession
spark = SparkSession.builder.remote({connect_url!r}).getOrCreate()
df = spark.range(4).selectExpr("cast(id as int) x", "cast(2 as int) y")
theirs = mlflow.pyfunc.spark_udf(spark, {str(tmp_path / "model")!r})
ours = tfs.udf(tfs.mlflow.load_model({str(tmp_path / "model")!r}))
for function in (theirs, ours, theirs):
    print([row.z for row in df.select(function("x", "y").alias("z")).collect()])
"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert run.stdout.splitlines() == ["[6, 7, 8, 9]"] * 3, run.stderr
