"""Turn columns of files into tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from tfspark_magic.binding import Feed
from tfspark_magic.binding.feeds import is_value_of
from tfspark_magic.errors import (
    FileContentError,
    InexactValueError,
    NullValuesError,
    OptionError,
    ShapeMismatchError,
    UnsupportedTypeError,
)
from tfspark_magic.graph.runtime import tf
from tfspark_magic.schema.arrow import FIELDS_APART, inner_of
from tfspark_magic.schema.spec import CellSpec, format_shape
from tfspark_magic.sources.files import Files
from tfspark_magic.sources.filesystem import shown
from tfspark_magic.worker.columns_to_tensors import to_tensor
from tfspark_magic.worker.feeding import Feeder

Arrays = tuple[pa.Array, ...]

_FILLS: dict[str, Any] = {"string": "", "bool": False}
"""The value that replaces nulls in an example, if it is not 0."""


class TensorColumns:
    """Columns of files as tensors: dense if the sizes of their cells are known, else ragged.

    Parameters
    ----------
    files
        The files with the columns.
    names
        The names of the columns, in order.
    nulls
        `"error"`, a value, or a dict of values by column.

    Raises
    ------
    UnsupportedTypeError
        If TensorFlow has no such cells.
    OptionError
        If a value cannot replace a null.
    """

    def __init__(self, files: Files, names: Sequence[str], nulls: Any) -> None:
        cells = dict(files.columns())
        if isinstance(nulls, Mapping):
            for name in nulls:
                if name not in names:
                    raise OptionError(f"nulls: no column {name!r} is read.")
        self.names = list(names)
        self.feeds: list[Feed] = []
        for name in names:
            cell = cells[name]
            if isinstance(cell, UnsupportedTypeError):
                raise _without_binding(cell)
            assert isinstance(cell, CellSpec)
            dtype = "string" if cell.dtype == "binary" else cell.dtype
            value = nulls.get(name, "error") if isinstance(nulls, Mapping) else nulls
            error = isinstance(value, str) and value == "error"
            if not error and not is_value_of(value, dtype):
                raise OptionError(
                    f"nulls={value!r} cannot replace a null of column {name!r}, which is "
                    f"{dtype}: use 'error', a value of that dtype, or a dict of them by column."
                )
            policy, fill = ("error", None) if error else ("fill", value)
            self.feeds.append(Feed(name, name, cell, CellSpec(dtype, cell.shape), policy, fill))  # type: ignore[arg-type]
        self._feeder = Feeder(self.feeds)

    @property
    def row_bytes(self) -> int:
        """The size of a row in bytes, about; for ragged cells and text it is a guess."""
        sizes = {"string": 32, "bool": 1}
        total = 0
        for feed in self.feeds:
            item = sizes.get(feed.cell.dtype) or np.dtype(feed.cell.dtype).itemsize
            total += item * int(np.prod([16 if n is None else n for n in feed.cell.shape or ()]))
        return max(1, total)

    def specs(self, rows: int | None) -> dict[str, Any]:
        """Return TensorFlow's spec of a batch of each column; `rows` is None if the last may be shorter."""
        return {feed.column: _spec(feed, rows) for feed in self.feeds}

    def checked(self, batch: pa.RecordBatch, uri: str) -> Arrays:
        """Return the columns of a batch without nulls and with the expected shapes.

        Raises
        ------
        FileContentError
            If a column has nulls or another shape.
        """
        file = shown(uri)
        try:
            arrays, _ = self._feeder(tuple(batch.columns))
        except NullValuesError as error:
            column, count, rows, first, *_ = error.args
            found = (
                f"{count} null{'s' if count > 1 else ''} in {rows} rows, the first {first} rows on"
            )
            cells = batch.column(self.names.index(column)).null_count
            advice = self._without_nulls(column, cells=bool(cells))
            raise FileContentError(file, f"no null in column {column!r}", found, advice) from None
        except ShapeMismatchError as error:
            column = next(f.column for f in self.feeds if repr(f.column) in error.args[0])
            advice = f"pass {_valid(column)}, or shapes= with their size"
            raise FileContentError(file, error.args[1], error.args[2], advice) from None
        except InexactValueError as error:
            found = f"{error.args[0]} with {error.args[1]}"
            raise FileContentError(file, "times in microseconds", found, error.args[3]) from None
        for array, feed in zip(arrays, self.feeds, strict=True):
            _check_shape(array, feed, file)
        return tuple(arrays)

    def _without_nulls(self, column: str, *, cells: bool) -> str:
        """Return advice about nulls, which are whole cells or values of lists."""
        cell = next(feed.cell for feed in self.feeds if feed.column == column)
        fill = f"nulls={{{column!r}: {_FILLS.get(cell.dtype, 0)!r}}}"
        if not cells:
            return f"pass a value for them, such as {fill}"
        if None in (cell.shape or ()):
            # A null list can be filled if its size is known.
            return f"pass {_valid(column)}"
        return f"pass a value for them, such as {fill}, or {_valid(column)}"

    def tensors(self, arrays: Arrays) -> list[Any]:
        """Return a tensor for each column; its first axis is the rows."""
        return [_tensor(array, feed) for array, feed in zip(arrays, self.feeds, strict=True)]


