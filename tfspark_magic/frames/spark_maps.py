"""Maps over Spark DataFrames, as functions that Spark calls beside the data."""

from __future__ import annotations

from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.binding import Feed, Plan
from tfspark_magic.executor.gpu_settings import placed, workers_for
from tfspark_magic.executor.session import arrow_udf, functions
from tfspark_magic.executor.shipping import Shipped, shipped
from tfspark_magic.frames.spark_columns import fed_alone, fed_columns, read_column
from tfspark_magic.schema.quoting import quoted
from tfspark_magic.schema.spark import metadata_from_cell, spark_from_cell
from tfspark_magic.worker.mapping import MapBatches, MapColumns

_MARKER = "__tfspark_magic_marker"


def append_outputs(df: DataFrame, plan: Plan) -> DataFrame:
    """Return the DataFrame with a column more for each output, by an Arrow UDF."""
    spark = df.sparkSession
    plan = shipped(placed(plan, spark), df)
    types = {name: spark_from_cell(cell) for name, cell in plan.outputs}
    # One output comes as it is: a struct around it would be copied once more for each row.
    single = len(types) == 1
    fields = [T.StructField(name, kind) for name, kind in types.items()]
    returns = fields[0].dataType if single else T.StructType(fields)
    udf = arrow_udf(spark, Shipped(MapColumns(plan)), returns, plan.name)
    fed = fed_columns(df, plan.feeds)
    if plan.feeds[0].counts:
        # A single argument would come as it is, not as one of several.
        rows, marker = df, fed[0]
    else:
        rows, marker = _with_marker(df, plan.feeds[0])
    with workers_for(plan, spark):
        call = udf(*fed, marker)
    # One select of the same call for every field: deduplicated by Spark, and open to limits.
    outputs = (
        (call if single else call.getField(name)).alias(name, metadata=metadata_from_cell(cell))
        for name, cell in plan.outputs
    )
    computed = rows.select("*", *outputs)
    return computed if rows is df else computed.drop(_MARKER)


def only_outputs(df: DataFrame, plan: Plan, profile: Any) -> DataFrame:
    """Return a DataFrame of the outputs alone, as many rows as they have."""
    spark = df.sparkSession
    plan = shipped(placed(plan, spark, profile), df)
    struct = T.StructType([T.StructField(n, spark_from_cell(cell)) for n, cell in plan.outputs])
    with workers_for(plan, spark):
        mapped = fed_alone(df, plan.feeds).mapInArrow(
            Shipped(MapBatches(plan)), struct, profile=profile
        )
    names = functions(spark)
    return mapped.select(
        *(
            names.col(quoted(name)).alias(name, metadata=metadata_from_cell(cell))
            for name, cell in plan.outputs
        )
    )


def _with_marker(df: DataFrame, feed: Feed) -> tuple[DataFrame, Column]:
    """Return the DataFrame with one more column, and an argument made of it for the UDF.

    The optimizer copies a call that it holds to be cheap into a filter on the call's result, and
    so runs it twice. A regular expression counts as expensive, and with it a call that takes one;
    limits, and filters on other columns, are still pushed below. The argument is null in each
    row, which is quickly written and not read, but is not known to be a constant.

    The column it is made of is used twice in it, so that the optimizer leaves it to a projection
    of its own. That projection reads rows: given a file's columnar batches, Spark 4.3 would write
    them to Arrow cell by cell all the same, in batches whose bytes it does not limit.
    """
    names = functions(df.sparkSession)
    cells, kind = read_column(df, feed)
    if isinstance(kind, T.ArrayType):
        never = names.size(cells) < names.lit(-5)
    elif isinstance(kind, T.StringType | T.BinaryType | T.CharType | T.VarcharType):
        never = names.length(cells) < names.lit(0)
    else:
        # What is no number, a time or a vector, has a hash that is one.
        plain = isinstance(kind, T.NumericType)
        number = cells if plain else names.hash(cells)
        never = names.isnan(number.cast("double")) & (number < names.lit(0))
    marker = names.col(_MARKER)
    rows = df.select("*", names.when(never, names.lit("")).alias(_MARKER))
    return rows, names.rlike(marker, marker)
