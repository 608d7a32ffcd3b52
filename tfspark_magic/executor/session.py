"""Classic or Connect, asked here and nowhere else."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

from pyspark import SparkContext
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql.types import DataType
from pyspark.util import PythonEvalType

from tfspark_magic.errors import NotAvailableError

_STOPPED = (
    "The Spark session was stopped: make a new one, for example with tfs.session(), and read its "
    "DataFrames again."
)


def is_connect(value: Column | DataFrame | SparkSession) -> bool:
    """Whether a column, DataFrame or session is Spark Connect's."""
    return type(value).__module__.startswith("pyspark.sql.connect")


def check_running(spark: SparkSession) -> None:
    """Raise NotAvailableError if a session was stopped."""
    stopped = spark.is_stopped if is_connect(spark) else spark.sparkContext._jsc is None  # noqa: SLF001
    if stopped:
        raise NotAvailableError(_STOPPED)


def is_dataframe(value: object) -> bool:
    """Whether `value` is a Spark DataFrame, classic or Connect."""
    return isinstance(value, DataFrame)


def functions(spark: SparkSession) -> ModuleType:
    """Return the module of SQL functions that makes this session's columns."""
    if is_connect(spark):
        # Connect's packages are an extra: import them where a session of its kind is at hand.
        return importlib.import_module("pyspark.sql.connect.functions.builtin")
    return importlib.import_module("pyspark.sql.functions")


def is_case_sensitive(spark: SparkSession) -> bool:
    """Whether `x` and `X` are names of two columns in this session."""
    return str(spark.conf.get("spark.sql.caseSensitive")).lower() == "true"


def cores(spark: SparkSession) -> int:
    """Return how many tasks the session runs at a time, as Spark takes it for its own ranges."""
    if not is_connect(spark):
        return int(spark.sparkContext.defaultParallelism)
    # A plan says it, which takes no job; the public method only prints it.
    plan = spark.range(1)._explain_string()  # noqa: SLF001
    found = re.search(r"splits=(?:Some\()?(\d+)", plan)
    return int(found[1]) if found else 1


def arrow_udf(
    spark: SparkSession, function: Callable[..., Any], returns: DataType, name: str
) -> Callable[..., Any]:
    """Make a scalar iterator Arrow UDF of this kind of session.

    `pyspark.sql.functions.arrow_udf` asks the process, not the session, which kind it is, and
    is wrong where both live in one.
    """
    if is_connect(spark):
        from pyspark.sql.connect.udf import UserDefinedFunction as Udf
    else:
        from pyspark.sql.udf import UserDefinedFunction as Udf
    kind = PythonEvalType.SQL_SCALAR_ARROW_ITER_UDF
    udf: Callable[..., Any] = Udf(function, returnType=returns, name=name, evalType=kind)
    return udf


def active_session(*, connect: bool) -> SparkSession:
    """Return the session of a kind that this thread works with.

    Raises
    ------
    NotAvailableError
        If there is none.
    """
    # A thread that did not make the session has none that is active.
    found: SparkSession | None
    if connect:
        from pyspark.sql.connect.session import SparkSession as ConnectSession

        found = ConnectSession.getActiveSession() or ConnectSession._get_default_session()  # noqa: SLF001
    else:
        found = SparkSession.getActiveSession() or SparkSession._instantiatedSession  # noqa: SLF001
    if found is None:
        # Both leave something behind: Connect a mode or columns of its own, classic Spark its Java.
        message = "There is no Spark session yet: make one first, for example with tfs.session()."
        was = connect or SparkContext._gateway is not None  # noqa: SLF001
        raise NotAvailableError(_STOPPED if was else message)
    return found


def is_local(master: str) -> bool:
    """Whether a master is Spark's local mode, where tasks are threads of Spark's driver."""
    return master.startswith("local") and not master.startswith("local-cluster")
