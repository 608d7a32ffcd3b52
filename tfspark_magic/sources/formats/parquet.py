"""Read Parquet files; a fragment is a row group that may hold rows for the filters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.dataset as pads
import pyarrow.parquet as pq

from tfspark_magic.errors import FileContentError
from tfspark_magic.schema.arrow import with_leaves
from tfspark_magic.sources.filesystem import open_file, open_filesystem, shown
from tfspark_magic.sources.filters import known_of, statistics_mislead
from tfspark_magic.sources.formats import (
    LEAVE_OUT,
    REWRITE,
    Fragment,
    Values,
    check_part,
    content_errors,
    reason_of,
)
from tfspark_magic.sources.schemas import check_schema
from tfspark_magic.versions import is_older

if TYPE_CHECKING:
    from tfspark_magic.sources.files import Files

_CHECKED_ROWS = 1 << 16
_NULL_LISTS = (
    "install pyarrow 26 or later, which reads null lists of a fixed size, or leave the column out"
)
_ARROW = re.compile(r"parquet-cpp-arrow version (\d+)\.")
_WITHOUT_NEGATIVE_RESTS = 23
_SPARK_VERSION = b"org.apache.spark.version"
_OLD_CALENDAR = (b"org.apache.spark.legacyDateTime", b"org.apache.spark.legacyINT96")


def schema(files: Files, uri: str) -> pa.Schema:
    """Return the schema in the footer."""
    del files
    with content_errors(uri, "parquet"), opened(uri) as file:
        return schema_of(file)


def fragments(files: Files, uri: str, partition: Values, size: int | None) -> list[Fragment]:
    """Return the row groups that may hold rows for the filters."""
    del size
    with content_errors(uri, "parquet"), opened(uri) as file:
        check_schema(uri, schema_of(file), files)
        abouts = row_groups(file, uri)
        groups = kept_row_groups(files, uri, partition, len(abouts))
    found = []
    for group in groups:
        rows, size = abouts[group].num_rows, abouts[group].total_byte_size
        if rows:
            found.append(Fragment(uri, "parquet", (group,), partition, rows, size))
    return found


def read(
    files: Files, fragment: Fragment, columns: Sequence[str], batch_rows: int
) -> Iterator[pa.RecordBatch]:
    """Yield batches of a row group."""
    del files
    with opened(fragment.uri) as file:
        yield from batches_of(file, fragment, columns, batch_rows)


def batches_of(
    file: pq.ParquetFile, fragment: Fragment, columns: Sequence[str], batch_rows: int
) -> Iterator[pa.RecordBatch]:
    """Yield batches of a row group of an open file."""
    for group in fragment.row_groups or range(file.metadata.num_row_groups):
        check_part(fragment, group, file.metadata.num_row_groups, "row group")
        expected, given = file.metadata.row_group(group).num_rows, 0
        try:
            for batch in _batches(file, group, columns, batch_rows):
                given += batch.num_rows
                yield batch
        except (pa.ArrowException, OSError):
            # Arrow's message does not name the column.
            _check_columns(file, group, columns, fragment.uri)
            raise
        if given != expected:
            _check_columns(file, group, columns, fragment.uri)
        _check_footer(file, group, columns, fragment.uri)


def row_groups(file: pq.ParquetFile, uri: str) -> list[pq.RowGroupMetaData]:
    """Return what the footer says of the row groups."""
    metadata = file.metadata
    abouts = [metadata.row_group(group) for group in range(metadata.num_row_groups)]
    rows = sum(about.num_rows for about in abouts)
    if rows != metadata.num_rows:
        expected = f"row groups of {metadata.num_rows} rows, as its footer says"
        raise FileContentError(shown(uri), expected, f"{rows} rows", REWRITE)
    return abouts


def is_of_old_calendar(uri: str) -> bool:
    """Whether Spark wrote dates and times before 1900 as those of the calendar before 1582.

    Spark reads such files in its own way, Arrow does not.
    """
    with content_errors(uri, "parquet"), opened(uri) as file:
        about = file.metadata.metadata or {}
        times_of_96_bits = "INT96" in _physical(file)
    version = about.get(_SPARK_VERSION, b"").decode()
    oldest = "3.1" if times_of_96_bits else "3.0"
    return any(key in about for key in _OLD_CALENDAR) or bool(version and is_older(version, oldest))


def opened(uri: str) -> pq.ParquetFile:
    """Return an open file."""
    source = open_file(uri)
    # As in Spark; in nanoseconds, the range of times would begin in 1677.
    file = _opened(source, "us")
    return _opened(source, "ns") if _has_negative_rests(file) else file


def _opened(source: pa.NativeFile, unit_of_96_bits: str) -> pq.ParquetFile:
    # Neighbouring column chunks are read in one request.
    return pq.ParquetFile(
        source,
        pre_buffer=True,
        page_checksum_verification=True,
        coerce_int96_timestamp_unit=unit_of_96_bits,
    )


def _has_negative_rests(file: pq.ParquetFile) -> bool:
    """Whether Arrow wrote times of 96 bits as it did before version 23.

    Before 1970 they are a whole day and a negative rest. In nanoseconds, which Arrow wrote them from,
    Arrow reads them back; in microseconds it takes the rest for a positive number.
    """
    writer = _ARROW.match(file.metadata.created_by or "")
    is_old = writer is not None and int(writer[1]) < _WITHOUT_NEGATIVE_RESTS
    return is_old and "INT96" in _physical(file)


def _physical(file: pq.ParquetFile) -> list[str]:
    return [file.schema.column(n).physical_type for n in range(len(file.schema))]


def schema_of(file: pq.ParquetFile) -> pa.Schema:
    """Return the schema, with UTC for times of the old 96-bit type."""
    found, physical = file.schema_arrow, _physical(file)
    if "INT96" not in physical:
        return found
    order = iter(physical)

    def leaf(arrow: pa.DataType) -> pa.DataType:
        return pa.timestamp("us", "UTC") if next(order) == "INT96" else arrow

    return pa.schema([c.with_type(with_leaves(c.type, leaf)) for c in found], found.metadata)


def _batches(
    file: pq.ParquetFile, group: int, columns: Sequence[str], rows: int
) -> Iterator[pa.RecordBatch]:
    # One thread decodes one column; several fragments at once keep the cores busy.
    batches = file.iter_batches(rows, [group], list(columns), use_threads=False)
    return map(_in_microseconds, batches) if _has_negative_rests(file) else batches


def _in_microseconds(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Cut off what is below a microsecond, as Spark does."""

    def leaf(arrow: pa.DataType) -> pa.DataType:
        return pa.timestamp("us") if arrow == pa.timestamp("ns") else arrow

    fields = [field.with_type(with_leaves(field.type, leaf)) for field in batch.schema]
    return batch.cast(pa.schema(fields), safe=False)


