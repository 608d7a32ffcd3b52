"""Count the tasks that Spark runs at a time, once the executors are there that are still to come."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from tfspark_magic.executor import spark_internals
from tfspark_magic.executor.gpu_settings import gpus_of
from tfspark_magic.executor.session import cores, is_connect

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_FIRST = 60.0
"""Seconds in which the first executor has to come."""
_COMING = 15.0
"""Seconds in which no executor has come until no other one is waited for."""
_EVERY = 0.1


def slots(spark: SparkSession, wanted: int | None = None) -> int:
    """Return how many tasks a session can run at a time, of those that need all at once.

    The executors of a cluster come one by one after a session has started, and after one is lost.

    Parameters
    ----------
    spark
        The session.
    wanted
        The number for which is waited, where executors are still to come; if not given, the number
        that the session was started with.
    """
    there = _now(spark)
    if gpus_of(spark).local:
        return there
    most = _asked_for(spark)
    enough = most if wanted is None else min(wanted, most)
    if enough == math.inf:
        enough = 1
    came = time.monotonic()
    while there < enough and time.monotonic() - came < (_COMING if there else _FIRST):
        time.sleep(_EVERY)
        before, there = there, _now(spark)
        if there != before:
            came = time.monotonic()
    return there


def _now(spark: SparkSession) -> int:
    if not is_connect(spark):
        return spark_internals.slots(spark.sparkContext)
    return max(1, cores(spark) // _setting(spark, "spark.task.cpus", 1))


def _asked_for(spark: SparkSession) -> float:
    """Return how many tasks run at a time with all executors; infinity if no setting says it."""
    each = _setting(spark, "spark.task.cpus", 1)
    most = _setting(spark, "spark.cores.max", 0) // each
    if not most:
        executors = _setting(spark, "spark.executor.instances", 0)
        most = executors * (_setting(spark, "spark.executor.cores", 1) // each)
    return most or math.inf


def _setting(spark: SparkSession, name: str, default: int) -> int:
    return int(spark.conf.get(name, str(default)) or default)
