"""Bind programs for reductions, which give one cell for all rows or for the rows of a group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tfspark_magic.binding.columns import Columns, FrameColumns
from tfspark_magic.binding.feeds import (
    FeedDict,
    Nulls,
    bind_feeds,
    by_name,
    check_defaults,
    check_options,
)
from tfspark_magic.binding.plan import BoundProgram, Feed
from tfspark_magic.binding.reduction_names import BLOCKS, GROUPS, ROWS, checked_sources
from tfspark_magic.errors import (
    NameConflictError,
    NotAlgebraicError,
    OptionError,
    ReductionError,
    ShapeMismatchError,
    Subject,
)
from tfspark_magic.graph.block import BlockGraph
from tfspark_magic.graph.program import Program
from tfspark_magic.schema.spec import (
    FLOATS,
    CellSpec,
    Shape,
    format_shape,
    is_compatible,
    merge_shapes,
)

if TYPE_CHECKING:
    from tfspark_magic.graph.shaped_graph import ShapedGraph

__all__ = ["BLOCKS", "GROUPS", "ROWS", "ReductionPlan", "State", "bind_reduction"]


@dataclass(frozen=True)
class State:
    """The intermediate state of one fetch, between two folds.

    Parameters
    ----------
    kind
        `"sum"`, `"count"`, `"min"`, `"max"` or `"product"`, which the worker folds without the
        graph; or `"graph"`, which the program folds.
    fetch
        The position of the fetch.
    cell
        The cell of the state. Its dtype may be wider than the fetch's dtype, so that intermediate
        values are not rounded.
    """

    kind: str
    fetch: int
    cell: CellSpec


@dataclass(frozen=True, kw_only=True)
class ReductionPlan(BoundProgram):
    """The plan of a reduction, before any data is read.

    Parameters
    ----------
    verb
        `reduce_blocks`, `reduce_rows` or `aggregate`.
    feeds
        One for each fetch, in the order of the fetches: the column that it reduces.
    kinds
        For each fetch: the plain reduction that it is, or None if its graph must run.
    graph
        The graph of the fetches without a kind; None if there are none. Its feeds and fetches are
        in the order of these fetches. It is fed blocks (`reduce_blocks`), runs of rows
        `[runs, rows, *cell]` (`aggregate`), or left and right rows (`reduce_rows`, the left ones
        first).
    check
        Whether the graph is tried on rows in two ways before it is used.
    constants, large
        The constants of the graph from which rows are made up for this check, and whether these
        rows may hold large values.
    """

    verb: str
    kinds: tuple[str | None, ...]
    check: bool = True
    constants: tuple[Any, ...] = ()
    large: bool = True

    @property
    def states(self) -> tuple[State, ...]:
        """The states between two folds: one for each fetch, or two for a mean."""
        states: list[State] = []
        for fetch, ((_, cell), kind) in enumerate(zip(self.outputs, self.kinds, strict=True)):
            if kind in ("sum", "mean"):
                wide = "float64" if cell.dtype in FLOATS else cell.dtype
                dtype = "int64" if kind == "mean" and cell.dtype not in FLOATS else wide
                states.append(State("sum", fetch, CellSpec(dtype, cell.shape)))
                if kind == "mean":
                    states.append(State("count", fetch, CellSpec("int64")))
            else:
                # A partial text is bytes, because it may be cut inside a character.
                dtype = "binary" if cell.dtype == "string" else cell.dtype
                states.append(State(kind or "graph", fetch, CellSpec(dtype, cell.shape)))
        return tuple(states)


def bind_reduction(
    program: Program,
    columns: Columns,
    feed_dict: FeedDict | None = None,
    *,
    verb: str,
    keys: Sequence[str] = (),
    nulls: Nulls = "error",
    check: bool = True,
    rows_per_block: int | None = None,
    device: str = "auto",
) -> ReductionPlan:
    """Bind a reduction to the columns of a DataFrame.

    >>> bind_reduction(total, [("z", CellSpec("int64"))],           # doctest: +SKIP
    ...                verb="reduce_blocks").columns
    ('z',)

    Fetch `z` reduces column `z`, which feeds placeholder `z_input`, a block of it; or, in
    `reduce_rows`, the placeholders `z_1` and `z_2`, two cells of it.

    Parameters
    ----------
    program
        The program; its fetches have the dtype and shape of the cells that they reduce.
    columns
        All columns of the DataFrame.
    feed_dict
        Another column for a placeholder.
    verb
        `reduce_blocks`, `reduce_rows` or `aggregate`.
    keys
        The names of the keys' columns in the result.
    nulls, check, rows_per_block, device
        See the verbs.

    Raises
    ------
    ReductionError
        If the placeholders do not have the names or the dtypes that the fetches require.
    ShapeMismatchError
        If a fetch has another shape than the cells that it reduces.
    NotAlgebraicError
        If the graph shows that it is no reduction.
    TfSparkError
        As for `bind`.
    """
    found = FrameColumns.of(columns)
    check_options(rows_per_block, device)
    sources = checked_sources(program, verb)
    fed = _one_column_for_each(sources, feed_dict or {})
    check_defaults(program, found, fed)
    policy = _one_policy_for_each(sources, nulls)
    pairs = verb == ROWS
    by_placeholder = {
        feed.placeholder: feed
        for feed in bind_feeds(program, found, fed, per_row=pairs, nulls=policy, verb=verb)
    }
    feeds = tuple(by_placeholder[sources[spec.name][0]] for spec in program.outputs)
    for spec, feed in zip(program.outputs, feeds, strict=True):
        # A column is either a key, or is reduced to a fetch of the same name.
        if found.told_apart(spec.name) in {found.told_apart(key) for key in keys}:
            raise NameConflictError(spec.name, "a key")
        if spec.dtype != feed.cell.dtype:
            raise ReductionError(
                f"In {verb}, fetch {spec.name!r} is {spec.dtype} and its placeholder "
                f"{feed.placeholder!r} {feed.cell.dtype}, and results are fed to the graph again: "
                f"give both one dtype."
            )

    from tfspark_magic.graph import reduction_kinds
    from tfspark_magic.graph.constants import sizes_by_values, small_constants
    from tfspark_magic.graph.shaped_graph import ShapedGraph

    shapes: dict[str, Shape | None] = {}
    for placeholder, feed in by_placeholder.items():
        cell = feed.cell.shape or ()
        shapes[placeholder] = cell if pairs else (None, *cell)
    shaped = ShapedGraph(program, shapes)
    outputs = []
    for spec, feed, shape in zip(program.outputs, feeds, shaped.output_shapes, strict=True):
        if not is_compatible(shape, feed.cell.shape):
            raise ShapeMismatchError(
                Subject("Fetch", spec.name, f" of {verb}"),
                f"the shape of the cells that it is made of, {format_shape(feed.cell.shape) or '[]'}",
                format_shape(shape) or "a scalar",
                "reduce the first axis alone, with axis=0"
                if not pairs
                else "keep the cells' shape",
            )
        as_bytes = spec.dtype == "string" and feed.source.dtype == "binary"
        dtype = "binary" if as_bytes else spec.dtype
        outputs.append((spec.name, CellSpec(dtype, merge_shapes(shape, feed.cell.shape))))
    kinds = _separable(program, sources, reduction_kinds.recognize(shaped, sources))
    rest = [spec.name for spec, kind in zip(program.outputs, kinds, strict=True) if kind is None]
    rows = None if rows_per_block is None else int(rows_per_block)
    plan = ReductionPlan(
        verb=verb, name=program.name, graph=None, feeds=feeds, outputs=tuple(outputs),
        kinds=kinds, check=check, rows_per_block=rows, device=device,
    )  # fmt: skip
    if not rest:
        return plan
    shaped = shaped.fetch(*rest)
    folded = shaped.program
    if check:
        for name, finding in reduction_kinds.faults(shaped, sources).items():
            raise NotAlgebraicError(verb, name, finding)
    return replace(
        plan,
        graph=_graph(shaped, sources, by_placeholder, verb),
        row_bytes=shaped.row_bytes(per_row=pairs),
        constants=small_constants(folded) if check else (),
        large=not sizes_by_values(folded),
    )


def _one_column_for_each(
    sources: Mapping[str, tuple[str, ...]], feed_dict: FeedDict
) -> dict[Any, Any]:
    """Complete a feed_dict: fetch z reduces column z, and both placeholders of a pair read one column."""
    given = by_name(feed_dict)
    fed: dict[Any, Any] = dict(given)
    for fetch, placeholders in sources.items():
        fed.update(dict.fromkeys(placeholders, _of_both(placeholders, given, "feed_dict", fetch)))
    return fed


def _one_policy_for_each(sources: Mapping[str, tuple[str, ...]], nulls: Nulls) -> Nulls:
    if not isinstance(nulls, Mapping):
        return nulls
    policies = dict(nulls)
    for placeholders in sources.values():
        if any(name in nulls for name in placeholders):
            policies.update(dict.fromkeys(placeholders, _of_both(placeholders, nulls, "nulls")))
    return policies


def _of_both(
    placeholders: tuple[str, ...], given: Mapping[str, Any], option: str, default: Any = None
) -> Any:
    """Return what an option gives to a placeholder, or to both placeholders of a pair."""
    found = [given[name] for name in placeholders if name in given]
    if any(one != found[0] for one in found):
        raise OptionError(
            f"Placeholders {placeholders[0]!r} and {placeholders[1]!r} are cells of one column, and "
            f"{option} has {found[0]!r} for one and {found[1]!r} for the other: give both the same."
        )
    return found[0] if found else default


def _separable(
    program: Program, sources: Mapping[str, tuple[str, ...]], kinds: tuple[str | None, ...]
) -> tuple[str | None, ...]:
    """Keep the kind only of fetches that the graph of the other fetches does not need."""
    owner = {name: fetch for fetch, names in sources.items() for name in names}
    found = {spec.name: kind for spec, kind in zip(program.outputs, kinds, strict=True)}
    rest = [name for name, kind in found.items() if kind is None]
    while rest:
        needed = {owner[spec.name] for spec in program.fetch(*rest).inputs}
        more = [name for name in needed if found[name] is not None]
        if not more:
            break
        found.update(dict.fromkeys(more))
        rest = [name for name, kind in found.items() if kind is None]
    return tuple(found.values())


def _graph(
    shaped: ShapedGraph,
    sources: Mapping[str, tuple[str, ...]],
    feeds: Mapping[str, Feed],
    verb: str,
) -> BlockGraph:
    from tfspark_magic.graph.vectorize import as_block_graph, vectorize

    program = shaped.program
    if verb == BLOCKS:
        graph = as_block_graph(program)
    else:
        lead = () if verb == ROWS else (None,)
        cells = {
            spec.name: CellSpec(spec.dtype, (*lead, *(feeds[spec.name].cell.shape or ())))
            for spec in program.inputs
        }
        graph = vectorize(program, cells, shaped=shaped)
    # Feeds are in the order of the fetches: for pairs, first all left cells, then all right ones.
    wanted = [
        sources[spec.name][side]
        for side in range(2 if verb == ROWS else 1)
        for spec in program.outputs
    ]
    names = [spec.name for spec in program.inputs]
    missing = [name for name in wanted if name not in names]
    if missing:
        fetch = next(f for f, placeholders in sources.items() if missing[0] in placeholders)
        raise ReductionError(
            f"In {verb}, no fetch depends on placeholder {missing[0]!r}: fetch {fetch!r} is to be "
            f"made from it."
        )
    order = [names.index(name) for name in wanted]
    return replace(graph, feeds=tuple(graph.feeds[i] for i in order))
