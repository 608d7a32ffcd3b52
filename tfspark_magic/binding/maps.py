"""Bind programs for maps, which give a result for each row or each block of rows."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import Any, TypeVar

from tfspark_magic.binding.columns import Columns, FrameColumns
from tfspark_magic.binding.feeds import (
    FeedDict,
    Nulls,
    bind_feeds,
    check_defaults,
    check_options,
)
from tfspark_magic.binding.plan import Errors, Feed, Plan
from tfspark_magic.errors import (
    FetchError,
    NameConflictError,
    OptionError,
    ShapeMismatchError,
    Subject,
)
from tfspark_magic.graph.collection import collection_paused
from tfspark_magic.graph.program import Program
from tfspark_magic.schema.spec import (
    TEXT,
    CellSpec,
    Shape,
    TensorSpec,
    is_compatible,
    merge_shapes,
)

Made = TypeVar("Made")

_ANY_ROW_BYTES = 64
"""So that a block has 65,536 rows at most."""


@collection_paused()
def bind(
    program: Program,
    columns: Columns,
    feed_dict: FeedDict | None = None,
    *,
    per_row: bool,
    trim: bool = False,
    passthrough: Collection[str] | None = None,
    nulls: Nulls = "error",
    rows_per_block: int | None = None,
    device: str = "auto",
    vectorize: bool = True,
    reshape: bool = True,
    errors: Errors = "raise",
    maps: bool = True,
) -> Plan:
    """Bind a program to the columns of a DataFrame.

    >>> bind(score, [("x", CellSpec("int32")), ("y", CellSpec("int32"))],   # doctest: +SKIP
    ...      per_row=True).columns
    ('x', 'y')

    Parameters
    ----------
    program
        Its placeholders take cells (`per_row`) or blocks of cells.
    columns
        All columns of the DataFrame.
    feed_dict
        Column names by placeholder (a name or the tensor); `"s.*"`, or a list of names, for a
        vector of scalars. Other placeholders bind to the column of the same name.
    passthrough
        The names of the passthrough columns, if not all columns are.
    per_row, trim, nulls, rows_per_block, device, vectorize, errors
        See `Plan` and the verbs.
    reshape
        Whether cells may get another shape when they are fed; see `reshaped`.
    maps
        Whether the plan is to be run; if not, it has no graph of blocks, which takes long to make.

    Raises
    ------
    PlaceholderNotFoundError, ColumnNotFoundError, AmbiguousColumnError
        If a name does not exist, or exists twice.
    UnsupportedTypeError, DtypeMismatchError
        If a column's type does not fit its placeholder without loss.
    ShapeMismatchError
        If a rank or a size does not fit.
    NameConflictError
        If an output has the name of a passthrough column.
    FetchError
        If an output cannot be a column.
    OptionError
        If an option has a value that is not allowed.
    """
    found = FrameColumns.of(columns)
    check_options(rows_per_block, device)
    _check_errors(errors, per_row=per_row, trim=trim)
    from tfspark_magic.graph.broadcast import for_each_row

    check_defaults(program, found, feed_dict or {})
    batch = fixed_batch(program) if reshape else None
    feeds, as_rows = _feeds(
        partial(
            bind_feeds, program, found, feed_dict or {}, nulls=nulls, reshape=reshape, trim=trim
        ),
        batch,
        per_row=per_row,
        in_blocks=batch is not None or (reshape and program.is_batched),
    )
    batch = None if as_rows else batch
    rows = _rows_of_blocks(rows_per_block, batch)
    program = for_each_row(program, per_row=as_rows, trim=trim)
    if not feeds:
        (counted,) = program.inputs
        feeds = (Feed(counted.name, "", CellSpec("bool"), CellSpec("bool"), counts=True),)
    if trim and any(feed.on_null == "null" for feed in feeds):
        raise OptionError(
            "nulls='null' has no meaning with trim=True, whose rows are not those of the "
            "DataFrame: filter the nulls, or give a value to put in their place.",
            option="nulls",
        )
    if not trim:
        _check_names(
            program, found, passthrough if passthrough is not None else [name for name, _ in found]
        )

    from tfspark_magic.graph import block
    from tfspark_magic.graph import vectorize as blocks
    from tfspark_magic.graph.shaped_graph import ShapedGraph, bytes_outputs

    shapes: dict[str, Shape | None] = {}
    for feed in feeds:
        cell = feed.cell.shape
        shapes[feed.placeholder] = cell if as_rows or cell is None else (batch, *cell)
    shaped = ShapedGraph(program, shapes)
    if maps and per_row and batch is None:
        cells = {feed.placeholder: feed.cell for feed in feeds}
        graph = blocks.vectorize(
            program, cells, allowed=vectorize, shaped=shaped, batched=not as_rows
        )
    else:
        graph = blocks.as_block_graph(program)
    row_bytes = 0 if trim else _waiting_bytes(found, passthrough)
    if maps and graph.how != block.MAPPED:
        # In a map over rows, the tensors of a row are freed before those of the next row are made.
        row_bytes = max(row_bytes, shaped.row_bytes(per_row=as_rows))
    binary = [feed.placeholder for feed in feeds if feed.source.dtype == "binary"]
    in_bytes = bytes_outputs(shaped, binary)
    outputs = tuple(
        (spec.name, _output(spec, shape, in_bytes, batch, per_row=as_rows, trim=trim))
        for spec, shape in zip(program.outputs, shaped.output_shapes, strict=True)
    )
    return Plan(
        name=program.name, graph=graph, feeds=feeds, outputs=outputs, rows_per_block=rows,
        device=device, row_bytes=row_bytes, per_row=per_row, trim=trim, batch=batch,
        errors=errors,
    )  # fmt: skip


def _waiting_bytes(columns: FrameColumns, passthrough: Collection[str] | None) -> int:
    """Return what a row counts for in a block because whole rows wait beside it for their results.

    Spark's rows wait in the memory of the JVM, and those of files in the worker. A row of n numbers
    takes 8 n bytes there and counts for n bytes: beside a block of 4 MiB, 32 MiB of rows wait. Other
    rows may have any size, and rows of more than 64 numbers count for no more than these.
    """
    cells = [cell for name, cell in columns if passthrough is None or name in passthrough]
    if all(isinstance(c, CellSpec) and c.shape == () and c.dtype not in TEXT for c in cells):
        return min(len(cells), _ANY_ROW_BYTES)
    return _ANY_ROW_BYTES


def _feeds(
    bound: Callable[..., list[Feed]], batch: int | None, *, per_row: bool, in_blocks: bool
) -> tuple[tuple[Feed, ...], bool]:
    """Return the feeds, and whether they are cells.

    A graph that takes batches, or a fixed number of rows at once, can be run in blocks of rows.
    """
    try:
        return tuple(bound(per_row=per_row, batch=batch)), per_row
    except ShapeMismatchError as error:
        if not per_row or not in_blocks:
            raise
        try:
            return tuple(bound(per_row=False, batch=batch)), False
        except ShapeMismatchError:
            raise error from None


def _check_errors(errors: str, *, per_row: bool, trim: bool) -> None:
    if errors not in ("raise", "null"):
        raise OptionError(f"errors is 'raise' or 'null', got {errors!r}.", option="errors")
    if errors == "null" and (trim or not per_row):
        raise OptionError(
            "errors='null' needs rows that are computed alone, each with its result: use map_rows, "
            "or verb='map_rows', and leave trim out.",
            option="errors",
        )


def _check_names(program: Program, columns: FrameColumns, passthrough: Collection[str]) -> None:
    names = {columns.told_apart(name) for name in passthrough}
    for spec in program.outputs:
        if columns.told_apart(spec.name) in names:
            raise NameConflictError(spec.name, "a column of the DataFrame")


def fixed_batch(program: Program) -> int | None:
    """Return the fixed number of rows in a program's blocks; None if it takes any number.

    >>> fixed_batch(detector)                                       # doctest: +SKIP
    4
    """
    shapes = [spec.shape for spec in program.inputs if spec.shape is not None]
    sizes = {shape[0] if shape else 0 for shape in shapes} - {None}
    return sizes.pop() or None if len(sizes) == 1 else None


def _rows_of_blocks(rows_per_block: Any, batch: int | None) -> int | None:
    if rows_per_block is None:
        return None
    if batch is not None and rows_per_block % batch:
        raise OptionError(
            f"rows_per_block={rows_per_block} is no multiple of {batch}, the rows that the graph "
            f"takes at once: leave it out, or make it rows_per_block={batch * (1 + int(rows_per_block) // batch)}."
        )
    return int(rows_per_block)


def bind_by_shape(
    program: Program,
    columns: Columns,
    feed_dict: FeedDict | None,
    verb: str | None,
    **options: Any,
) -> Plan:
    """Bind a program for a verb; without a verb, the placeholders' shapes choose it.

    Raises
    ------
    TfSparkError
        As `bind` does; if neither verb fits, the error of `map_rows`.
    """
    attempt = partial(bind, program, columns, feed_dict, **options)
    return by_shape(program, attempt) if verb is None else attempt(per_row=verb != "map_blocks")


def by_shape(program: Program, attempt: Callable[..., Made]) -> Made:
    """Try a map of rows or of blocks, as the placeholders' shapes say, and return its result.

    >>> by_shape(score, partial(bind, score, columns)).per_row      # doctest: +SKIP
    True

    First rows are tried, with cells in their own shape, then blocks. After this, cells may be
    reshaped: blocks are tried first if all placeholders look like blocks, else rows.

    Parameters
    ----------
    program
        The program; the shapes of its placeholders decide.
    attempt
        A function of `per_row` and `reshape`, as in `bind`, which raises ShapeMismatchError if they
        do not fit. If no attempt fits, the first of these errors is raised.
    """
    first: ShapeMismatchError | None = None
    in_blocks = takes_blocks(program)
    for per_row, reshape in (
        (True, False),
        (False, False),
        (not in_blocks, True),
        (in_blocks, True),
    ):
        try:
            return attempt(per_row=per_row, reshape=reshape)
        except ShapeMismatchError as error:
            first = first or error
    assert first is not None
    raise first


def takes_blocks(program: Program) -> bool:
    """Whether the first axis of each placeholder has any size, as an axis of rows has."""
    return all(spec.shape is not None and spec.shape[:1] == (None,) for spec in program.inputs)


def _output(
    spec: TensorSpec,
    known: Shape | None,
    in_bytes: frozenset[str],
    batch: int | None,
    *,
    per_row: bool,
    trim: bool,
) -> CellSpec:
    shape = merge_shapes(known, spec.shape) if is_compatible(known, spec.shape) else known
    if shape is None:
        raise FetchError(
            f"The rank of fetch {spec.name!r} is not known before it runs, so it cannot be a "
            f"column: say its shape with tf.ensure_shape({spec.name}, [...]), or for a model in "
            f"tfs.load(outputs={{{spec.name!r}: tf.TensorSpec([...], tf.{spec.dtype})}})."
        )
    if not per_row:
        if not shape:
            raise ShapeMismatchError(
                Subject("Fetch", spec.name, " in map_blocks"),
                "a value for each row of the block",
                "a scalar",
                "keep the block axis, or use a reduction",
            )
        if shape[0] not in (None, batch) and not trim:
            raise ShapeMismatchError(
                Subject("Fetch", spec.name, " in map_blocks"),
                "a value for each row of the block",
                f"always {shape[0]} of them",
                "keep the block axis, or pass trim=True",
            )
        shape = shape[1:]
    dtype = "binary" if spec.name in in_bytes else spec.dtype
    return CellSpec(dtype, shape)
