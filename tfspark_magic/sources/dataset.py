"""Read files as a `tf.data.Dataset`, with `tfs.dataset`."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from tfspark_magic.errors import OptionError
from tfspark_magic.graph.runtime import tf
from tfspark_magic.sources.batches import BlockSource
from tfspark_magic.sources.files import Files, check_columns, files
from tfspark_magic.sources.order import Position, order_of
from tfspark_magic.sources.passes import FilesDataset, Passes, batches_of
from tfspark_magic.sources.prefetch import default_threads
from tfspark_magic.sources.tensors import TensorColumns

SHUFFLE_ROWS = 1 << 17


def dataset(
    path: Any,
    columns: str | Sequence[str] | None = None,
    batch_size: int | None = None,
    *,
    label: str | None = None,
    drop_remainder: bool = False,
    shuffle: bool = False,
    seed: int | None = None,
    shuffle_rows: int = SHUFFLE_ROWS,
    shard: tuple[int, int] | None = None,
    even_shards: bool = False,
    nulls: Any = "error",
    start: Any = None,
    positions: bool = False,
    prefetch: int = 2,
    threads: int | None = None,
    format: str | None = None,  # noqa: A002  (what everybody calls it)
    schema: pa.Schema | None = None,
    filters: Any = None,
    partitioning: str | None = "hive",
    shapes: Mapping[str, Any] | None = None,
    delimiter: str = ",",
    header: bool = True,
) -> tf.data.Dataset:
    """Read files into TensorFlow, without Spark.

    >>> data = tfs.dataset("hdfs://namenode:8020/rows", ["x", "v"], 1024, label="y",
    ...                    shapes={"v": 128}, shuffle=True)         # doctest: +SKIP
    >>> data.element_spec                                           # doctest: +SKIP
    ({'x': TensorSpec(shape=(None,), dtype=tf.int64, name=None),
      'v': TensorSpec(shape=(None, 128), dtype=tf.float32, name=None)},
     TensorSpec(shape=(None,), dtype=tf.float64, name=None))
    >>> model.fit(data, epochs=3)                                   # doctest: +SKIP

    Parameters
    ----------
    path
        A file, a folder, a glob, a list of them, or the result of `tfs.files`. Paths may be local,
        `hdfs://`, or any other that pyarrow or fsspec opens.
    columns
        The columns of the elements, which are dicts by name. For the name of a single column, the
        elements are its tensors, without a dict. If not given: all columns but `label`.
    batch_size
        The rows of a batch. None gives single rows, as usual in tf.data; batches are many times
        faster.
    label
        The column of labels. Elements are then `(features, label)`, as `fit` of Keras takes them.
    drop_remainder
        Whether to leave out a last shorter batch, so that batches have a fixed shape.
    shuffle, seed, shuffle_rows
        Read the fragments (row groups, stripes, files) in a random order, and shuffle each
        `shuffle_rows` consecutive rows with each other in memory. Each pass over the dataset has
        its own order, which depends on the seed and the number of the pass.
    shard
        `(index, count)`: the part of the rows to read, and the number of parts. Fragments are dealt
        out in turn.
    even_shards
        Whether all shards have the same number of rows. Workers that train together need this,
        because they wait for each other. Fragments are cut if need be. Up to `count - 1` rows are
        left out of a pass: the last ones, or with `shuffle` different ones in each pass. Rows that
        no footer counts are counted first.
    nulls
        `"error"`, a value that replaces nulls, or a dict of values by column.
    start
        The start of the first pass: a position from an earlier dataset, or a number of rows to
        skip. Later passes are whole.
    positions
        Whether elements are `(element, position)`. A position is five int64: the place in the pass
        after the element. Save it with `position.numpy().tolist()`, and pass it as `start`.
    prefetch
        The number of batches to prefetch; 0 for none.
    threads
        The number of fragments that are read at once; if not given, the number of cores. About 128
        MB are prefetched.
    format, schema, filters, partitioning, shapes, delimiter, header
        As in `tfs.files`. Lists are `tf.RaggedTensor`s if neither the files nor `shapes` give their
        sizes.

    Returns
    -------
    A dataset whose columns have exactly the dtypes of the files (dates as int64 days, times as
    int64 microseconds since 1970). A plain loop over it raises the errors below; after other
    transformations, TensorFlow wraps these errors.

    Raises
    ------
    PathNotFoundError, PathAccessError
        If there are no such files, or they cannot be read.
    FileContentError
        If a file is broken, has other columns than the first file, or holds nulls.
    UnsupportedTypeError
        If TensorFlow has no dtype for the cells of a column.
    OptionError
        If an option has a value that is not allowed.
    MissingDependencyError
        If a package must be installed for such paths.
    """
    _check_counts(batch_size=batch_size, shuffle_rows=shuffle_rows, threads=threads)
    if isinstance(path, Files):
        if (format, schema, filters, shapes) != (None, None, None, None):
            raise OptionError("The options of files were given to tfs.files: give them there.")
        found = path
    else:
        found = files(
            path, format=format, schema=schema, filters=filters, partitioning=partitioning,
            shapes=shapes, delimiter=delimiter, header=header,
        )  # fmt: skip
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
        tensors.specs(fixed, batched=True),
        _element(names, alone, label, positions=positions),
        single=batch_size is None,
    )
    rows = order.rows
    if rows is not None and start is None:
        made = made.apply(tf.data.experimental.assert_cardinality(_batches(rows, source)))
    return FilesDataset(made.prefetch(prefetch) if prefetch else made, passes)


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