def _valid(column: str) -> str:
    return f"filters=pyarrow.compute.field({column!r}).is_valid() to leave them out"


def _without_binding(error: UnsupportedTypeError) -> UnsupportedTypeError:
    """Return the error of a struct column without advice to bind `'s.*'`, which datasets do not take."""
    subject, found, advice = error.args
    if advice.startswith("bind "):
        advice = FIELDS_APART
    return UnsupportedTypeError(subject, found, f"{advice}, or name others in columns=")


def ragged_rank(cell: CellSpec) -> int:
    """Return the number of ragged axes of cells: all axes up to the last one of unknown size."""
    return max((axis + 1 for axis, size in enumerate(cell.shape or ()) if size is None), default=0)


def _spec(feed: Feed, rows: int | None) -> Any:
    shape = feed.cell.shape or ()
    rank = ragged_rank(feed.cell)
    sizes = (rows, *((None,) * rank), *shape[rank:])
    dtype = tf.as_dtype(feed.cell.dtype)
    return (
        tf.RaggedTensorSpec(sizes, dtype, rank, tf.int64) if rank else tf.TensorSpec(sizes, dtype)
    )


def _check_shape(array: pa.Array, feed: Feed, file: str) -> None:
    shape = feed.cell.shape or ()
    if not shape or all(size is None for size in shape) or not len(array):
        return
    values = array
    found: dict[int, str] = {}
    for axis, size in enumerate(shape):
        starts, values = inner_of(values)
        lengths = np.diff(starts)
        wrong = lengths != size if size is not None else np.zeros(len(lengths), bool)
        if wrong.any():
            found[axis] = f"an axis of size {lengths[wrong.argmax()]} where {size} belongs"
    if found:
        expected = f"cells of shape {format_shape(shape)} in column {feed.column!r}"
        varying = [None if axis in found else size for axis, size in enumerate(shape)]
        advice = f"pass shapes={{{feed.column!r}: {varying}}}, by which an axis varies"
        raise FileContentError(file, expected, next(iter(found.values())), advice)


def _tensor(array: pa.Array, feed: Feed) -> Any:
    splits = []
    for _ in range(ragged_rank(feed.cell)):
        starts, array = inner_of(array)
        splits.append(starts.astype(np.int64))
    inner = CellSpec(feed.cell.dtype, (feed.cell.shape or ())[len(splits) :])
    flat = to_tensor(array, replace(feed, cell=inner))
    assert flat is not None  # checked by _check_shape
    if not splits:
        return flat
    return tf.RaggedTensor.from_nested_row_splits(flat, splits, validate=False)
