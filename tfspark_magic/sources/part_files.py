"""Write the rows of a task as Parquet files, in their order, each below the folder of its partition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Self
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import fs

from tfspark_magic.errors import OptionError, UnsupportedTypeError, closest
from tfspark_magic.sources.listing import NULL_TEXT
from tfspark_magic.sources.writing import GROUP_BYTES

FILE_BYTES = 128 << 20
"""The size in bytes of a file, about, at which the next file begins."""
_HELD_BYTES = 4 * GROUP_BYTES
"""The bytes of rows that wait for their row groups, over all partitions."""
_OPEN_FILES = 100
"""Files that a task writes at a time; each partition has its own."""
# The letters that Spark escapes in the names of folders.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\"#%'*/:=?\\{\[\]^]")


_FOLDERS = (
    pa.types.is_integer, pa.types.is_string, pa.types.is_large_string, pa.types.is_boolean,
    pa.types.is_date,
)  # fmt: skip
"""The types of columns whose values can be in the names of folders."""


class PartFile(NamedTuple):
    """A file that a task wrote.

    Parameters
    ----------
    path
        Its path in the filesystem.
    partition
        The folder of its partition, such as `day=3/city=Bonn`; empty without partitions.
    number
        Its place among the files of its partition and task.
    rows, size
        The number of its rows, and of its bytes.
    """

    path: str
    partition: str
    number: int
    rows: int
    size: int


class PartFiles:
    """The files of one attempt of a task, which nobody else writes to.

    >>> with PartFiles(filesystem, folder, schema, ["day"]) as files:          # doctest: +SKIP
    ...     for batch in batches:
    ...         files.write(batch)

    When the `with` block ends without an error, `written` has all files, and they are closed.

    Parameters
    ----------
    filesystem, folder
        Where the files are written.
    schema
        The columns of the rows.
    partition_by
        The columns whose values are in the names of folders and not in the files.
    """

    def __init__(
        self, filesystem: fs.FileSystem, folder: str, schema: pa.Schema, partition_by: Sequence[str]
    ) -> None:
        self.written: list[PartFile] = []
        self._filesystem, self._folder, self._by = filesystem, folder, tuple(partition_by)
        self._schema = pa.schema([c for c in schema if c.name not in self._by], schema.metadata)
        self._open: dict[str, _Part] = {}
        self._counts: dict[str, int] = {}
        self._held = 0

    def __enter__(self) -> Self:
        self._filesystem.create_dir(self._folder, recursive=True)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            for partition in list(self._open):
                self._close(partition)
            return
        for part in self._open.values():
            part.abandon()

    def write(self, batch: pa.RecordBatch) -> None:
        """Write the rows of a batch behind those before."""
        for partition, rows in by_partition(batch, self._by):
            part = self._open.pop(partition, None) or self._next(partition)
            self._open[partition] = part  # The last used one is the last.
            part.hold(rows)
            self._held += rows.nbytes
            if part.held >= GROUP_BYTES:
                self._flush(part)
                if part.size >= FILE_BYTES:
                    self._close(partition)
            while self._held > _HELD_BYTES:
                self._flush(max(self._open.values(), key=lambda one: one.held))

    def begin(self) -> None:
        """Begin a file, which then says the columns even if no rows come."""
        self._open[""] = self._next("")

    def _next(self, partition: str) -> _Part:
        while len(self._open) >= _OPEN_FILES:
            self._close(next(iter(self._open)))
        number = self._counts.get(partition, 0)
        self._counts[partition] = number + 1
        # Names of columns and values may be longer than a filesystem allows, so they are not here.
        path = f"{self._folder}/{len(self.written) + len(self._open)}-{sum(self._counts.values())}"
        return _Part(
            self._filesystem, PartFile(f"{path}.parquet", partition, number, 0, 0), self._schema
        )

    def _flush(self, part: _Part) -> None:
        self._held -= part.held
        part.flush()

    def _close(self, partition: str) -> None:
        part = self._open.pop(partition)
        self._flush(part)
        self.written.append(part.close())


class _Part:
    """A file that is being written."""

    def __init__(self, filesystem: fs.FileSystem, file: PartFile, schema: pa.Schema) -> None:
        self.held = 0
        self._file, self._schema, self._rows = file, schema, 0
        self._batches: list[pa.RecordBatch] = []
        self._stream = filesystem.open_output_stream(file.path)
        self._writer = pq.ParquetWriter(self._stream, schema)

    @property
    def size(self) -> int:
        """The bytes that are written."""
        return int(self._stream.tell())

    def hold(self, batch: pa.RecordBatch) -> None:
        self._batches.append(batch)
        self.held += batch.nbytes

    def flush(self) -> None:
        """Write the rows that wait as a row group."""
        if self._batches:
            table = pa.Table.from_batches(self._batches).cast(self._schema)
            self._writer.write_table(table, row_group_size=table.num_rows)
            self._rows += table.num_rows
        self._batches, self.held = [], 0

    def close(self) -> PartFile:
        self._writer.close()
        size = self.size
        self._stream.close()
        return self._file._replace(rows=self._rows, size=size)

    def abandon(self) -> None:
        for stream in (self._writer, self._stream):
            try:
                stream.close()
            except (OSError, pa.ArrowException):
                continue  # What failed before is the error that counts.


def checked_partitions(partition_by: Sequence[str], schema: pa.Schema) -> tuple[str, ...]:
    """Return the names of the columns of partitions.

    Raises
    ------
    OptionError, UnsupportedTypeError
        If rows cannot be partitioned by them.
    """
    if isinstance(partition_by, str):
        raise OptionError(
            f"partition_by is a list of names, got {partition_by!r}: write "
            f"partition_by=[{partition_by!r}]."
        )
    names = tuple(dict.fromkeys(partition_by))
    for name in names:
        if name not in schema.names:
            raise OptionError(
                f"partition_by names {name!r}, which the rows do not have. "
                f"{closest(name, schema.names)}"
            )
        arrow = schema.field(name).type
        if not any(is_one(arrow) for is_one in _FOLDERS):
            raise UnsupportedTypeError(
                f"Column {name!r}",
                str(arrow),
                "folders are named by integers, text, booleans and dates: partition by such a column",
            )
    if len(names) == len(schema):
        raise OptionError(
            "partition_by names all columns, and files without columns have no rows: leave one out."
        )
    return names


def by_partition(
    batch: pa.RecordBatch, names: Sequence[str]
) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield the folder of each partition in a batch, and its rows, in their order.

    >>> batch = pa.record_batch({"day": [2, 1, 2], "x": [5, 6, 7]})
    >>> [(folder, rows["x"].to_pylist()) for folder, rows in by_partition(batch, ["day"])]
    [('day=1', [6]), ('day=2', [5, 7])]
    """
    if not batch.num_rows:
        return
    if not names:
        yield "", batch
        return
    keys = [pc.dictionary_encode(_or_null(batch.column(n)), null_encoding="encode") for n in names]
    codes = np.zeros(batch.num_rows, np.int64)
    for key in keys:
        codes = codes * max(len(key.dictionary), 1) + key.indices.to_numpy(zero_copy_only=False)
        # Small again, so that the product of many columns cannot be too large.
        codes = np.unique(codes, return_inverse=True)[1]
    rows = batch.drop_columns(list(names))
    order = np.argsort(codes, kind="stable")
    cuts = np.flatnonzero(np.diff(codes[order])) + 1
    parts = []
    for own in np.split(order, cuts):
        values = [_value(batch.column(name)[int(own[0])], name) for name in names]
        pairs = zip(names, values, strict=True)
        parts.append(("/".join(folder_name(name, value) for name, value in pairs), own))
    for folder, own in sorted(parts, key=lambda part: part[0]):
        yield folder, rows if len(parts) == 1 else rows.take(pa.array(own))


