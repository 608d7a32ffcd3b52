"""Take some rows of a stream of batches: the first ones, or rows drawn from all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from tfspark_magic.schema.spec import CellSpec
from tfspark_magic.worker.rechunk import Columns


@dataclass(frozen=True)
class FirstColumn:
    """A column of the first rows of a frame.

    Parameters
    ----------
    name
        Its name.
    cells
        Its cells, or the name of its type if TensorFlow has no such cells.
    values
        Its values in these rows.
    """

    name: str
    cells: CellSpec | str
    values: Sequence[Any]


def first_of(batches: Iterable[Columns], count: int) -> Columns:
    """Return the first `count` rows, and read no more batches than these need; () if there are none.

    >>> first_of([(pa.array([1, 2]),), (pa.array([3]),)], 2)[0].to_pylist()
    [1, 2]
    """
    kept: list[Columns] = []
    left = count
    for batch in batches:
        kept.append(tuple(column.slice(0, left) for column in batch))
        left -= len(kept[-1][0])
        if not left:
            break
    return _joined(kept)


def drawn_from(batches: Iterable[Columns], count: int, seed: int) -> Columns:
    """Return `count` rows, each with the same chance, in the order of the rows; () if there are none.

    Each row gets a random key, and the rows with the smallest keys are kept (Efraimidis and
    Spirakis, 2006). So a few batches are in memory at a time.

    >>> len(drawn_from([(pa.array(range(100)),)], 3, seed=1)[0])
    3
    """
    random = np.random.default_rng(seed)
    keys = np.empty(0)
    kept: list[Columns] = []
    for batch in batches:
        keys = np.concatenate([keys, random.random(len(batch[0]))])
        kept = [_joined([*kept, batch])]
        if len(keys) > count:
            chosen = np.sort(np.argpartition(keys, count - 1)[:count])
            keys = keys[chosen]
            kept = [tuple(column.take(pa.array(chosen)) for column in kept[0])]
    return _joined(kept)


def _joined(parts: list[Columns]) -> Columns:
    return tuple(pa.concat_arrays(list(columns)) for columns in zip(*parts, strict=True))
