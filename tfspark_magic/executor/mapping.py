"""`map_rows` and `map_blocks`: a program over a DataFrame, lazily."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.binding import Feed, FeedDict, Nulls, Plan, bind
from tfspark_magic.errors import OptionError
from tfspark_magic.executor.columns import columns_of, fed_alone, fed_columns, read_column
from tfspark_magic.executor.devices import check_no_profile, placed, workers_for
from tfspark_magic.executor.files import columns_that_stay, is_files, opened
from tfspark_magic.executor.lazy_table import map_of_files
from tfspark_magic.executor.pandas_frames import append_pandas, is_pandas, replace_pandas
from tfspark_magic.executor.session import arrow_udf, functions
from tfspark_magic.executor.shipping import Shipped, shipped
from tfspark_magic.graph.program import Program
from tfspark_magic.schema.names import quoted
from tfspark_magic.schema.spark import metadata_from_cell, spark_from_cell
from tfspark_magic.worker.mapping import MapBatches, MapColumns

_MARKER = "__tfspark_magic_marker"


def map_rows(
    fetches: Any,
    df: Any,
    feed_dict: FeedDict | None = None,
    *,
    nulls: Nulls = "error",
    rows_per_block: int | None = None,
    device: str = "auto",
    vectorize: bool = True,
    columns: Sequence[str] | None = None,
    session: Any = None,
) -> Any:
    """Compute tensors from each row of a DataFrame, as if the graph ran on each row alone.

    >>> x = tf.placeholder(tf.int32, name="x")                      # doctest: +SKIP
    >>> z = tf.identity(x * 3, name="z")                            # doctest: +SKIP
    >>> tfs.map_rows(z, df).collect()                               # doctest: +SKIP
    [Row(x=1, z=3), Row(x=2, z=6)]

    Nothing runs until an action on the result. Its rows are those of `df`, in their order and
    partitions; its columns those of `df`, which pass through untouched, and one for each fetch.

    Parameters
    ----------
    fetches
        A tensor, a list of them, names in the default graph, a `Program`, a Keras model or a
        `tf.function`. Placeholders have the shape of a cell: `()` for a number, `[64]` for a
        vector; one without a shape takes the column's. Cells of one column may differ in shape
        from row to row. A cell that lacks axes of size 1, or has some more, is fed with those of
        the placeholder (a number to `[1]`, `[28, 28]` to `[28, 28, 1]`), and a vector as an array
        of as many values (784 to `[28, 28, 1]`); all else that differs is an error.
    df
        A Spark DataFrame, classic or Connect, streaming or not; or a pandas one, which is left as
        it is and gives a new one at once, by the same code in this process; or files, by a path, a
        list of paths or `tfs.files(...)`, which this process reads (`map_files`: Spark's workers).
    feed_dict
        The column for a placeholder (its name or the tensor); without, the column of its name.
        `"s.*"`, for a struct column `s`, or a list of columns feeds scalars side by side as a
        vector. Dates are int64 days since 1970-01-01; timestamps int64 microseconds since
        1970-01-01 UTC, those without a time zone as if it were UTC. MLlib's vectors, sparse ones
        too, are float64 vectors.
    nulls
        `"error"` fails on a null in a column that feeds the graph; `"null"` gives null results
        for such rows and keeps them from the graph; a value, or a dict of values by placeholder,
        takes their place.
    rows_per_block
        How many rows the graph is given at once; chosen by their bytes if not given.
    device
        `"cpu"`; `"gpu"` for the one that Spark gives each task, or an error; `"auto"` for that
        one, or the CPU.
    vectorize
        False runs the graph row by row inside TensorFlow, whatever it is.
    columns
        Of files: the names of the columns that stay beside the outputs; without, all do.
    session
        The TensorFlow session that holds the values of the graph's variables, which are frozen
        now; without, the default session or the one that is open.

    Returns
    -------
    A lazy DataFrame; of pandas, one that is there; of files, a lazy table, whose batches, Arrow
    table or pandas frame are computed when asked for: see `LazyTable`.

    Raises
    ------
    TfSparkError
        If the program does not fit the DataFrame; see `tfspark_magic.binding.bind`.
    """
    df = opened(df)
    stay = columns_that_stay(df, columns, trim=False)
    plan = bind(
        as_program(fetches, session), columns_of(df, "map_rows"), feed_dict, per_row=True,
        stay=stay, nulls=nulls, rows_per_block=rows_per_block, device=device,
        vectorize=vectorize,
    )  # fmt: skip
    return map_of_files(df, plan, stay or []) if is_files(df) else _append(df, plan)


def map_blocks(
    fetches: Any,
    df: Any,
    feed_dict: FeedDict | None = None,
    *,
    trim: bool = False,
    whole_partition: bool = False,
    nulls: Nulls = "error",
    rows_per_block: int | None = None,
    device: str = "auto",
    columns: Sequence[str] | None = None,
    profile: Any = None,
    session: Any = None,
) -> Any:
    """Compute tensors from blocks of consecutive rows of a DataFrame.

    >>> x = tf.placeholder(tf.float32, [None, 64], name="x")        # doctest: +SKIP
    >>> y = tf.matmul(x, w, name="y")                               # doctest: +SKIP
    >>> tfs.map_blocks(y, df)                                       # doctest: +SKIP
    DataFrame[x: array<float>, y: array<float>]

    Parameters
    ----------
    fetches
        As for `map_rows`; the first axis of each placeholder and fetch is the block's rows. If it
        is of a fixed size, the graph gets exactly so many rows at once, and the last block is
        filled up with copies of a row, and cut, where no row depends on others. A fetch that
        depends on no placeholder is a cell of each row; with `trim`, the rows of each block.
        Cells of several shapes go in blocks of one shape, where no row depends on others.
    df, feed_dict, nulls, device, columns, session
        As for `map_rows`.
    trim
        True returns the fetches alone, which may have any number of rows, the same for each.
    whole_partition
        True makes one block of each partition, which must fit into memory.
    rows_per_block
        The most rows of a block; chosen by their bytes if not given.
    profile
        With `trim=True`, a `pyspark.resource.ResourceProfile` for the tasks of this map alone.

    Returns
    -------
    As for `map_rows`.

    Raises
    ------
    TfSparkError
        If the program does not fit the DataFrame; see `tfspark_magic.binding.bind`.
    """
    rows_per_block = block_rows(rows_per_block, whole_partition=whole_partition)
    df = opened(df)
    stay = columns_that_stay(df, columns, trim=trim)
    plan = bind(
        as_program(fetches, session), columns_of(df, "map_blocks"), feed_dict, per_row=False,
        trim=trim, stay=stay, nulls=nulls, rows_per_block=rows_per_block, device=device,
    )  # fmt: skip
    if profile is not None and not trim:
        message = "profile goes with trim=True: what keeps the other columns runs where they are."
        raise OptionError(message)
    if is_files(df):
        check_no_profile(profile)
        return map_of_files(df, plan, stay or [])
    return _replace(df, plan, profile) if trim else _append(df, plan)


def block_rows(rows_per_block: int | None, *, whole_partition: bool) -> int | None:
    """Return the most rows of a block as plans have it, 0 for the whole partition."""
    if whole_partition and rows_per_block is not None:
        message = "whole_partition=True makes blocks of all rows: leave rows_per_block out."
        raise OptionError(message)
    return 0 if whole_partition else rows_per_block


def as_program(fetches: Any, session: Any = None) -> Program:
    """Return the program of whatever may be fetched."""
    if isinstance(fetches, Program):
        return fetches
    from tfspark_magic.graph.fetches import freeze_fetches
    from tfspark_magic.models.reading import is_live, load_live

    if is_live(fetches):
        return load_live(fetches)
    return freeze_fetches(fetches, session)


def _append(df: Any, plan: Plan) -> Any:
    if is_pandas(df):
        return append_pandas(df, plan)
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


def _replace(df: Any, plan: Plan, profile: Any) -> Any:
    if is_pandas(df):
        check_no_profile(profile)
        return replace_pandas(df, plan)
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
