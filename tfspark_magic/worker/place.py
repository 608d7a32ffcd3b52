"""Which rows of which partition are being computed: an error there names them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tfspark_magic.errors import TfSparkError
from tfspark_magic.worker.shipped import partition_number


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

    def __init__(self) -> None:
        self._first = 0
        self._rows = 0

    def __str__(self) -> str:
        number = partition_number()
        rows = f"rows {self._first} to {self._first + self._rows - 1}"
        return rows if number is None else f"{rows} of partition {number}"

    @contextlib.contextmanager
    def of_block(self, rows: int) -> Iterator[None]:
        """Compute the next rows in this context."""
        self._rows = rows
        try:
            yield
        except TfSparkError as error:
            raise error.at(str(self)) from error.__cause__
        self._first += rows
