"""Describe the columns of a DataFrame, and ask Spark for the columns that feed a plan."""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType

from pyspark.sql import Column, DataFrame
from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.binding import Feed, FrameColumns, distinct
from tfspark_magic.executor.session import check_session, functions, is_case_sensitive, is_connect
from tfspark_magic.executor.spark_internals import vector_to_array
from tfspark_magic.schema.quoting import quoted
from tfspark_magic.schema.spark import (
    cell_from_spark,
    fields_cell_from_spark,
    metadata_from_cell,
    spark_from_cell,
)
from tfspark_magic.schema.spec import CellSpec, cell_or_error, vector_of


def columns_of(df: DataFrame) -> FrameColumns:
    """Describe the columns of a DataFrame as `CellSpec`s."""
    check_session(df.sparkSession)
    fields = df.schema.fields
    columns = FrameColumns(
        ((field.name, cell_or_error(cell_from_spark, field)) for field in fields),
        case_sensitive=is_case_sensitive(df.sparkSession),
    )
    names = {field.name for field in fields}
    for field in fields:
        vector = f"{field.name}.*"
        if isinstance(field.dataType, T.StructType) and vector not in names:
            columns.append((vector, cell_or_error(fields_cell_from_spark, field)))
    return columns


def fed_columns(df: DataFrame, feeds: Iterable[Feed]) -> list[Column]:
    """Return the Spark columns that feed a plan, in the order of `distinct(feeds)`."""
    return [_fed_column(df, feed) for feed in distinct(feeds)]


def _fed_column(df: DataFrame, feed: Feed) -> Column:
    if feed.counts:
        # For a constant, Spark would send one value, without the number of rows.
        return functions(df.sparkSession).spark_partition_id() >= 0
    if feed.parts:
        return _side_by_side(df, [((name,), df.schema[name]) for name in feed.parts])
    return column(df, feed.column)


def fed_alone(df: DataFrame, feeds: Iterable[Feed]) -> DataFrame:
    """Return a DataFrame of only the columns that feed a plan, for a `mapInArrow`.

    `mapInArrow` asks for its columns by unquoted names. So the columns get names of our own: the
    user's names may hold dots and backticks.
    """
    return df.select(*(fed.alias(f"fed_{i}") for i, fed in enumerate(fed_columns(df, feeds))))


def column(df: DataFrame, name: str) -> Column:
    """Return a column for the session of this DataFrame, classic or Connect, as it leaves the JVM.

    MLlib's vectors become arrays, and `"s.*"` the array of the fields of struct `s`.
    """
    if name not in df.schema.names and name.endswith(".*"):
        struct = name.removesuffix(".*")
        fields = df.schema[struct].dataType.fields
        return _side_by_side(df, [((struct, field.name), field) for field in fields])
    found = functions(df.sparkSession).col(quoted(name))
    if cell_from_spark(df.schema[name]).kind == "vector":
        # `vector_to_array` fails on a null vector.
        names = functions(df.sparkSession)
        return names.when(found.isNotNull(), vector_to_array(found, connect=is_connect(df)))
    return found


def named(df: DataFrame, cells: Iterable[tuple[str, CellSpec | None]]) -> DataFrame:
    """Return the columns of these names, with the shapes of their cells in the metadata."""
    col = functions(df.sparkSession).col
    return df.select(
        *(
            col(quoted(name)).alias(name, metadata=metadata_from_cell(cell) if cell else {})
            for name, cell in cells
        )
    )


def read_name(df: DataFrame, feed: Feed) -> tuple[str, T.DataType]:
    """Return the quoted name of a column that this feed reads, with its type; the first, if it reads several."""
    name = feed.parts[0] if feed.parts else feed.column
    if name not in df.schema.names:
        struct = name.removesuffix(".*")
        field = df.schema[struct].dataType.fields[0]
        return f"{quoted(struct)}.{quoted(field.name)}", field.dataType
    return quoted(name), df.schema[name].dataType


def null_of(names: ModuleType, number: str | Column) -> Column:
    """Return a text that is null in every row, which Spark's optimizer does not know: a division by zero.

    Parameters
    ----------
    names
        The functions of the session's kind.
    number
        A number of each row, or the name of a column of numbers.
    """
    return names.try_divide(number, names.lit(0)).cast("string")


def expensive(names: ModuleType, column: Column, null: Column) -> Column:
    """Return a column of the same values, so that Spark's optimizer counts a call with it as expensive.

    If a query filters on the result of a call, the optimizer copies a cheap call into the filter,
    and so runs it twice. It counts a regular expression as expensive, and also a call with such an
    argument. Limits, and filters on other columns, are still pushed below the call.

    Parameters
    ----------
    names
        The functions of the session's kind.
    column
        The first argument of the call.
    null
        A text that is null in every row, and so matches nothing; see `null_of`.
    """
    return names.when(names.rlike(null, null), names.lit(None)).otherwise(column)


def _side_by_side(df: DataFrame, parts: list[tuple[tuple[str, ...], T.StructField]]) -> Column:
    names = functions(df.sparkSession)
    cells = [(field.name, cell_from_spark(field)) for _, field in parts]
    whole = vector_of(cells, "A vector")
    kind = spark_from_cell(CellSpec(whole.dtype))
    columns = [names.col(".".join(map(quoted, path))) for path, _ in parts]
    # Spark does not cast dates and times to numbers: all parts have the same type.
    return names.array(*columns if whole.kind else (c.cast(kind) for c in columns))
