"""`compare`: two graphs on the same rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tfspark_magic.binding import FeedDict, Nulls, Plan, distinct
from tfspark_magic.errors import OptionError
from tfspark_magic.frames.frame import Frame, frame_of
from tfspark_magic.verbs.arguments import as_program
from tfspark_magic.verbs.peek import Verb, check_all_shown, check_rows, plan_of

if TYPE_CHECKING:
    from tfspark_magic.graph.program import Program
    from tfspark_magic.inspection.comparison import Comparison
    from tfspark_magic.inspection.graph_on_rows import GraphOnRows


def compare(
    old: Any,
    new: Any,
    df: Any,
    feed_dict: FeedDict | None = None,
    *,
    rows: int = 20,
    seed: int | None = None,
    rtol: float = 1e-5,
    atol: float = 1e-8,
    verb: Verb | None = None,
    trim: bool = False,
    nulls: Nulls = "error",
    max_bytes: int = 64 << 20,
    session: Any = None,
) -> Comparison:
    """Compare two graphs: what became of the operations, and where the values of the same rows part.

    >>> found = tfs.compare(score, changed, df)                     # doctest: +SKIP
    >>> found                                                       # doctest: +SKIP
    5 nodes on 2 rows: the values of 3 part beyond 1e-08 + 1e-05 * |old|, first at 'mul/y'.
    Changed: mul/y.
    <BLANKLINE>
    node   operation  compared  part  most by  first row
    mul/y  Const      2         2     1        0          here they part first
    mul    Mul        2         2     2        0
    z      AddV2      2         2     2        0
    >>> found.outputs["z"].most                                     # doctest: +SKIP
    2.0

    Both graphs run here, on the CPU, on the same rows. An operation of both graphs is one with the
    same name; or, if it was renamed, one that alone computes the same of the same.

    Parameters
    ----------
    old, new
        Two programs, or what `map_rows` takes: models, functions, tensors.
    df, feed_dict, rows, seed, verb, trim, nulls, max_bytes, session
        As for `peek`, but for `nulls="null"`, which is refused. A placeholder that only one of the graphs has is bound for this one.
    rtol, atol
        Two numbers are close if `|old - new| <= atol + rtol * |old|`. NaN is close to NaN, and an
        infinity to the same infinity. Two integers, truths or texts must be equal.

    Returns
    -------
    What came, went and changed, the first node from which the values part, and how far those of
    each node do.

    Raises
    ------
    OptionError
        If an option has a value that is not allowed.
    TfSparkError
        If one of the programs does not fit the DataFrame, or its data.
    """
    check_rows(rows)
    check_all_shown(nulls)
    for name, value in (("rtol", rtol), ("atol", atol)):
        if not _is_tolerance(value):
            raise OptionError(f"{name} is a number from 0, got {value!r}.", option=name)
    programs = [as_program(given, session) for given in (old, new)]
    frame = frame_of(df, "compare")
    plans = []
    for program, other in zip(programs, reversed(programs), strict=True):
        feeds, policies = (_own(one, program, other) for one in (feed_dict, nulls))
        plans.append(plan_of(program, frame, feeds, verb=verb, trim=trim, nulls=policies))
    from tfspark_magic.inspection.comparing import compared

    before, after = _on_rows(programs, plans, frame, rows, seed)
    return compared(before, after, max_bytes, rtol, atol)


def _is_tolerance(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 <= value < math.inf


def _own(given: Any, program: Program, other: Program) -> Any:
    """Return what is said of a program's placeholders, without those that only the other one has."""
    if not isinstance(given, Mapping):
        return given
    mine, others = ({spec.name for spec in one.inputs} for one in (program, other))
    return {name: value for name, value in given.items() if name not in others - mine}


def _on_rows(
    programs: list[Program], plans: list[Plan], frame: Frame, rows: int, seed: int | None
) -> list[GraphOnRows]:
    """Read the rows once, for both graphs: a second query might give others."""
    from tfspark_magic.inspection.graph_on_rows import GraphOnRows

    feeds = distinct(feed for plan in plans for feed in plan.feeds)
    count = min(rows, *(plan.batch or rows for plan in plans))
    columns = frame.some_rows(replace(plans[0], feeds=feeds), count, seed)
    at = {feed.origin: column for feed, column in zip(feeds, columns, strict=True)}
    return [
        GraphOnRows(program, plan, tuple(at[feed.origin] for feed in distinct(plan.feeds)))
        for program, plan in zip(programs, plans, strict=True)
    ]
