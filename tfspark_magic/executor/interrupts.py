"""Let an interrupt of the main thread cancel what classic Spark computes for it.

Spark's own handler of interrupts asks Java to cancel over the connection on which the main thread
waits for its answer, which fails: the job goes on, and the next call on that connection is given
the answer to this one.
"""

from __future__ import annotations

import contextlib
import logging
import signal
import threading
from collections.abc import Callable
from typing import TypeVar

from pyspark import SparkContext
from pyspark.sql import SparkSession

from tfspark_magic.errors import WorkerFailedError
from tfspark_magic.executor.jobs import running, start
from tfspark_magic.executor.session import is_connect
from tfspark_magic.executor.spark_internals import hang_up, scala_context

Result = TypeVar("Result")

_PATIENCE = 5.0
"""Seconds that Java has to cancel."""


def interruptible(action: Callable[[], Result], spark: SparkSession) -> Result:
    """Run an action so that an interrupt, in a script or in a cell, cancels its Spark jobs.

    >>> interruptible(df.toArrow, df.sparkSession)                  # doctest: +SKIP
    pyarrow.Table ...

    Raises
    ------
    WorkerFailedError
        If someone else cancelled them.
    """
    if is_connect(spark) or threading.current_thread() is not threading.main_thread():
        # Connect hears of an interrupt by itself; no other thread is interrupted.
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
    """Put a handler that works in the place of Spark's or Python's, for actions that others start.

    It cancels the jobs of the context, but for those of `jobs.running()`, which go on in the
    background. A handler of the user stays, and so does all in another thread than the main one.
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
        # In a thread that has a connection of its own.
        thread = threading.Thread(target=_cancel, args=(context,), daemon=True)
        thread.start()
        thread.join(_PATIENCE)
        hang_up(context)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, handle)
    logging.getLogger().addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    """Leave out the stack that Py4J logs of an interrupt, which Python shows once more."""
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
