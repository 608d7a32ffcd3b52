"""Test Spark's settings for GPUs, and the errors and warnings about them when a verb is defined."""

from __future__ import annotations

import warnings

import pandas as pd
import pytest
from pyspark.resource import ExecutorResourceRequests, ResourceProfileBuilder, TaskResourceRequests

import tfspark_magic as tfs
from tests.executor.test_mapping import SEED, program
from tfspark_magic.errors import NotAvailableError, OptionError
from tfspark_magic.executor import gpu_settings, session
from tfspark_magic.executor.failures import one_sentence
from tfspark_magic.executor.gpu_settings import Gpus
from tfspark_magic.executor.session import is_connect
from tfspark_magic.frames import spark_maps
from tfspark_magic.graph.runtime import tf

pytestmark = pytest.mark.both

BLOCKS = SEED.replace("name='x'", "[None], name='x'").replace("name='y'", "[None], name='y'")
TOTAL = (
    "x_input = tf.placeholder(tf.int32, [None], name='x_input')\n"
    "tf.reduce_sum(tf.abs(x_input), axis=0, name='x')"
)


@pytest.fixture
def df(spark):
    return spark.range(0, 6, 1, 2).selectExpr("cast(id as int) x", "cast(2 * id as int) y")


@pytest.fixture
def settings(monkeypatch, spark):
    """Return a function that makes a session look as if it was started with other settings."""

    def set_(local, per_task=None, per_executor=None):
        monkeypatch.setitem(gpu_settings._settings, spark, Gpus(local, per_task, per_executor))
        gpu_settings._warned.discard(spark)

    yield set_
    gpu_settings._warned.discard(spark)


def verbs(df, **options):
    return [
        lambda: tfs.map_rows(program(SEED), df, **options),
        lambda: tfs.map_blocks(program(BLOCKS), df, trim=True, **options),
        lambda: tfs.reduce_blocks(program(TOTAL), df, **options),
        lambda: tfs.aggregate(program(TOTAL), df.groupBy("y"), **options),
        lambda: tfs.explain(program(SEED), df, **options),
    ]


def message_of(call):
    with pytest.raises(NotAvailableError) as caught:
        call()
    return str(caught.value)


def test_settings_are_read_from_the_session(spark, monkeypatch):
    monkeypatch.delitem(gpu_settings._settings, spark, raising=False)
    assert gpu_settings.gpus_of(spark) == Gpus(local=True, per_task=None, per_executor=None)
    conf = {"spark.task.resource.gpu.amount": "0.25", "spark.executor.resource.gpu.amount": "1"}
    assert Gpus.of("spark://host:7077", conf.get) == Gpus(False, 0.25, 1.0)
    assert not Gpus.of("local-cluster[2,1,1024]", conf.get).local


def test_tasks_without_a_gpu_are_refused_one(df, settings):
    settings(False)
    for call in verbs(df, device="gpu"):
        assert message_of(call) == (
            "device='gpu' needs a GPU for each task, and Spark gives them none: set "
            "spark.task.resource.gpu.amount (and spark.executor.resource.gpu.amount) when the "
            "session starts, or use device='auto'."
        )


def test_gpu_tasks_in_local_mode_would_wait_forever(df, settings):
    settings(True, 1.0)
    for device in ("auto", "cpu", "gpu"):
        for call in verbs(df, device=device):
            assert message_of(call).startswith(
                "Spark in local mode has no GPUs to give, and its tasks would wait for one forever:"
            )
    if not is_connect(df):
        message = message_of(lambda: tfs.session("local[1]", spark_task_resource_gpu_amount=0.5))
        assert "leave spark.task.resource.gpu.amount out" in message


def test_local_mode_shares_the_gpus_of_this_machine(df, spark, monkeypatch):
    score = program(SEED)
    if is_connect(spark):
        # The server's machine may have one: its tasks say so.
        with pytest.raises(Exception, match="none there") as caught:
            tfs.map_rows(score, df, device="gpu").collect()
        sentence = one_sentence(caught.value)
        assert sentence.startswith("device='gpu' was asked for, and TensorFlow sees none there")
        assert "\n" not in sentence
        return
    none = message_of(lambda: tfs.map_rows(score, df, device="gpu"))
    assert none.startswith("device='gpu' was asked for, and TensorFlow sees no GPU on this machine")
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda _kind: ["a GPU"])
    # Workers of their own, which do not hide what other tasks are not to touch.
    environments = []

    def arrow_udf(*args):
        udf = session.arrow_udf(*args)

        def call(*columns):
            environments.append(dict(spark.sparkContext.environment))
            return udf(*columns)

        return call

    monkeypatch.setattr(spark_maps, "arrow_udf", arrow_udf)
    for device in ("gpu", "cpu"):
        assert tfs.map_rows(score, df, device=device).columns == ["x", "y", "z"]
    ours = [{n for n in names if n.startswith("TFSPARK")} for names in environments]
    assert ours == [{"TFSPARK_MAGIC_GPU_WORKERS"}, set()]


def test_gpus_that_nobody_uses_are_warned_of_once(df, settings):
    settings(False, None, 1.0)
    with pytest.warns(UserWarning, match="executors have a GPU and tasks are given none"):
        out = tfs.map_rows(program(SEED), df)
    assert [r.z for r in out.collect()] == [7 * i for i in range(6)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tfs.map_rows(program(SEED), df)


def test_a_gpu_of_this_machine_that_local_mode_does_not_use_is_warned_of(
    spark, df, settings, monkeypatch
):
    settings(True)
    score = program(SEED)
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda _kind: ["a GPU"])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            tfs.map_rows(score, df)
    mine = [str(w.message) for w in caught if "device='auto'" in str(w.message)]
    assert len(mine) == (0 if is_connect(spark) else 1)


@pytest.mark.parametrize(
    ("per_task", "said"),
    [(None, "auto"), (1.0, "auto: a GPU for each task"), (0.25, "auto: 0.25 of a GPU for each task")],
)  # fmt: skip
def test_explain_says_what_tasks_get(df, settings, per_task, said):
    settings(False, per_task, per_task)
    assert tfs.explain(program(SEED), df).device == said
    assert tfs.explain(program(SEED), df, device="cpu").device == "cpu"


def profile_of(**tasks):
    requests = TaskResourceRequests().cpus(1)
    for name, amount in tasks.items():
        requests = requests.resource(name, amount)
    builder = ResourceProfileBuilder().require(requests)
    return builder.require(ExecutorResourceRequests().cores(1)).build


def test_a_profile_is_for_tasks_that_take_one(df, settings):
    trimmed = lambda **options: tfs.map_blocks(program(BLOCKS), df, device="gpu", **options)
    settings(False)
    message = message_of(lambda: trimmed(trim=True, profile=profile_of()))
    assert "Spark gives them none" in message
    with pytest.raises(OptionError, match="profile goes with trim=True"):
        trimmed(profile=profile_of(gpu=1))
    with pytest.raises(OptionError, match="profile is a pyspark.resource.ResourceProfile, got 1"):
        trimmed(trim=True, profile=1)
    settings(True)
    for call in verbs(df, profile=profile_of(gpu=1))[1:4]:
        assert message_of(call) == "Spark in local mode has one kind of task: leave profile out."
    frame = pd.DataFrame({"x": [1], "y": [2]}, dtype="int32")
    with pytest.raises(OptionError, match="this is computed without them"):
        tfs.map_blocks(program(BLOCKS), frame, trim=True, profile=profile_of(gpu=1))
