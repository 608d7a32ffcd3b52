"""Cut a stream of batches into blocks of consecutive rows, whatever the batches' sizes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

Columns = tuple[pa.Array, ...]

BLOCK_BYTES = 4 << 20
MAX_ROWS = 1 << 16


def rows_for(columns: Columns, block_bytes: int = BLOCK_BYTES) -> int:
    """Choose how many rows like these make a block: few enough to stay in a processor's cache."""
    rows = len(columns[0])
    size = sum(int(column.nbytes) for column in columns)
    return max(1, min(MAX_ROWS, block_bytes * rows // max(size, 1)))


def rechunk(batches: Iterable[Columns], rows_per_block: int | None) -> Iterator[Columns]:
    """Yield the rows of `batches` in blocks of `rows_per_block`; only the last may be shorter.

    >>> blocks = rechunk([(pa.array([1, 2, 3]),), (pa.array([4]),)], 2)
    >>> [block[0].to_pylist() for block in blocks]
    [[1, 2], [3, 4]]

    Parameters
    ----------
    batches
        Columns of equal length; batches without rows are skipped.
    rows_per_block
        None chooses by the bytes of the first batch; 0 makes one block of everything.

    Yields
    ------
    Columns of a block; at most a block and a batch are held.
    """
    held: list[Columns] = []
    count = 0
    for batch in batches:
        if not len(batch[0]):
            continue
        if rows_per_block is None:
            rows_per_block = rows_for(batch)
        held.append(batch)
        count += len(batch[0])
        if not rows_per_block or count < rows_per_block:
            continue
        whole = _concat(held)
        start = 0
        while count - start >= rows_per_block:
            yield tuple(column.slice(start, rows_per_block) for column in whole)
            start += rows_per_block
        count -= start
        held = [tuple(column.slice(start) for column in whole)] if count else []
    if held:
        yield _concat(held)


def _concat(batches: list[Columns]) -> Columns:
    if len(batches) == 1:
        return batches[0]
    return tuple(pa.concat_arrays(list(columns)) for columns in zip(*batches, strict=True))
