"""Make one array for each placeholder from a block of columns, and handle the nulls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from tfspark_magic.binding import Feed, distinct
from tfspark_magic.errors import NullValuesError
from tfspark_magic.schema.arrow import is_list
from tfspark_magic.schema.spec import TEXT, unreshaped
from tfspark_magic.worker import nulls
from tfspark_magic.worker.columns_to_tensors import unify

LEFT_OUT = "to leave those rows out"
"""The purpose of `nulls="null"` in reductions, for errors."""


class Feeder:
    """Makes the arrays of the placeholders from block after block of a partition.

    >>> arrays, dropped = Feeder(plan.feeds)(block)                 # doctest: +SKIP

    Parameters
    ----------
    feeds
        The feeds of a plan; the blocks hold their columns, in the order of `distinct(feeds)`.
    passed
        The purpose of `nulls="null"`, for errors; empty if this policy is not possible.
    """

    def __init__(
        self, feeds: Sequence[Feed], passed: str = "for null results in those rows"
    ) -> None:
        self._feeds = feeds
        self._passed = passed
        origins = [feed.origin for feed in distinct(feeds)]
        self._positions = [origins.index(feed.origin) for feed in feeds]

    def __call__(self, block: tuple[pa.Array, ...]) -> tuple[list[pa.Array], nulls.Mask | None]:
        """Return an array without nulls for each feed, and the rows that were left out.

        Rows are left out if a feed's policy says so; None means that no row was left out.

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
    """Return the text of a value that can replace the nulls of this feed; empty if there is none."""
    shape = unreshaped(feed.held, feed.cell.shape)
    if array.null_count and is_list(array.type) and (not shape or None in shape):
        return ""
    if feed.cell.dtype in TEXT:
        return "''"
    return "False" if feed.cell.dtype == "bool" else "0"
