"""Classic or Connect, asked here and nowhere else; and a local session for those who have none."""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql.types import DataType
from pyspark.util import PythonEvalType

from tfspark_magic.errors import NotAvailableError
from tfspark_magic.executor.java import ensure_java
from tfspark_magic.redirect import stderr_to


def is_connect(value: Column | DataFrame | SparkSession) -> bool:
    """Whether a column, DataFrame or session is Spark Connect's."""
    return type(value).__module__.startswith("pyspark.sql.connect")


def is_dataframe(value: object) -> bool:
    """Whether `value` is a Spark DataFrame, classic or Connect."""
    return isinstance(value, DataFrame)


def functions(spark: SparkSession) -> ModuleType:
    """Return the module of SQL functions that makes this session's columns."""
    if is_connect(spark):
        # Connect's packages are an extra: import them where a session of its kind is at hand.
        return importlib.import_module("pyspark.sql.connect.functions.builtin")
    return importlib.import_module("pyspark.sql.functions")


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
        message = "There is no Spark session yet: make one first, for example with tfs.session()."
        raise NotAvailableError(message)
    return found


def session(master: str = "local[*]", **conf: Any) -> SparkSession:
    """Start, or return, a Spark session on this machine.

    >>> spark = tfs.session()                                       # doctest: +SKIP

    Uses the Java that is there; without one, that of the extra `java`. TensorFlow is loaded in the
    meantime. What Spark and its workers log goes to a file, `tfspark_magic_<process>.log` in the
    folder for temporary files.

    Parameters
    ----------
    master
        Any Spark master; the default takes all cores of this machine.
    **conf
        Spark settings, with underscores for dots: `spark_driver_memory="4g"`.

    Raises
    ------
    MissingDependencyError
        If there is no Java 17 or later.
    """
    ensure_java()
    # Workers on this machine are to be this Python, with what is installed beside it.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    settings = {
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": "2g",
        "spark.sql.shuffle.partitions": "8",
    }
    settings.update({name.replace("_", "."): str(value) for name, value in conf.items()})
    builder = SparkSession.builder.master(master).appName("tfspark_magic")
    for name, value in settings.items():
        builder = builder.config(name, value)
    log = Path(tempfile.gettempdir(), f"tfspark_magic_{os.getpid()}.log")
    # The Java that is started keeps this stderr, and so do its Python workers.
    with stderr_to(log):
        # Java and TensorFlow take seconds each, and do not wait for one another.
        loading = threading.Thread(target=_load_tensorflow)
        loading.start()
        spark: SparkSession = builder.getOrCreate()
        spark.sparkContext.setLogLevel("ERROR")
        loading.join()
    # Imported here: jobs ask this module what kind of session theirs is.
    from tfspark_magic.executor.interrupts import cancel_on_interrupt

    cancel_on_interrupt(spark)
    return spark


def _load_tensorflow() -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # A driver without TensorFlow hears of it when it makes a graph.
    with contextlib.suppress(ImportError):
        importlib.import_module("tensorflow")
