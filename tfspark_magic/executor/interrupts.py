"""Let an interrupt of the main thread cancel what classic Spark computes for it.

Spark's own handler of interrupts asks Java to cancel over the connection on which the main thread
waits for its answer, which fails: the job goes on, and the next call on that connection is given
the answer to this one.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from pyspark.sql import SparkSession

from tfspark_magic.errors import WorkerFailedError
from tfspark_magic.executor.jobs import start
from tfspark_magic.executor.session import is_connect

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


def cancel_on_interrupt(spark: SparkSession) -> None:
    """Put a handler that works in the place of Spark's own, for actions that others start."""
    # Those of a notebook and of the user stay.
    if getattr(signal.getsignal(signal.SIGINT), "__module__", "") != "pyspark.core.context":
        return
    context = spark.sparkContext

    def cancel() -> None:
        with contextlib.suppress(Exception):  # a Spark that is gone has nothing to cancel
            context.cancelAllJobs()

    def handle(*_: object) -> None:
        # In a thread that has a connection of its own.
        thread = threading.Thread(target=cancel, daemon=True)
        thread.start()
        thread.join(_PATIENCE)
        _hang_up(context._gateway._gateway_client)  # noqa: SLF001
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, handle)


def _hang_up(client: Any) -> None:
    """Have this thread's next call of Java take a new connection, if it waits for an answer now.

    The answer that is still to come is not for that call. Py4J, left to itself, has Java close the
    connections of all threads, that of the next call among them if it comes soon enough.
    """
    connection = client.get_thread_connection()
    # The client keeps all connections here but those on which an answer is awaited.
    if connection is None or connection.socket is None or connection in client.deque:
        return
    used, connection.socket = connection.socket, None
    with contextlib.suppress(OSError):
        used.shutdown(socket.SHUT_RDWR)
