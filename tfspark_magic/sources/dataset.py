"""Files as a `tf.data.Dataset`: what `tfs.dataset` returns."""

from __future__ import annotations

import atexit
import secrets
from collections.abc import Callable, Sequence
from typing import Any

from tfspark_magic.errors import OptionError
from tfspark_magic.graph.runtime import tf
from tfspark_magic.sources.batches import BlockSource
from tfspark_magic.sources.ending import end_reading
from tfspark_magic.sources.files import Files, check_columns
from tfspark_magic.sources.order import Position, order_of
from tfspark_magic.sources.passes import FilesDataset, Passes, batches_of
from tfspark_magic.sources.prefetch import default_threads
from tfspark_magic.sources.tensors import TensorColumns

atexit.register(end_reading)


def dataset_of(
    found: Files,
    columns: str | Sequence[str] | None,
    batch_size: int | None,
    *,
    label: str | None,
    drop_remainder: bool,
    shuffle: bool,
    seed: int | None,
    shuffle_rows: int,
    shard: tuple[int, int] | None,
    even_shards: bool,
    nulls: Any,
    start: Any,
    positions: bool,
    prefetch: int,
    threads: int | None,
    beside: Any,
) -> tf.data.Dataset:
    """Return files as a dataset; see `tfs.dataset`, which has the parameters, defaults and errors.

    Parameters
    ----------
    beside
        What lives as long as the dataset.
    """
    _check_counts(batch_size=batch_size, shuffle_rows=shuffle_rows, threads=threads)
    alone = columns if isinstance(columns, str) else None
    names = check_columns(found, [alone] if alone is not None else columns)
    if label is not None:
        check_columns(found, [label])
        names = [name for name in names if name != label or columns is not None]
    read = [*dict.fromkeys([*names, *([label] if label is not None else [])])]
    if not read:
        raise OptionError("No columns are left to read: name one in columns.")
    if shuffle and seed is None:
        if positions or start is not None:
            raise OptionError("A shuffled dataset needs a seed for its positions: pass seed=.")
        if even_shards:
            raise OptionError(
                "Even shards of shuffled rows need one seed: pass the same seed= to each."
            )
        seed = secrets.randbits(31)
    if even_shards and shard is None:
        raise OptionError("even_shards=True cuts the rows into shards: pass shard=(index, count).")
    tensors = TensorColumns(found, read, nulls)
    threads = threads or default_threads()
    order = order_of(
        found, shard, seed if shuffle else None, shuffle_rows, even=even_shards, threads=threads
    )
    source = BlockSource(found, tensors, order, batch_size or 1, drop_remainder, threads)
    first, skip = _start(source, start)
    passes = Passes(source, first, skip)
    fixed = batch_size if drop_remainder else None
    made = batches_of(
        passes,
        tensors.specs(fixed),
        _element(names, alone, label, positions=positions),
        single=batch_size is None,
    )
    rows = order.rows
    if rows is not None and start is None:
        made = made.apply(tf.data.experimental.assert_cardinality(_batches(rows, source)))
    return FilesDataset(made.prefetch(prefetch) if prefetch else made, passes, beside)


def _check_counts(**counts: Any) -> None:
    for name, count in counts.items():
        if count is not None and (
            not isinstance(count, int) or isinstance(count, bool) or count < 1
        ):
            what = "threads" if name == "threads" else "rows"
            raise OptionError(f"{name} is a number of {what}, at least 1, got {count!r}.")


def _start(source: BlockSource, start: Any) -> tuple[Position, int]:
    if start is None:
        return Position(), 0
    if isinstance(start, int) and not isinstance(start, bool):
        if start < 0:
            raise OptionError(f"start is a number of rows, at least 0, got {start}.")
        found = source.order.position_of_row(start)
        return (Position(), start) if found is None else (found, found.offset)
    position = source.order.position_from(start)
    return position, position.offset


def _batches(rows: int, source: BlockSource) -> int:
    return rows // source.batch_size if source.drop_remainder else -(-rows // source.batch_size)


def _element(
    names: Sequence[str], alone: str | None, label: str | None, *, positions: bool
) -> Callable[..., Any]:
    """Return a function that makes elements of columns: a dict or one column, label and position."""
    read = [*dict.fromkeys([*names, *([label] if label is not None else [])])]

    def element(*columns: Any) -> Any:
        by_name = dict(zip(read, columns[:-1], strict=True))
        features = by_name[alone] if alone is not None else {name: by_name[name] for name in names}
        made = features if label is None else (features, by_name[label])
        return (made, columns[-1]) if positions else made

    return element
