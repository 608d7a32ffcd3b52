"""Follow the Spark jobs of an action while they run, and cancel them."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from pyspark.sql import SparkSession

from tfspark_magic.executor.session import is_connect
from tfspark_magic.executor.spark_internals import java_classes, scala_context

_OVER = ("COMPLETE", "FAILED", "SKIPPED")
_FEW_TASKS = 200
"""The largest stage, in tasks, for which Spark is asked for each task, four times a second."""


class ActionStopped(BaseException):
    """Raised inside an action that was cancelled, to end it between two Spark jobs."""


@dataclass(frozen=True)
class Counts:
    """The counts so far, over all Spark jobs of an action.

    Parameters
    ----------
    stages, stages_done
        Stages known so far; Spark finds more as an action goes on.
    tasks, tasks_done, tasks_active
        The tasks of these stages, without stages that Spark skips.
    rows
        Rows read or rows written, the larger number of both; 0 if Spark does not report them
        (Connect).
    bytes_read
        The bytes read; 0 if Spark does not report them.
    """

    stages: int = 0
    stages_done: int = 0
    tasks: int = 0
    tasks_done: int = 0
    tasks_active: int = 0
    rows: int = 0
    bytes_read: int = 0


class Watch(Protocol):
    """Follows the Spark jobs that one thread starts."""

    def enter(self) -> None:
        """Mark all Spark jobs that the calling thread starts from now on."""

    def leave(self) -> None:
        """Remove the marks, in the same thread."""

    def read(self) -> Counts:
        """Return the counts so far."""

    def cancel(self) -> None:
        """Cancel the running jobs, and future jobs, too, if Spark can."""


def watch(spark: SparkSession | None, tag: str) -> Watch:
    """Return a watch on the jobs of a session; call it in the thread that starts the action.

    >>> watch(spark, "a tag").read()                                # doctest: +SKIP
    Counts(stages=0, stages_done=0, tasks=0, ...)

    Parameters
    ----------
    spark
        None for an action without Spark.
    tag
        A unique tag for Spark jobs.
    """
    if spark is None:
        return _Nothing()
    return _Connect(spark, tag) if is_connect(spark) else _Classic(spark, tag)


class _Nothing:
    def enter(self) -> None:
        pass

    def leave(self) -> None:
        pass

    def read(self) -> Counts:
        return Counts()

    def cancel(self) -> None:
        pass


class _Classic:
    """Uses tags to read Spark's status store, and a job group to cancel future jobs."""

    def __init__(self, spark: SparkSession, tag: str) -> None:
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


class _Connect:
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
