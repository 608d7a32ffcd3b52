"""Choose the columns that feed a plan from a reader's batch, and put some of them side by side."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pyarrow as pa

from tfspark_magic.binding import Feed, distinct


def columns_to_read(feeds: Iterable[Feed], names: Collection[str]) -> list[str]:
    """Return the names of the columns that feeds read, each name once.

    >>> columns_to_read(plan.feeds, ["id", "x", "s"])               # doctest: +SKIP
    ['x', 's']
    """
    feeds = tuple(feeds)
    fed = (name for feed in feeds if not feed.counts for name in feed.parts or (feed.column,))
    # `s.*` stands for the fields of the struct `s`.
    read = list(dict.fromkeys(n if n in names else n.removesuffix(".*") for n in fed))
    # A batch without columns has no number of rows.
    return read or list(names)[:1]


def fed_columns(batch: pa.RecordBatch, feeds: Iterable[Feed]) -> tuple[pa.Array, ...]:
    """Return the columns that feed a plan, in the order of `distinct(feeds)`.

    Parameters
    ----------
    batch
        A batch with the `columns_to_read`, and maybe others.
    feeds
        The feeds of the plan.
    """
    return tuple(_fed(batch, feed) for feed in distinct(feeds))


def _fed(batch: pa.RecordBatch, feed: Feed) -> pa.Array:
    names = batch.schema.names
    if feed.counts:
        return pa.repeat(True, batch.num_rows)  # noqa: FBT003
    if feed.column in names and not feed.parts:
        return batch.column(names.index(feed.column))
    from tfspark_magic.worker.columns_to_tensors import side_by_side

    if feed.parts:
        parts = [batch.column(names.index(name)) for name in feed.parts]
    else:
        parts = batch.column(names.index(feed.column.removesuffix(".*"))).flatten()
    return side_by_side(parts, feed.source)
