"""Use private parts of PySpark, here and nowhere else; seen with PySpark 4.1, 4.2 and 4.3.

`tests/executor/test_spark_internals.py` has a test for each function. The test says what breaks if
a version of PySpark no longer has this part. The package `pyspark-client` has no Java and no classic
sessions, so it lacks the parts for them. They are used only if there is a classic session.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import socket
import subprocess
import sys
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyspark
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import types as T  # noqa: N812
from pyspark.sql.pandas.types import from_arrow_type, to_arrow_type
from pyspark.util import PythonEvalType

from tfspark_magic.versions import SPARK, check_version

if TYPE_CHECKING:
    from pyspark import SparkContext

_CONTEXTS: Any = getattr(pyspark, "SparkContext", None)
"""Spark's class of contexts, which holds the Java of this process; None in `pyspark-client`."""


check_version(
    "PySpark",
    SPARK,
    pyspark.__version__,
    sys.executable,
    f"pip install --upgrade '{'pyspark' if _CONTEXTS else 'pyspark-client'}>={SPARK}'",
)


def starts_java() -> bool:
    """Whether this PySpark can start Spark; `pyspark-client` can only connect to a server."""
    return _CONTEXTS is not None


def is_stopped(context: SparkContext) -> bool:
    """Whether a context has been stopped."""
    return context._jsc is None


def active_context() -> SparkContext | None:
    """Return the context of this process; do not make one."""
    context: SparkContext | None = getattr(_CONTEXTS, "_active_spark_context", None)
    return context


def scala_context(context: SparkContext) -> Any:
    """Return Spark's own context in Java, which has its status store and its jobs' properties."""
    return context._jsc.sc()


def slots(context: SparkContext) -> int:
    """Return how many tasks a context can run at a time, of the kind that all its tasks are."""
    scala = scala_context(context)
    return int(scala.maxNumConcurrentTasks(scala.resourceProfileManager().defaultResourceProfile()))


def java_classes() -> Any:
    """Return the classes of this process's Java, by their names; None if there is no Java."""
    return getattr(_CONTEXTS, "_jvm", None)


def has_java() -> bool:
    """Whether this process has started a Java for Spark, which may have ended since."""
    return getattr(_CONTEXTS, "_gateway", None) is not None


def java_process() -> subprocess.Popen[bytes] | None:
    """Return the process of the Java that this process has started."""
    return getattr(getattr(_CONTEXTS, "_gateway", None), "proc", None)


def forget_java() -> None:
    """Let the next session start a new Java, after the earlier one has ended by itself."""
    _CONTEXTS._gateway = _CONTEXTS._jvm = _CONTEXTS._active_spark_context = None
    SparkSession._instantiatedSession = SparkSession._activeSession = None


def hang_up(context: SparkContext) -> None:
    """Let this thread's next call of Java take a new connection, if it is waiting for an answer now.

    The answer that is still to come does not belong to the next call. Without this function, Py4J
    lets Java close the connections of all threads, maybe even that of the next call.
    """
    with contextlib.suppress(AttributeError):
        # There is no gateway if Java has crashed, and no connection of this thread if Python's
        # threads share them (PYSPARK_PIN_THREAD=false).
        client = context._gateway._gateway_client
        connection = client.get_thread_connection()
        # This list holds all connections that are not waiting for an answer.
        if connection is None or connection.socket is None or connection in client.deque:
            return
        used, connection.socket = connection.socket, None
        with contextlib.suppress(OSError):
            used.shutdown(socket.SHUT_RDWR)


def default_session(*, connect: bool) -> SparkSession | None:
    """Return the session of this kind that is active in this thread, or that another thread made."""
    if not connect:
        return SparkSession.getActiveSession() or SparkSession._instantiatedSession
    from pyspark.sql.connect.session import SparkSession as ConnectSession

    return ConnectSession.getActiveSession() or ConnectSession._get_default_session()


def worker_includes(context: SparkContext) -> list[str]:
    """Return the names of the files on the path of a context's workers."""
    return list(context._python_includes)


def plan_text(df: DataFrame) -> str:
    """Return the plan of a DataFrame, which its `explain` only prints."""
    if hasattr(df, "_jdf"):
        return str(df._jdf.queryExecution().simpleString())
    return str(df._explain_string())


