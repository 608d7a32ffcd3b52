"""Compute the order of rows, their shards, and positions in a pass, as plain numbers.

A pass is one iteration over the rows, an epoch. Its order depends only on the seed and the number
of the pass, so that a position in it can be found again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tfspark_magic.errors import OptionError
from tfspark_magic.sources.files import Files, Fragment
from tfspark_magic.sources.reading import counted
from tfspark_magic.sources.shards import (
    Part,
    checked_shard,
    dealt,
    parts_between,
    rows_of_each,
    total_rows,
)

Array = np.ndarray[Any, Any]

POSITION_SIZE = 5
SHUFFLE_ROWS = 1 << 17
"""The rows that are shuffled with each other in memory, unless a call says otherwise."""
_OF_FRAGMENTS, _OF_ROWS, _OF_SHARDS = 0, 1, 2
# This number is increased if the same seed gives another order in a new version.
_VERSION = 2
_HASH_BYTES = 6


@dataclass(frozen=True)
class Position:
    """The position of the next row.

    Parameters
    ----------
    epoch
        Number of the pass.
    fragment
        The number of the fragment, in the order of the pass and of this shard.
    row
        The number of rows of the fragment that were given; with shuffling, the first row of the
        window.
    offset
        The number of rows of the window that were given; 0 without shuffling.
    """

    epoch: int = 0
    fragment: int = 0
    row: int = 0
    offset: int = 0


@dataclass(frozen=True)
class Order:
    """The order of rows.

    Parameters
    ----------
    fragments
        The fragments of this shard, or of all shards if shards are equal, in the order of the
        files.
    seed
        The seed of the shuffle; None for the order of the files.
    window
        The number of rows that are shuffled with each other.
    fingerprint
        A hash of everything on which a position depends.
    even
        Index and count of equal shards; None for all rows of the fragments.
    """

    fragments: tuple[Fragment, ...]
    seed: int | None
    window: int
    fingerprint: int
    even: tuple[int, int] | None = None

    def parts_of(self, epoch: int) -> list[Part]:
        """Return the parts that are read in a pass, in its order.

        Equal shards are consecutive runs of rows, of a pass over all rows. The remaining rows come
        after them. With shuffling, the first shard begins at another row in each pass.
        """
        fragments = self.fragments_of(epoch)
        if self.even is None:
            return [Part(fragment) for fragment in fragments]
        index, count = self.even
        rows, begin = rows_of_each(fragments, count), 0
        if self.seed is not None:
            begin = int(self._random(_OF_SHARDS, epoch).integers(total_rows(fragments)))
        return parts_between(fragments, begin + index * rows, rows)

    def fragments_of(self, epoch: int) -> list[Fragment]:
        """Return the fragments in the order of a pass."""
        if self.seed is None:
            return list(self.fragments)
        order = self._random(_OF_FRAGMENTS, epoch).permutation(len(self.fragments))
        return [self.fragments[position] for position in order]

    def rows_of(self, start: Position, count: int) -> Array:
        """Return the order of the rows of the window that begins at `start`."""
        return self._random(_OF_ROWS, start.epoch, start.fragment, start.row).permutation(count)

    def _random(self, *place: int) -> np.random.Generator:
        # The position is not part of the seed's list: NumPy fills up a seed with zeros, so that
        # [1], [1, 0] and [1, 0, 0] are the same seed, and would give the same order.
        seed = np.random.SeedSequence(self.seed, spawn_key=place)
        return np.random.default_rng(seed)

    @property
    def rows(self) -> int | None:
        """The number of rows of a pass; None if it is known only after reading."""
        known = [part.rows for part in self.parts_of(0)]
        return None if None in known else sum(n for n in known if n is not None)

    def position_of_row(self, row: int) -> Position | None:
        """Return the position in the first pass after this number of rows.

        None if the fragments do not know their numbers of rows.
        """
        rows = self.rows
        if rows is None:
            return None
        if row > rows:
            raise OptionError(f"start={row} is beyond the last of {rows} rows.")
        skip, offset = (
            (row, 0) if self.seed is None else (row - row % self.window, row % self.window)
        )
        parts = self.parts_of(0)
        for number, part in enumerate(parts):
            assert part.rows is not None
            if skip < part.rows:
                return Position(0, number, part.first + skip, offset)
            skip -= part.rows
        return Position(0, len(parts), 0, 0)

    def vectors(self, position: Position, ends: Array) -> Array:
        """Return positions as `[batches, 5]` integers, for the batches.

        Parameters
        ----------
        position
            The position of the first batch.
        ends
            The number of rows from `position` to the end of each batch.
        """
        found = np.empty((len(ends), POSITION_SIZE), np.int64)
        found[:] = (
            position.epoch, position.fragment, position.row, position.offset, self.fingerprint,
        )  # fmt: skip
        found[:, 2 if self.seed is None else 3] += ends
        return found

    def position_from(self, vector: Any) -> Position:
        """Return a saved position.

        Raises
        ------
        OptionError
            If it is not a position, or belongs to other files or another order.
        """
        numbers = vector.tolist() if hasattr(vector, "tolist") else getattr(vector, "numpy", None)
        numbers = numbers().tolist() if callable(numbers) else numbers or vector
        whole = isinstance(numbers, list | tuple) and len(numbers) == POSITION_SIZE
        if not whole or not all(isinstance(n, int) and n >= 0 for n in numbers):
            raise OptionError(
                f"start is a number of rows, or a position that positions=True gave, got {vector!r}."
            )
        if numbers[-1] != self.fingerprint:
            raise OptionError(
                "start is a position in other files or another order: the files, filters, shard, "
                "shuffle and seed must be those of the dataset that gave it, and no file written "
                "since."
            )
        return Position(*numbers[:-1])


def order_of(
    files: Files,
    shard: Any,
    seed: int | None,
    window: int,
    *,
    even: bool = False,
    threads: int = 1,
) -> Order:
    """Return the order of the rows of files.

    Parameters
    ----------
    files
        The files; their footers are read.
    shard
        Index and count; None for all rows. Fragments are dealt out in turn.
    seed, window
        As in `Order`.
    even
        Whether all shards have the same number of rows; rows that no footer counts are counted by
        reading.
    threads
        The number of fragments that are read at once for counting.

    Raises
    ------
    OptionError
        If there are fewer fragments than shards, or fewer rows than equal shards, or `shard` is not
        an index and a count.
    """
    fragments, filtered = files.fragments(), files.expression is not None
    dealt_to = None if shard is None else checked_shard(shard)
    if dealt_to is not None and even:
        fragments = counted(files, fragments, threads)
        rows_of_each(fragments, dealt_to[1])
        shard = (*shard, "even")
    else:
        if dealt_to is not None:
            fragments = dealt(fragments, dealt_to, filtered=filtered)
        if filtered:
            fragments = [replace(fragment, rows=None) for fragment in fragments]
    parts: Sequence[Any] = (
        [(p.uri, p.row_groups, p.rows, *filter(None, [p.deleted])) for p in fragments], files.filtered_by, shard, seed,
        window if seed is not None else 0, files.sizes, files.written, _VERSION,
    )  # fmt: skip
    digest = hashlib.sha256(repr(parts).encode()).digest()[:_HASH_BYTES]
    fingerprint = int.from_bytes(digest, "big")
    return Order(tuple(fragments), seed, window, fingerprint, dealt_to if even else None)
