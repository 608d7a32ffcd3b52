"""Run an action in its own thread, with progress and Cancel; each job ends exactly once."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import sys
import threading
import time
import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from tfspark_magic.errors import TfSparkError
from tfspark_magic.executor.failures import (
    has_another_server,
    one_sentence,
    short_error,
    was_cancelled,
)
from tfspark_magic.executor.progress import ActionStopped, Counts, Watch, watch

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tfspark_magic.training.report import Report

State = Literal["running", "done", "cancelled", "failed"]

_EVERY = 0.25
"""Seconds between two updates of the progress."""
_MOMENT = 0.01
"""Seconds to wait for a thread that is ending."""
_AGAIN = 0.1
"""Seconds between two tries to cancel."""
_LAST = 4
"""Tries to cancel after the end of the action."""
_STOP_AFTER = 0.5
"""Seconds after a cancel in which Spark may end the action in its own way."""
_GIVE_UP_AFTER = 2.0
"""Seconds after a cancel until the action counts as cancelled, even if its thread goes on."""

_log = logging.getLogger(__name__)
_running: set[Job] = set()


@dataclass(frozen=True)
class Progress(Counts):
    """The progress of a job: the counts of Spark, and the times.

    Parameters
    ----------
    seconds
        Since the start.
    rows_per_second
        Since the first Spark job; None without rows.
    seconds_left
        An estimate of the time until all known tasks are done; None if it is not known, such as
        before the first task is done.
    report
        What a training itself says of how far it is; None before its first step, and for other jobs.
    """

    seconds: float = 0.0
    rows_per_second: float | None = None
    seconds_left: float | None = None
    report: Report | None = None


class Job:
    """An action that runs in its own thread; `start` makes one.

    >>> job = start(lambda: scored.toPandas(), spark=spark)         # doctest: +SKIP
    >>> job.cancel()                                                # doctest: +SKIP
    >>> job.wait()                                                  # doctest: +SKIP
    'cancelled'

    Attributes
    ----------
    state
        `"running"`, and after the end `"done"`, `"cancelled"` or `"failed"`, which does not change
        any more.
    progress
        The latest progress.
    result
        The value that the action returned; None unless the job is done.
    error
        The reason for a failure: our own error if a worker raised one, else the exception of the
        action.
    sentence, details
        The error in one sentence, and in full; empty unless the action failed.
    tag
        The tag of the Spark jobs that it starts.
    """

    def __init__(
        self,
        action: Callable[[], Any],
        follow: Watch,
        *,
        tag: str,
        patient: bool,
        on_progress: Callable[[Progress], None] | None,
        on_end: Callable[[Job], None] | None,
        reports: Callable[[], Report | None] | None = None,
    ) -> None:
        self.state: State = "running"
        self.progress = Progress()
        self.result: Any = None
        self.error: BaseException | None = None
        self.sentence = ""
        self.details = ""
        self.tag = tag
        self._follow = follow
        self._stop_after = _STOP_AFTER if patient else 0.0
        self._on_progress, self._on_end, self._reports = on_progress, on_end, reports
        self._started = time.monotonic()
        self._pace = _Pace()
        self._cancelled_at: float | None = None
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._value: Any = None
        self._raised: BaseException | None = None
        self._inside = False
        self._lock = threading.Lock()
        self._action = threading.Thread(
            target=self._run, args=(action,), name="tfspark_magic action", daemon=True
        )
        self._watcher = threading.Thread(
            target=self._watch, name="tfspark_magic watch", daemon=True
        )
        _running.add(self)
        self._action.start()
        self._watcher.start()

    def __repr__(self) -> str:
        return f"<Job {self.state}>"

    def cancel(self) -> None:
        """Cancel the action, and return at once.

        Running Spark jobs end within a moment, and no new ones start. Between Spark jobs, and in an
        action without Spark, Python code ends at its next step. A call outside of Python
        (TensorFlow, pandas, `time.sleep`) cannot be stopped. After two seconds the job counts as
        cancelled anyway, and the later result of the call is dropped.
        """
        if self._cancelled_at is None:
            self._cancelled_at = time.monotonic()
        self._wake.set()

    def wait(self, timeout: float | None = None) -> State:
        """Wait for the end and return the state; an interrupt cancels the job and is raised.

        Parameters
        ----------
        timeout
            In seconds; afterwards the state is still `"running"`.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        try:
            while not self._ended.is_set() and threading.current_thread() is not self._watcher:
                left = _EVERY if deadline is None else min(_EVERY, deadline - time.monotonic())
                if left <= 0:
                    break
                # Waits in short steps, because Windows does not interrupt a lock.
                self._ended.wait(left)
        except KeyboardInterrupt:
            self.cancel()
            self._ended.wait(_GIVE_UP_AFTER + 1)
            raise
        return self.state

    def _run(self, action: Callable[[], Any]) -> None:
        """Run the action in its own thread, and keep its result."""
        try:
            self._follow.check()
            self._follow.enter()
            with self._lock:
                self._inside = self._cancelled_at is None
            if self._inside:
                value = action()
                with self._lock:
                    self._inside = False
                self._value = value
        except BaseException as error:  # noqa: BLE001  (SystemExit and the like, too)
            self._inside = False
            self._raised = error
        finally:
            # One `ActionStopped` may still come, in any line, because `_watch` interrupts the
            # thread.
            with contextlib.suppress(Exception):
                self._follow.leave()
            self._wake.set()

    def _watch(self) -> None:
        """Report progress, cancel, and report the end: this thread calls all callbacks."""
        while self._action.is_alive():
            self._wake.wait(_EVERY if self._cancelled_at is None else _AGAIN)
            self._wake.clear()
            self._action.join(_MOMENT)
            if not self._action.is_alive():
                break
            if self._cancelled_at is None:
                self._report()
                continue
            with contextlib.suppress(Exception):
                # Repeated, because the action may start another Spark job.
                self._follow.cancel()
            since = time.monotonic() - self._cancelled_at
            if since >= self._stop_after:
                self._stop_action(anywhere=since >= _GIVE_UP_AFTER)
            if since >= _GIVE_UP_AFTER and self.state == "running":
                self._end("cancelled")
        if self.state == "running":
            self._conclude()
        self._value = self._raised = None
        if self._cancelled_at is not None:
            # An action that was stopped here may have just started a job, which still runs.
            for _ in range(_LAST):
                with contextlib.suppress(Exception):
                    self._follow.cancel()
                time.sleep(_AGAIN)

    def _conclude(self) -> None:
        if self._cancelled_at is not None or self._raised is not None:
            if self._cancelled_at is not None or was_cancelled(self._raised):
                self._end("cancelled")
                return
            error = self._raised
            assert error is not None
            if short_error(error) is None and not has_another_server(error):
                try:
                    # Spark's own errors after a stop do not name it.
                    self._follow.check()
                except TfSparkError as stopped:
                    stopped.__cause__ = error
                    error = stopped
            self.error = short_error(error) or error
            self.sentence = one_sentence(error)
            self.details = "".join(traceback.format_exception(error)).strip()
            self._end("failed")
            return
        self.result = self._value
        self._report(done=True)
        self._end("done")

    def _report(self, *, done: bool = False) -> None:
        counts = Counts(**{name: getattr(self.progress, name) for name in vars(Counts())})
        with contextlib.suppress(Exception):  # Spark has ended: the action will report it
            counts = self._follow.read()
        if done:
            # Spark reports late: its last report may be from a moment before the end.
            counts = replace(counts, stages_done=counts.stages, tasks_done=counts.tasks,
                             tasks_active=0)  # fmt: skip
        report = self.progress.report
        if self._reports is not None:
            with contextlib.suppress(Exception):  # the next one may be there again
                report = self._reports() or report
        now = time.monotonic()
        rate, left = self._pace.of(counts, now)
        self.progress = Progress(**vars(counts), seconds=now - self._started, report=report,
                                 rows_per_second=rate, seconds_left=left)  # fmt: skip
        if self._on_progress is not None:
            _call(self._on_progress, self.progress)

    def _end(self, state: State) -> None:
        self.progress = Progress(
            **{**vars(self.progress), "seconds": time.monotonic() - self._started,
               "seconds_left": None}
        )  # fmt: skip
        self.state = state
        _running.discard(self)
        if self._on_end is not None:
            _call(self._on_end, self)
        self._on_progress = self._on_end = None
        self._ended.set()

    def _stop_action(self, *, anywhere: bool) -> None:
        """Raise an error in the action's thread, once, when it runs Python code."""
        thread = self._action.ident or 0
        with self._lock:
            if self._inside and (anywhere or not _asks_java(thread)):
                self._inside = False
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(thread), ctypes.py_object(ActionStopped)
                )


