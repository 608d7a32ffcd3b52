"""`aggregate`: one cell for each group of rows, lazily."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tfspark_magic.binding import FeedDict, Nulls
from tfspark_magic.binding.reductions import GROUPS, bind_reduction
from tfspark_magic.frames.frame import groups_of
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

    The graph is one for `reduce_blocks`, and what holds there holds here for each group. Nothing
    runs until an action on the result. Rows are folded beside the data first, so that only partial
    results are shuffled; groups may be of any size, and more than memory holds.

    Parameters
    ----------
    fetches
        As for `reduce_blocks`.
    grouped
        `df.groupBy(...)` with one or more keys, computed ones too, or a pandas groupby. With `by`,
        whatever `reduce_blocks` takes. A null key is a group, as in Spark.
    by
        The name of a column that is the key, or a list of them.
    feed_dict, check, rows_per_block, device, profile, session
        As for `reduce_blocks`.
    nulls
        As for `reduce_blocks`; with `"null"` a group of nothing but rows that are left out is in
        the result, with nulls.

    Returns
    -------
    A lazy DataFrame: the keys, then a column for each fetch; one row for each group, in no order.
    Of pandas, a frame that is there, and of files and Arrow tables a `pyarrow.Table`, the groups
    in the order of their first rows.

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
