"""`reduce_blocks` and `reduce_rows`: a DataFrame to one value for each fetch, at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pyspark.sql import SparkSession

from tfspark_magic.binding import FeedDict, Nulls
from tfspark_magic.binding.reductions import BLOCKS, ROWS, bind_reduction
from tfspark_magic.errors import ReductionError
from tfspark_magic.frames.frame import frame_of
from tfspark_magic.verbs.arguments import as_program
from tfspark_magic.worker.reducing import fold_partials


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

    Fetch `x` reduces column `x`: its placeholder `x_input` is fed blocks `[rows, *cell]` of it, and
    then the results of those, stacked to blocks, until one is left. So the graph has to be one for
    which it does not matter how the rows are cut: a sum, a maximum, the sum of matrices. A plain
    `tf.reduce_mean` is taken for what is meant, and computed from sum and count. Any other graph is
    tried: on rows of every block, at once and in two parts, on rows made up for it, and on each of
    its results, which has to come out as itself when fed alone. It is refused where that makes a
    difference; a mean of something, and counting, when it is defined.

    Each partition is reduced beside the data, and its one row folded here. The order is that of the
    partitions and their rows, so that the same input gives the same bits on every run. Sums of
    floats are added up as float64.

    Parameters
    ----------
    fetches
        A tensor, a list of them, names in the default graph, or a `Program`. Each has the dtype
        and shape of its column's cells, and may use the placeholders of the others.
    df
        A Spark DataFrame, classic or Connect, or a pandas one; files, by a path, a list of paths or
        `tfs.files(...)`; or whatever gives a stream of Arrow's.
    feed_dict
        The column for a placeholder, where it is not that of its fetch's name.
    nulls
        `"error"` fails on a null; `"null"` leaves out the rows that hold one in any of the columns,
        for all fetches; a value, or a dict of values by placeholder, takes its place.
    check
        False runs any graph, without trying it first.
    rows_per_block, device, session
        As for `map_rows`. Plain sums, means, minima, maxima and products need no graph, and run on
        the CPU.
    profile
        A `pyspark.resource.ResourceProfile` for the tasks that reduce.
    spark
        For files, the Spark session whose workers read and reduce them, each its part, so that no
        row passes through the JVM; without, this process does, with all of its cores.

    Returns
    -------
    A numpy value for a single fetch, a list of them in the order of the fetches for several; None
    where every row was left out for its nulls.

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

    Fetch `x` reduces column `x`: its placeholders `x_1` and `x_2` are fed two cells of it, or
    results for rows that stand beside each other, the earlier one first. All pairs of a block are
    computed in one vectorized call, then the pairs of their results, so that n rows take log2(n)
    calls. How the rows are paired must not matter: the graph is tried on rows of every block, three
    at a time in two ways, and refused where they differ. A lone row is its own result.

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
        message = (
            f"{verb} found no rows, and a reduction of no rows has no value: check the DataFrame's "
            f"filters, or catch this error where it may be empty."
        )
        raise ReductionError(message)
    from tfspark_magic.graph.eager import eager_mode

    # Whether the driver has a GPU is its own affair: the one that was asked for is the workers'.
    here = replace(plan, device="cpu" if plan.device == "cpu" else "auto")
    with eager_mode():
        values = fold_partials(here, partials)
    if values is None:
        values = [None] * len(plan.outputs)
    return values if len(values) > 1 else values[0]
