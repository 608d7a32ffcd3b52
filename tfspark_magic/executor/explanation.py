"""`explain`: what a verb would do with a DataFrame, said before anything runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from html import escape
from typing import Any

from pyspark.sql import DataFrame

from tfspark_magic.binding import Feed, FeedDict, Nulls, Plan, bind_by_shape
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
from tfspark_magic.executor.grouping import keys_of
from tfspark_magic.executor.mapping import as_program, block_rows
from tfspark_magic.executor.session import is_dataframe
from tfspark_magic.executor.shipping import travels_inline
from tfspark_magic.graph.block import BlockGraph
from tfspark_magic.schema.arrow import CARRIERS
from tfspark_magic.schema.spark import spark_from_cell
from tfspark_magic.schema.spec import TEXT
from tfspark_magic.worker.rechunk import BLOCK_BYTES, MAX_ROWS, rows_of

VERBS = ("map_rows", "map_blocks", ROWS, BLOCKS, GROUPS)

_Rows = list[tuple[str, ...]]

_KINDS = {
    "date": "as days since 1970-01-01",
    "timestamp": "as microseconds since 1970-01-01 UTC",
    "timestamp_ntz": "as microseconds since 1970-01-01",
    "vector": "as a dense vector",
}


@dataclass(frozen=True)
class Binding:
    """A placeholder and the column that feeds it, as words.

    Parameters
    ----------
    placeholder, takes
        Its name, and the dtype and shape that the graph gets.
    column, spark, cells
        The column's name, its Spark type, and what its cells hold.
    nulls
        What becomes of nulls.
    fed
        How the values get from the column into the tensor.
    """

    placeholder: str
    takes: str
    column: str
    spark: str
    cells: str
    nulls: str
    fed: str


@dataclass(frozen=True)
class Output:
    """A column that comes back, as words: its name, what its cells hold, its Spark type."""

    output: str
    cells: str
    spark: str


@dataclass(frozen=True, repr=False)
class Explanation:
    """What a verb would do; shown as text, and in a notebook as tables.

    >>> tfs.explain(score, df).leaving                              # doctest: +SKIP
    ('x', 'y')

    Parameters
    ----------
    verb, program
        Their names.
    bindings, outputs
        What goes in and what comes out.
    run
        How the graph is run, and why not faster.
    blocks
        How many rows the graph is given at once.
    leaving, passing
        The columns that are sent to the graph, and those that the result holds untouched.
    device
        "auto", "cpu" or "gpu", and what Spark gives the tasks of it.
    shipped
        The size of the graph and how it gets to the workers.
    """

    verb: str
    program: str
    bindings: tuple[Binding, ...]
    outputs: tuple[Output, ...]
    run: str
    blocks: str
    leaving: tuple[str, ...]
    passing: tuple[str, ...]
    device: str
    shipped: str

    @property
    def facts(self) -> dict[str, str]:
        """All but the bindings and outputs, by what each is called."""
        return {
            "run": self.run,
            "blocks": self.blocks,
            "leave the JVM": ", ".join(self.leaving),
            "pass through": ", ".join(self.passing) or "no columns",
            "device": self.device,
            "graph": self.shipped,
        }

    def __str__(self) -> str:
        head = f"{self.verb} of program {self.program}; nothing has run."
        tables: list[_Rows] = [*self._tables(), list(self.facts.items())]
        return "\n\n".join([head, *map(_text, tables)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = f"<b>{escape(self.verb)}</b> of program <b>{escape(self.program)}</b>"
        tables = "".join(_html(heads, rows) for heads, *rows in self._tables())
        return (
            f'<div style="{_FONT}">{head}<span style="{_FAINT}">; nothing has run</span>'
            f"{tables}{_html((), list(self.facts.items()))}</div>"
        )

    def _tables(self) -> tuple[_Rows, _Rows]:
        """Return bindings and outputs as rows of words, their headings first."""
        return (
            [
                ("placeholder", "takes", "column", "Spark type", "cells", "nulls", "fed"),
                *map(astuple, self.bindings),
            ],
            [("output", "cells", "Spark type"), *map(astuple, self.outputs)],
        )


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
    session: Any = None,
) -> Explanation:
    """Say what a verb would do with a Spark DataFrame, without running anything.

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
        A Spark DataFrame; `df.groupBy(...)` for `aggregate`.
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
    if is_dataframe(df):
        frame: DataFrame = df
    else:
        frame, fields, _ = keys_of(df, "explain", "a Spark DataFrame", "explain(fetches, df)")
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
    columns = columns_of(frame, "explain")
    options: dict[str, Any] = {
        "nulls": nulls,
        "rows_per_block": block_rows(rows_per_block, whole_partition=whole_partition),
        "device": device,
    }
    if verb in (ROWS, BLOCKS, GROUPS):
        reduction = bind_reduction(program, columns, feed_dict, verb=verb, keys=keys, **options)
        return _explanation(verb, frame, reduction, **_reduction(frame, reduction, keys))
    plan = bind_by_shape(
        program, columns, feed_dict, verb, trim=trim, vectorize=vectorize, **options
    )
    verb = "map_rows" if plan.per_row else "map_blocks"
    return _explanation(verb, frame, plan, **_map(frame, plan))


