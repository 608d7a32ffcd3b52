"""From a block of columns to one array for each placeholder, its nulls dealt with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from tfspark_magic.binding import Feed, distinct
from tfspark_magic.errors import NullValuesError
from tfspark_magic.schema.arrow import is_list
from tfspark_magic.schema.reshape import unreshaped
from tfspark_magic.schema.spec import TEXT
from tfspark_magic.worker import nulls
from tfspark_magic.worker.columns_to_tensors import unify

LEFT_OUT = "to leave those rows out"
"""What `nulls="null"` is for in reductions."""


class Feeder:
    """Takes apart block after block of a partition.

    >>> arrays, dropped = Feeder(plan.feeds)(block)                 # doctest: +SKIP

    Parameters
    ----------
    feeds
        Of a plan; what is read for them are the blocks' columns, in the order of `distinct(feeds)`.
    passed
        What errors say that `nulls="null"` is for; empty where it cannot be given.
    """

    def __init__(
        self, feeds: Sequence[Feed], passed: str = "for null results in those rows"
    ) -> None:
        self._feeds = feeds
        self._passed = passed
        origins = [feed.origin for feed in distinct(feeds)]
        self._positions = [origins.index(feed.origin) for feed in feeds]

    def __call__(self, block: tuple[pa.Array, ...]) -> tuple[list[pa.Array], nulls.Mask | None]:
        """Return an array without nulls for each feed, and which rows were left out of them.

        Rows are left out where a feed's policy says so; None means that none were.

        Raises
        ------
        NullValuesError
            If there is a null and the policy does not allow it.
        """
        dropped: nulls.Mask | None = None
        arrays = []
        for position, feed in zip(self._positions, self._feeds, strict=True):
            array = unify(block[position], feed)
            mask = nulls.null_rows(array)
            if mask is not None and feed.on_null == "fill":
                wide = nulls.widen(array, feed.cell.dtype)
                shape = unreshaped(feed.held, feed.cell.shape)
                array = nulls.fill(wide, feed.fill, shape, feed.column)
            elif mask is not None and feed.on_null == "error":
                first = int(np.flatnonzero(mask)[0])
                raise NullValuesError(
                    feed.column,
                    int(mask.sum()),
                    len(array),
                    first,
                    example=_example(feed, array),
                    passed=self._passed,
                )
            elif mask is not None:
                dropped = mask if dropped is None else dropped | mask
            arrays.append(array)
        if dropped is not None:
            kept = pa.array(~dropped)
            arrays = [array.filter(kept) for array in arrays]
        return arrays, dropped


def _example(feed: Feed, array: pa.Array) -> str:
    """Write a value that can stand in for the nulls of this feed; empty if none can."""
    shape = unreshaped(feed.held, feed.cell.shape)
    if array.null_count and is_list(array.type) and (not shape or None in shape):
        return ""
    if feed.cell.dtype in TEXT:
        return "''"
    return "False" if feed.cell.dtype == "bool" else "0"
