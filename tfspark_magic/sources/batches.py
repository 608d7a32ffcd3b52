"""Turn batches from files into blocks of whole batches of the requested size, with their positions.

A block holds many batches, in one tensor for each column, so that Python is called once for many
batches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from tfspark_magic.graph.runtime import tf
from tfspark_magic.sources.files import Files
from tfspark_magic.sources.order import Order, Position
from tfspark_magic.sources.prefetch import Prefetch
from tfspark_magic.sources.reading import read_part
from tfspark_magic.sources.tensors import Arrays

BLOCK_BYTES = 16 << 20
_MAX_BLOCK_ROWS = 1 << 18


@dataclass(frozen=True)
class Block:
    """A block of consecutive rows.

    Parameters
    ----------
    tensors
        A tensor `[batches * rows, *cell]` for each column.
    batches
        The number of batches in it; all have the same number of rows.
    positions
        `[batches, 5]`: the position after each batch.
    """

    tensors: list[Any]
    batches: int
    positions: np.ndarray[Any, Any]


class BlockColumns(Protocol):
    """Makes tensors of the columns of batches."""

    names: list[str]
    """Of the columns, in order."""

    @property
    def row_bytes(self) -> int:
        """About how many bytes a row has."""

    def checked(self, batch: pa.RecordBatch, uri: str) -> Arrays:
        """Return the columns of a batch of a file, or raise the error that says why not."""

    def tensors(self, arrays: Arrays) -> list[Any]:
        """Return a tensor for each column, its first axis the rows."""


@dataclass(frozen=True)
class BlockSource:
    """The settings of a pass over the rows.

    Parameters
    ----------
    files, columns, order
        The files to read, their columns as tensors, and the order of the rows.
    batch_size
        The rows of a batch; 1 for single rows.
    drop_remainder
        Whether a last shorter batch is left out.
    threads
        The number of fragments that are read at once.
    """

    files: Files
    columns: BlockColumns
    order: Order
    batch_size: int
    drop_remainder: bool
    threads: int

    @property
    def block_rows(self) -> int:
        """The rows of a block: whole batches of about `BLOCK_BYTES` together."""
        rows = min(BLOCK_BYTES // self.columns.row_bytes, _MAX_BLOCK_ROWS)
        return max(1, rows // self.batch_size) * self.batch_size

    def blocks(self, start: Position, skip: int) -> Iterator[Block]:
        """Yield the rows of a pass, in memory bounded by a few blocks or a window.

        Parameters
        ----------
        start
            The first row or window.
        skip
            The number of rows to skip from there.
        """
        chunks = self._read(start)
        if self.order.seed is not None:
            chunks = self._windows(chunks)
        yield from self._rebatched(_without(chunks, skip))

    def _read(self, start: Position) -> Iterator[Chunk]:
        parts = self.order.parts_of(start.epoch)[start.fragment :]
        if parts:
            parts[0] = replace(parts[0], first=max(start.row, parts[0].first))
        names, rows = self.columns.names, self.block_rows
        jobs = [partial(read_part, self.files, part, names, rows) for part in parts]
        current, row = -1, 0
        with Prefetch(jobs, self.threads) as prefetch:
            for number, batch in prefetch:
                if number != current:
                    current, row = number, parts[number].first
                arrays = self.columns.checked(batch, parts[number].fragment.uri)
                yield self._chunk(arrays, Position(start.epoch, start.fragment + number, row))
                row += batch.num_rows

    def _chunk(self, arrays: Arrays, place: Position) -> Chunk:
        def tensors(start: int, stop: int) -> list[Any]:
            return self.columns.tensors(tuple(a.slice(start, stop - start) for a in arrays))

        return Chunk(len(arrays[0]), place, tensors)

    def _windows(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        """Yield the shuffled rows of windows; all windows but the last have exactly `order.window` rows."""
        held: list[list[Any]] = []
        place, count = Position(), 0
        for chunk in chunks:
            at = 0
            while at < chunk.rows:
                if not held:
                    place = replace(chunk.place, row=chunk.place.row + at)
                stop = min(chunk.rows, at + self.order.window - count)
                held.append(chunk.tensors(at, stop))
                count += stop - at
                at = stop
                if count == self.order.window:
                    yield self._shuffled(_concat(held), place, count)
                    held, count = [], 0
        if held:
            yield self._shuffled(_concat(held), place, count)

    def _shuffled(self, window: list[Any], place: Position, count: int) -> Chunk:
        order = self.order.rows_of(place, count)

        def tensors(start: int, stop: int) -> list[Any]:
            with tf.device("CPU:0"):
                return [tf.gather(tensor, order[start:stop]) for tensor in window]

        return Chunk(count, place, tensors)

    def _rebatched(self, chunks: Iterator[Chunk]) -> Iterator[Block]:
        size, vectors = self.batch_size, self.order.vectors
        held: list[list[Any]] = []
        count, end = 0, None
        for chunk in chunks:
            at = chunk.first
            while at < chunk.rows:
                whole = 0 if held else (chunk.rows - at) // size * size
                stop = min(at + (min(whole, self.block_rows) or size - count), chunk.rows)
                tensors = chunk.tensors(at, stop)
                if whole:
                    ends = np.arange(at + size, stop + 1, size)
                    yield Block(tensors, len(ends), vectors(chunk.place, ends))
                else:
                    held.append(tensors)
                    count += stop - at
                    end = vectors(chunk.place, np.array([stop]))
                    if count == size:
                        yield Block(_concat(held), 1, end)
                        held, count = [], 0
                at = stop
        if held and not self.drop_remainder:
            assert end is not None
            yield Block(_concat(held), 1, end)


@dataclass(frozen=True)
class Chunk:
    """Rows that will be part of a block.

    Parameters
    ----------
    rows
        The number of rows.
    place
        The position of the first row.
    tensors
        A function that makes tensors of the rows from one number up to another.
    first
        The first row to use; earlier rows are left out.
    """

    rows: int
    place: Position
    tensors: Callable[[int, int], list[Any]]
    first: int = 0


def _without(chunks: Iterator[Chunk], skip: int) -> Iterator[Chunk]:
    for chunk in chunks:
        if skip < chunk.rows:
            yield replace(chunk, first=skip)
        skip = max(0, skip - chunk.rows)


def _concat(parts: list[list[Any]]) -> list[Any]:
    if len(parts) == 1:
        return parts[0]
    with tf.device("CPU:0"):
        return [tf.concat(tensors, axis=0) for tensors in zip(*parts, strict=True)]
