"""Describe what the log of a table says: its columns, its files, and the rows that count, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pyarrow as pa

from tfspark_magic.sources.partitions import Values
from tfspark_magic.sources.tables.stored_columns import StoredColumn


@dataclass(frozen=True)
class Log:
    """What reading the files of a table needs beside the files.

    Parameters
    ----------
    kind
        The name of the format: `"Delta"`, `"Iceberg"`.
    location
        The table's location, as errors show it.
    version
        The version of Delta, or the id of the snapshot of Iceberg; None if there is none yet.
    columns
        How each column is found in the files.
    deleted
        The numbers of the deleted rows of a file, int64 in ascending order, by its URI.
    """

    kind: str
    location: str
    version: int | None
    columns: Mapping[str, StoredColumn]
    deleted: Mapping[str, bytes] = field(default_factory=dict)

    def without_rows(self) -> Log:
        """Return the log without the deleted rows, which fragments have."""
        return replace(self, deleted={})


@dataclass(frozen=True)
class LoggedFile:
    """A file of a table.

    Parameters
    ----------
    uri
        The URI of the file.
    values
        The columns that have one value in all of its rows.
    size
        The size in bytes.
    written
        The time of the last change, in nanoseconds since 1970; None if the log does not say it.
    """

    uri: str
    values: Values
    size: int
    written: int | None = None


@dataclass(frozen=True)
class Contents:
    """A version of a table: its schema, its files and its log."""

    schema: pa.Schema
    files: tuple[LoggedFile, ...]
    log: Log
