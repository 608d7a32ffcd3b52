"""Cut a stream of batches of any sizes into blocks of consecutive rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import chain

import pyarrow as pa
import pyarrow.compute as pc

from tfspark_magic.schema.arrow import is_list, with_offsets

Columns = tuple[pa.Array, ...]

BLOCK_BYTES = 4 << 20
MAX_ROWS = 1 << 19
"""A call of TensorFlow costs as much as some thousands of small rows, and more beside a busy JVM, which takes
the processor's cache. So small rows come in few calls."""
RAGGED_BLOCKS = 32
MAX_RAGGED_ROWS = 1 << 21
"""Each ragged row needs some hundred bytes more, for its shape and its place."""


def rows_of(row_bytes: int) -> int:
    """Return how many rows of this size in bytes fit into a processor's cache."""
    return max(1, min(MAX_ROWS, BLOCK_BYTES // max(row_bytes, 1)))


def rows_for(columns: Columns, row_bytes: int = 0) -> int:
    """Choose how many rows make a block, for a graph that needs `row_bytes` for each row.

    Blocks of ragged rows are larger, because the rows of each shape are run together.
    """
    rows = len(columns[0])
    size = -(-sum(int(column.nbytes) for column in columns) // rows)
    if any(is_ragged(column) for column in columns):
        return min(MAX_RAGGED_ROWS, RAGGED_BLOCKS * rows_of(size))
    return rows_of(max(size, row_bytes))


def is_ragged(column: pa.Array) -> bool:
    """Whether the cells of a column differ in shape; nulls have none.

    >>> is_ragged(pa.array([[1, 2], [3]])), is_ragged(pa.array([[1, 2], None]))
    (True, False)
    """
    while is_list(column.type):
        lengths = pc.min_max(pc.list_value_length(column))
        if lengths["min"] != lengths["max"]:
            return True
        column = column.flatten()
    return False


def rechunk(
    batches: Iterable[Columns],
    rows_per_block: int | None,
    row_bytes: int = 0,
    multiple: int | None = None,
) -> Iterator[Columns]:
    """Yield the rows of `batches` in blocks of `rows_per_block`; only the last may be shorter.

    >>> blocks = rechunk([(pa.array([1, 2, 3]),), (pa.array([4]),)], 2)
    >>> [block[0].to_pylist() for block in blocks]
    [[1, 2], [3, 4]]

    Parameters
    ----------
    batches
        Columns of equal length; batches without rows are skipped.
    rows_per_block
        None chooses by bytes, about `BLOCK_BYTES` a block; 0 makes one block of everything.
    row_bytes
        How many bytes of the graph's largest tensor belong to one row.
    multiple
        If the block size is chosen by bytes, it is a multiple of this number; the first rows decide
        it.

    Yields
    ------
    The columns of a block; at most a block and a batch are held.
    """
    batches = (tuple(map(with_offsets, batch)) for batch in batches)
    if rows_per_block is None and multiple is not None:
        batches = (batch for batch in batches if len(batch[0]))
        first = next(batches, None)
        if first is None:
            return
        rows_per_block = max(1, rows_for(first, row_bytes) // multiple) * multiple
        batches = chain([first], batches)
    if rows_per_block is None:
        yield from _by_bytes(batches, row_bytes)
        return
    held: list[Columns] = []
    count = 0
    for batch in batches:
        if not len(batch[0]):
            continue
        held.append(batch)
        count += len(batch[0])
        if not rows_per_block or count < rows_per_block:
            continue
        whole = concat(held)
        start = 0
        while count - start >= rows_per_block:
            yield tuple(column.slice(start, rows_per_block) for column in whole)
            start += rows_per_block
        count -= start
        held = [tuple(column.slice(start) for column in whole)] if count else []
    if held:
        yield tuple(concat(held))


def _by_bytes(batches: Iterable[Columns], row_bytes: int) -> Iterator[Columns]:
    held: list[Columns] = []
    filled = Fraction(0)
    for batch in batches:
        rows = len(batch[0])
        # Cells may grow along a partition, so each batch decides again how many rows fit.
        step = rows_for(batch, row_bytes) if rows else 1
        for start in range(0, rows, step):
            piece = tuple(column.slice(start, step) for column in batch)
            more = Fraction(len(piece[0]), step)
            if held and filled + more > 1:
                yield tuple(concat(held))
                held, filled = [], Fraction(0)
            held.append(piece)
            filled += more
    if held:
        yield tuple(concat(held))


def concat(batches: Sequence[Sequence[pa.Array]]) -> list[pa.Array]:
    """Return the columns of several batches as one array each."""
    if len(batches) == 1:
        return list(batches[0])
    return [pa.concat_arrays(list(columns)) for columns in zip(*batches, strict=True)]
