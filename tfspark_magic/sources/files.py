"""Describe files as a value: their paths, their columns, and the fragments in which they are read.

Workers unpickle the value: it holds no open file and needs no Spark.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pyarrow as pa

from tfspark_magic.binding import Columns
from tfspark_magic.errors import OptionError, closest
from tfspark_magic.schema.arrow import cells_from_arrow
from tfspark_magic.sources import formats, partitions
from tfspark_magic.sources.filesystem import shown
from tfspark_magic.sources.filters import check_filters
from tfspark_magic.sources.formats.compression import is_empty
from tfspark_magic.sources.listing import FoundFile, find_files
from tfspark_magic.sources.schemas import plain_schema, with_shapes
from tfspark_magic.sources.tables.log import Log

_FOOTERS_AT_ONCE = 16

Fragment = formats.Fragment


@dataclass(frozen=True)
class Files:
    """Files with one format and one schema, made by `tfs.files`.

    >>> rows = tfs.files("hdfs://namenode:8020/rows", filters=[("day", ">", 3)])  # doctest: +SKIP
    >>> rows.schema.names, len(rows.fragments())                       # doctest: +SKIP
    (['x', 'day'], 12)

    Parameters
    ----------
    paths
        The sorted URIs.
    format
        One of `"parquet"`, `"orc"`, `"csv"`, `"json"`, `"arrow"`, `"text"`, `"tfrecord"`,
        `"binary"`; or `"delta"`, `"iceberg"`, whose files are Parquet.
    schema
        The schema of all columns, with the partition columns last.
    filters
        Filters in pyarrow's form: a list of tuples `(column, operator, value)` that must all hold,
        a list of such lists of which one must hold, or an expression. None for no filters.
    partitions
        The values of the partition columns, for each path.
    options
        The options of the format: `delimiter` and `header` of CSV.
    sizes
        The sizes of the files in bytes; None if the filesystem does not give them.
    written
        The times of the last change, in nanoseconds since 1970; None if the filesystem does not
        give them.
    rows
        The number of rows of each file, if whoever wrote them counted them.
    beside
        Columns that are read only for the filters, or that folders have and nobody reads.
    inferred
        Whether the types of a text format were inferred, because the user gave no schema.
    log
        What the log of a table says; None for other files. `partitions` are then the columns that
        have one value in a file, which may be others in each file.
    """

    paths: tuple[str, ...]
    format: str
    schema: pa.Schema
    filters: Any = None
    partitions: tuple[partitions.Values, ...] = field(default=(), repr=False)
    options: tuple[tuple[str, Any], ...] = ()
    sizes: tuple[int | None, ...] = field(default=(), repr=False)
    written: tuple[int | None, ...] = field(default=(), repr=False)
    inferred: bool = field(default=False, repr=False)
    rows: tuple[int, ...] = field(default=(), repr=False)
    beside: pa.Schema = field(default=pa.schema([]), repr=False)
    log: Log | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        names = ", ".join(f"{column.name}: {column.type}" for column in self.schema)
        if self.log is not None:
            version = "" if self.log.version is None else f", version {self.log.version}"
            return f"<{self.log.kind} table {shown(self.log.location)}{version}: {names}>"
        first = shown(self.paths[0]) + (
            f" and {len(self.paths) - 1} more" if self.paths[1:] else ""
        )
        return f"<{self.format} files {first}: {names}>"

    @property
    def partition_names(self) -> tuple[str, ...]:
        """The partition columns, whose values are in the names of folders."""
        return tuple(name for name, _ in self.partitions[0]) if self.partitions else ()

    @property
    def whole_schema(self) -> pa.Schema:
        """The columns, and those that only the filters or the folders need."""
        return pa.schema([*self.schema, *self.beside])

    @property
    def file_schema(self) -> pa.Schema:
        """The columns that each file must hold: all but the partition columns."""
        inside = [c for c in self.whole_schema if c.name not in self.partition_names]
        return pa.schema(inside)

    @cached_property
    def expression(self) -> Any:
        """The filters as one pyarrow expression; None for no filters."""
        return check_filters(self.filters, self.whole_schema)

    @property
    def filtered_by(self) -> str:
        """A text that differs for different filters; that of an expression leaves out long lists."""
        if self.filters is None:
            return "None"
        return hashlib.sha256(pickle.dumps(self.expression)).hexdigest()

    @cached_property
    def filter_columns(self) -> tuple[str, ...]:
        """The columns that the filters need."""
        needed, whole = [], self.whole_schema
        for position, column in enumerate(whole if self.expression is not None else ()):
            try:
                whole.remove(position).empty_table().filter(self.expression)
            except pa.ArrowException:
                needed.append(column.name)
        return tuple(needed)

    def columns(self) -> Columns:
        """Describe the columns as `CellSpec`s, for binding."""
        return cells_from_arrow(self.schema)

    def fragments(self) -> list[Fragment]:
        """Return the fragments of all files, in order: row groups, stripes, or whole files.

        The footers of all files are read. Row groups without rows that pass the filters are left
        out.

        Raises
        ------
        FileContentError
            If a file is broken, or has other columns than the first file.
        """
        return list(self._fragments)

    @cached_property
    def _fragments(self) -> tuple[Fragment, ...]:
        one_file = formats.reader_of(self.format).fragments
        if self.rows:
            counted = zip(self.paths, self.rows, strict=True)
            return tuple(Fragment(path, self.format, rows=rows) for path, rows in counted)
        values = self.partitions or ((),) * len(self.paths)
        sizes = self.sizes or (None,) * len(self.paths)
        work = list(zip(self.paths, values, sizes, strict=True))
        if len(work) == 1:
            return tuple(one_file(self, *work[0]))
        if not work:
            return ()
        with ThreadPoolExecutor(min(_FOOTERS_AT_ONCE, len(work))) as pool:
            found = list(pool.map(lambda job: one_file(self, *job), work))
        return tuple(fragment for fragments in found for fragment in fragments)

    def for_tasks(self) -> Files:
        """Return the files as tasks need them: with their columns, without their names."""
        first = slice(1)
        return replace(
            self, paths=self.paths[first], partitions=self.partitions[first],
            sizes=self.sizes[first], written=self.written[first],
            log=self.log and self.log.without_rows(),
        )  # fmt: skip

    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        # Each task gets its own fragments separately.
        state.pop("_fragments", None)
        return state


def files(
    path: Any,
    *,
    format: str | None = None,  # noqa: A002  (what everybody calls it)
    schema: pa.Schema | None = None,
    filters: Any = None,
    partitioning: str | None = "hive",
    shapes: Mapping[str, Any] | None = None,
    delimiter: str = ",",
    header: bool = True,
    version: Any = None,
    timestamp: Any = None,
) -> Files:
    """Describe the files of a path, as `tfs.files` does, which documents the parameters.

    >>> files("hdfs://namenode:8020/rows")                          # doctest: +SKIP
    <parquet files hdfs://namenode:8020/rows/part-0.parquet: x: int64, v: list<element: float>, ...>

    Raises
    ------
    PathNotFoundError, PathAccessError, FileContentError, OptionError, MissingDependencyError
        As for `tfs.files`.
    """
    from tfspark_magic.sources.tables.opening import check_options, table_at, table_files

    table = table_at(path, format)
    given = {"version": version, "timestamp": timestamp}
    check_options(
        table is not None, given, schema=schema, partitioning=partitioning, delimiter=delimiter,
        header=header,
    )  # fmt: skip
    if table is not None:
        return table_files(*table, version=version, timestamp=timestamp, filters=filters,
                           shapes=shapes)  # fmt: skip
    if partitioning not in ("hive", None):
        raise OptionError(f"partitioning is 'hive' or None, got {partitioning!r}.")
    if schema is not None and not isinstance(schema, pa.Schema):
        raise OptionError(f"schema is a pyarrow.Schema, got {type(schema).__name__}.")
    found = find_files(path)
    kind = formats.format_of(found, format)
    folders = [file.partition if partitioning else () for file in found]
    names, values = partitions.typed(folders, schema)
    made = Files(
        tuple(file.uri for file in found),
        kind,
        schema or pa.schema([]),
        None,
        values,
        formats.options_of(kind, delimiter=delimiter, header=header),
        tuple(file.size for file in found),
        tuple(file.written for file in found),
        schema is None,
    )
    whole = _schema(made, found, names, schema)
    made = replace(made, schema=with_shapes(whole, shapes or {}), filters=filters)
    made.expression  # noqa: B018  (wrong filters are told here)
    return made


def _first(kind: str, found: Sequence[FoundFile]) -> FoundFile:
    """Return the first file from which the schema can be read."""
    for file in found:
        with formats.content_errors(file.uri, kind):
            if not is_empty(file.uri, file.size):
                return file
    return found[0]


def _schema(
    made: Files, found: Sequence[FoundFile], names: Sequence[pa.Field], given: pa.Schema | None
) -> pa.Schema:
    if given is not None:
        inside = [column for column in given if column.name not in {n.name for n in names}]
    else:
        first = _first(made.format, found)
        with formats.content_errors(first.uri, made.format):
            inside = list(plain_schema(formats.reader_of(made.format).schema(made, first.uri)))
    taken = {column.name for column in inside}
    for column in names:
        if column.name in taken:
            raise OptionError(
                f"Column {column.name!r} is in the files and in the names of their folders: pass "
                f"partitioning=None to read that of the files."
            )
    if len(taken) < len(inside):
        twice = next(c.name for n, c in enumerate(inside) if c.name in {x.name for x in inside[:n]})
        raise OptionError(
            f"File {shown(first.uri)!r} has several columns {twice!r}: pass schema= without them."
        )
    return pa.schema([*inside, *names])


def check_columns(made: Files, columns: Sequence[str] | None) -> list[str]:
    """Return the requested columns; all if None.

    Raises
    ------
    OptionError
        If a column does not exist.
    """
    if columns is None:
        return list(made.schema.names)
    for name in columns:
        if name not in made.schema.names:
            raise OptionError(
                f"The files have no column {name!r}. {closest(name, made.schema.names)}"
            )
    return list(columns)
