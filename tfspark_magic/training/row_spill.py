"""Check the rows of one worker and write them to files, which each epoch reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tfspark_magic.binding import Feed
from tfspark_magic.errors import ShapeMismatchError, Subject
from tfspark_magic.schema.arrow import is_list, with_offsets
from tfspark_magic.schema.spec import Shape, format_shape
from tfspark_magic.sources.spilling import Spill, Spilled
from tfspark_magic.worker.columns_to_tensors import dense_shape
from tfspark_magic.worker.feeding import LEFT_OUT, Feeder
from tfspark_magic.worker.place import Place
from tfspark_magic.worker.rechunk import Columns


class RowSpill:
    """Checks rows and writes them to files: the rows to train on, and the rows that are held back.

    >>> with RowSpill(plan.feeds, folder).writing() as spill:       # doctest: +SKIP
    ...     spill.add(columns)
    >>> spill.rows.total, spill.held.total                          # doctest: +SKIP
    (900, 100)

    Parameters
    ----------
    feeds
        The feeds of a plan.
    folder
        The folder for the files.
    fraction
        The fraction of the rows to hold back, which are chosen by chance.
    seed
        The seed of this choice; the choice does not depend on how the rows are cut into batches.
    """

    def __init__(
        self, feeds: tuple[Feed, ...], folder: Path, fraction: float = 0.0, *seed: int
    ) -> None:
        self._feeds = feeds
        self._feeder, self._place = Feeder(feeds, LEFT_OUT), Place()
        self._rows, self._held = Spill(folder, "rows"), Spill(folder, "held")
        self._fraction, self._random = fraction, np.random.default_rng(seed)
        self._shapes: dict[int, Shape] = {}

    @property
    def rows(self) -> Spilled:
        """The rows to train on."""
        return self._rows.spilled

    @property
    def held(self) -> Spilled:
        """The rows that are held back."""
        return self._held.spilled

    @contextmanager
    def writing(self) -> Iterator[RowSpill]:
        """Close the files at the end of a block."""
        with self._rows.writing(), self._held.writing():
            yield self

    def add(self, columns: Columns, held: pa.Array | bool | None = None) -> None:  # noqa: FBT001
        """Write some rows.

        Parameters
        ----------
        columns
            The columns that feed the plan, in the order of `distinct(feeds)`.
        held
            Whether all rows, or which of them, are held back; None leaves it to chance.

        Raises
        ------
        NullValuesError, ShapeMismatchError, InexactValueError
            As in a map of these rows; or if the cells of a column differ in shape, since a batch has
            one shape.
        PathAccessError
            If the disk is full.
        """
        columns = tuple(map(with_offsets, columns))
        count = len(columns[0])
        if held is None and self._fraction:
            held = pa.array(self._random.random(count) < self._fraction)
        if isinstance(held, pa.Array):
            parts = [
                (self._rows, tuple(column.filter(pc.invert(held)) for column in columns)),
                (self._held, tuple(column.filter(held) for column in columns)),
            ]
        else:
            parts = [(self._held if held else self._rows, columns)]
        with self._place.of_block(count):
            for spill, some in parts:
                arrays, _ = self._feeder(some)
                self._check_shapes(arrays)
                if len(arrays[0]):
                    names = [str(at) for at in range(len(arrays))]
                    spill.add(pa.RecordBatch.from_arrays(arrays, names))

    def _check_shapes(self, arrays: list[pa.Array]) -> None:
        for at, (array, feed) in enumerate(zip(arrays, self._feeds, strict=True)):
            if not is_list(array.type) or not len(array):
                continue
            dense = dense_shape(array)
            shape = None if dense is None else dense[1]
            first = self._shapes.get(at)
            if shape is None or self._shapes.setdefault(at, shape) != shape:
                raise _ragged(feed, first, shape)


def _ragged(feed: Feed, first: Shape | None, shape: Shape | None) -> ShapeMismatchError:
    found = "cells of several shapes" if shape is None else f"also {format_shape(shape)}"
    return ShapeMismatchError(
        Subject("Column", feed.column),
        f"cells of one shape{'' if first is None else f', {format_shape(first)}'}",
        found,
        "a batch has one shape: pad them to one length, or filter such rows",
    )
