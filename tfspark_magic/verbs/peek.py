"""`peek`: look at what some rows make of each node of a graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from tfspark_magic.binding import FeedDict, Nulls, bind_by_shape
from tfspark_magic.errors import OptionError
from tfspark_magic.frames.frame import frame_of
from tfspark_magic.verbs.arguments import as_program

if TYPE_CHECKING:
    from tfspark_magic.inspection.peeked import Peek

MAX_ROWS = 1000


def peek(
    fetches: Any,
    df: Any,
    feed_dict: FeedDict | None = None,
    *,
    nodes: str | Sequence[str] | None = None,
    rows: int = 20,
    seed: int | None = None,
    verb: Literal["map_rows", "map_blocks"] | None = None,
    trim: bool = False,
    nulls: Nulls = "error",
    max_bytes: int = 64 << 20,
    session: Any = None,
) -> Peek:
    """Compute each node of a graph on some rows, in this process.

    >>> seen = tfs.peek(score, df)                                  # doctest: +SKIP
    >>> seen                                                        # doctest: +SKIP
    5 nodes on 2 rows, each alone.
    <BLANKLINE>
    node   operation    cells  least  mean  most  NaN  infinite  zero
    x      Placeholder  int32  1      1.5   2
    y      Placeholder  int32  1      1.5   2
    mul/y  Const        int32  3      3     3
    mul    Mul          int32  3      4.5   6
    z      AddV2        int32  4      6     8
    >>> seen["z"]                                                   # doctest: +SKIP
    array([4, 8], dtype=int32)

    Spark, or the reader of the files, sends only these rows of the columns that feed the graph. The
    graph itself runs here, on the CPU.

    Parameters
    ----------
    fetches, df, feed_dict, session
        As for `map_rows` and `map_blocks`. Only nodes on which the fetches depend are in the graph.
    nodes
        Names of operations, or of scopes, for all operations in them. If not given, all
        operations. Bodies of functions, of `tf.while_loop` and `tf.cond`, are one operation each.
    rows
        How many rows, at most 1000.
    seed
        If it is not given, the first rows are taken. With a seed, the rows are drawn from all rows;
        then Spark, or the reader, reads all rows once.
    verb
        `"map_rows"` runs the graph on each row alone, `"map_blocks"` on the block of these rows. If
        not given, the placeholders' shapes decide, as for `run_local`.
    trim
        As for `map_blocks`: True allows fetches with any number of rows.
    nulls
        As for `map_rows`, without `"null"`.
    max_bytes
        How many bytes of values are kept. For further nodes there are only statistics.

    Returns
    -------
    The values and statistics of the nodes.

    Raises
    ------
    OptionError
        If an option has a value that is not allowed, or there is no such node.
    TfSparkError
        If the program does not fit the DataFrame, or its data.
    """
    if not isinstance(rows, int) or isinstance(rows, bool) or not 1 <= rows <= MAX_ROWS:
        message = f"rows is a whole number from 1 to {MAX_ROWS}, got {rows!r}."
        raise OptionError(message, option="rows")
    if isinstance(nulls, str) and nulls == "null":
        message = "nulls='null' leaves rows out, and peek shows all: filter them, or give a value."
        raise OptionError(message, option="nulls")
    program = as_program(fetches, session)
    frame = frame_of(df, "peek")
    plan = bind_by_shape(
        program, frame.columns, feed_dict, verb, trim=trim, passthrough=[], nulls=nulls
    )
    from tfspark_magic.graph.node_tensors import tensors_of
    from tfspark_magic.inspection.node_values import node_values
    from tfspark_magic.inspection.peeked import Peek

    named = [nodes] if isinstance(nodes, str) else nodes
    tensors = tensors_of(program, named)
    # A graph that takes a fixed number of rows is shown one such batch.
    columns = frame.some_rows(plan, min(rows, plan.batch or rows), seed)
    found = node_values(program, plan, columns, tensors, max_bytes)
    in_rows = plan.per_row and plan.batch is None
    return Peek(found, len(columns[0]) if columns else 0, in_rows=in_rows)
