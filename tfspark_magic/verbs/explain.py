"""`explain`: describe what a verb would do with a DataFrame, before anything runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tfspark_magic.binding import Feed, FeedDict, Nulls, Plan, bind_by_shape, distinct
from tfspark_magic.binding.plan import BoundProgram
from tfspark_magic.binding.reductions import (
    BLOCKS,
    GROUPS,
    ROWS,
    ReductionPlan,
    bind_reduction,
)
from tfspark_magic.errors import OptionError
from tfspark_magic.frames.frame import Frame, frame_of
from tfspark_magic.frames.grouping import groups_of, is_grouped
from tfspark_magic.graph.block import BlockGraph
from tfspark_magic.schema.arrow import CARRIERS
from tfspark_magic.schema.spec import TEXT, format_shape
from tfspark_magic.verbs.arguments import as_program, block_rows
from tfspark_magic.verbs.explanation import Binding, Explanation, Output
from tfspark_magic.words import bytes_text, count
from tfspark_magic.worker.rechunk import BLOCK_BYTES, rows_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

VERBS = ("map_rows", "map_blocks", ROWS, BLOCKS, GROUPS)

_KINDS = {
    "date": "as days since 1970-01-01",
    "timestamp": "as microseconds since 1970-01-01 UTC",
    "timestamp_ntz": "as microseconds since 1970-01-01",
    "vector": "as a dense vector",
}


def explain(
    fetches: Any,
    df: Any,
    feed_dict: FeedDict | None = None,
    *,
    by: str | Sequence[str] | None = None,
    verb: str | None = None,
    trim: bool = False,
    whole_partition: bool = False,
    nulls: Nulls = "error",
    rows_per_block: int | None = None,
    device: str = "auto",
    vectorize: bool = True,
    columns: Sequence[str] | None = None,
    session: Any = None,
    spark: SparkSession | None = None,
) -> Explanation:
    """Say what a verb would do with a DataFrame, without running anything.

    >>> tfs.explain(score, df)                                      # doctest: +SKIP
    map_rows of program score; nothing has run.
    <BLANKLINE>
    placeholder  takes  column  Spark type  cells  nulls     fed
    x            int64  x       int         int32  an error  widened from int32
    ...

    Parameters
    ----------
    fetches, feed_dict, trim, whole_partition, nulls, rows_per_block, device, vectorize, session
        As for the verb.
    df
        What the verb takes; `df.groupBy(...)` for `aggregate`.
    by
        As for `aggregate`.
    columns, spark
        For files: as for `map_files` and the reductions. Without `spark`, all columns pass through,
        and this process reads the files.
    verb
        One of `"map_rows"`, `"map_blocks"`, `"reduce_rows"`, `"reduce_blocks"`, `"aggregate"`. If
        not given: `aggregate` if `df` is grouped. Otherwise the placeholders' shapes decide:
        `map_rows` if each takes a cell of its column, else `map_blocks`.

    Returns
    -------
    An `Explanation`.

    Raises
    ------
    TfSparkError
        If the verb would raise it.
    """
    keys: tuple[str, ...] = ()
    if by is not None or is_grouped(df):
        groups = groups_of(df, by)
        frame, keys, verb = groups.frame, groups.keys, verb or GROUPS
    else:
        frame = frame_of(df, "explain", spark)
    if trim or whole_partition:
        verb = verb or "map_blocks"
        if verb != "map_blocks":
            raise OptionError(f"trim and whole_partition go with map_blocks, not with {verb}.")
    if verb is not None and verb not in VERBS:
        raise OptionError(f"explain knows the verbs {', '.join(VERBS)}; got verb={verb!r}.")
    if (verb == GROUPS) != bool(keys):
        needs = "a DataFrame: leave verb out" if keys else "df.groupBy(...)"
        raise OptionError(f"verb={verb!r} does not fit this argument: it needs {needs}.")
    program = as_program(fetches, session)
    options: dict[str, Any] = {
        "nulls": nulls,
        "rows_per_block": block_rows(rows_per_block, whole_partition=whole_partition),
        "device": device,
    }
    if verb in (ROWS, BLOCKS, GROUPS):
        reduction = bind_reduction(
            program, frame.columns, feed_dict, verb=verb, keys=keys, **options
        )
        return _explanation(verb, frame, reduction, **_reduction(frame, reduction, keys))
    if columns is None and spark is not None:
        columns = ()
    passthrough = frame.passthrough(columns, trim=trim)
    plan = bind_by_shape(
        program, frame.columns, feed_dict, verb, trim=trim, passthrough=passthrough,
        vectorize=vectorize, **options,
    )  # fmt: skip
    verb = "map_rows" if plan.per_row else "map_blocks"
    return _explanation(verb, frame, plan, **_map(frame, plan, passthrough))


def _explanation(verb: str, frame: Frame, plan: BoundProgram, **more: Any) -> Explanation:
    return Explanation(
        verb=verb,
        program=plan.name,
        bindings=tuple(
            _binding(frame.types, feed, reduced=isinstance(plan, ReductionPlan))
            for feed in plan.feeds
            if not feed.counts
        ),
        outputs=tuple(Output(name, str(cell), frame.type_of(cell)) for name, cell in plan.outputs),
        device=frame.device(plan),
        types=frame.kind,
        reading=frame.reading,
        advice=frame.advice(_on_files(verb, plan.name), tuple(plan.feeds), _row_bytes(plan.feeds)),
        **more,
    )


def _on_files(verb: str, name: str) -> str:
    """Return the call on files, by Spark's workers, that does what a verb does with a DataFrame."""
    verb = "map_files" if verb.startswith("map_") else verb
    return "" if verb == GROUPS else f"tfs.{verb}({name}, tfs.files(df), spark=spark)"


