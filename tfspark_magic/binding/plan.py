"""What binding makes: plain data that workers unpickle without TensorFlow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from tfspark_magic.graph.block import BlockGraph
from tfspark_magic.schema.spec import CellSpec, Shape, is_compatible


@dataclass(frozen=True)
class Feed:
    """One placeholder, the column that feeds it, and how.

    Parameters
    ----------
    placeholder, column
        Their names.
    source
        What the column's cells hold.
    cell
        What the placeholder gets: its own dtype, and all that is known of the shape.
    on_null
        `"fill"` puts `fill` in the place of a null.
    parts
        The columns that stand side by side as the vector that `column` is then a name for.
    counts
        True where no column feeds the placeholder, which has to know how many rows there are.
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
        """What is read: a column, or those that `column` is a name for, or nothing."""
        return () if self.counts else self.parts or self.column

    @property
    def held(self) -> Shape | None:
        """The shape of the column's cells in a block, where bytes that feed numbers are vectors."""
        as_numbers = self.cell.dtype == "uint8" and self.source.dtype == "binary"
        return (*(self.source.shape or ()), None) if as_numbers else self.source.shape

    @property
    def is_reshaped(self) -> bool:
        """Whether cells feed the placeholder in another shape than they have."""
        return not is_compatible(self.held, self.cell.shape)


def distinct(feeds: Iterable[Feed]) -> tuple[Feed, ...]:
    """Return one feed for each thing that is read; placeholders may share it.

    >>> [feed.column for feed in distinct(plan.feeds)]              # doctest: +SKIP
    ['x', '[a, b]']
    """
    return tuple({feed.origin: feed for feed in feeds}.values())


@dataclass(frozen=True, kw_only=True)
class BoundProgram:
    """What a map and a reduction have in common: a program bound to columns, before any is read.

    Parameters
    ----------
    name
        The program's.
    graph
        What runs beside the data; None where nothing has to.
    feeds
        What feeds it.
    outputs
        Name and cell of each column that comes back.
    rows_per_block
        At most so many rows; None lets the worker choose by bytes; 0 is the whole partition.
    device
        "auto", "cpu" or "gpu".
    row_bytes
        How much of the graph's largest tensor belongs to one row, as far as is known.
    gpu_share
        How much of a GPU Spark gives to a task; 0 for none; None where it has none to give.
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
        """What is read, each once, as it is called."""
        return tuple(feed.column for feed in distinct(self.feeds))


AnyPlan = TypeVar("AnyPlan", bound=BoundProgram)


@dataclass(frozen=True, kw_only=True)
class Plan(BoundProgram):
    """All that there is to know about a map before any data is read.

    Parameters
    ----------
    graph
        From blocks to blocks. Its feeds and fetches are in the order of `feeds` and `outputs`.
    per_row
        True for map_rows: each row stands alone, so cells of unequal shape are allowed.
    trim
        True where the outputs need not have as many rows as the block.
    batch
        Exactly so many rows the graph takes at once, if that is not any number.
    """

    graph: BlockGraph
    per_row: bool
    trim: bool = False
    batch: int | None = None
