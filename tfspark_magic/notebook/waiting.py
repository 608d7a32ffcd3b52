"""Say what a job waits for while it has nothing done yet."""

from __future__ import annotations

import sys
import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tfspark_magic.executor.jobs import Progress

_used: weakref.WeakSet[Any] = weakref.WeakSet()
"""The sessions in which a job of a notebook has computed something."""


def waits_for(progress: Progress, session: Any) -> str:
    """Return what a job waits for; empty once a part of it is done.

    >>> waits_for(Progress(1, 0, 2, 0), session)                    # doctest: +SKIP
    'waiting for a free core of Spark'

    Parameters
    ----------
    progress
        The progress of the job.
    session
        The Spark session in which it runs; None if this process computes it.
    """
    if progress.report is not None or progress.tasks_done:
        waits = ""
    elif _is_importing("tensorflow"):
        waits = "importing TensorFlow, once in a notebook"
    elif session is None:
        waits = "computing in this process"
    elif not progress.tasks:
        waits = "Spark plans the work"
    elif not progress.tasks_active:
        waits = "waiting for a free core of Spark"
    elif session in _used:
        waits = "computing"
    else:
        waits = "Spark starts Python workers, which import TensorFlow, once in a session"
    return waits


def has_computed(session: Any) -> None:
    """Remember that the workers of a session have started."""
    if session is not None:
        _used.add(session)


def _is_importing(module: str) -> bool:
    found = sys.modules.get(module)
    return bool(getattr(getattr(found, "__spec__", None), "_initializing", False))