def start(
    action: Callable[[], Any],
    *,
    spark: SparkSession | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    on_end: Callable[[Job], None] | None = None,
    reports: Callable[[], Report | None] | None = None,
) -> Job:
    """Run an action in its own thread, and return at once.

    >>> job = start(lambda: df.write.parquet(path), spark=df.sparkSession)    # doctest: +SKIP
    >>> job.wait()                                                            # doctest: +SKIP
    'done'

    The caller's tags and properties for Spark jobs hold for the action, too, and are not changed
    for other jobs.

    Parameters
    ----------
    action
        A function; its return value is the result.
    spark
        The session whose jobs it starts, classic or Connect; None if it does not use Spark.
    on_progress
        Is called with the progress, about four times a second, in another thread.
    on_end
        Is called once with the job, in the same other thread, after the job has ended.
    reports
        Returns what a training says of how far it is, for the progress; None if it says nothing.
    """
    tag = f"tfspark_magic-{uuid.uuid4().hex}"
    return Job(
        action,
        watch(spark, tag),
        tag=tag,
        patient=spark is not None,
        on_progress=on_progress,
        on_end=on_end,
        reports=reports,
    )


def running() -> tuple[Job, ...]:
    """Return the running jobs."""
    return tuple(_running)


class _Pace:
    """Estimates the rows per second, and the time that is left."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._last_done = 0
        self._last_at = 0.0

    def of(self, counts: Counts, now: float) -> tuple[float | None, float | None]:
        if not counts.tasks:
            return None, None
        if self._began is None:
            self._began = now
        if counts.tasks_done != self._last_done:
            self._last_done, self._last_at = counts.tasks_done, now
        busy = now - self._began
        rate = counts.rows / busy if counts.rows and busy else None
        left = None
        if 0 < counts.tasks_done < counts.tasks and self._last_at > self._began:
            whole = (self._last_at - self._began) * counts.tasks / counts.tasks_done
            left = max(whole, busy * (counts.tasks_done + 1) / counts.tasks_done) - busy
        return rate, left


def _asks_java(thread: int) -> bool:
    """Whether a thread waits for an answer of Java."""
    if "pyspark" not in sys.modules:
        return False
    from tfspark_magic.executor.spark_internals import asks_java

    return asks_java(thread)


def _call(callback: Callable[[Any], None], value: Any) -> None:
    try:
        callback(value)
    except Exception:  # noqa: BLE001  (the job goes on)
        _log.exception("A callback of a job failed")
