"""`aggregate`: one cell for each group of rows, lazily."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tfspark_magic.binding import FeedDict, Nulls
from tfspark_magic.binding.reductions import GROUPS, bind_reduction
from tfspark_magic.frames.grouping import groups_of
from tfspark_magic.verbs.arguments import as_program


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
