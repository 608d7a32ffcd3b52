"""Follow the Spark jobs of an action while they run, and cancel them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


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


class Watch:
    """Follows the Spark jobs that one thread starts; this one follows an action without Spark."""

    def check(self) -> None:
        """Raise an error if the session was stopped."""

    def enter(self) -> None:
        """Mark all Spark jobs that the calling thread starts from now on."""

    def leave(self) -> None:
        """Remove the marks, in the same thread."""

    def read(self) -> Counts:
        """Return the counts so far."""
        return Counts()

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
        return Watch()
    # An action without Spark needs no PySpark.
    from tfspark_magic.executor.spark_watch import spark_watch

    return spark_watch(spark, tag)
