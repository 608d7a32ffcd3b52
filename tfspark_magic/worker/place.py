"""Keep the current rows and partition, so that an error can name them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TypeVar, cast

from tfspark_magic.errors import TfSparkError, WorkerFailedError
from tfspark_magic.worker.shipped import partition_number

_Error = TypeVar("_Error", bound=TfSparkError)


class Place:
    """Counts the rows of a partition, block by block.

    >>> place = Place()
    >>> with place.of_block(5):
    ...     str(place)
    'rows 0 to 4'
    >>> with place.of_block(3):
    ...     str(place)
    'rows 5 to 7'
    """

    def __init__(self, first: int = 0, rows: int = 0) -> None:
        self._first, self._rows = first, rows

    def __str__(self) -> str:
        number = partition_number()
        last = self._first + self._rows - 1
        rows = f"row {last}" if last == self._first else f"rows {self._first} to {last}"
        return rows if number is None else f"{rows} of partition {number}"

    @contextlib.contextmanager
    def of_block(self, rows: int) -> Iterator[None]:
        """Compute the next rows in this context."""
        self._rows = rows
        try:
            yield
        except TfSparkError as error:
            raise self.named(error) from error.__cause__
        self._first += rows

    def narrow(self, row: int) -> None:
        """Say that the error which ends this block is about one of its rows."""
        self._first += row
        self._rows = 1

    def of_row(self, error: WorkerFailedError, row: int) -> WorkerFailedError:
        """Return an error, which does not end this block, with the place of one of its rows."""
        return Place(self._first + row, 1).named(error)

    def named(self, error: _Error) -> _Error:
        """Return an error with this place."""
        placed = cast("_Error", error.at(str(self)))
        placed.rows = self._first, self._first + self._rows
        return placed
