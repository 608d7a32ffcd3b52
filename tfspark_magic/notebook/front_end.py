"""What a shell is part of, and how a cell waits for Spark so that it can be interrupted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfspark_magic.errors import NotAvailableError
from tfspark_magic.frames.kinds import SPARK, kind_of


def is_jupyter(shell: Any) -> bool:
    """Whether a shell is a kernel's, whose notebook can show widgets; a terminal's cannot."""
    return getattr(shell, "kernel", None) is not None


def cell_id(shell: Any) -> str:
    """Return what tells the cell that runs from others; empty where a front end does not say it."""
    parent = shell.get_parent() if is_jupyter(shell) else {}
    return str(parent.get("metadata", {}).get("cellId", ""))


def session_of(df: Any) -> Any:
    """Return the Spark session of a DataFrame; None for a frame of another kind."""
    return df.sparkSession if kind_of(df) == SPARK else None


def finish(action: Callable[[], Any], df: Any) -> Any:
    """Run an action on a DataFrame to its end; an interrupt of the cell cancels its Spark jobs.

    >>> finish(df.count, df)                                        # doctest: +SKIP
    1000

    Raises
    ------
    NotAvailableError
        If it was cancelled from elsewhere.
    Exception
        Whatever the action raises.
    """
    from tfspark_magic.executor.jobs import start

    job = start(action, spark=session_of(df))
    state = job.wait()
    if job.error is not None:
        raise job.error
    if state == "cancelled":
        message = "Spark's job was cancelled: run the cell again."
        raise NotAvailableError(message)
    return job.result