def _map(frame: Frame, plan: Plan, passthrough: list[str] | None) -> dict[str, Any]:
    graph = plan.graph
    leaving = _leaving(plan.feeds)
    way = graph.way + (f", of exactly {plan.batch} rows" if plan.batch is not None else "")
    names = [str(name) for name, _ in frame.schema()] if passthrough is None else passthrough
    return {
        "run": "; ".join(filter(None, [way, "" if plan.trim else frame.rerun()])),
        "blocks": _blocks(plan.feeds, plan.rows_per_block, plan.row_bytes),
        "leaving": leaving,
        "passing": ()
        if plan.trim
        else tuple(name for name in names if not {name, f"{name}.*"} & {*leaving}),
        "read": frame.reads(plan.feeds, passthrough or []),
        "shipped": _shipped(frame, graph),
    }


def _reduction(frame: Frame, plan: ReductionPlan, keys: Sequence[str]) -> dict[str, Any]:
    ways = []
    for (name, _), kind in zip(plan.outputs, plan.kinds, strict=True):
        graph = "" if plan.graph is None else plan.graph.way
        ways.append(f"{name} is a {kind}" if kind else f"{name} by its graph, {graph}")
    return {
        "run": "; ".join(ways),
        "blocks": _blocks(plan.feeds, plan.rows_per_block, plan.row_bytes),
        "leaving": tuple(dict.fromkeys([*keys, *_leaving(plan.feeds)])),
        "passing": (),
        "read": frame.reads(plan.feeds, keys),
        "shipped": _shipped(frame, plan.graph) if plan.graph else "none is needed",
    }


def _leaving(feeds: Iterable[Feed]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for feed in feeds for name in _columns(feed)))


def _columns(feed: Feed) -> tuple[str, ...]:
    return () if feed.counts else feed.parts or (feed.column,)


def _binding(kinds: Mapping[str, str], feed: Feed, *, reduced: bool) -> Binding:
    # `s.*` stands for the fields of the struct `s`.
    types = [kinds.get(name) or kinds[name.removesuffix(".*")] for name in _columns(feed)]
    fed = _fed(feed)
    if feed.parts or feed.column not in kinds:
        fed = f"side by side, {fed}"
    left = "left out with their rows" if reduced else "null results"
    policies = {"error": "an error", "null": left, "fill": f"become {feed.fill!r}"}
    return Binding(
        placeholder=feed.placeholder,
        takes=str(feed.cell),
        column=feed.column,
        type=", ".join(types),
        cells=str(feed.source),
        nulls=policies[feed.on_null],
        fed=fed,
    )


def _fed(feed: Feed) -> str:
    """Say how a column's values become a tensor's."""
    source, cell = feed.source, feed.cell
    ways = [_KINDS[source.kind]] if source.kind else []
    if feed.is_reshaped:
        ways.append(f"as {format_shape(cell.shape) or 'single values'}")
    travels = CARRIERS.get(source.dtype, source.dtype)
    if source.dtype == "binary" and cell.dtype == "uint8":
        ways.append("as its bytes")
    elif CARRIERS.get(cell.dtype) == travels:
        ways.append(f"narrowed from {travels}, each value checked")
    elif cell.dtype in TEXT or cell.dtype == "bool":
        ways.append("copied")  # Arrow has its own form for these.
    elif travels != cell.dtype:
        ways.append(f"widened from {travels}")
    return ", ".join(ways) or "as it is"


def _blocks(feeds: Iterable[Feed], rows_per_block: int | None, row_bytes: int = 0) -> str:
    if rows_per_block == 0:
        return "the whole partition"
    if rows_per_block is not None:
        return f"{rows_per_block:,} rows at most"
    size = _row_bytes(feeds)
    if size is None:
        most = f"{rows_of(row_bytes):,} rows at most"
        return f"chosen by the bytes of the cells: {bytes_text(BLOCK_BYTES)}, {most}"
    size = max(size, row_bytes)
    return f"chosen by bytes: about {count(rows_of(size), 'row')} of {bytes_text(size)}"


def _row_bytes(feeds: Iterable[Feed]) -> int | None:
    """Return the bytes that a row takes in Arrow; None if the sizes of its cells are unknown."""
    bits = 0
    for feed in distinct(feeds):
        dtype, shape = CARRIERS.get(feed.source.dtype, feed.source.dtype), feed.cell.shape
        if dtype in TEXT or shape is None or None in shape:
            return None
        sizes = [size or 0 for size in shape]
        # Each list has an offset of 32 bits.
        bits += 32 * sum(math.prod(sizes[:axis]) for axis in range(len(sizes)))
        bits += math.prod(sizes) * (1 if dtype == "bool" else int(dtype.lstrip("intfloa")))
    return max(1, bits // 8)


def _shipped(frame: Frame, graph: BlockGraph) -> str:
    size = len(graph.read())
    said = f"{bytes_text(size)}, {frame.travel(size)}"
    if graph.weights is not None:
        said += f"; {bytes_text(graph.weights.size)} of weights, in a file that workers share"
    return said
