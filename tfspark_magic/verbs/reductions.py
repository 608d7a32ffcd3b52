"""`reduce_blocks`, `reduce_rows` and `aggregate`: one value of all rows, or of each group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tfspark_magic.binding import FeedDict, Nulls
from tfspark_magic.binding.reductions import BLOCKS, GROUPS, ROWS, bind_reduction
from tfspark_magic.errors import ReductionError
from tfspark_magic.frames.frame import frame_of
from tfspark_magic.frames.grouping import groups_of
from tfspark_magic.verbs.arguments import as_program
from tfspark_magic.worker.reducing import fold_partials

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def reduce_blocks(
    fetches: Any,
    df: Any,
    feed_dict: FeedDict | None = None,
    *,
    nulls: Nulls = "error",
    check: bool = True,
    rows_per_block: int | None = None,
    device: str = "auto",
    profile: Any = None,
    session: Any = None,
    spark: SparkSession | None = None,
) -> Any:
    """Reduce the rows of a DataFrame to one cell, block by block.

    >>> x_input = tf.placeholder(tf.float64, [None], name="x_input")        # doctest: +SKIP
    >>> x = tf.reduce_sum(x_input, axis=0, name="x")                        # doctest: +SKIP
    >>> tfs.reduce_blocks(x, df)                                            # doctest: +SKIP
    np.float64(6.0)

    Fetch `x` reduces column `x`. Its placeholder `x_input` gets blocks `[rows, *cell]` of this
    column, and then the results of the blocks, stacked to new blocks, until one result is left. So
    the result of the graph must not depend on how the rows are cut into blocks: examples are a sum,
    a maximum, the sum of matrices. A plain `tf.reduce_mean` is recognized, and computed from sum
    and count.

    Any other graph is tried. It gets rows of every block, first at once and then in two parts; it
    gets rows that are made up for it; and it gets each of its results alone, which must come out
    unchanged. If the values differ, the graph is refused. A mean of an expression, and a count, are
    refused earlier, when the reduction is defined.

    Each partition is reduced beside the data to one row, and these rows are folded in this process.
    They are folded in the order of the partitions and their rows, so that the same input gives the
    same bits on every run. Sums of floats are added up as float64.

    Parameters
    ----------
    fetches
        A tensor, a list of them, names in the default graph, or a `Program`. Each fetch has the
        dtype and shape of its column's cells, and may use the placeholders of the other fetches.
    df
        A Spark DataFrame, classic or Connect, or a pandas one; files, given by a path, a list of
        paths or `tfs.files(...)`; or any object with an Arrow stream.
    feed_dict
        The column for each placeholder whose column does not have the name of its fetch.
    nulls
        `"error"` fails on a null. `"null"` leaves out each row that has a null in any of the
        columns, for all fetches. A value, or a dict of values by placeholder, replaces the nulls.
    check
        False runs any graph, without trying it first.
    rows_per_block, device, session
        As for `map_rows`. Plain sums, means, minima, maxima and products need no graph, and run on
        the CPU.
    profile
        A `pyspark.resource.ResourceProfile` for the tasks that reduce.
    spark
        For files: the Spark session whose workers read and reduce them, so that no row passes
        through the JVM. If not given, this process reads them, with all of its cores.

    Returns
    -------
    A numpy value for a single fetch; for several, a list of values in the order of the fetches.
    None if every row was left out because of its nulls.

    Raises
    ------
    ReductionError
        If the DataFrame has no rows, or the graph is no reduction.
    TfSparkError
        If the program does not fit the DataFrame.
    """
    options = {"nulls": nulls, "check": check, "rows_per_block": rows_per_block, "device": device}
    return _reduce(BLOCKS, fetches, df, feed_dict, session, spark, profile, options)


def reduce_rows(
    fetches: Any,
    df: Any,
    feed_dict: FeedDict | None = None,
    *,
    nulls: Nulls = "error",
    check: bool = True,
    rows_per_block: int | None = None,
    device: str = "auto",
    profile: Any = None,
    session: Any = None,
    spark: SparkSession | None = None,
) -> Any:
    """Reduce the rows of a DataFrame to one cell, by pairs.

    >>> x_1 = tf.placeholder(tf.float64, [], name="x_1")            # doctest: +SKIP
    >>> x_2 = tf.placeholder(tf.float64, [], name="x_2")            # doctest: +SKIP
    >>> x = tf.maximum(x_1, x_2, name="x")                          # doctest: +SKIP
    >>> tfs.reduce_rows(x, df)                                      # doctest: +SKIP
    np.float64(3.0)

    Fetch `x` reduces column `x`. Its placeholders `x_1` and `x_2` get two neighbouring cells of
    this column, or two neighbouring results, the earlier one first. All pairs of a block are
    computed in one vectorized call, then all pairs of their results, so that n rows take log2(n)
    calls. The result must not depend on how the rows are paired. So the graph is tried on rows of
    every block, three rows at a time in two ways, and refused if the results differ. A single row
    is its own result.

    Parameters
    ----------
    fetches, df, feed_dict, nulls, check, rows_per_block, device, profile, session, spark
        As for `reduce_blocks`.

    Returns
    -------
    As for `reduce_blocks`.

    Raises
    ------
    ReductionError
        If the DataFrame has no rows, or the graph is no reduction.
    TfSparkError
        If the program does not fit the DataFrame.
    """
    options = {"nulls": nulls, "check": check, "rows_per_block": rows_per_block, "device": device}
    return _reduce(ROWS, fetches, df, feed_dict, session, spark, profile, options)


def _reduce(
    verb: str,
    fetches: Any,
    df: Any,
    feed_dict: Any,
    session: Any,
    spark: SparkSession | None,
    profile: Any,
    options: dict[str, Any],
) -> Any:
    frame = frame_of(df, verb, spark)
    program = as_program(fetches, session)
    plan = bind_reduction(program, frame.columns, feed_dict, verb=verb, **options)
    partials = frame.reduce(plan, profile)
    if partials is None or not len(partials[0]):
        raise ReductionError(
            f"{verb} found no rows, and a reduction of no rows has no value: check the DataFrame's "
            f"filters, or catch this error where it may be empty."
        )
    from tfspark_magic.graph.eager import eager_mode

    # The GPU that was asked for is a GPU of the workers: the driver may have none.
    here = replace(plan, device="cpu" if plan.device == "cpu" else "auto")
    with eager_mode():
        values = fold_partials(here, partials)
    if values is None:
        values = [None] * len(plan.outputs)
    return values if len(values) > 1 else values[0]


def aggregate(
    fetches: Any,
    grouped: Any,
    feed_dict: FeedDict | None = None,
    *,
    by: str | Sequence[str] | None = None,
    nulls: Nulls = "error",
    check: bool = True,
    rows_per_block: int | None = None,
    device: str = "auto",
    profile: Any = None,
    session: Any = None,
) -> Any:
    """Reduce the rows of each group of a DataFrame to one row.

    >>> x_input = tf.placeholder(tf.float64, [None], name="x_input")        # doctest: +SKIP
    >>> x = tf.reduce_sum(x_input, axis=0, name="x")                        # doctest: +SKIP
    >>> tfs.aggregate(x, df.groupBy("key")).collect()                       # doctest: +SKIP
    [Row(key='a', x=3.0), Row(key='b', x=3.0)]
    >>> tfs.aggregate(x, "flights/*.parquet", by="carrier")                 # doctest: +SKIP
    pyarrow.Table
    ...

    The graph is a graph for `reduce_blocks`, with the same rules, and reduces each group by itself.
    Nothing runs until an action on the result. Rows are folded beside the data first, so that only
    partial results are shuffled. A group may have any size, also more rows than memory holds.

    Parameters
    ----------
    fetches
        As for `reduce_blocks`.
    grouped
        `df.groupBy(...)` with one or more keys, computed ones too, or a pandas groupby. With `by`,
        any frame that `reduce_blocks` takes. A null key is a group, as in Spark.
    by
        The name of a column that is the key, or a list of them.
    feed_dict, check, rows_per_block, device, profile, session
        As for `reduce_blocks`.
    nulls
        As for `reduce_blocks`. With `"null"`, a group whose rows are all left out is still in the
        result, with nulls.

    Returns
    -------
    For Spark, a lazy DataFrame: the keys, then a column for each fetch. It has one row for each
    group, in no order. For pandas, a computed frame; for files and Arrow tables, a `pyarrow.Table`.
    There the groups are in the order of their first rows.

    Raises
    ------
    ReductionError
        If the graph is no reduction, or `grouped` has no keys.
    TfSparkError
        If the program does not fit the DataFrame.
    """
    program = as_program(fetches, session)
    groups = groups_of(grouped, by)
    plan = bind_reduction(
        program, groups.frame.columns, feed_dict, verb=GROUPS, keys=groups.keys, nulls=nulls,
        check=check, rows_per_block=rows_per_block, device=device,
    )  # fmt: skip
    return groups.aggregate(plan, profile)