def _or_null(column: pa.Array) -> pa.Array:
    """Return a column with nulls for empty texts, which no folder can be named by."""
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, column.type), column)


def _value(scalar: pa.Scalar, name: str) -> Any:
    try:
        return scalar.as_py()
    except (OverflowError, ValueError):
        raise OptionError(
            f"Column {name!r} has a date that is not in the years 1 to 9999, and no folder is named by "
            f"it: filter such rows, or partition by another column."
        ) from None


def folder_name(name: str, value: Any) -> str:
    """Return the name of the folder for a value of a column, which no reader skips.

    >>> folder_name("day", 3), folder_name(".x", "a"), folder_name("x", "b._COPYING_")
    ('day=3', '%2Ex=a', 'x=b._COPYING%5F')
    """
    folder = f"{escaped(name)}={folder_text(value)}"
    if folder.startswith("."):
        folder = f"%2E{folder[1:]}"
    return f"{folder[:-1]}%5F" if folder.endswith("._COPYING_") else folder


def folder_text(value: Any) -> str:
    """Return the text of a value in the name of a folder, as Spark writes it.

    >>> folder_text(None), folder_text(True), folder_text("a/b")
    ('__HIVE_DEFAULT_PARTITION__', 'true', 'a%2Fb')
    """
    if value is None or value == "":
        return NULL_TEXT
    return escaped(str(value).lower() if isinstance(value, bool) else str(value))


def escaped(text: str) -> str:
    """Return a text with the letters escaped that are none in the name of a folder."""
    return _UNSAFE.sub(lambda found: quote(found.group(), safe=""), text)
