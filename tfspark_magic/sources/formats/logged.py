"""Read the Parquet files of a table with a log: its columns, without the rows that the log deletes.

The log was read in the user's process; a fragment has what it says of a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from tfspark_magic.errors import FileContentError
from tfspark_magic.sources.filesystem import shown
from tfspark_magic.sources.formats import Fragment, Values, content_errors, parquet
from tfspark_magic.sources.tables.log import Log
from tfspark_magic.sources.tables.stored_columns import UnfitError, has_ids, made_of, missing

if TYPE_CHECKING:
    from tfspark_magic.sources.files import Files

_ADVICE = "write the table's files again, or pass the DataFrame that Spark reads of it"


def schema(files: Files, uri: str) -> pa.Schema:
    """Return the columns of the table, which the log says."""
    del uri
    return files.whole_schema


def fragments(files: Files, uri: str, partition: Values, size: int | None) -> list[Fragment]:
    """Return the row groups that may hold rows for the filters, with the deleted rows of each."""
    del size
    deleted = np.frombuffer(_log(files).deleted.get(uri, b""), np.int64)
    with content_errors(uri, "parquet"), parquet.opened(uri) as file:
        columns = _Columns(files, partition, parquet.schema_of(file), uri)
        columns.check()
        abouts = parquet.row_groups(file, uri)
        kept: Sequence[int] = range(len(abouts))
        if columns.have_statistics:
            kept = parquet.kept_row_groups(files, uri, partition, len(abouts))
        found, start = [], 0
        for group, about in enumerate(abouts):
            first, last = np.searchsorted(deleted, [start, start + about.num_rows])
            own = deleted[first:last] - start
            start += about.num_rows
            rows = about.num_rows - len(own)
            if rows and group in kept:
                part = Fragment(
                    uri, "parquet", (group,), partition, rows, about.total_byte_size, own.tobytes()
                )
                found.append(part)
        if len(deleted) and deleted[-1] >= start:
            expected = f"more than {deleted[-1]} rows, as the log deletes row {deleted[-1]}"
            raise FileContentError(shown(uri), expected, f"{start} rows", _ADVICE)
    return found


def read(
    files: Files, fragment: Fragment, columns: Sequence[str], batch_rows: int
) -> Iterator[pa.RecordBatch]:
    """Yield batches of a row group, without deleted rows."""
    deleted, start = np.frombuffer(fragment.deleted, np.int64), 0
    with parquet.opened(fragment.uri) as file:
        own = _Columns(files, fragment.partition, parquet.schema_of(file), fragment.uri)
        for batch in parquet.batches_of(file, fragment, own.names_of(columns), batch_rows):
            first, last = np.searchsorted(deleted, [start, start + batch.num_rows])
            keep = np.ones(batch.num_rows, bool)
            keep[deleted[first:last] - start] = False
            start += batch.num_rows
            left = batch if first == last else batch.filter(pa.array(keep))
            if left.num_rows:
                yield own.made_of(left, columns)


def _log(files: Files) -> Log:
    assert files.log is not None
    return files.log


class _Columns:
    """The columns of a table in one of its files."""

    def __init__(self, files: Files, partition: Values, found: pa.Schema, uri: str) -> None:
        self._uri, self._found = uri, found
        self._constant = {name for name, _ in partition}
        self._files, self._stored = files, _log(files).columns
        self._by_id = any(one.id is not None for one in self._stored.values()) and has_ids(found)
        nameless = next((n for n, one in self._stored.items() if not one.names), None)
        if nameless is not None and not self._by_id:
            raise FileContentError(
                shown(uri),
                f"an id of each column, by which column {nameless!r} is found",
                "none",
                _ADVICE,
            )

    def _place(self, name: str) -> int | None:
        return self._stored[name].place_in(self._found, by_id=self._by_id)

    @property
    def have_statistics(self) -> bool:
        """Whether the statistics of the file are those of the columns that the filters need."""
        for name in self._files.filter_columns:
            if name in self._constant:
                continue
            place, column = self._place(name), self._files.whole_schema.field(name)
            field = None if place is None else self._found.field(place)
            if field is None or field.name != name or field.type != column.type:
                return False
        return True

    def check(self) -> None:
        """Raise FileContentError if a column cannot be made of what the file holds."""
        names = [name for name in self._files.whole_schema.names if name not in self._constant]
        arrays = [pa.array([], field.type) for field in self._found]
        empty = pa.RecordBatch.from_arrays(arrays, schema=self._found)
        self.made_of(empty, names)

    def names_of(self, columns: Sequence[str]) -> list[str]:
        """Return the names in the file of columns that it has; that of any column if it has none."""
        places = [place for name in columns if (place := self._place(name)) is not None]
        return [self._found.names[place] for place in places or range(min(1, len(self._found)))]

    def made_of(self, batch: pa.RecordBatch, columns: Sequence[str]) -> pa.RecordBatch:
        """Return columns of the table from a batch of the file."""
        arrays = []
        for name in columns:
            stored, wanted = self._stored[name], self._files.whole_schema.field(name).type
            place = self._place(name)
            try:
                if place is None:
                    array = missing(stored, wanted, batch.num_rows)
                else:
                    column = batch.column(self._found.names[place])
                    array = made_of(column, stored, wanted, by_id=self._by_id)
            except UnfitError as error:
                expected, found = error.args
                subject = f"column {name!r} as {expected}"
                raise FileContentError(shown(self._uri), subject, found, _ADVICE) from None
            arrays.append(array)
        return pa.RecordBatch.from_arrays(arrays, names=list(columns))
