"""The result of binding: plain data that workers unpickle without TensorFlow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from tfspark_magic.graph.block import BlockGraph
from tfspark_magic.schema.spec import CellSpec, Shape, is_compatible

Errors = Literal["raise", "null"]


@dataclass(frozen=True)
class Feed:
    """One placeholder, the column that feeds it, and how.

    Parameters
    ----------
    placeholder, column
        Their names.
    source
        The cells of the column.
    cell
        The cells that the placeholder gets: its own dtype, and all that is known of the shape.
    on_null
        The null policy; `"fill"` replaces a null with `fill`.
    parts
        The columns that are fed side by side as a vector; `column` is then the name of the vector.
    counts
        True if no column feeds the placeholder, and it only needs the number of rows.
    """

    placeholder: str
    column: str
    source: CellSpec
    cell: CellSpec
    on_null: Literal["error", "null", "fill"] = "error"
    fill: Any = None
    parts: tuple[str, ...] = ()
    counts: bool = False

    @property
    def origin(self) -> str | tuple[str, ...]:
        """The columns that are read: one column, the parts of a vector, or none."""
        return () if self.counts else self.parts or self.column

    @property
    def held(self) -> Shape | None:
        """The shape of the column's cells in a block; bytes that feed numbers are vectors there."""
        as_numbers = self.cell.dtype == "uint8" and self.source.dtype == "binary"
        return (*(self.source.shape or ()), None) if as_numbers else self.source.shape

    @property
    def is_reshaped(self) -> bool:
        """Whether the cells get another shape when they feed the placeholder."""
        return not is_compatible(self.held, self.cell.shape)


def distinct(feeds: Iterable[Feed]) -> tuple[Feed, ...]:
    """Return the feeds without repetition: several placeholders may read the same column.

    >>> [feed.column for feed in distinct(plan.feeds)]              # doctest: +SKIP
    ['x', '[a, b]']
    """
    return tuple({feed.origin: feed for feed in feeds}.values())


@dataclass(frozen=True, kw_only=True)
class BoundProgram:
    """The common part of a map and a reduction: a program bound to columns that are not read yet.

    Parameters
    ----------
    name
        The name of the program.
    graph
        The graph that runs beside the data; None if none has to run.
    feeds
        The feeds of its placeholders.
    outputs
        Name and cell of each column that comes back.
    rows_per_block
        The largest number of rows in a block; None lets the worker choose by bytes; 0 is the whole
        partition.
    device
        "auto", "cpu" or "gpu".
    row_bytes
        How many bytes a row counts for in a block, if its cells have fewer: those of the graph's
        largest tensor, as far as is known, or a share of the whole row, if it waits beside the block.
    gpu_share
        The share of a GPU that Spark gives to a task; 0 for no GPU; None if Spark has no GPUs.
    """

    name: str
    graph: BlockGraph | None
    feeds: tuple[Feed, ...]
    outputs: tuple[tuple[str, CellSpec], ...]
    rows_per_block: int | None = None
    device: str = "auto"
    row_bytes: int = 0
    gpu_share: float | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that are read, each name once."""
        return tuple(feed.column for feed in distinct(self.feeds))


AnyPlan = TypeVar("AnyPlan", bound=BoundProgram)


@dataclass(frozen=True, kw_only=True)
class Plan(BoundProgram):
    """The plan of a map, before any data is read.

    Parameters
    ----------
    graph
        The graph, which maps blocks to blocks. Its feeds and fetches are in the order of `feeds`
        and `outputs`.
    per_row
        True for map_rows: each row is computed alone, so cells of different shapes are allowed.
    trim
        True if the outputs may have another number of rows than the block.
    batch
        The fixed number of rows that the graph takes at once; None if it takes any number.
    errors
        What becomes of a row whose values the graph fails on: "raise" the error, or a "null" result.
    """

    graph: BlockGraph
    per_row: bool
    trim: bool = False
    batch: int | None = None
    errors: Errors = "raise"
