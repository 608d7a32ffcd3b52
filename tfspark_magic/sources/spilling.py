"""Rows written to Arrow files of this machine, to be read again and again: where and how many."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from tfspark_magic.errors import PathAccessError
from tfspark_magic.sources.files import Files, files

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

    def files(self) -> Files:
        """Return the files, which know how many rows each has."""
        return replace(files(list(self.paths), format="arrow"), rows=self.rows)


class Spill:
    """Writes rows to files of a folder.

    >>> with Spill(folder, "rows").writing() as spill:              # doctest: +SKIP
    ...     spill.add(batch)
    >>> spill.spilled.total                                         # doctest: +SKIP
    1000
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

    def add(self, batch: pa.RecordBatch) -> None:
        """Write some rows.

        Raises
        ------
        PathAccessError
            If there is no room for them.
        """
        try:
            start = 0
            while start < batch.num_rows or not self._paths:
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
