from __future__ import annotations

import _thread
import faulthandler
import threading
import time
import traceback
import uuid

import pytest

import tfspark_magic as tfs
from tfspark_magic.executor import jobs
from tfspark_magic.executor.jobs import Progress, start
from tfspark_magic.executor.spark_internals import java_classes
from tfspark_magic.graph.runtime import tf

pytestmark = pytest.mark.both

SOON = 30.0
"""The time limit in seconds for a cancelled job: less than a job takes that is not cancelled."""
LONG = 120


def slow(spark, partitions=4, batches=400, pause=0.1):
    """Return a DataFrame whose every partition takes `batches * pause` seconds."""

    def wait(blocks):
        import pyarrow as pa

        for _ in blocks:
            for _ in range(batches):
                time.sleep(pause)
                # More than a buffer holds: on Connect, Spark gives the worker of a task that was
                # cancelled to the next one, and it only ends when it writes.
                yield pa.RecordBatch.from_pydict({"id": pa.array(range(20_000), pa.int64())})

    return spark.range(0, 1000, 1, partitions).mapInArrow(wait, "id long")


def slow_graph(spark):
    """Return a map by a graph that computes for minutes."""
    with tf.Graph().as_default():
        x = tf.compat.v1.placeholder(tf.float64, [None], name="x")
        start_of = tf.zeros([700, 700], tf.float64)
        work = tf.while_loop(
            lambda i, m: i < 20000,
            lambda i, m: (i + 1, tf.linalg.matmul(m, m) + 1e-9),
            (tf.constant(0), start_of),
        )
        z = tf.add(x, work[1][0, 0], name="z")
        df = spark.range(0, 8, 1, 4).selectExpr("cast(id as double) x")
        return tfs.map_blocks(z, df)


def until(condition, seconds=LONG):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def busy(job) -> bool:
    return job.progress.tasks_active > 0 or job.progress.tasks_done > 0


def ours() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith("tfspark_magic")]


class Ends(list):
    def __call__(self, job) -> None:
        self.append(job.state)


@pytest.fixture(autouse=True)
def nothing_is_left():
    yield
    try:
        until(lambda: not ours())
    except AssertionError:
        faulthandler.dump_traceback()
        raise
    assert jobs.running() == ()


def test_done_with_progress(spark):
    seen: list[Progress] = []
    ends = Ends()
    df = slow(spark, partitions=4, batches=30, pause=0.1)
    job = start(df.count, spark=spark, on_progress=seen.append, on_end=ends)
    assert job.wait(LONG) == "done"
    assert (job.result, job.error, job.sentence, ends) == (4 * 30 * 20_000, None, "", ["done"])
    assert seen[-1].tasks == seen[-1].tasks_done >= 4
    assert any(0 < p.tasks_done < p.tasks for p in seen), seen
    assert [p.seconds for p in seen] == sorted(p.seconds for p in seen)
    assert job.progress.seconds_left is None
    job.cancel()
    assert job.state == "done"


def test_rows_are_counted_where_spark_tells(classic, tmp_path):
    job = start(
        lambda: classic.range(0, 50_000, 1, 4).write.parquet(str(tmp_path / "out")), spark=classic
    )
    assert job.wait(LONG) == "done"
    assert job.progress.rows == 50_000
    assert job.progress.rows_per_second is None or job.progress.rows_per_second > 0


@pytest.mark.parametrize("what", ["count", "toPandas", "write", "graph"])
def test_cancel_while_it_runs(spark, what, tmp_path):
    df = slow_graph(spark) if what == "graph" else slow(spark)
    actions = {
        "count": df.count,
        "graph": df.collect,
        "toPandas": df.toPandas,
        "write": lambda: df.write.parquet(str(tmp_path / "out")),
    }
    ends = Ends()
    job = start(actions[what], spark=spark, on_end=ends)
    until(lambda: busy(job))
    asked = time.monotonic()
    job.cancel()
    assert time.monotonic() - asked < SOON / 2
    assert job.wait(LONG) == "cancelled"
    assert time.monotonic() - asked < SOON
    assert (job.result, job.error, ends) == (None, None, ["cancelled"])
    # The next one is fine.
    assert start(spark.range(5).count, spark=spark).wait(LONG) == "done"


def test_cancel_before_the_first_job(spark):
    ran = threading.Event()
    go = threading.Event()

    def action():
        go.wait()
        df = spark.range(3)
        df.count()
        ran.set()

    job = start(action, spark=spark)
    job.cancel()
    go.set()
    assert job.wait(LONG) == "cancelled"
    until(lambda: not ours())
    assert not ran.is_set()


def test_cancel_between_jobs_starts_no_other(spark):
    counts: list[int] = []

    def action():
        while len(counts) < 1000:
            counts.append(spark.range(10).count())
            time.sleep(0.05)

    job = start(action, spark=spark)
    until(lambda: counts)
    job.cancel()
    assert job.wait(LONG) == "cancelled"
    until(lambda: not ours())
    before = len(counts)
    time.sleep(0.3)
    assert len(counts) == before


def test_an_action_that_swallows_the_cancel_is_cancelled_all_the_same(classic):
    # Not on Connect: a Spark job that starts within two seconds of another one's end there may be
    # given its Python worker, which is still busy, and so hold up the tests that follow.
    def action():
        for _ in range(3):
            try:
                slow(classic).count()
            except Exception:
                continue
        return "lived on"

    job = start(action, spark=classic)
    until(lambda: busy(job))
    asked = time.monotonic()
    job.cancel()
    assert job.wait(LONG) == "cancelled"
    assert time.monotonic() - asked < SOON
    assert job.result is None


