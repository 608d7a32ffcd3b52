"""`peek`: look at what some rows make of each node of a graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from tfspark_magic.binding import FeedDict, Nulls, Plan, bind_by_shape
from tfspark_magic.errors import OptionError
from tfspark_magic.frames.frame import Frame, frame_of
from tfspark_magic.verbs.arguments import as_program

if TYPE_CHECKING:
    from tfspark_magic.graph.program import Program
    from tfspark_magic.inspection.graph_on_rows import GraphOnRows
    from tfspark_magic.inspection.peeked import Peek

MAX_ROWS = 1000
_AS_A_MAP = {"reduce_rows": "map_rows", "reduce_blocks": "map_blocks"}
Verb = Literal["map_rows", "map_blocks", "reduce_rows", "reduce_blocks"]


def peek(
    fetches: Any,
    df: Any,
    feed_dict: FeedDict | None = None,
    *,
    nodes: str | Sequence[str] | None = None,
    rows: int = 20,
    seed: int | None = None,
    verb: Verb | None = None,
    trim: bool = False,
    nulls: Nulls = "error",
    max_bytes: int = 64 << 20,
    cost: bool = False,
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
        operations, also those of functions: in a loop they have the values of its last turn, in a
        branch those of the rows that take it.
    rows
        How many rows, at most 1000.
    seed
        If it is not given, the first rows are taken. With a seed, the rows are drawn from all rows;
        then Spark, or the reader, reads all rows once.
    verb
        `"map_rows"` runs the graph on each row alone, `"map_blocks"` on the block of these rows. If
        not given, the placeholders' shapes decide, as for `run_local`. For the graph of a reduction
        it is `"reduce_blocks"` or `"reduce_rows"`; its first step is shown, and `feed_dict` names a
        column for each placeholder, such as `x_input`.
    trim
        As for `map_blocks`: True allows fetches with any number of rows.
    nulls
        As for `map_rows`. With `"null"`, a row with a null has no values: None. A graph that runs on
        the block of all rows does not take `"null"`.
    max_bytes
        How many bytes of values are kept. For further nodes there are only statistics.
    cost
        Whether to measure, for the `cost` of the result, the time of each operation and the bytes
        of its tensors, as TensorFlow counts them: on the block, or on the first 20 rows alone. With
        the floating-point operations that TensorFlow knows to count, and the parameters.

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
    from tfspark_magic.graph.node_tensors import tensors_of

    program = as_program(fetches, session)
    tensors = tensors_of(program, [nodes] if isinstance(nodes, str) else nodes)
    graph = graph_on_rows(
        program, df, feed_dict, rows=rows, seed=seed, verb=verb, trim=trim, nulls=nulls
    )
    with graph:
        return graph.peek(tensors, max_bytes, cost=cost)


def graph_on_rows(
    program: Program,
    df: Any,
    feed_dict: FeedDict | None,
    *,
    rows: int,
    seed: int | None,
    verb: Verb | None,
    trim: bool,
    nulls: Nulls,
) -> GraphOnRows:
    """Get the rows for a peek; no node is computed yet. Parameters and errors are those of `peek`."""
    check_rows(rows)
    frame = frame_of(df, "peek")
    from tfspark_magic.inspection.graph_on_rows import GraphOnRows, runs_in_rows

    plan = plan_of(program, frame, feed_dict, verb=verb, trim=trim, nulls="error")
    if not runs_in_rows(plan):
        check_all_shown(nulls)
    if not isinstance(nulls, str) or nulls != "error":
        # What runs on rows needs no `trim`, which does not go with null results.
        trim = trim and not runs_in_rows(plan)
        plan = plan_of(program, frame, feed_dict, verb=verb, trim=trim, nulls=nulls)
    # A graph that takes a fixed number of rows is shown one such batch.
    return GraphOnRows(program, plan, frame.some_rows(plan, min(rows, plan.batch or rows), seed))


def check_rows(rows: int) -> None:
    """Raise OptionError if `rows` is no number of rows."""
    if not isinstance(rows, int) or isinstance(rows, bool) or not 1 <= rows <= MAX_ROWS:
        message = f"rows is a whole number from 1 to {MAX_ROWS}, got {rows!r}."
        raise OptionError(message, option="rows")


def check_all_shown(nulls: Nulls) -> None:
    """Raise OptionError if `nulls` leaves rows out."""
    if _leaves_out(nulls):
        message = (
            "nulls='null' leaves rows out of the block that is shown: filter them, or give a value."
        )
        raise OptionError(message, option="nulls")


def _leaves_out(nulls: Nulls) -> bool:
    policies = nulls.values() if isinstance(nulls, Mapping) else [nulls]
    return any(isinstance(one, str) and one == "null" for one in policies)


def plan_of(
    program: Program,
    frame: Frame,
    feed_dict: FeedDict | None,
    *,
    verb: Verb | None,
    trim: bool,
    nulls: Nulls,
) -> Plan:
    """Bind a program to the columns that feed its placeholders; its fetches need fit no column."""
    # A reduction's fetches are no columns of a map, so its placeholders stand for them.
    bound = replace(program, outputs=program.inputs) if verb in _AS_A_MAP else program
    return bind_by_shape(
        bound, frame.columns, feed_dict, _AS_A_MAP.get(str(verb), verb),
        trim=trim, passthrough=[], nulls=nulls, maps=False,
    )  # fmt: skip
