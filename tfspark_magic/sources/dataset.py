"""Files as a `tf.data.Dataset`: `tfs.dataset`."""

from __future__ import annotations

import itertools
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from tfspark_magic.errors import OptionError, TfSparkError
from tfspark_magic.graph.runtime import tf
from tfspark_magic.sources.ahead import default_threads
from tfspark_magic.sources.batches import Block, BlockSource
from tfspark_magic.sources.files import Files, check_columns, files
from tfspark_magic.sources.order import POSITION_SIZE, Position, order_of
from tfspark_magic.sources.tensors import TensorColumns

from tensorflow.python.data.ops import iterator_ops

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
        A file, a folder, a glob, a list of them, or what `tfs.files` made; local, `hdfs://`, or what
        else pyarrow or fsspec opens.
    columns
        Those of the elements, which are dicts by name. The name of one column gives its tensors
        alone. All but `label` if not given.
    batch_size
        Rows of a batch. None gives single rows, as tf.data does elsewhere; batches are many times
        faster.
    label
        A column that is given beside the others, as `(features, label)`: what Keras fits.
    drop_remainder
        Whether to leave out a last batch of fewer rows, so that batches have a fixed shape.
    shuffle, seed, shuffle_rows
        Read the pieces (row groups, stripes, files) in a random order, and shuffle each
        `shuffle_rows` consecutive rows (which are held in memory) with each other. Each pass over
        the dataset has an order of its own, which follows from the seed and the pass's number.
    shard
        `(index, count)`: this one of so many parts of the rows. Pieces are dealt out in turn.
    nulls
        `"error"`, a value to put in the place of nulls, or a dict of them by column.
    start
        Where the first pass begins: a position that an earlier dataset gave, or a number of rows
        that are left out. Later passes are whole.
    positions
        Whether each element comes as `(element, position)`, five int64: where the pass stands after it, to
        be saved with `position.numpy().tolist()` and given as `start`.
    prefetch
        Batches that are made ahead; 0 for none.
    threads
        Pieces that are read at once; as many as there are cores if not given. About 128 MB are read
        ahead.
    format, schema, filters, partitioning, shapes, delimiter, header
        As `tfs.files` has them. Lists whose sizes neither the files nor `shapes` tell are
        `tf.RaggedTensor`s.

    Returns
    -------
    A dataset whose columns have exactly the dtypes of the files (dates as int64 days, times as int64
    microseconds since 1970). In a plain loop over it, errors are those below; behind other
    transformations TensorFlow wraps them.

    Raises
    ------
    PathNotFoundError, PathAccessError
        If there are no such files, or they cannot be read.
    FileContentError
        If a file is broken, its columns are not those of the first, or it holds nulls.
    UnsupportedTypeError
        If TensorFlow has no such cells as a column's.
    OptionError
        If an option has a value that it cannot have.
    MissingDependencyError
        If a package has to be installed for such paths.
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
        seed = secrets.randbits(31)
    tensors = TensorColumns(found, read, nulls)
    order = order_of(
        found, shard, seed if shuffle else None, shuffle_rows, filtered=found.expression is not None
    )
    source = BlockSource(
        found, tensors, order, batch_size or 1, drop_remainder, threads or default_threads()
    )
    first, skip = _start(source, start)
    passes = Passes(source, first, skip)
    batched = batch_size is not None
    fixed = batch_size if drop_remainder else None
    made = _blocks(passes, tensors.specs(fixed, batched=True))
    made = made.flat_map(_slicer(tensors, batch_size, fixed))
    rows = order.rows
    if rows is not None and start is None:
        made = made.apply(tf.data.experimental.assert_cardinality(_batches(rows, source)))
    made = made.map(_structure(names, alone, label, positions=positions))
    return FilesDataset(made.prefetch(prefetch) if prefetch else made, passes)


def _check_counts(**counts: Any) -> None:
    for name, count in counts.items():
        if count is not None and (not isinstance(count, int) or isinstance(count, bool) or count < 1):
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


class Passes:
    """Begins a pass over the rows whenever TensorFlow asks for one, and hands out its blocks.

    Parameters
    ----------
    source
        What is read.
    start, skip
        Where the first pass begins.
    """

    def __init__(self, source: BlockSource, start: Position, skip: int) -> None:
        self._source = source
        self._start = start
        self._skip = skip
        self._lock = threading.Lock()
        self._started = 0
        self._tokens = itertools.count()
        self._parked: dict[int, Block] = {}
        self._errors: list[TfSparkError] = []

    def tokens(self) -> Iterator[int]:
        """Yield a number for each block, by which `take` gives it; called once for each pass."""
        with self._lock:
            number = self._started
            self._started += 1
        start, skip = self._start, self._skip
        if number:
            start, skip = Position(start.epoch + number), 0
        token = None
        try:
            for block in self._source.blocks(start, skip):
                token = next(self._tokens)
                self._parked[token] = block
                yield token
        except TfSparkError as error:
            self._errors.append(error)
            raise
        finally:
            if token is not None:
                self._parked.pop(token, None)

    def take(self, token: Any) -> list[Any]:
        """Return the parts of a block's tensors, how many batches it has, and their positions."""
        block = self._parked.pop(int(token))
        parts = [part for tensor in block.tensors for part in _parts(tensor)]
        return [*parts, tf.constant(block.batches, tf.int64), tf.constant(block.positions)]

    def error_in(self, error: BaseException) -> TfSparkError | None:
        """Return which of this dataset's errors is inside one of TensorFlow's."""
        return next((one for one in reversed(self._errors) if str(one) in str(error)), None)


