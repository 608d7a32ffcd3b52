"""Make maps over Spark DataFrames, as functions that Spark calls beside the data."""

from __future__ import annotations

from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.binding import Feed, Plan
from tfspark_magic.executor.gpu_settings import placed, workers_for
from tfspark_magic.executor.session import arrow_udf, functions
from tfspark_magic.executor.shipping import Shipped, shipped
from tfspark_magic.frames.spark_columns import fed_alone, fed_columns, named, read_name
from tfspark_magic.schema.spark import metadata_from_cell, spark_from_cell
from tfspark_magic.worker.mapping import MapBatches, MapColumns

_MARKER = "__tfspark_magic_marker"


def append_outputs(df: DataFrame, plan: Plan) -> DataFrame:
    """Return the DataFrame with a new column for each output, computed by an Arrow UDF."""
    spark = df.sparkSession
    report = None
    if plan.errors != "raise":
        from tfspark_magic.executor.task_reports import report_of

        report = report_of(plan, spark)
    plan = shipped(placed(plan, spark), df)
    types = {name: spark_from_cell(cell) for name, cell in plan.outputs}
    # A single output is not put into a struct: the struct would be copied once more for each row.
    single = len(types) == 1
    fields = [T.StructField(name, kind) for name, kind in types.items()]
    returns = fields[0].dataType if single else T.StructType(fields)
    udf = arrow_udf(spark, Shipped(MapColumns(plan, report)), returns, plan.name)
    fed = fed_columns(df, plan.feeds)
    if plan.feeds[0].counts:
        # With a single argument, Spark would pass this argument itself, not a list of arguments.
        rows, marker = df, fed[0]
    else:
        rows, marker = _with_marker(df, plan.feeds[0])
    with workers_for(plan, spark):
        call = udf(*fed, marker)
    # One select uses the same call for every field: Spark computes it once, and pushes limits below
    # it.
    outputs = (
        (call if single else call.getField(name)).alias(name, metadata=metadata_from_cell(cell))
        for name, cell in plan.outputs
    )
    computed = rows.select("*", *outputs)
    return computed if rows is df else computed.drop(_MARKER)


def only_outputs(df: DataFrame, plan: Plan, profile: Any) -> DataFrame:
    """Return a DataFrame of only the outputs, with the rows that the outputs have."""
    spark = df.sparkSession
    plan = shipped(placed(plan, spark, profile), df)
    struct = T.StructType([T.StructField(n, spark_from_cell(cell)) for n, cell in plan.outputs])
    with workers_for(plan, spark):
        mapped = fed_alone(df, plan.feeds).mapInArrow(
            Shipped(MapBatches(plan)), struct, profile=profile
        )
    return named(mapped, plan.outputs)


def _with_marker(df: DataFrame, feed: Feed) -> tuple[DataFrame, Column]:
    """Return the DataFrame with one more column, and an argument for the UDF that is made of it.

    If a query filters on the result of a call, Spark's optimizer copies a cheap call into the
    filter, and so runs it twice. Spark counts a regular expression as expensive, and also a call
    with such an argument. Limits, and filters on other columns, are still pushed below the call.
    The argument is null in every row, so that writing it is fast, and nobody reads it: a number
    divided by zero. The optimizer does not know that it is constant.

    The argument uses the new column twice, so that the optimizer computes this column in a separate
    projection. This projection reads rows. Without it, Spark 4.3 would take a file's columnar
    batches, write them to Arrow cell by cell anyway, and not limit the bytes of a batch.
    """
    # Names are cheaper than columns: PySpark asks the JVM a dozen times for each column.
    names = functions(df.sparkSession)
    name, kind = read_name(df, feed)
    if isinstance(kind, T.NumericType):
        number: str | Column = name
    elif isinstance(kind, T.ArrayType):
        number = names.size(name)
    elif isinstance(kind, T.StringType | T.BinaryType | T.CharType | T.VarcharType):
        number = names.length(name)
    else:
        number = names.hash(name)
    rows = df.withColumn(_MARKER, names.try_divide(number, names.lit(0)))
    return rows, names.rlike(_MARKER, _MARKER)
