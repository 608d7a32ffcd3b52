"""Find the kind of front end of a shell, and wait for Spark in a cell that can be interrupted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfspark_magic.errors import NotAvailableError
from tfspark_magic.frames.frame import frame_of

STORED = "tfspark_magic"
"""The name in a cell's metadata below which the page stores what the user did."""


def is_jupyter(shell: Any) -> bool:
    """Whether a shell belongs to a kernel, whose notebook can show widgets, and not to a terminal."""
    return getattr(shell, "kernel", None) is not None


def cell_id(shell: Any) -> str:
    """Return the id of the running cell; empty if the front end does not give one."""
    return str(_metadata(shell).get("cellId", ""))


def stored_in_cell(shell: Any) -> Any:
    """Return what the notebook stores in the running cell's metadata; None if there is nothing.

    JupyterLab sends a cell's metadata with its code.
    """
    return _metadata(shell).get(STORED)


def _metadata(shell: Any) -> dict[str, Any]:
    parent = shell.get_parent() if is_jupyter(shell) else {}
    metadata: dict[str, Any] = parent.get("metadata") or {}
    return metadata


def hear_at_once(widget: Any) -> None:
    """Let a widget hear the page while a cell runs, if the front end and the kernel have subshells.

    Since 7.4 ipykernel answers a widget where the widget was last changed, and so in the running cell.
    """
    if hasattr(widget.comm, "_reply_subshell_for"):
        widget.comm._reply_subshell_for = lambda _, subshell: subshell  # noqa: SLF001


def finish(action: Callable[[], Any], df: Any) -> Any:
    """Run an action on a DataFrame to its end; an interrupt of the cell cancels its Spark jobs.

    >>> finish(df.count, df)                                        # doctest: +SKIP
    1000

    Raises
    ------
    NotAvailableError
        If another thread cancelled it.
    Exception
        Any error of the action.
    """
    from tfspark_magic.executor.jobs import start

    job = start(action, spark=frame_of(df, "preview").session)
    state = job.wait()
    if job.error is not None:
        raise job.error
    if state == "cancelled":
        raise NotAvailableError("Spark's job was cancelled: run the cell again.")
    return job.result
