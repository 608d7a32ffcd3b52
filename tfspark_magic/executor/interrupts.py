"""Let an interrupt of the main thread cancel what classic Spark computes for it.

Spark's own handler of interrupts sends the request to cancel over the connection on which the main
thread waits for an answer. This fails: the job goes on, and the next call on this connection gets
the answer to the earlier one.
"""

from __future__ import annotations

import contextlib
import logging
import signal
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from pyspark.sql import SparkSession

from tfspark_magic.errors import WorkerFailedError
from tfspark_magic.executor.jobs import running, start
from tfspark_magic.executor.session import is_connect
from tfspark_magic.executor.spark_internals import hang_up, scala_context

if TYPE_CHECKING:
    from pyspark import SparkContext

Result = TypeVar("Result")

_PATIENCE = 5.0
"""The time in seconds that Java has to cancel."""


def interruptible(action: Callable[[], Result], spark: SparkSession) -> Result:
    """Run an action so that an interrupt, in a script or in a cell, cancels its Spark jobs.

    >>> interruptible(df.toArrow, df.sparkSession)                  # doctest: +SKIP
    pyarrow.Table ...

    Raises
    ------
    WorkerFailedError
        If another thread cancelled the jobs.
    """
    if is_connect(spark) or threading.current_thread() is not threading.main_thread():
        # Connect handles an interrupt itself, and only the main thread is interrupted.
        return action()
    job = start(action, spark=spark)
    state = job.wait()
    if state == "cancelled":
        raise WorkerFailedError("The Spark jobs of this action were cancelled.")
    if job.error is not None:
        raise job.error
    result: Result = job.result
    return result


def cancel_on_interrupt(context: SparkContext) -> None:
    """Replace the handler of Spark or Python with a working one, for actions that other code starts.

    It cancels the jobs of the context. The jobs of `jobs.running()` go on in the background. A
    user's own handler is kept. In another thread than the main one, nothing is changed.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    current = signal.getsignal(signal.SIGINT)
    if (
        current is not signal.default_int_handler
        and getattr(current, "__module__", "") != "pyspark.core.context"
    ):
        return

    def handle(*_: object) -> None:
        # A new thread has a connection of its own.
        thread = threading.Thread(target=_cancel, args=(context,), daemon=True)
        thread.start()
        thread.join(_PATIENCE)
        hang_up(context)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, handle)
    logging.getLogger().addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    """Leave out the stack that Py4J logs for an interrupt, because Python shows it again."""
    return record.msg != "KeyboardInterrupt while sending command."


def _cancel(context: SparkContext) -> None:
    with contextlib.suppress(Exception):  # a Spark that is gone has nothing to cancel
        kept = [job.tag for job in running()]
        if not kept:
            context.cancelAllJobs()
            return
        scala = scala_context(context)
        tracker = scala.statusTracker()
        background = {job for tag in kept for job in tracker.getJobIdsForTag(tag)}
        for job in set(tracker.getActiveJobIds()) - background:
            scala.cancelJob(job)