def grouped_frame(grouped: Any) -> DataFrame:
    """Return the DataFrame of `df.groupBy(...)`."""
    return grouped._df


def grouping_columns(grouped: Any, *, connect: bool) -> list[Column]:
    """Return the arguments of `df.groupBy(...)`."""
    if connect:
        return list(grouped._grouping_cols)
    from pyspark.sql.classic.column import Column as ClassicColumn

    found = grouped._jgd.groupingExprs()
    to_column = java_classes().org.apache.spark.sql.classic.ExpressionUtils.column
    return [ClassicColumn(to_column(found.apply(i))) for i in range(found.size())]


def functions_of(*, connect: bool) -> ModuleType:
    """Return the module of SQL functions that makes the columns of a kind of session.

    The public module asks the process for the kind, which is wrong if a process has sessions of
    both kinds.
    """
    # Connect's packages are an extra, so they are imported only if there is a Connect session.
    return importlib.import_module(
        "pyspark.sql.connect.functions.builtin" if connect else "pyspark.sql.functions"
    )


def arrow_udf(
    function: Callable[..., Any], returns: T.DataType, name: str, *, connect: bool
) -> Callable[..., Column]:
    """Make a scalar iterator Arrow UDF of a kind of session; the public way asks the process."""
    if connect:
        from pyspark.sql.connect.udf import UserDefinedFunction as Udf
    else:
        from pyspark.sql.udf import UserDefinedFunction as Udf
    kind = PythonEvalType.SQL_SCALAR_ARROW_ITER_UDF
    udf: Callable[..., Column] = Udf(function, returnType=returns, name=name, evalType=kind)
    return udf


def vector_to_array(vectors: Column, *, connect: bool) -> Column:
    """Do the same as `pyspark.ml.functions.vector_to_array`, which asks the process for the kind."""
    if connect:
        from pyspark.sql.connect.functions.builtin import _invoke_function, lit

        return _invoke_function("vector_to_array", vectors, lit("float64"))
    from pyspark.ml.functions import vector_to_array as classic

    return classic.__wrapped__(vectors)


# PySpark 4.1 uses times in UTC by default, and later versions do so with this option.
_IN_UTC: dict[str, Any] = (
    {"timezone": "UTC"} if "timezone" in inspect.signature(to_arrow_type).parameters else {}
)


def spark_from_arrow(arrow: pa.DataType) -> tuple[T.DataType, pa.DataType]:
    """Return the Spark type for values of an Arrow type, and the Arrow type of the values that Spark takes.

    Raises
    ------
    PySparkTypeError
        If Spark has no such type.
    """
    spark = from_arrow_type(arrow, prefer_timestamp_ntz=True)
    return spark, to_arrow_type(spark, **_IN_UTC)


def asks_java(thread: int) -> bool:
    """Whether a thread is inside a call of Java.

    If an error is raised inside the call, the thread loses its connection. It also loses its Java
    thread, whose tag is needed to cancel its jobs.
    """
    frame = sys._current_frames().get(thread)
    while frame is not None:
        if str(frame.f_globals.get("__name__")).startswith("py4j."):
            return True
        frame = frame.f_back
    return False


def optimized_plan(df: DataFrame) -> Any:
    """Return the plan of a classic DataFrame as Java has it, with its constants computed."""
    return df._jdf.queryExecution().optimizedPlan()


def requested_plan(df: DataFrame) -> Any:
    """Return the plan of a Connect DataFrame as it is sent to the server, a message of Protocol Buffers."""
    return df._plan.to_proto(df._session._client).root


def first_step(df: DataFrame) -> DataFrame:
    """Return the Connect DataFrame that is read, before all that is done to it."""
    plan: Any = df._plan
    while plan._child is not None:
        plan = plan._child
    return type(df)(plan, df.sparkSession)


def arrow_from_spark(spark: T.DataType) -> pa.DataType:
    """Return the Arrow type of the values of a Spark type.

    Raises
    ------
    PySparkTypeError
        If Arrow has no such type.
    """
    return to_arrow_type(spark, **_IN_UTC)
