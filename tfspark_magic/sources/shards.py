"""Divide rows among several readers: by whole fragments, or into equal numbers of rows."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tfspark_magic.errors import OptionError
from tfspark_magic.sources.formats import Fragment


@dataclass(frozen=True)
class Part:
    """Consecutive rows of a fragment.

    Parameters
    ----------
    fragment
        The fragment.
    first, stop
        The first row, and the row after the last one; None for the end of the fragment.
    """

    fragment: Fragment
    first: int = 0
    stop: int | None = None

    @property
    def rows(self) -> int | None:
        """The number of rows; None if it is known only after reading."""
        stop = self.fragment.rows if self.stop is None else self.stop
        return None if stop is None else stop - self.first


def checked_shard(shard: Any) -> tuple[int, int]:
    """Return the index and the count of a shard.

    Raises
    ------
    OptionError
        If they are not valid.
    """
    whole = isinstance(shard, list | tuple) and [type(n) for n in shard] == [int, int]
    if not whole or not 0 <= shard[0] < shard[1]:
        raise OptionError(f"shard is (index, count) with 0 <= index < count, got {shard!r}.")
    return shard[0], shard[1]


def dealt(
    fragments: Sequence[Fragment], shard: tuple[int, int], *, filtered: bool
) -> list[Fragment]:
    """Return the fragments of a shard; fragments are dealt out in turn.

    Raises
    ------
    OptionError
        If there are fewer fragments than shards. With filters this is allowed: then some shards
        have no rows.
    """
    index, count = shard
    if count > len(fragments) and not filtered:
        raise OptionError(
            f"There are {len(fragments)} fragments (row groups, stripes or files) for {count} shards: write "
            f"more of them, or pass even_shards=True, which cuts them."
        )
    return list(fragments[index::count])


def dealt_rows(fragments: Sequence[Fragment], count: int) -> list[list[Part]]:
    """Return the parts of so many readers, of as many rows each, or one more: runs of rows.

    >>> fragments = [Fragment("a", "csv", rows=5)]
    >>> [[(part.first, part.stop) for part in parts] for parts in dealt_rows(fragments, 2)]
    [[(0, 2)], [(2, 5)]]
    """
    total = total_rows(fragments)
    ends = [total * number // count for number in range(count + 1)]
    return [
        parts_between(fragments, first, stop - first) if first < stop else []
        for first, stop in itertools.pairwise(ends)
    ]


def rows_of_each(fragments: Iterable[Fragment], count: int) -> int:
    """Return the number of rows of each equal shard.

    Raises
    ------
    OptionError
        If there are fewer rows than shards.
    """
    total = total_rows(fragments)
    if total < count:
        raise OptionError(
            f"There are {total} rows for {count} shards, and each needs one: take fewer shards, or "
            f"files with more rows."
        )
    return total // count


def total_rows(fragments: Iterable[Fragment]) -> int:
    """Return the number of rows of all fragments that know their number."""
    return sum(fragment.rows or 0 for fragment in fragments)


def parts_between(fragments: Sequence[Fragment], first: int, count: int) -> list[Part]:
    """Return `count` rows from `first` on; after the last row, the first one comes again.

    >>> fragments = [Fragment("a", "csv", rows=4), Fragment("b", "csv", rows=4)]
    >>> [(p.fragment.uri, p.first, p.stop) for p in parts_between(fragments, 3, 3)]
    [('a', 3, 4), ('b', 0, 2)]
    """
    found = []
    for fragment in itertools.cycle(fragments):
        rows = fragment.rows or 0
        if first < rows:
            stop = min(rows, first + count)
            found.append(Part(fragment, first, stop))
            count -= stop - first
            if not count:
                break
        first = max(0, first - rows)
    return found
