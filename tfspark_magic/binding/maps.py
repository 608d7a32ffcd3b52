"""Binding for maps: a value, or a block of them, for each row."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tfspark_magic.binding.columns import Columns, FrameColumns
from tfspark_magic.binding.feeds import (
    FeedDict,
    Nulls,
    bind_feeds,
    check_defaults,
    check_options,
)
from tfspark_magic.binding.plan import Plan
from tfspark_magic.errors import FetchError, NameConflictError, OptionError, ShapeMismatchError
from tfspark_magic.graph.program import Program
from tfspark_magic.schema.spec import CellSpec, Shape, TensorSpec, is_compatible, merge_shapes


def bind(
    program: Program,
    columns: Columns,
    feed_dict: FeedDict | None = None,
    *,
    per_row: bool,
    trim: bool = False,
    stay: Collection[str] | None = None,
    nulls: Nulls = "error",
    rows_per_block: int | None = None,
    device: str = "auto",
    vectorize: bool = True,
    reshape: bool = True,
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
        vector of scalars. Others bind to the column of their own name.
    stay
        The names of the columns that stay beside the outputs, if not all of them do.
    per_row, trim, nulls, rows_per_block, device, vectorize
        See `Plan` and the verbs.
    reshape
        Whether cells may be fed in another shape than they have; see `reshaped`.

    Raises
    ------
    PlaceholderNotFoundError, ColumnNotFoundError, AmbiguousColumnError
        If a name is not there, or there twice.
    UnsupportedTypeError, DtypeMismatchError
        If a column's type does not fit its placeholder without loss.
    ShapeMismatchError
        If a rank or a size does not fit.
    NameConflictError
        If an output has the name of a column that stays.
    FetchError
        If an output cannot be a column.
    OptionError
        If an option has a value that it cannot have.
    """
    found = FrameColumns.of(columns)
    check_options(rows_per_block, device)
    if not program.inputs:
        message = (
            f"No fetch of program {program.name!r} depends on a placeholder, so there is nothing "
            f"to compute from the DataFrame."
        )
        raise FetchError(message)
    check_defaults(program, found, feed_dict or {})
    feeds = tuple(
        bind_feeds(program, found, feed_dict or {}, per_row=per_row, nulls=nulls, reshape=reshape)
    )
    if trim and any(feed.on_null == "null" for feed in feeds):
        message = (
            "nulls='null' has no meaning with trim=True, whose rows are not those of the "
            "DataFrame: filter the nulls, or give a value to put in their place."
        )
        raise OptionError(message)
    if not trim:
        beside = stay if stay is not None else (name for name, _ in found)
        names = {found.told_apart(name) for name in beside}
        for spec in program.outputs:
            if found.told_apart(spec.name) in names:
                raise NameConflictError(spec.name, "a column of the DataFrame")

    from tfspark_magic.graph import block, text
    from tfspark_magic.graph import vectorize as blocks

    shapes: dict[str, Shape | None] = {}
    for feed in feeds:
        cell = feed.cell.shape
        shapes[feed.placeholder] = cell if per_row or cell is None else (None, *cell)
    known = blocks.infer_shapes(program, shapes)
    if per_row:
        cells = {feed.placeholder: feed.cell for feed in feeds}
        graph = blocks.vectorize(program, cells, allowed=vectorize)
    else:
        graph = blocks.as_block_graph(program)
    row_bytes = 0
    if graph.how != block.MAPPED:
        # Mapped, a row's tensors are gone before the next row's are made.
        row_bytes = blocks.infer_row_bytes(program, shapes, per_row=per_row)
    binary = [feed.placeholder for feed in feeds if feed.source.dtype == "binary"]
    in_bytes = text.bytes_outputs(program, binary)
    outputs = tuple(
        (spec.name, _output(spec, shape, in_bytes, per_row=per_row, trim=trim))
        for spec, shape in zip(program.outputs, known, strict=True)
    )
    rows = None if rows_per_block is None else int(rows_per_block)
    return Plan(program.name, graph, feeds, outputs, per_row, trim, rows, device, row_bytes)


def bind_by_shape(
    program: Program,
    columns: Columns,
    feed_dict: FeedDict | None,
    verb: str | None,
    **options: Any,
) -> Plan:
    """Bind a program as the verb says, or without one as the placeholders' shapes do.

    These say rows if each takes a cell of its column as it is, else blocks if each takes a block of
    those; else what takes cells in another shape, blocks first if that is what all of them are.

    Raises
    ------
    TfSparkError
        As `bind` does; if neither verb fits, what `map_rows` says.
    """
    if verb is not None:
        return bind(program, columns, feed_dict, per_row=verb != "map_blocks", **options)
    first: ShapeMismatchError | None = None
    in_blocks = takes_blocks(program)
    for per_row, reshape in (
        (True, False),
        (False, False),
        (not in_blocks, True),
        (in_blocks, True),
    ):
        try:
            return bind(program, columns, feed_dict, per_row=per_row, reshape=reshape, **options)
        except ShapeMismatchError as error:
            first = first or error
    assert first is not None
    raise first


def takes_blocks(program: Program) -> bool:
    """Whether the first axis of each placeholder is of any size, as that of the rows is."""
    return all(spec.shape is not None and spec.shape[:1] == (None,) for spec in program.inputs)


def _output(
    spec: TensorSpec, known: Shape | None, in_bytes: frozenset[str], *, per_row: bool, trim: bool
) -> CellSpec:
    shape = merge_shapes(known, spec.shape) if is_compatible(known, spec.shape) else known
    if shape is None:
        message = (
            f"The rank of fetch {spec.name!r} is not known before it runs, so it cannot be a "
            f"column: say its shape with tf.ensure_shape({spec.name}, [...])."
        )
        raise FetchError(message)
    if not per_row:
        if not shape:
            raise ShapeMismatchError(
                f"Fetch {spec.name!r} in map_blocks",
                "a value for each row of the block",
                "a scalar",
                "keep the block axis, or use a reduction",
            )
        if shape[0] is not None and not trim:
            raise ShapeMismatchError(
                f"Fetch {spec.name!r} in map_blocks",
                "a value for each row of the block",
                f"always {shape[0]} of them",
                "keep the block axis, or pass trim=True",
            )
        shape = shape[1:]
    dtype = "binary" if spec.name in in_bytes else spec.dtype
    return CellSpec(dtype, shape)
