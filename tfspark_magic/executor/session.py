"""Tell classic sessions from Connect sessions, and use each kind in its own way."""

from __future__ import annotations

import re
import weakref
from collections.abc import Callable
from types import ModuleType
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql.types import DataType

from tfspark_magic.errors import NotAvailableError
from tfspark_magic.executor import spark_internals
from tfspark_magic.versions import SPARK, check_version


def is_connect(value: Column | DataFrame | SparkSession) -> bool:
    """Whether a column, DataFrame or session belongs to Spark Connect."""
    return type(value).__module__.startswith("pyspark.sql.connect")


_new_enough: weakref.WeakSet[SparkSession] = weakref.WeakSet()


def check_running(spark: SparkSession) -> None:
    """Raise an error if a session has ended; nothing is asked of its server.

    Raises
    ------
    NotAvailableError
        If it was stopped, or if its Connect server has said that it does not know it any more.
    """
    connect = is_connect(spark)
    if spark.is_stopped if connect else spark_internals.is_stopped(spark.sparkContext):
        raise NotAvailableError(_ended(connect=connect))


def _ended(*, connect: bool) -> str:
    # PySpark keeps a Connect session whose server is gone as the default one until it is stopped.
    remote = "spark.stop() and SparkSession.builder.remote(...).getOrCreate()"
    maker = remote if connect else "tfs.session()"
    return (
        f"The Spark session has ended: make a new one, for example with {maker}, and read its "
        "DataFrames again."
    )


def check_session(spark: SparkSession) -> None:
    """Raise an error if a session cannot be used.

    Raises
    ------
    NotAvailableError
        If it was stopped.
    VersionError
        If its Spark, which may be another one than this process's PySpark, is too old.
    """
    check_running(spark)
    if spark not in _new_enough:
        # On Connect this is a question to the server, and so it is asked once.
        where = "the server of this session" if is_connect(spark) else "the Java of this session"
        remedy = f"make a session of a Spark {SPARK} or later"
        check_version("Spark", SPARK, spark.version, where, remedy)
        _new_enough.add(spark)


def functions(spark: SparkSession) -> ModuleType:
    """Return the module of SQL functions that makes this session's columns."""
    return spark_internals.functions_of(connect=is_connect(spark))


def is_case_sensitive(spark: SparkSession) -> bool:
    """Whether `x` and `X` are the names of two different columns in this session."""
    return str(spark.conf.get("spark.sql.caseSensitive")).lower() == "true"


def cores(spark: SparkSession) -> int:
    """Return how many tasks the session runs at a time: Spark's default for its own ranges."""
    if not is_connect(spark):
        return int(spark.sparkContext.defaultParallelism)
    # A plan gives the number without running a job; the public method only prints it.
    plan = spark_internals.plan_text(spark.range(1))
    found = re.search(r"splits=(?:Some\()?(\d+)", plan)
    return int(found[1]) if found else 1


def arrow_udf(
    spark: SparkSession, function: Callable[..., Any], returns: DataType, name: str
) -> Callable[..., Column]:
    """Make a scalar iterator Arrow UDF of this kind of session."""
    return spark_internals.arrow_udf(function, returns, name, connect=is_connect(spark))


def active_session(*, connect: bool) -> SparkSession:
    """Return the session of this kind that this thread works with.

    Raises
    ------
    NotAvailableError
        If there is none.
    """
    found = spark_internals.default_session(connect=connect)
    if found is None:
        # Each kind leaves traces: Connect a mode or columns of its own, classic Spark its Java.
        message = "There is no Spark session yet: make one first, for example with tfs.session()."
        was = connect or spark_internals.has_java()
        raise NotAvailableError(_ended(connect=connect) if was else message)
    return found


def is_local(master: str) -> bool:
    """Whether a master is Spark's local mode, where tasks are threads of Spark's driver."""
    return master.startswith("local") and not master.startswith("local-cluster")
