"""Read the rows of a result a few at a time, each of them once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING, Any

from tfspark_magic.errors import NotAvailableError
from tfspark_magic.frames.some_rows import FirstColumn

if TYPE_CHECKING:
    import pyarrow as pa


class RowReader(ABC):
    """The rows of a result that were read so far, from the first one on.

    >>> rows = frame_of(df, "preview").reader()                     # doctest: +SKIP
    >>> rows.read(10)                                               # doctest: +SKIP
    >>> rows.read(90)                   # goes on after the tenth   # doctest: +SKIP
    >>> rows.count                                                  # doctest: +SKIP
    100

    Attributes
    ----------
    columns
        All columns, with the rows that were read.
    asked
        How many rows were asked for.
    is_whole
        Whether there are no more rows.
    computes_again
        Whether more rows cannot be had without the first ones, which are then computed again.
    """

    def __init__(self) -> None:
        self.columns: list[FirstColumn] = []
        self.asked = 0
        self.is_whole = False
        self.computes_again = False

    @property
    def count(self) -> int:
        """The number of rows that were read."""
        return len(self.columns[0].values) if self.columns else 0

    @abstractmethod
    def read(self, count: int) -> None:
        """Read so many more rows, or fewer at the end."""

    def close(self) -> None:  # noqa: B027  (most have nothing to end)
        """End a reading that is not at its end."""


class NextReader(RowReader):
    """Reads the next rows, and keeps those that were read before.

    Parameters
    ----------
    length
        The number of all rows; None if only their end shows it.
    """

    def __init__(self, length: int | None = None) -> None:
        super().__init__()
        self._length = length

    def read(self, count: int) -> None:
        found = self._next(count)
        self.asked += count
        if self.columns:
            found = [
                FirstColumn(own.name, own.cells, [*own.values, *more.values])
                for own, more in zip(self.columns, found, strict=True)
            ]
        self.columns = found
        self.is_whole = self.count < self.asked or self.count == self._length

    @abstractmethod
    def _next(self, count: int) -> list[FirstColumn]:
        """Return all columns, with the next rows."""


class WholeReader(RowReader):
    """Reads rows that cannot go on: if more are needed, all are computed anew.

    Parameters
    ----------
    first
        Returns so many of the first rows.
    ahead
        The least number of rows to compute, where more rows cost little.
    """

    def __init__(self, first: Callable[[int], list[FirstColumn]], ahead: int = 0) -> None:
        super().__init__()
        self._first, self._ahead = first, ahead
        self._held: list[FirstColumn] | None = None
        self._computed = 0

    def read(self, count: int) -> None:
        asked = self.asked + count
        if self._held is None or asked > self._computed:
            # The schema alone costs nothing.
            computed = max(asked, self._ahead) if asked else 0
            self._held = self._first(computed)
            self._computed = computed
        self.asked = asked
        self.columns = [FirstColumn(c.name, c.cells, c.values[: self.asked]) for c in self._held]
        held = len(self._held[0].values) if self._held else 0
        self.is_whole = held <= self.asked and held < self._computed
        self.computes_again = self.asked >= self._computed


class BlockReader(RowReader):
    """Reads what is made of the first rows as one block, which may be any number of rows.

    Parameters
    ----------
    of_first
        Returns what is made of so many of the first rows.
    """

    def __init__(self, of_first: Callable[[int], list[FirstColumn]]) -> None:
        super().__init__()
        self._of_first = of_first
        self.computes_again = True

    def read(self, count: int) -> None:
        self.columns = self._of_first(self.asked + count)
        self.asked += count


class BatchReader(NextReader):
    """Reads batches of Arrow, and keeps what is left of the last one.

    Parameters
    ----------
    fields
        The columns, without rows.
    reading
        Opens the batches, when the first row is read.
    length
        The number of all rows, if it is known.
    """

    def __init__(
        self,
        fields: Sequence[FirstColumn],
        reading: Callable[[], AbstractContextManager[Iterator[Sequence[pa.Array]]]],
        length: int | None = None,
    ) -> None:
        super().__init__(length)
        self._fields, self._reading = fields, reading
        self._opened = ExitStack()
        self._batches: Iterator[Sequence[pa.Array]] | None = None
        self._left: Sequence[pa.Array] = ()
        self._broken = False

    def _next(self, count: int) -> list[FirstColumn]:
        values: list[list[Any]] = [[] for _ in self._fields]
        needed = count if self._fields else 0
        while needed:
            if not self._left or not len(self._left[0]):
                self._left = self._batch()
            if not self._left:
                break
            for own, column in zip(values, self._left, strict=True):
                own.extend(column.slice(0, needed).to_pylist())
            taken = min(needed, len(self._left[0]))
            self._left = [column.slice(taken) for column in self._left]
            needed -= taken
        return [
            FirstColumn(field.name, field.cells, own)
            for field, own in zip(self._fields, values, strict=True)
        ]

    def _batch(self) -> Sequence[pa.Array]:
        """Return the next batch; () at the end."""
        if self._broken:
            # What was broken off looks like the end.
            raise NotAvailableError("The reading was broken off: read the rows anew.")
        self._broken = True
        if self._batches is None:
            self._batches = self._opened.enter_context(self._reading())
        batch = next(self._batches, ())
        if not batch:
            self.close()
        self._broken = False
        return batch

    def close(self) -> None:
        self._batches, self._left = iter(()), ()
        self._opened.close()
