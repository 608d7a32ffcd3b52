"""From the batches that files give to blocks of whole batches of the size asked for, with their place.

A block is many batches in one tensor a column, so that Python is called once for many of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from tfspark_magic.graph.runtime import tf
from tfspark_magic.sources.files import Files
from tfspark_magic.sources.order import Order, Position
from tfspark_magic.sources.prefetch import Prefetch
from tfspark_magic.sources.reading import read_part
from tfspark_magic.sources.tensors import Arrays, TensorColumns

BLOCK_BYTES = 16 << 20
_MAX_BLOCK_ROWS = 1 << 18


@dataclass(frozen=True)
class Block:
    """Rows in order.

    Parameters
    ----------
    tensors
        For each column `[batches * rows, *cell]`.
    batches
        How many there are in it, all of as many rows.
    positions
        `[batches, 5]`: where each of them ends.
    """

    tensors: list[Any]
    batches: int
    positions: np.ndarray[Any, Any]


@dataclass(frozen=True)
class BlockSource:
    """All that a pass over the rows needs.

    Parameters
    ----------
    files, columns, order
        What is read, as what, in which order.
    batch_size
        Rows of a batch; 1 for single rows.
    drop_remainder
        Whether a last shorter batch is left out.
    threads
        How many fragments are read at once.
    """

    files: Files
    columns: TensorColumns
    order: Order
    batch_size: int
    drop_remainder: bool
    threads: int

    @property
    def block_rows(self) -> int:
        """Whole batches, of about `BLOCK_BYTES`."""
        rows = min(BLOCK_BYTES // self.columns.row_bytes, _MAX_BLOCK_ROWS)
        return max(1, rows // self.batch_size) * self.batch_size

    def blocks(self, start: Position, skip: int) -> Iterator[Block]:
        """Yield the rows of a pass, in memory bounded by a few blocks or a window.

        Parameters
        ----------
        start
            The row, or the window, with which to begin.
        skip
            So many rows from there on are left out.
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
        """Yield the rows of windows, each of exactly `order.window` rows but the last, shuffled."""
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
    """Some rows on their way to blocks.

    Parameters
    ----------
    rows
        How many.
    place
        Where the first of them is.
    tensors
        Makes tensors of the rows from one number up to another.
    first
        The rows before it are left out.
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
