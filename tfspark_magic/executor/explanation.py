"""`explain`: what a verb would do with a DataFrame, said before anything runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from pyspark.sql import SparkSession

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
from tfspark_magic.executor.columns import columns_of
from tfspark_magic.executor.devices import placed, words_for
from tfspark_magic.executor.explained import Binding, Explanation, Output
from tfspark_magic.executor.files import (
    check_spark,
    columns_that_stay,
    grouped,
    is_files,
    opened,
)
from tfspark_magic.executor.grouping import keys_of
from tfspark_magic.executor.mapping import as_program, block_rows
from tfspark_magic.executor.session import cores, is_dataframe
from tfspark_magic.executor.shipping import travels_inline
from tfspark_magic.graph.block import BlockGraph
from tfspark_magic.schema.arrow import CARRIERS, arrow_from_cell
from tfspark_magic.schema.spark import spark_from_cell
from tfspark_magic.schema.spec import TEXT, format_shape
from tfspark_magic.sources.ahead import default_threads
from tfspark_magic.worker.fed_columns import columns_to_read
from tfspark_magic.worker.rechunk import BLOCK_BYTES, MAX_ROWS, rows_of

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
    """Say what a verb would do with a Spark DataFrame, or with files, without running anything.

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
        A Spark DataFrame; `df.groupBy(...)` for `aggregate`; or files, by their path.
    columns, spark
        Of files: as for `map_files`, and for the reductions. Without `spark`, all columns stay and
        this process reads.
    verb
        One of `"map_rows"`, `"map_blocks"`, `"reduce_rows"`, `"reduce_blocks"`, `"aggregate"`. If
        not given: `aggregate` where `df` is grouped, else what the placeholders' shapes say:
        `map_rows` if each takes a cell of its column, else `map_blocks`.

    Returns
    -------
    An `Explanation`.

    Raises
    ------
    TfSparkError
        If the verb would raise it.
    """
    keys: list[str] = []
    df = opened(df)
    check_spark(df, spark)
    if is_dataframe(df) or is_files(df):
        frame = df
    else:
        frame, fields, _ = keys_of(
            df, "explain", "a Spark DataFrame or the path of files", "explain(fetches, df)"
        )
        keys, verb = [field.name for field in fields], verb or GROUPS
    if trim or whole_partition:
        verb = verb or "map_blocks"
        if verb != "map_blocks":
            message = f"trim and whole_partition go with map_blocks, not with {verb}."
            raise OptionError(message)
    if verb is not None and verb not in VERBS:
        message = f"explain knows the verbs {', '.join(VERBS)}; got verb={verb!r}."
        raise OptionError(message)
    if (verb == GROUPS) != bool(keys):
        needs = "a DataFrame: leave verb out" if keys else "df.groupBy(...)"
        message = f"{verb} does not go with what was given: it is explained for {needs}."
        raise OptionError(message)
    program = as_program(fetches, session)
    found = columns_of(frame, "explain")
    options: dict[str, Any] = {
        "nulls": nulls,
        "rows_per_block": block_rows(rows_per_block, whole_partition=whole_partition),
        "device": device,
    }
    if verb in (ROWS, BLOCKS, GROUPS):
        reduction = bind_reduction(program, found, feed_dict, verb=verb, keys=keys, **options)
        more = _reduction(frame, reduction, keys, spark)
        return _explanation(verb, frame, reduction, spark, **more)
    if columns is None and spark is not None:
        columns = ()
    stay = columns_that_stay(frame, columns, trim=trim)
    plan = bind_by_shape(
        program, found, feed_dict, verb, trim=trim, stay=stay, vectorize=vectorize, **options
    )
    verb = "map_rows" if plan.per_row else "map_blocks"
    return _explanation(verb, frame, plan, spark, **_map(frame, plan, stay, spark))


def _explanation(
    verb: str, df: Any, plan: BoundProgram, spark: SparkSession | None, **more: Any
) -> Explanation:
    in_arrow = is_files(df)
    tasks_of = spark if in_arrow else df.sparkSession
    return Explanation(
        verb=verb,
        program=plan.name,
        bindings=tuple(
            _binding(df, feed, reduced=isinstance(plan, ReductionPlan))
            for feed in plan.feeds
            if not feed.counts
        ),
        outputs=tuple(
            Output(
                name,
                str(cell),
                str(arrow_from_cell(cell)) if in_arrow else spark_from_cell(cell).simpleString(),
            )
            for name, cell in plan.outputs
        ),
        device=plan.device if tasks_of is None else words_for(placed(plan, tasks_of)),
        types="Arrow" if in_arrow else "Spark",
        **more,
    )


def _map(df: Any, plan: Plan, stay: list[str] | None, spark: SparkSession | None) -> dict[str, Any]:
    graph = plan.graph
    leaving = _leaving(plan.feeds)
    return {
        "run": graph.way + (f", of exactly {plan.batch} rows" if plan.batch is not None else ""),
        "blocks": _blocks(plan.feeds, plan.rows_per_block, plan.row_bytes),
        "leaving": leaving,
        "passing": ()
        if plan.trim
        else tuple(
            n for n in (df.columns if stay is None else stay) if not {n, f"{n}.*"} & {*leaving}
        ),
        "read": _read(df, plan.feeds, tuple(stay or ()), spark),
        "shipped": _shipped(df, graph, spark),
    }


def _reduction(
    df: Any, plan: ReductionPlan, keys: Sequence[str], spark: SparkSession | None
) -> dict[str, Any]:
    ways = []
    for (name, _), kind in zip(plan.outputs, plan.kinds, strict=True):
        graph = "" if plan.graph is None else plan.graph.way
        ways.append(f"{name} is a {kind}" if kind else f"{name} by its graph, {graph}")
    return {
        "run": "; ".join(ways),
        "blocks": _blocks(plan.feeds, plan.rows_per_block, plan.row_bytes),
        "leaving": tuple(dict.fromkeys([*keys, *_leaving(plan.feeds)])),
        "passing": (),
        "read": _read(df, plan.feeds, (), spark),
        "shipped": _shipped(df, plan.graph, spark) if plan.graph else "none is needed",
    }


def _read(
    source: Any, feeds: tuple[Feed, ...], stay: tuple[str, ...], spark: SparkSession | None
) -> str:
    """Say who reads files, and how much of them; nothing of a DataFrame."""
    if not is_files(source):
        return ""
    pieces = source.pieces()
    read = {*stay, *columns_to_read(feeds, source.schema.names)}
    size = sum(piece.bytes or 0 for piece in pieces)
    what = (
        f"{_count(len(read), 'column')} of {len(source.schema)}, in "
        f"{_count(len(pieces), 'piece')} of {_count(len(source.paths), 'file')}, "
        f"{_bytes(size)} in all columns"
    )
    if spark is None:
        return f"{what}, by {_count(default_threads(), 'thread')} of this process"
    tasks = len(grouped(pieces, cores(spark)))
    return f"{what}, by Spark's workers in {_count(tasks, 'task')}: the JVM sees the results alone"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' if number != 1 else ''}"


def _leaving(feeds: Iterable[Feed]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for feed in feeds for name in _columns(feed)))


def _columns(feed: Feed) -> tuple[str, ...]:
    return () if feed.counts else feed.parts or (feed.column,)


def _binding(df: Any, feed: Feed, *, reduced: bool) -> Binding:
    if is_files(df):
        kinds = {field.name: str(field.type) for field in df.schema}
    else:
        kinds = {field.name: field.dataType.simpleString() for field in df.schema.fields}
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
        ways.append("copied")  # Arrow has a form of its own for these.
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
        return f"chosen by the bytes of the cells: {_bytes(BLOCK_BYTES)}, {MAX_ROWS:,} rows at most"
    size = max(size, row_bytes)
    rows = rows_of(size)
    return f"chosen by bytes: about {rows:,} row{'s' if rows > 1 else ''} of {_bytes(size)}"


def _row_bytes(feeds: Iterable[Feed]) -> int | None:
    """Return the bytes that a row takes in Arrow; None where the sizes of its cells are unknown."""
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


def _shipped(df: Any, graph: BlockGraph, spark: SparkSession | None) -> str:
    size = len(graph.read())
    tasks_of = spark.range(0) if spark is not None else df
    if is_files(tasks_of):
        way = "in this process"
    elif travels_inline(tasks_of, size):
        way = "inside each task"
    else:
        way = "as a file of the session, sent once"
    said = f"{_bytes(size)}, {way}"
    if graph.weights is not None:
        said += f"; {_bytes(graph.weights.size)} of weights, in a file that workers share"
    return said


def _bytes(size: int) -> str:
    for unit, factor in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}"
    return f"{size} byte{'s' if size > 1 else ''}"
