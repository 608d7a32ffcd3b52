"""Make maps over Spark DataFrames, as functions that Spark calls beside the data."""

from __future__ import annotations

from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.binding import Feed, Plan
from tfspark_magic.executor.gpu_settings import placed, workers_for
from tfspark_magic.executor.session import arrow_udf, functions
from tfspark_magic.executor.shipping import Shipped, shipped
from tfspark_magic.frames.spark_columns import (
    expensive,
    fed_alone,
    fed_columns,
    named,
    null_of,
    read_name,
)
from tfspark_magic.schema.spark import metadata_from_cell, spark_from_cell
from tfspark_magic.worker.mapping import MapBatches, MapColumns

_COLUMNAR = "spark.sql.execution.arrow.pythonUDF.columnarInput.enabled"
_NULL = "__tfspark_magic_null"


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
    fed, rows = fed_columns(df, plan.feeds), df
    if not plan.feeds[0].counts:
        null = null_of(functions(spark), _number(df, plan.feeds[0]))
        if _takes_columnar(spark):
            rows = df.withColumn(_NULL, null)
            null = functions(spark).col(_NULL)
        fed[0] = expensive(functions(spark), fed[0], null)
    with workers_for(plan, spark):
        call = udf(*fed)
    # One select uses the same call for every field: Spark computes it once, and pushes limits below
    # it.
    outputs = (
        (call if single else call.getField(name)).alias(name, metadata=metadata_from_cell(cell))
        for name, cell in plan.outputs
    )
    computed = rows.select("*", *outputs)
    return computed if rows is df else computed.drop(_NULL)


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


def _takes_columnar(spark: SparkSession) -> bool:
    """Whether Spark, since 4.3, gives a call a file's columnar batches; `tfs.session()` turns it off.

    It writes them to Arrow cell by cell anyway, and does not limit the bytes of a batch. After a
    projection it reads rows. The optimizer keeps a projection whose new column the call uses twice,
    but this column costs some percent of the time.
    """
    return bool(spark.conf.get(_COLUMNAR, "false") == "true")


def _number(df: DataFrame, feed: Feed) -> str | Column:
    """Return a number of each row that is cheap to compute, or the name of a fed column of numbers."""
    names = functions(df.sparkSession)
    name, kind = read_name(df, feed)
    if isinstance(kind, T.NumericType):
        return name
    if isinstance(kind, T.ArrayType):
        return names.size(name)
    if isinstance(kind, T.StringType | T.BinaryType | T.CharType | T.VarcharType):
        return names.length(name)
    return names.hash(name)
