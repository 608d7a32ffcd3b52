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
        None chooses by bytes, about `BLOCK_BYTES` a block; 0 makes one block of everything.

    Yields
    ------
    Columns of a block; at most a block and a batch are held.
    """
    if rows_per_block is None:
        yield from _by_bytes(batches)
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
        whole = _concat(held)
        start = 0
        while count - start >= rows_per_block:
            yield tuple(column.slice(start, rows_per_block) for column in whole)
            start += rows_per_block
        count -= start
        held = [tuple(column.slice(start) for column in whole)] if count else []
    if held:
        yield _concat(held)


def _by_bytes(batches: Iterable[Columns]) -> Iterator[Columns]:
    held: list[Columns] = []
    count = size = 0
    for batch in batches:
        rows = len(batch[0])
        # Cells may grow along a partition: what fits is asked of each batch anew.
        step = rows_for(batch) if rows else 1
        for start in range(0, rows, step):
            piece = tuple(column.slice(start, step) for column in batch)
            more = sum(int(column.nbytes) for column in piece)
            if held and (size + more > BLOCK_BYTES or count + len(piece[0]) > MAX_ROWS):
                yield _concat(held)
                held, count, size = [], 0, 0
            held.append(piece)
            count += len(piece[0])
            size += more
    if held:
        yield _concat(held)


def _concat(batches: list[Columns]) -> Columns:
    if len(batches) == 1:
        return batches[0]
    return tuple(pa.concat_arrays(list(columns)) for columns in zip(*batches, strict=True))
