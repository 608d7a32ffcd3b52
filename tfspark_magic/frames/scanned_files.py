"""Give the files of a Spark DataFrame that only reads files, with its columns and the filter of its rows."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa
from pyarrow import fs
from pyspark.errors import PySparkTypeError
from pyspark.sql import DataFrame
from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.errors import OptionError, PathNotFoundError
from tfspark_magic.executor.row_filters import DifferentError, expression
from tfspark_magic.executor.scan import Scan, refused, scan_of
from tfspark_magic.executor.spark_internals import arrow_from_spark
from tfspark_magic.schema.arrow import leaves_of
from tfspark_magic.sources import formats, partitions
from tfspark_magic.sources.files import Files
from tfspark_magic.sources.filesystem import open_filesystem, shown, shown_errors
from tfspark_magic.sources.formats.parquet import is_of_old_calendar
from tfspark_magic.sources.schemas import kept_of, plain_schema, same_type

_FOOTERS_AT_ONCE = 16
# Types of folders' values of which there is one reading.
_NAMED = (T.ByteType, T.ShortType, T.IntegerType, T.LongType, T.StringType, T.DateType)


def files_of(df: DataFrame) -> Files:
    """Return the files whose rows are those of a DataFrame; nothing is computed.

    >>> files_of(spark.read.parquet("/data/flights").filter("delay > 60").select("carrier"))  # doctest: +SKIP
    <parquet files /data/flights/part-0.parquet and 3 more: carrier: string>

    The footer of one file is read, and of all files if there are dates or times in them.

    Raises
    ------
    NotAvailableError
        If it does more than to read files, or if this is not known.
    PathNotFoundError, PathAccessError
        If a file is gone, or cannot be read from here.
    """
    scan = scan_of(df)
    if not scan.paths:
        raise refused("reads no file")
    paths = sorted(scan.paths)
    needed = _needed(scan)
    types = {field.name: _arrow(field) for field in needed}
    filters = None
    if scan.condition is not None:
        try:
            filters = expression(scan.condition, types)
        except DifferentError as error:
            raise refused(f"has a filter that {error}") from None
    inside, sizes, written = _inside(scan, needed, types, paths)
    names, values = _partitions(scan, types, paths)
    fields = {field.name: field for field in [*inside, *names]}
    chosen = [_with_metadata(fields[f.name], f) for f in scan.columns]
    beside = [field for name, field in fields.items() if name not in scan.columns.names]
    return Files(
        tuple(paths), scan.format, pa.schema(chosen), filters, values,
        formats.options_of(scan.format, delimiter=",", header=True), sizes, written,
        inferred=True, beside=pa.schema(beside),
    )  # fmt: skip


def _needed(scan: Scan) -> list[T.StructField]:
    names = {*scan.columns.names, *_columns(scan.condition)}
    return [field for field in scan.whole if field.name in names]


def _columns(condition: Any) -> set[str]:
    if condition is None:
        return set()
    name, first, *rest = condition
    if name in ("and", "or", "not"):
        return set().union(*map(_columns, (first, *rest)))
    return {first}


def _arrow(field: T.StructField) -> pa.DataType:
    try:
        found = None if isinstance(field.dataType, T.UserDefinedType) else field.dataType
        if found is not None and _is_plain(found):
            return arrow_from_spark(found)
    except PySparkTypeError:
        pass
    raise refused(f"has a column {field.name!r} of type {field.dataType.simpleString()}")


def _is_plain(kind: T.DataType) -> bool:
    """Whether text compares by its bytes, as Arrow compares it."""
    if isinstance(kind, T.ArrayType):
        return _is_plain(kind.elementType)
    if isinstance(kind, T.StructType):
        return all(_is_plain(field.dataType) for field in kind)
    return not isinstance(kind, T.StringType) or kind == T.StringType()


def _inside(
    scan: Scan, needed: Sequence[T.StructField], types: Mapping[str, pa.DataType], paths: list[str]
) -> tuple[list[pa.Field], tuple[int | None, ...], tuple[int | None, ...]]:
    """Return the needed columns that the files hold, and the sizes and times of the files."""
    sizes, written = _listed(paths)
    first = next((path for path, size in zip(paths, sizes, strict=True) if size), paths[0])
    made = Files((first,), scan.format, pa.schema([]))
    with formats.content_errors(first, scan.format):
        found = plain_schema(formats.reader_of(scan.format).schema(made, first))
    fields = []
    for field in needed:
        name, arrow = field.name, types[field.name]
        count = found.names.count(name)
        if name in scan.partitions:
            if count:
                raise refused(f"has {name!r} in its files and in the names of their folders")
            continue
        if count != 1:
            raise refused(f"has a column {name!r}, which {shown(first)!r} does not hold")
        there = found.field(name)
        if not pa.types.is_null(there.type) and not same_type(there.type, arrow):
            raise refused(
                f"has a column {name!r} of type {field.dataType.simpleString()}, which is "
                f"{there.type} in {shown(first)!r}"
            )
        fields.append(there if same_type(there.type, arrow) else there.with_type(arrow))
    if not fields and len(found):
        fields = [found.field(0)]  # Its rows are counted.
    _check_times(scan.format, fields, paths)
    return fields, sizes, written


def _listed(paths: Sequence[str]) -> tuple[tuple[int | None, ...], tuple[int | None, ...]]:
    """Return the sizes of files and the times of their last change."""
    found: dict[str, fs.FileInfo] = {}
    for folder in dict.fromkeys(posixpath.dirname(path) for path in paths):
        filesystem, inside = open_filesystem(folder)
        with shown_errors(folder):
            for info in filesystem.get_file_info(fs.FileSelector(inside)):
                found[f"{folder}/{info.base_name}"] = info
    for path in paths:
        if path not in found:
            raise PathNotFoundError(shown(path), "it was removed since; read the DataFrame again")
    infos = [found[path] for path in paths]
    return tuple(info.size for info in infos), tuple(info.mtime_ns for info in infos)


def _check_times(kind: str, fields: Sequence[pa.Field], paths: Sequence[str]) -> None:
    """Raise an error if Spark reads dates or times of the files as others than Arrow does."""
    timed = next((f for f in fields if any(map(pa.types.is_temporal, leaves_of(f.type)))), None)
    if timed is None:
        return
    what = f"has a column {timed.name!r} ({timed.type})"
    if kind != "parquet":
        raise refused(f"{what} in {kind.upper()}, whose times depend on time zones")
    with ThreadPoolExecutor(_FOOTERS_AT_ONCE) as pool:
        old = list(pool.map(is_of_old_calendar, paths))
    if any(old):
        raise refused(f"{what} of the old calendar in {shown(paths[old.index(True)])!r}")


def _partitions(
    scan: Scan, types: Mapping[str, pa.DataType], paths: Sequence[str]
) -> tuple[Sequence[pa.Field], tuple[partitions.Values, ...]]:
    """Return the needed columns of the folders, and the values of each file."""
    names = [name for name in scan.partitions if name in types]
    if not names:
        return [], ()
    if scan.values is None:
        return _of_names(scan, names, types, paths)
    rows = []
    for path in paths:
        row = scan.values.get(posixpath.dirname(path))
        if row is None:
            raise refused(f"reads {shown(path)!r}, which is in no folder of a partition")
        known = dict(zip(scan.partitions, row, strict=True))
        try:
            values = [pa.scalar(known[name], types[name]).as_py() for name in names]
        except (ValueError, OverflowError, pa.ArrowException):
            raise refused(f"has values of folders that Python does not have, {row}") from None
        rows.append(tuple(zip(names, values, strict=True)))
    return [pa.field(name, types[name]) for name in names], tuple(rows)


def _of_names(
    scan: Scan, names: Sequence[str], types: Mapping[str, pa.DataType], paths: Sequence[str]
) -> tuple[Sequence[pa.Field], tuple[partitions.Values, ...]]:
    """Return what the names of the folders say, if there is one reading of them."""
    for name in names:
        kind = scan.whole[name].dataType
        if type(kind) not in _NAMED:
            raise refused(
                f"has folders of {name!r}, whose values as {kind.simpleString()} Connect does not tell"
            )
    schema = pa.schema([(name, types[name]) for name in names])
    rows = [tuple((key, text) for key, text in scan.named[path] if key in names) for path in paths]
    try:
        return partitions.typed(rows, schema)
    except OptionError as error:
        raise refused(f"has folders that may be read in another way: {error}") from None


def _with_metadata(field: pa.Field, spark: T.StructField) -> pa.Field:
    """Return the column with the shape of its cells that the DataFrame has for it."""
    return field.with_metadata(kept_of(spark.metadata) or field.metadata)
