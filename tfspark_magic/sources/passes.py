"""Make a `tf.data.Dataset` of the rows of files: Python gives blocks, TensorFlow cuts them."""

from __future__ import annotations

import itertools
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tfspark_magic.errors import TfSparkError
from tfspark_magic.graph.eager import eagerly
from tfspark_magic.graph.runtime import tf
from tfspark_magic.graph.tensorflow_internals import OwnedIterator, variant_of
from tfspark_magic.sources.batches import Block, BlockSource
from tfspark_magic.sources.order import POSITION_SIZE, Position

ALIVE: weakref.WeakSet[Passes] = weakref.WeakSet()


class Passes:
    """Starts a pass over the rows when TensorFlow asks for one, and gives out its blocks.

    Parameters
    ----------
    source
        The source of blocks.
    start, skip
        The start of the first pass, and the rows to skip.
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
        self._ended = False
        self._running = 0
        self._changed = threading.Condition(self._lock)
        ALIVE.add(self)

    def tokens(self) -> Iterator[int]:
        """Yield a number for each block, with which `take` returns it; called once for each pass."""
        with self._lock:
            number = self._started
            self._started += 1
            self._running += 1
        start, skip = self._start, self._skip
        if number:
            start, skip = Position(start.epoch + number), 0
        token = None
        try:
            # TensorFlow calls this in its own thread. After `tf.disable_v2_behavior()`, such
            # threads start in graph mode.
            for block in eagerly(self._source.blocks(start, skip)):
                token = next(self._tokens)
                self._parked[token] = block
                yield token
                if self._ended:
                    return
        except TfSparkError as error:
            self._errors.append(error)
            raise
        except GeneratorExit:
            # The loop was left, and nobody takes its last block.
            if token is not None:
                self._parked.pop(token, None)
            raise
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def end(self) -> None:
        """End all passes after their current block."""
        self._ended = True

    def wait(self, seconds: float) -> None:
        """Wait until no pass is running."""
        with self._changed:
            self._changed.wait_for(lambda: not self._running, seconds)

    def take(self, token: Any) -> list[Any]:
        """Return the parts of a block's tensors, its number of batches, and their positions."""
        block = self._parked.pop(int(token))
        parts = [part for tensor in block.tensors for part in _parts(tensor)]
        return [*parts, tf.constant(block.batches, tf.int64), tf.constant(block.positions)]

    def take_error_in(self, error: BaseException) -> TfSparkError | None:
        """Return the error of this dataset that is inside an error of TensorFlow."""
        found = next((one for one in reversed(self._errors) if str(one) in str(error)), None)
        if found is not None:
            # Once it is raised, its traceback holds the dataset.
            self._errors.remove(found)
        return found


def _parts(tensor: Any) -> list[Any]:
    if isinstance(tensor, tf.RaggedTensor):
        return [tensor.flat_values, *tensor.nested_row_splits]
    return [tensor]


def batches_of(
    passes: Passes, specs: Mapping[str, Any], element: Callable[..., Any], *, single: bool
) -> tf.data.Dataset:
    """Return a dataset of batches.

    Parameters
    ----------
    passes
        The passes, which give the blocks.
    specs
        The specs of batches, by column.
    element
        A function that makes an element from a tensor for each column and the position after it.
    single
        Whether elements are single rows instead of batches.
    """
    return _blocks(passes, specs).flat_map(_slicer(specs, element, single=single))


def _blocks(passes: Passes, specs: Mapping[str, Any]) -> tf.data.Dataset:
    """Return a dataset of blocks: a tensor for each column, the number of batches, and positions.

    The tensors do not go through NumPy, and use Arrow's memory if possible.
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
    specs: Mapping[str, Any], element: Callable[..., Any], *, single: bool
) -> Callable[..., tf.data.Dataset]:
    """Return a function that cuts a block into batches or single rows, inside of TensorFlow."""
    ragged = any(isinstance(spec, tf.RaggedTensorSpec) for spec in specs.values())
    fixed = next(iter(specs.values())).shape[0]

    def dense(*block: Any) -> tf.data.Dataset:
        *columns, count, ends = block
        if not single:
            columns = [
                tf.ensure_shape(
                    tf.reshape(c, tf.concat([[count, -1], tf.shape(c, tf.int64)[1:]], 0)),
                    (None, fixed, *c.shape[1:]),
                )
                for c in columns
            ]
        return tf.data.Dataset.from_tensor_slices(element(*columns, ends))

    def by_range(*block: Any) -> tf.data.Dataset:
        *columns, count, ends = block
        size = columns[0].shape[0] or _rows(columns[0])
        size //= tf.maximum(count, 1)

        def cut(number: Any) -> Any:
            if single:
                return element(*[column[number] for column in columns], ends[number])
            first = number * size
            cuts = [column[first : first + size] for column in columns]
            return element(*[_of_rows(one, fixed) for one in cuts], ends[number])

        return tf.data.Dataset.range(count).map(cut)

    return by_range if ragged else dense


def _of_rows(column: Any, rows: int | None) -> Any:
    if isinstance(column, tf.RaggedTensor):
        return column
    return tf.ensure_shape(column, (rows, *column.shape[1:]))


def _rows(column: Any) -> Any:
    if isinstance(column, tf.RaggedTensor):
        return column.nrows(tf.int64)
    return tf.shape(column, tf.int64)[0]


class FilesDataset(tf.data.Dataset):
    """A dataset that raises the original errors of files in a plain loop.

    Parameters
    ----------
    inner
        The dataset.
    passes
        The passes, which hold the errors.
    beside
        What lives as long as the dataset, and those that are made of it.
    """

    def __init__(self, inner: tf.data.Dataset, passes: Passes, beside: Any = None) -> None:
        self._inner, self._beside = inner, beside
        self._passes = passes
        super().__init__(variant_of(inner))  # like tf.data's own transformations

    def _inputs(self) -> list[tf.data.Dataset]:
        return [self._inner]

    @property
    def element_spec(self) -> Any:
        """The type of an element."""
        return self._inner.element_spec

    def __iter__(self) -> Iterator[Any]:
        if not tf.executing_eagerly():
            return super().__iter__()  # type: ignore[no-any-return]
        iterator = _FilesIterator(self)
        iterator.passes = self._passes
        return iterator


class _FilesIterator(OwnedIterator):
    passes: Passes

    def __next__(self) -> Any:
        try:
            return super().__next__()
        except tf.errors.OpError as error:
            own = self.passes.take_error_in(error)
            if own is None:
                raise
            raise own from None
