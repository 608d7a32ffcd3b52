"""The columns of a DataFrame: what their cells hold, and how Spark is asked for them."""

from __future__ import annotations

from typing import Any

from pyspark.sql import Column, DataFrame

from tfspark_magic.binding import Columns
from tfspark_magic.errors import NotADataFrameError, UnsupportedTypeError
from tfspark_magic.executor.session import functions, is_dataframe
from tfspark_magic.schema.spark import cell_from_spark


def columns_of(df: Any, verb: str) -> Columns:
    """Describe the columns of a DataFrame in the neutral language.

    Raises
    ------
    NotADataFrameError
        If it is something else.
    """
    if not is_dataframe(df):
        raise NotADataFrameError(verb, f"{type(df).__module__}.{type(df).__qualname__}")
    columns: list[tuple[str, Any]] = []
    for field in df.schema.fields:
        try:
            columns.append((field.name, cell_from_spark(field)))
        except UnsupportedTypeError as error:
            columns.append((field.name, error))
    return columns


def column(df: DataFrame, name: str) -> Column:
    """Return a column of this DataFrame's kind of session."""
    return functions(df.sparkSession).col(quoted(name))


def quoted(name: str) -> str:
    """Write a name so that Spark reads it as one, dots and all."""
    return "`" + name.replace("`", "``") + "`"