def _check_footer(file: pq.ParquetFile, group: int, columns: Sequence[str], uri: str) -> None:
    """Raise FileContentError if the footer has another number of values for a column than of rows.

    Call this only after these columns were read: with a broken footer, `column` would end the
    process.
    """
    about = file.metadata.row_group(group)
    for position in range(about.num_columns):
        leaf = file.schema.column(position)
        name = next((n for n in columns if f"{leaf.path}.".startswith(f"{n}.")), None)
        if name is None or leaf.max_repetition_level:
            continue
        values = about.column(position).num_values
        if values != about.num_rows:
            subject = f"{about.num_rows} rows of column {name!r} in row group {group}"
            raise FileContentError(shown(uri), subject, str(values), LEAVE_OUT)


def _check_columns(file: pq.ParquetFile, group: int, columns: Sequence[str], uri: str) -> None:
    """Raise FileContentError for the first column that cannot be read, or that ends early."""
    expected = file.metadata.row_group(group).num_rows
    for name in columns:
        subject = f"{expected} rows of column {name!r} in row group {group}"
        try:
            given = sum(b.num_rows for b in _batches(file, group, [name], _CHECKED_ROWS))
        except (pa.ArrowException, OSError) as error:
            reason = reason_of(error)
            advice = _NULL_LISTS if "lists to be of size" in reason else LEAVE_OUT
            raise FileContentError(shown(uri), subject, reason, advice) from None
        if given != expected:
            raise FileContentError(shown(uri), subject, str(given), LEAVE_OUT)


def kept_row_groups(files: Files, uri: str, partition: Values, count: int) -> Sequence[int]:
    """Return which of the row groups of a file may hold rows for the filters."""
    needed = pa.schema([c for c in files.whole_schema if c.name in files.filter_columns])
    if files.expression is None or statistics_mislead(files.filters, needed):
        return range(count)
    filesystem, inside = open_filesystem(uri)
    known = known_of(partition, files.whole_schema)
    options = pads.ParquetReadOptions(coerce_int96_timestamp_unit="us")
    fragment = pads.ParquetFileFormat(options).make_fragment(
        inside, filesystem, partition_expression=known
    )
    fragment = fragment.subset(files.expression, files.whole_schema)
    return [group.id for group in fragment.row_groups]
