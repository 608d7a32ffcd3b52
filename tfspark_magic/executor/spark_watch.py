"""Follow Spark jobs by their tags, on classic Spark and on Connect."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable
from typing import Any

from pyspark.sql import SparkSession

from tfspark_magic.executor.progress import ActionStopped, Counts, Watch
from tfspark_magic.executor.session import check_running, is_connect
from tfspark_magic.executor.spark_internals import java_classes, scala_context

_OVER = ("COMPLETE", "FAILED", "SKIPPED")
_FEW_TASKS = 200
"""The largest stage, in tasks, for which Spark is asked for each task, four times a second."""


def spark_watch(spark: SparkSession, tag: str) -> Watch:
    """Return a watch on the jobs of a session; see `watch`."""
    return _ConnectWatch(spark, tag) if is_connect(spark) else _ClassicWatch(spark, tag)


class _ClassicWatch(Watch):
    """Uses tags to read Spark's status store, and a job group to cancel future jobs."""

    def __init__(self, spark: SparkSession, tag: str) -> None:
        self._spark = spark
        self._context = spark.sparkContext
        self._tag = tag
        self._over: dict[int, Counts] = {}
        self._properties: Any = None
        with contextlib.suppress(Exception):  # a dead context: the action will say so
            # The user's pool, description and tags also hold for the user's action.
            self._properties = self._scala.getLocalProperties().clone()

    @property
    def _scala(self) -> Any:
        return scala_context(self._context)

    def check(self) -> None:
        check_running(self._spark)

    def enter(self) -> None:
        if self._properties is not None:
            self._scala.setLocalProperties(self._properties)
        self._context.addJobTag(self._tag)
        self._context.setLocalProperty("spark.jobGroup.id", self._tag)

    def leave(self) -> None:
        # Needed if Python threads share Java threads (PYSPARK_PIN_THREAD=false).
        self._context.removeJobTag(self._tag)

    def read(self) -> Counts:
        scala = self._scala
        tracker, store = scala.statusTracker(), scala.statusStore()
        stages: dict[int, Counts] = {}
        for job in tracker.getJobIdsForTag(self._tag):
            info = tracker.getJobInfo(job)
            for stage in info.get().stageIds() if info.isDefined() else ():
                # Jobs may share a stage; Spark runs it once and skips it in the other jobs.
                with contextlib.suppress(Exception):  # removed from the store, or not yet in it
                    stages[stage] = self._stage(store, stage)
        return _sum(stages.values())

    def _stage(self, store: Any, stage: int) -> Counts:
        if stage in self._over:
            return self._over[stage]
        data = store.lastStageAttempt(stage)
        status = data.status().toString()
        if status == "SKIPPED":
            found = Counts()
        else:
            rows = max(data.inputRecords(), data.outputRecords(), data.shuffleReadRecords())
            tasks, done, active = data.numTasks(), data.numCompleteTasks(), data.numActiveTasks()
            if status not in _OVER and tasks <= _FEW_TASKS:
                # Spark updates a stage's numbers only at events, and at most once in a tenth of a
                # second: with few long tasks, the numbers are old.
                done, active = (self._count(store, data, s) for s in ("SUCCESS", "RUNNING"))
            found = Counts(1, status in _OVER, tasks, done, active, rows, data.inputBytes())
        if status in _OVER:
            self._over[stage] = found
        return found

    def _count(self, store: Any, stage: Any, status: str) -> int:
        jvm = java_classes()
        api = jvm.org.apache.spark.status.api.v1
        wanted = jvm.java.util.Collections.singletonList(api.TaskStatus.valueOf(status))
        found = store.taskList(
            stage.stageId(), stage.attemptId(), 0, _FEW_TASKS, api.TaskSorting.ID, wanted
        )
        return min(int(found.size()), int(stage.numTasks()))

    def cancel(self) -> None:
        self._context.cancelJobsWithTag(self._tag)
        self._scala.cancelJobGroupAndFutureJobs(self._tag)


class _ConnectWatch(Watch):
    """Uses tags on the server; progress comes with the answers, in the thread that asks."""

    def __init__(self, spark: SparkSession, tag: str) -> None:
        self._spark = spark
        self._tag = tag
        self._tags: set[str] = set()
        with contextlib.suppress(Exception):
            self._tags = set(spark.getTags())
        self._thread = 0
        self._operations: dict[str, list[Counts]] = {}
        self._active: dict[str, int] = {}
        self._cancelled = False
        self._asking: threading.Thread | None = None

    def check(self) -> None:
        check_running(self._spark)

    def enter(self) -> None:
        self._thread = threading.get_ident()
        for tag in (*self._tags, self._tag):
            self._spark.addTag(tag)
        self._spark.registerProgressHandler(self._on_progress)

    def leave(self) -> None:
        with contextlib.suppress(ValueError):  # the user has removed all handlers
            self._spark.removeProgressHandler(self._on_progress)
        self._spark.removeTag(self._tag)

    def read(self) -> Counts:
        counts = _sum(stage for stages in list(self._operations.values()) for stage in stages)
        return Counts(**{**vars(counts), "tasks_active": sum(self._active.values())})

    def cancel(self) -> None:
        self._cancelled = True
        # If the server has ended, the client tries again for minutes, so this runs in another
        # thread.
        if self._asking is None or not self._asking.is_alive():
            self._asking = threading.Thread(
                target=self._interrupt, name="tfspark_magic cancel", daemon=True
            )
            self._asking.start()

    def _interrupt(self) -> None:
        with contextlib.suppress(Exception):
            self._spark.interruptTag(self._tag)

    def _on_progress(
        self,
        stages: Iterable[Any] | None,
        inflight_tasks: int,
        operation_id: str | None,
        done: bool,  # noqa: FBT001  (Spark's interface)
        **_: Any,
    ) -> None:
        # The handlers of a session are called for all of its operations.
        if threading.get_ident() != self._thread:
            return
        if self._cancelled and not done:
            raise ActionStopped
        operation = operation_id or ""
        self._active[operation] = 0 if done else inflight_tasks
        self._operations[operation] = [
            _connect_stage(stage, over=bool(stage.done or done)) for stage in stages or ()
        ]


def _connect_stage(stage: Any, *, over: bool) -> Counts:
    # A stage that Spark skips ends without its tasks.
    done = stage.num_completed_tasks
    if over and not done:
        return Counts()
    return Counts(1, over, stage.num_tasks, done, 0, 0, stage.num_bytes_read)


def _sum(stages: Iterable[Counts]) -> Counts:
    totals = dict.fromkeys(vars(Counts()), 0)
    for stage in stages:
        for name, value in vars(stage).items():
            totals[name] += int(value)
    return Counts(**totals)