def _explanation(verb: str, df: DataFrame, plan: Plan | ReductionPlan, **more: Any) -> Explanation:
    return Explanation(
        verb=verb,
        program=plan.name,
        bindings=tuple(
            _binding(df, feed, reduced=isinstance(plan, ReductionPlan)) for feed in plan.feeds
        ),
        outputs=tuple(
            Output(name, str(cell), spark_from_cell(cell).simpleString())
            for name, cell in plan.outputs
        ),
        device=words_for(placed(plan, df.sparkSession)),
        **more,
    )


def _map(df: DataFrame, plan: Plan) -> dict[str, Any]:
    graph = plan.graph
    leaving = _leaving(plan.feeds)
    return {
        "run": f"{graph.how}: {graph.reason}" if graph.reason else graph.how,
        "blocks": _blocks(plan.feeds, plan.rows_per_block, plan.row_bytes),
        "leaving": leaving,
        "passing": ()
        if plan.trim
        else tuple(n for n in df.columns if not {n, f"{n}.*"} & {*leaving}),
        "shipped": _shipped(df, graph),
    }


def _reduction(df: DataFrame, plan: ReductionPlan, keys: Sequence[str]) -> dict[str, Any]:
    ways = []
    for (name, _), kind in zip(plan.outputs, plan.kinds, strict=True):
        graph = "" if plan.graph is None else plan.graph.how
        if plan.verb != BLOCKS and plan.graph is not None and plan.graph.reason:
            graph += f" ({plan.graph.reason})"
        ways.append(f"{name} is a {kind}" if kind else f"{name} by its graph, {graph}")
    return {
        "run": "; ".join(ways),
        "blocks": _blocks(plan.feeds, plan.rows_per_block, plan.row_bytes),
        "leaving": tuple(dict.fromkeys([*keys, *_leaving(plan.feeds)])),
        "passing": (),
        "shipped": _shipped(df, plan.graph) if plan.graph else "none is needed",
    }


def _leaving(feeds: Iterable[Feed]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for feed in feeds for name in _columns(feed)))


def _columns(feed: Feed) -> tuple[str, ...]:
    return feed.parts or (feed.column,)


def _binding(df: DataFrame, feed: Feed, *, reduced: bool) -> Binding:
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
        spark=", ".join(types),
        cells=str(feed.source),
        nulls=policies[feed.on_null],
        fed=fed,
    )


def _fed(feed: Feed) -> str:
    """Say how a column's values become a tensor's."""
    source, cell = feed.source, feed.cell
    if source.dtype == "binary" and cell.dtype == "uint8":
        return "as its bytes"
    travels = CARRIERS.get(source.dtype, source.dtype)
    if CARRIERS.get(cell.dtype) == travels:
        return f"narrowed from {travels}, each value checked"
    ways = [_KINDS[source.kind]] if source.kind else []
    if cell.dtype in TEXT or cell.dtype == "bool":
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
    for feed in {feed.column: feed for feed in feeds}.values():
        dtype, shape = CARRIERS.get(feed.source.dtype, feed.source.dtype), feed.cell.shape
        if dtype in TEXT or shape is None or None in shape:
            return None
        sizes = [size or 0 for size in shape]
        # Each list has an offset of 32 bits.
        bits += 32 * sum(math.prod(sizes[:axis]) for axis in range(len(sizes)))
        bits += math.prod(sizes) * (1 if dtype == "bool" else int(dtype.lstrip("intfloa")))
    return max(1, bits // 8)


def _shipped(df: DataFrame, graph: BlockGraph) -> str:
    size = len(graph.graph_def)
    way = "inside each task" if travels_inline(df, size) else "as a file of the session, sent once"
    said = f"{_bytes(size)}, {way}"
    if graph.weights is not None:
        said += f"; {_bytes(graph.weights.size)} of weights, in a file that workers share"
    return said


def _bytes(size: int) -> str:
    for unit, factor in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}"
    return f"{size} byte{'s' if size > 1 else ''}"


def _text(rows: _Rows) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(t.ljust(w) for t, w in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


_FONT = "font-size:13px;text-align:left;color:inherit"
_FAINT = "opacity:0.65"
_CODE = "font-family:var(--jp-code-font-family,ui-monospace,monospace)"
_CELL = "padding:3px 14px 3px 0;border:none;text-align:left;vertical-align:top;white-space:normal"
_LINE = "border-bottom:1px solid var(--jp-border-color2,rgba(128,128,128,0.4));background:none"


def _html(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th style="{_CELL};font-weight:normal;{_FAINT}">{h}</th>' for h in heads)
    font = _CODE if heads else ""  # Without headings it is prose.
    body = "".join(f'<tr style="background:none">{_html_cells(row, font)}</tr>' for row in rows)
    top = f'<thead><tr style="{_LINE}">{head}</tr></thead>' if heads else ""
    return (
        f'<table style="border-collapse:collapse;border:none;margin:8px 0 0 0;{_FONT}">'
        f"{top}<tbody>{body}</tbody></table>"
    )


def _html_cells(row: Sequence[str], font: str) -> str:
    first, *rest = map(escape, row)
    others = "".join(f'<td style="{_CELL};{font}">{text}</td>' for text in rest)
    return f'<td style="{_CELL};white-space:nowrap"><b>{first}</b></td>{others}'
