"""Say on how many rows a graph failed in the tasks of classic Spark, whose results are null there."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any

from tfspark_magic.binding import Plan
from tfspark_magic.errors import NotAvailableError
from tfspark_magic.executor.session import is_connect
from tfspark_magic.worker.failed_rows import Gathered, Report, Told, warn

if TYPE_CHECKING:
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

_QUIET = 0.5
"""Seconds without another task that tells something, after which all that was told is said."""

_reports: weakref.WeakKeyDictionary[SparkContext, Report] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def report_of(plan: Plan, spark: SparkSession) -> Report | None:
    """Return what the tasks of a plan tell at their end; None if no row of it fails without an error.

    An accumulator of Spark carries it to this process. Spark counts a task that ran twice only once,
    if its result is not for an exchange.

    Raises
    ------
    NotAvailableError
        If it is a session of Connect, which has no accumulators.
    """
    if plan.errors == "raise":
        return None
    if is_connect(spark):
        raise NotAvailableError(
            "errors='null' says how many rows failed, and no task of Spark Connect can tell: use "
            "tfs.run_local, tfs.map_rows of files, or a classic session."
        )
    with _lock:
        context = spark.sparkContext
        if context not in _reports:
            _reports[context] = context.accumulator([], _Heard()).add
        return _reports[context]


class _Heard(Gathered):
    """Says what the tasks have told; one of a session, because Spark keeps accumulators for good."""

    def __init__(self) -> None:
        self._told: list[Told] = []
        self._timer: threading.Timer | None = None
        self._changing = threading.Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        return Gathered, ()

    def addInPlace(self, value: list[Told], more: list[Told]) -> list[Told]:  # noqa: N802  (Spark's name)
        """Take what a task has told."""
        with self._changing:
            self._told += more
            if self._timer is not None:
                self._timer.cancel()
            # Python waits for it at its end.
            self._timer = threading.Timer(_QUIET, self._say)
            self._timer.start()
        return value

    def _say(self) -> None:
        with self._changing:
            told, self._told = self._told, []
        warn(told)
