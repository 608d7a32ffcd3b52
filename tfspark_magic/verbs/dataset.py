"""`dataset`: files and Spark DataFrames as a `tf.data.Dataset`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tfspark_magic.errors import OptionError
from tfspark_magic.frames.frame import frame_of, is_frame
from tfspark_magic.sources.files import files
from tfspark_magic.sources.order import SHUFFLE_ROWS

if TYPE_CHECKING:
    import pyarrow as pa

    from tfspark_magic.graph.runtime import tf


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
    version: int | str | None = None,
    timestamp: Any = None,
) -> tf.data.Dataset:
    """Read files, or the rows of a Spark DataFrame, into TensorFlow in this process.

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
        A Spark DataFrame, classic or Connect: the query runs once, now, and its rows are held in
        files on this machine until the dataset is no longer used. Or files, which need no Spark:
        a file, a folder, a glob, a list of them, a table such as `delta:///lake/t`, or the result of
        `tfs.files`. Paths may be local, `hdfs://`, or any other that pyarrow or fsspec opens.
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
        MiB are prefetched.
    format, schema, filters, partitioning, shapes, delimiter, header, version, timestamp
        As in `tfs.files`; of a DataFrame only `shapes`. Lists are `tf.RaggedTensor`s if neither the
        files nor `shapes` give their sizes.

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
    from tfspark_magic.sources.dataset import dataset_of

    beside = None
    if is_frame(path):
        if (format, schema, filters, version, timestamp) != (None,) * 5:
            raise OptionError(
                "format, schema, filters, version and timestamp go with paths: leave them out, and filter the "
                "DataFrame, or give them to tfs.files."
            )
        names = None if columns is None else [*_listed(columns), *_listed(label)]
        found, beside = frame_of(path, "dataset").as_files(names, shapes)
    else:
        found = files(
            path, format=format, schema=schema, filters=filters, partitioning=partitioning,
            shapes=shapes, delimiter=delimiter, header=header, version=version, timestamp=timestamp,
        )  # fmt: skip
    return dataset_of(
        found, columns, batch_size, label=label, drop_remainder=drop_remainder, shuffle=shuffle,
        seed=seed, shuffle_rows=shuffle_rows, shard=shard, even_shards=even_shards, nulls=nulls,
        start=start, positions=positions, prefetch=prefetch, threads=threads, beside=beside,
    )  # fmt: skip


def _listed(names: str | Sequence[str] | None) -> list[str]:
    return [names] if isinstance(names, str) else list(names or ())
