"""Test that graphs which cannot run on Spark, and stopped sessions, are refused at definition."""

from __future__ import annotations

import weakref

import pytest

import tfspark_magic as tfs
from tests.executor.test_mapping import SEED, frame, program
from tfspark_magic import errors
from tfspark_magic.executor import jobs, session
from tfspark_magic.executor.session import is_connect
from tfspark_magic.notebook.front_end import finish
from tfspark_magic.notebook.offered_frames import Frames

pytestmark = pytest.mark.both

SUM = "x_input = tf.placeholder(tf.int32, [None], name='x_input')\ntf.reduce_sum(x_input, name='x')"
X = "x = tf.placeholder(tf.float64, [], name='x')\n"
DRAWN = (
    X + "g = tf.random.Generator.from_seed(1)\ntf.add(x, g.uniform([], dtype=tf.float64), name='z')"
)
ASSIGNED = X + (
    "v = tf.Variable(0.0, dtype=tf.float64, name='v')\n"
    "with tf.control_dependencies([v.assign_add(x)]):\n    z = tf.identity(v, name='z')\nz"
)
PYTHON = (
    X + "z = tf.{}(lambda v: v + 1, [x], tf.float64)\nz.set_shape([])\ntf.identity(z, name='z')"
)


def test_random_generators_and_changed_variables():
    with pytest.raises(errors.CaptureError) as caught:
        program(DRAWN)
    assert str(caught.value) == (
        "tf.random.Generator keeps its state in a variable, which rows on several machines cannot "
        "share: draw with tf.random.uniform, or tf.random.stateless_uniform with a seed from a column."
    )
    with pytest.raises(errors.CaptureError) as caught:
        program(ASSIGNED)
    assert str(caught.value) == (
        "The fetches change variable 'v' (AssignAddVariableOp), and rows on several machines cannot "
        "share the changes: compute the value without assigning it."
    )


def test_what_the_refusal_of_a_generator_advises(spark):
    df = spark.range(6).selectExpr("cast(id as double) x", "cast(id as int) s")
    drawn = program(X + "tf.add(x, tf.random.uniform([], dtype=tf.float64), name='z')")
    assert all(row.x <= row.z < row.x + 1 for row in tfs.map_rows(drawn, df).collect())
    seeded = program(
        X + "s = tf.placeholder(tf.int32, [], name='s')\n"
        "tf.add(x, tf.random.stateless_uniform([], tf.stack([s, 0]), dtype=tf.float64), name='z')"
    )
    first, again = (tfs.map_rows(seeded, df).collect() for _ in range(2))
    assert first == again


@pytest.mark.parametrize("name", ["py_function", "numpy_function"])
def test_python_functions_are_no_part_of_a_program(name):
    with pytest.raises(errors.CaptureError) as caught:
        program(PYTHON.format(name))
    said = (
        "calls a Python function (tf.py_function, tf.numpy_function), which is only in this process "
        "and not part of a program: write it with TensorFlow's operations."
    )
    assert str(caught.value).endswith(said)


def test_what_depends_on_a_cell_by_its_shape_alone(spark):
    df = spark.createDataFrame([(1.0, [1.0, 2.0]), (2.0, [3.0, 4.0])], "x double, v array<double>")
    vector = "v = tf.placeholder(tf.float64, [2], name='v')\n"
    for source, expected in [
        (X + "tf.zeros_like(x, name='z')", 0.0), (X + "tf.size(x, name='z')", 1),
        (vector + "tf.ones_like(v, name='z')", [1.0, 1.0]), (vector + "tf.shape(v, name='z')", [2]),
    ]:  # fmt: skip
        assert [row.z for row in tfs.map_rows(program(source), df).collect()] == [expected] * 2


def test_a_stream_has_no_end_for_run_local(spark):
    stream = spark.readStream.format("rate").load().selectExpr("cast(value as int) x", "1 y")
    with pytest.raises(
        errors.OptionError, match=r"a stream has none: use tfs\.map_rows on the stream"
    ):
        tfs.run_local(program(SEED), stream)
    assert tfs.map_rows(program(SEED), stream).isStreaming


def ended(job):
    """Wait for the end of a job, and raise its error."""
    assert job.wait(60) == "failed"
    raise job.error


def after_stopping(spark):
    """What each verb says of a DataFrame whose session is stopped, and of results not yet read."""
    score, total = program(SEED), program(SUM)
    df = frame(spark, 4)
    offered = Frames()
    offered.read(df)
    grouped, batches = df.groupBy("id"), tfs.run_local(score, df, output="batches")
    # A job that is running when the session stops, and then needs it.
    midway = jobs.start(lambda: (spark.stop(), df.collect()), spark=spark)
    midway.wait(60)
    said = {}
    for name, verb in {
        "midway": lambda: ended(midway),
        "map_rows": lambda: tfs.map_rows(score, df),
        "map_blocks": lambda: tfs.map_blocks(total, df, {"x_input": "x"}, trim=True),
        "reduce_blocks": lambda: tfs.reduce_blocks(total, df),
        "aggregate": lambda: tfs.aggregate(total, grouped),
        "run_local": lambda: tfs.run_local(score, df),
        "batches": lambda: list(batches),
        "analyze": lambda: tfs.analyze(df),
        "append_shape": lambda: tfs.append_shape(df, "x", []),
        "print_schema": lambda: tfs.print_schema(df),
        "explain": lambda: tfs.explain(score, df),
        "register": lambda: tfs.register(spark, "score", score),
        "tune": lambda: tfs.tune(spark),
        "form": lambda: offered.read(df),
        "preview": lambda: finish(lambda: df.limit(1).collect(), df),
        "run": lambda: ended(jobs.start(df.collect, spark=spark)),
    }.items():
        try:
            verb()
        except errors.TfSparkError as error:
            said[name] = str(error)
        except Exception as error:
            said[name] = repr(error)
        else:
            said[name] = "nothing"
    wrong = {n: t for n, t in said.items() if not t.startswith("The Spark session has ended: make")}
    assert not wrong, wrong


@pytest.mark.parametrize("spark", ["connect"], indirect=True)
def test_a_session_of_connect_that_was_stopped(spark, connect_url):
    # `newSession` of Connect begins in PySpark 4.3.
    after_stopping(type(spark).builder.remote(connect_url).create())
    assert spark.range(3).count() == 3


def test_a_session_of_a_spark_that_is_too_old(spark, monkeypatch):
    """Its server, or the Java of a SPARK_HOME, may be of an older Spark than this PySpark."""
    monkeypatch.setattr(session, "SPARK", "99.5")
    monkeypatch.setattr(session, "_new_enough", weakref.WeakSet())
    with pytest.raises(errors.VersionError) as caught:
        tfs.map_rows(program(SEED), frame(spark))
    whose = "server" if is_connect(spark) else "Java"
    assert str(caught.value) == (
        f"Spark 99.5 or later is needed, and the {whose} of this session has {spark.version}: make a "
        f"session of a Spark 99.5 or later."
    )