def test_an_action_is_not_stopped_inside_a_call_of_java(classic):
    # Py4J would lose the connection, and with it the tag by which the jobs to come are cancelled.
    places: list[str] = []

    def action():
        sleep = java_classes().java.lang.Thread.sleep
        try:
            sleep(1500)
            while True:
                time.sleep(0.01)
        except BaseException as stopped:
            frames = traceback.walk_tb(stopped.__traceback__)
            places.extend(frame.f_globals["__name__"] for frame, _ in frames)
            raise

    job = start(action, spark=classic)
    time.sleep(0.3)
    job.cancel()
    assert job.wait(LONG) == "cancelled"
    until(lambda: places)
    assert not [place for place in places if place.startswith("py4j")]


def test_several_at_once_do_not_mix(spark):
    first = start(slow(spark, partitions=1).count, spark=spark)
    until(lambda: busy(first))
    second = start(spark.range(0, 100, 1, 3).count, spark=spark)
    assert second.wait(LONG) == "done"
    assert second.result == 100
    assert first.state == "running"
    assert (first.progress.tasks, first.progress.tasks_done) == (1, 0)
    first.cancel()
    assert first.wait(SOON) == "cancelled"


def test_jobs_of_others_go_on(spark):
    """The caller's tags do not change, and hold for the action."""
    mine = f"mine-{uuid.uuid4().hex}"
    spark.addTag(mine)
    try:
        tags = []
        job = start(lambda: tags.extend(spark.getTags()) or slow(spark).count(), spark=spark)
        until(lambda: busy(job))
        other = threading.Thread(target=lambda: found.append(spark.range(7).count()))
        found: list[int] = []
        other.start()
        job.cancel()
        assert job.wait(SOON) == "cancelled"
        other.join(LONG)
        assert found == [7]
        assert spark.getTags() == {mine}
        assert spark.range(4).count() == 4
    finally:
        spark.removeTag(mine)


def test_a_job_group_of_the_caller_stays(classic):
    context = classic.sparkContext
    context.setJobGroup("mine", "what I do")
    try:
        assert start(classic.range(5).count, spark=classic).wait(LONG) == "done"
        assert context.getLocalProperty("spark.jobGroup.id") == "mine"
    finally:
        context.setLocalProperty("spark.jobGroup.id", None)
        context.setLocalProperty("spark.job.description", None)


@pytest.mark.parametrize("spark", ["connect"], indirect=True)
def test_progress_handlers_do_not_stay(spark):
    before = list(spark._client._progress_handlers)
    assert start(spark.range(5).count, spark=spark).wait(LONG) == "done"
    assert spark._client._progress_handlers == before


def test_someone_else_cancels(classic):
    job = start(slow(classic).count, spark=classic)
    until(lambda: busy(job))
    classic.sparkContext.cancelAllJobs()
    assert job.wait(LONG) == "cancelled"


def test_an_interrupt_while_waiting_cancels(spark):
    job = start(slow(spark).count, spark=spark)
    until(lambda: busy(job))
    threading.Timer(0.3, _thread.interrupt_main).start()
    with pytest.raises(KeyboardInterrupt):
        job.wait()
    assert job.state == "cancelled"


def test_without_spark():
    job = start(lambda: 6 * 7)
    assert (job.wait(LONG), job.result) == ("done", 42)
    job = start(lambda: 1 / 0)
    assert (job.wait(LONG), job.sentence) == ("failed", "ZeroDivisionError: division by zero")


def test_python_without_spark_stops_at_its_next_step():
    steps: list[int] = []

    def count():
        while True:
            steps.append(0)
            time.sleep(0.01)

    job = start(count)
    until(lambda: steps)
    job.cancel()
    assert job.wait(LONG) == "cancelled"


def test_what_cannot_be_stopped_is_cancelled_and_its_result_thrown_away():
    ends = Ends()
    asked = time.monotonic()
    job = start(lambda: time.sleep(4) or "late", on_end=ends)
    job.cancel()
    job.cancel()
    assert job.wait(LONG) == "cancelled"
    assert time.monotonic() - asked < SOON
    until(lambda: not ours())
    assert (job.state, job.result, ends) == ("cancelled", None, ["cancelled"])


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, MemoryError, GeneratorExit])
def test_whatever_is_raised_is_an_end(kind):
    def action():
        raise kind

    job = start(action)
    assert job.wait(LONG) == "failed"
    assert isinstance(job.error, kind)
    assert kind.__name__ in job.sentence


def test_a_callback_that_fails_changes_nothing(caplog):
    job = start(lambda: 1, on_progress=lambda _: 1 / 0, on_end=lambda _: 1 / 0)
    assert job.wait(LONG) == "done"
    assert "A callback of a job failed" in caplog.text


def test_wait_gives_up_in_time():
    job = start(lambda: time.sleep(1))
    assert job.wait(0.05) == "running"
    assert job.wait(LONG) == "done"


def test_waiting_in_a_callback_does_not_hang():
    seen = []
    job = start(lambda: 1, on_end=lambda job: seen.append(job.wait()))
    assert job.wait(LONG) == "done"
    assert seen == ["done"]