def _parts(tensor: Any) -> list[Any]:
    if isinstance(tensor, tf.RaggedTensor):
        return [tensor.flat_values, *tensor.nested_row_splits]
    return [tensor]


def _blocks(passes: Passes, specs: Mapping[str, Any]) -> tf.data.Dataset:
    """Return a dataset of blocks: a tensor a column, the number of batches, and positions.

    The tensors themselves do not go through NumPy: where Arrow's memory may be used, it is.
    """
    types: list[Any] = []
    for spec in specs.values():
        rank = spec.ragged_rank if isinstance(spec, tf.RaggedTensorSpec) else 0
        types += [spec.dtype, *[tf.int64] * rank]

    def block(token: Any) -> tuple[Any, ...]:
        parts = iter(tf.py_function(passes.take, [token], [*types, tf.int64, tf.int64]))
        return (*[_assembled(spec, parts) for spec in specs.values()], *_counted(parts))

    tokens = tf.data.Dataset.from_generator(
        passes.tokens, output_signature=tf.TensorSpec((), tf.int64)
    )
    return tokens.map(block).prefetch(1)


def _assembled(spec: Any, parts: Iterator[Any]) -> Any:
    if isinstance(spec, tf.TensorSpec):
        return tf.ensure_shape(next(parts), (None, *spec.shape[1:]))
    flat = tf.ensure_shape(next(parts), (None, *spec.shape[spec.ragged_rank + 1 :]))
    splits = [tf.ensure_shape(next(parts), (None,)) for _ in range(spec.ragged_rank)]
    return tf.RaggedTensor.from_nested_row_splits(flat, splits, validate=False)


def _counted(parts: Iterator[Any]) -> tuple[Any, Any]:
    return tf.ensure_shape(next(parts), ()), tf.ensure_shape(next(parts), (None, POSITION_SIZE))


def _slicer(
    tensors: TensorColumns, batch_size: int | None, fixed: int | None
) -> Callable[..., tf.data.Dataset]:
    """Return what cuts a block into its batches, or single rows, inside of TensorFlow."""
    ragged = any(
        isinstance(spec, tf.RaggedTensorSpec) for spec in tensors.specs(None, batched=True).values()
    )

    def dense(*block: Any) -> tf.data.Dataset:
        *columns, count, ends = block
        if batch_size is not None:
            columns = [
                tf.ensure_shape(
                    tf.reshape(c, tf.concat([[count, -1], tf.shape(c, tf.int64)[1:]], 0)),
                    (None, fixed, *c.shape[1:]),
                )
                for c in columns
            ]
        return tf.data.Dataset.from_tensor_slices((*columns, ends))

    def by_range(*block: Any) -> tf.data.Dataset:
        *columns, count, ends = block
        size = columns[0].shape[0] or _rows(columns[0])
        size //= tf.maximum(count, 1)

        def cut(number: Any) -> tuple[Any, ...]:
            if batch_size is None:
                return (*[column[number] for column in columns], ends[number])
            first = number * size
            return (*[column[first : first + size] for column in columns], ends[number])

        return tf.data.Dataset.range(count).map(cut)

    return by_range if ragged else dense


def _rows(column: Any) -> Any:
    if isinstance(column, tf.RaggedTensor):
        return column.nrows(tf.int64)
    return tf.shape(column, tf.int64)[0]


def _structure(
    names: Sequence[str], alone: str | None, label: str | None, *, positions: bool
) -> Callable[..., Any]:
    """Return what makes elements of columns: a dict, or one alone, with a label and a position."""
    read = [*dict.fromkeys([*names, *([label] if label is not None else [])])]

    def element(*columns: Any) -> Any:
        by_name = dict(zip(read, columns[:-1], strict=True))
        features = by_name[alone] if alone is not None else {name: by_name[name] for name in names}
        made = features if label is None else (features, by_name[label])
        return (made, columns[-1]) if positions else made

    return element


class FilesDataset(tf.data.Dataset):  # type: ignore[misc]
    """A dataset whose own loop raises errors of files as what they are.

    Parameters
    ----------
    inner
        What it is.
    passes
        That know the errors.
    """

    def __init__(self, inner: tf.data.Dataset, passes: Passes) -> None:
        self._inner = inner
        self._passes = passes
        super().__init__(inner._variant_tensor)  # noqa: SLF001  (as tf.data's own transformations do)

    def _inputs(self) -> list[tf.data.Dataset]:
        return [self._inner]

    @property
    def element_spec(self) -> Any:
        """The type of an element."""
        return self._inner.element_spec

    def __iter__(self) -> Iterator[Any]:
        if not tf.executing_eagerly():
            return super().__iter__()  # type: ignore[no-any-return]
        iterator = _FilesIterator(self._inner)
        iterator.passes = self._passes
        return iterator  # type: ignore[no-any-return]


class _FilesIterator(iterator_ops.OwnedIterator):  # type: ignore[misc]
    passes: Passes

    def __next__(self) -> Any:
        try:
            return super().__next__()
        except tf.errors.OpError as error:
            own = self.passes.error_in(error)
            if own is None:
                raise
            raise own from None
