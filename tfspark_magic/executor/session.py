"""Classic or Connect, asked here and nowhere else."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import DataType
from pyspark.util import PythonEvalType


def is_connect(value: DataFrame | SparkSession) -> bool:
    """Whether a DataFrame or session is Spark Connect's."""
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


def is_local(master: str) -> bool:
    """Whether a master is Spark's local mode, where tasks are threads of Spark's driver."""
    return master.startswith("local") and not master.startswith("local-cluster")
