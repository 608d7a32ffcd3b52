"""The rows of one worker, checked and written once to files beside it: what an epoch reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tfspark_magic.binding import Feed
from tfspark_magic.errors import PathAccessError, ShapeMismatchError, Subject
from tfspark_magic.schema.arrow import is_list
from tfspark_magic.schema.spec import Shape, format_shape
from tfspark_magic.worker.columns_to_tensors import dense_shape
from tfspark_magic.worker.feeding import LEFT_OUT, Feeder
from tfspark_magic.worker.place import Place
from tfspark_magic.worker.rechunk import Columns

FILE_BYTES = 64 << 20
FILE_ROWS = 1 << 16
"""What a file has at most, as files are shuffled whole before their rows are."""


@dataclass(frozen=True)
class Spilled:
    """Rows in files of Arrow's format.

    Parameters
    ----------
    paths
        Of the files, in the order of the rows.
    rows
        Of each of them.
    bytes
        Of all rows.
    """

    paths: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()
    bytes: int = 0

    @property
    def total(self) -> int:
        """How many rows there are."""
        return sum(self.rows)


class Spill:
    """Writes rows to files of a folder.

    >>> with Spill(folder, "train").writing() as spill:             # doctest: +SKIP
    ...     spill.add(arrays)
    >>> spill.spilled.total                                         # doctest: +SKIP
    1000

    Parameters
    ----------
    folder, name
        Of the files.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._paths: list[str] = []
        self._rows: list[int] = []
        self._bytes = 0
        self._room = 0
        self._writer: pa.ipc.RecordBatchFileWriter | None = None

    @property
    def spilled(self) -> Spilled:
        """What was written."""
        return Spilled(tuple(self._paths), tuple(self._rows), self._bytes)

    @contextmanager
    def writing(self) -> Iterator[Spill]:
        """Close the last file when all is written."""
        try:
            yield self
        finally:
            self._close()

    def add(self, arrays: list[pa.Array]) -> None:
        """Write some rows.

        Raises
        ------
        PathAccessError
            If there is no room for them.
        """
        if not len(arrays[0]):
            return
        batch = pa.RecordBatch.from_arrays(arrays, [str(at) for at in range(len(arrays))])
        try:
            start = 0
            while start < batch.num_rows:
                writer = self._writer or self._open(batch)
                part = batch.slice(start, self._room)
                writer.write_batch(part)
                start += part.num_rows
                self._rows[-1] += part.num_rows
                self._room -= part.num_rows
                if not self._room:
                    self._close()
            self._bytes += batch.nbytes
        except OSError as error:
            advice = "make room there, or set TMPDIR (or spark.local.dir) to a larger disk"
            raise PathAccessError(str(self._folder), f"{error}", advice) from None

    def _open(self, batch: pa.RecordBatch) -> pa.ipc.RecordBatchFileWriter:
        path = self._folder / f"{self._name}-{len(self._paths):05}.arrow"
        self._room = max(1, min(FILE_ROWS, FILE_BYTES * batch.num_rows // max(batch.nbytes, 1)))
        self._writer = pa.ipc.new_file(path, batch.schema)
        self._paths.append(str(path))
        self._rows.append(0)
        return self._writer

    def _close(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()


class RowSpill:
    """Checks rows and writes them: those to train on, and those that are held back.

    >>> with RowSpill(plan.feeds, folder).writing() as spill:       # doctest: +SKIP
    ...     spill.add(columns)
    >>> spill.rows.total, spill.held.total                          # doctest: +SKIP
    (900, 100)

    Parameters
    ----------
    feeds
        Of a plan.
    folder
        For the files.
    fraction
        Of the rows that are held back, by chance.
    seed
        Of one seed the same rows are chosen, however they are cut into batches.
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
        """Those to train on."""
        return self._rows.spilled

    @property
    def held(self) -> Spilled:
        """Those that are held back."""
        return self._held.spilled

    @contextmanager
    def writing(self) -> Iterator[RowSpill]:
        """Close the files when all is written."""
        with self._rows.writing(), self._held.writing():
            yield self

    def add(self, columns: Columns, held: pa.Array | bool | None = None) -> None:  # noqa: FBT001
        """Write some rows.

        Parameters
        ----------
        columns
            What feeds the plan, in the order of `distinct(feeds)`.
        held
            Whether each of them, or all, are held back; None leaves it to chance.

        Raises
        ------
        NullValuesError, ShapeMismatchError, InexactValueError
            As a map of these rows does, and if cells differ in shape, as those of a batch may not.
        PathAccessError
            If there is no room for them.
        """
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
                spill.add(arrays)

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
