"""Read the metadata of an Iceberg table by `pyiceberg`: columns by their ids, files, deleted rows."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from tfspark_magic.errors import (
    MissingDependencyError,
    OptionError,
    PathNotFoundError,
    TableFormatError,
)
from tfspark_magic.sources.filesystem import open_filesystem, shown, shown_errors
from tfspark_magic.sources.filters import check_filters
from tfspark_magic.sources.schemas import SMALL, plain_type
from tfspark_magic.sources.tables.log import Contents, Log, LoggedFile
from tfspark_magic.sources.tables.stored_columns import StoredColumn

_FILES = {"py-io-impl": "tfspark_magic.sources.tables.iceberg_io.AnyFileIO"}
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_NUMBERED = re.compile(r"v(\d+)(\.gz)?\.metadata\.json(\.gz)?")


def contents(source: Any, version: Any, timestamp: dt.datetime | None, filters: Any) -> Contents:
    """Return a snapshot of an Iceberg table.

    >>> contents("/lake/t", None, None, None).log.version            # doctest: +SKIP
    4837469027389204112

    Parameters
    ----------
    source
        The folder of a table, or its file of metadata; `//catalog/namespace.table`; or pyiceberg's
        `Table`.
    version, timestamp
        The id of a snapshot, or the name of a tag or branch; or the time at which it was the last
        one. None for the last one.
    filters
        Filters in pyarrow's form; files are left out if their partitions or statistics exclude them.

    Raises
    ------
    PathNotFoundError
        If there is no such table or snapshot.
    TableFormatError
        If its files are not Parquet, or rows are deleted by their values.
    """
    table = _opened(source)
    location = shown(table.location())
    scan = table.scan(snapshot_id=_snapshot(table, location, version, timestamp))
    own, chosen = scan.projection(), scan.snapshot()
    columns = _columns(own.fields, table.name_mapping() or ())
    schema = pa.schema([pa.field(f.name, _arrow(f.field_type), f.optional) for f in own.fields])
    if own.schema_id == table.schema().schema_id:
        check_filters(filters, schema)
        scan = scan.filter(_pushed_down(filters, schema))
    try:
        tasks = list(scan.plan_files())
    except (ValueError, NotImplementedError) as error:
        if "equality deletes" not in str(error):
            raise
        reason = (
            "with rows deleted by their values (equality deletes), which pyiceberg does not read"
        )
        raise _refused(location, reason) from None
    for task in tasks:
        for file in (task.file, *task.delete_files):
            if file.file_format.value not in ("PARQUET", "PUFFIN"):
                raise _refused(location, f"with files in {file.file_format.value}")
    files = [_file(table, task.file, own, schema) for task in tasks]
    log = Log(
        "Iceberg", location, chosen and chosen.snapshot_id, columns, _deleted(table.io, tasks)
    )
    return Contents(schema, tuple(files), log)


def _refused(location: str, reason: str) -> TableFormatError:
    read = f"the DataFrame that spark.read.format('iceberg').load({location!r}) gives"
    return TableFormatError(location, "an Iceberg table", read, reason)


def _opened(source: Any) -> Any:
    try:
        from pyiceberg.catalog import load_catalog
        from pyiceberg.exceptions import NoSuchNamespaceError, NoSuchTableError
        from pyiceberg.table import StaticTable, Table
    except ImportError:
        raise MissingDependencyError(
            "pyiceberg", "to read an Iceberg table", "pip install 'tfspark_magic[tables]'"
        ) from None
    if isinstance(source, Table):
        return source
    if source.startswith("//"):
        catalog, _, name = source[2:].partition("/")
        try:
            return load_catalog(catalog).load_table(name)
        except (NoSuchNamespaceError, NoSuchTableError):
            raise PathNotFoundError(
                f"iceberg:{source}", f"no table {name!r} in the catalog"
            ) from None
        except ValueError as error:
            reason = f"pyiceberg does not know the catalog {catalog!r}, {_text(error)}"
            raise PathNotFoundError(f"iceberg:{source}", reason) from None
    with shown_errors(source):
        place = source if ".metadata.json" in source else _last_metadata(source)
        return StaticTable.from_metadata(place, _FILES)


def _last_metadata(folder: str) -> str:
    """Return the last file of metadata of a table that no catalog keeps."""
    filesystem, inside = open_filesystem(folder)
    inside = f"{inside.rstrip('/')}/metadata"
    listed = filesystem.get_file_info(fs.FileSelector(inside, allow_not_found=True))
    names = [info.base_name for info in listed if info.base_name.endswith((".json", ".json.gz"))]
    if not names:
        raise PathNotFoundError(shown(folder), "no Iceberg table")
    numbered = [(int(found[1]), name) for name in names if (found := _NUMBERED.fullmatch(name))]
    if len(numbered) < len(names):
        reason = "whose last snapshot only its catalog knows"
        advice = (
            f"the table that pyiceberg.catalog.load_catalog(...).load_table(...) gives, or the path of "
            f"a file of metadata, such as {f'iceberg:{shown(folder)}/metadata/{max(names)}'!r}"
        )
        raise TableFormatError(shown(folder), "an Iceberg table", advice, reason)
    return f"{folder.rstrip('/')}/metadata/{max(numbered)[1]}"


def _snapshot(table: Any, location: str, version: Any, timestamp: dt.datetime | None) -> int | None:
    """Return the id of the snapshot that a user asks for; None for the last one."""
    if timestamp is not None:
        found = table.snapshot_as_of_timestamp((timestamp - _EPOCH) // dt.timedelta(milliseconds=1))
        asked = f"at {timestamp.isoformat()}"
    elif isinstance(version, str):
        found, asked = table.snapshot_by_name(version), f"with the tag or branch {version!r}"
    elif isinstance(version, int) and not isinstance(version, bool):
        found, asked = table.snapshot_by_id(version), f"{version}"
    elif version is None:
        return None
    else:
        raise OptionError(
            f"version of an Iceberg table is the id of a snapshot, or the name of a tag or branch, got "
            f"{version!r}."
        )
    if found is None:
        there = [str(entry.snapshot_id) for entry in table.history()]
        tags = sorted(set(table.metadata.refs) - {"main"})
        raise PathNotFoundError(
            location,
            f"no snapshot {asked}; there are {', '.join([*there, *tags]) or 'none'}",
        )
    return int(found.snapshot_id)


def _columns(fields: Iterable[Any], mapped: Iterable[Any]) -> dict[str, StoredColumn]:
    """Return how the columns of a schema are found in files, by their names."""
    known = {one.field_id: one for one in mapped}
    return {field.name: _stored(field, known.get(field.field_id)) for field in fields}


def _stored(field: Any, mapped: Any) -> StoredColumn:
    # A mapped field without fields inside counts as false.
    inside = {} if mapped is None else {one.field_id: one for one in mapped.fields}
    kind = field.field_type
    fields: Iterable[Any] = getattr(kind, "fields", ())
    if hasattr(kind, "element_field"):
        fields = [kind.element_field]
    elif hasattr(kind, "key_field"):
        fields = [kind.key_field, kind.value_field]
    return StoredColumn(
        () if mapped is None else tuple(mapped.names),
        field.field_id,
        tuple(_stored(one, inside.get(one.field_id)) for one in fields),
        field.initial_default,
        field.required,
    )


def _arrow(kind: Any) -> pa.DataType:
    """Return the Arrow type of an Iceberg type, as files give it."""
    from pyiceberg.io.pyarrow import schema_to_pyarrow

    if kind.is_struct:
        return pa.struct([pa.field(f.name, _arrow(f.field_type), f.optional) for f in kind.fields])
    if hasattr(kind, "element_field"):
        return pa.list_(pa.field("element", _arrow(kind.element_type)))
    if hasattr(kind, "key_field"):
        return pa.map_(_arrow(kind.key_type), _arrow(kind.value_type))
    found = schema_to_pyarrow(kind)
    return plain_type(SMALL.get(found, found))


def _file(table: Any, file: Any, own: Any, schema: pa.Schema) -> LoggedFile:
    """Return a data file, with the columns that its partition tells."""
    values = []
    for place, field in enumerate(table.specs()[file.spec_id].fields):
        column = next((f for f in own.fields if f.field_id == field.source_id), None)
        if column is None or str(field.transform) != "identity":
            continue
        value = file.partition[place]
        value = getattr(value, "bytes", value)  # of a UUID
        # Dates and times are integers there.
        arrow = schema.field(column.name).type
        values.append((column.name, pa.array([value], arrow)[0].as_py()))
    return LoggedFile(_uri(file.file_path), tuple(values), file.file_size_in_bytes)


def _uri(path: str) -> str:
    """Return a path in metadata as files are opened by it."""
    return re.sub(r"^(file:/+|s3[an]:)", lambda scheme: "/" if scheme[1][0] == "f" else "s3:", path)


def _deleted(io: Any, tasks: Iterable[Any]) -> dict[str, bytes]:
    """Return the numbers of the deleted rows by file."""
    paths = {task.file.file_path for task in tasks if task.delete_files}
    found: dict[str, list[np.ndarray[Any, Any]]] = {}
    for file in {one for task in tasks for one in task.delete_files}:
        for path, rows in _deletes(io, file):
            if path in paths:
                found.setdefault(path, []).append(np.asarray(rows, np.int64))
    return {_uri(path): np.unique(np.concatenate(rows)).tobytes() for path, rows in found.items()}


def _deletes(io: Any, file: Any) -> Iterator[tuple[str, Any]]:
    """Yield paths of data files, and the numbers of the rows that a file of deletes has for them."""
    from pyiceberg.table.deletion_vector import deletion_vectors_from_puffin_file
    from pyiceberg.table.puffin import PuffinFile

    with io.new_input(file.file_path).open() as stream:
        if file.file_format.value == "PUFFIN":
            for vector in deletion_vectors_from_puffin_file(PuffinFile(stream.read())):
                yield vector.referenced_data_file, vector.to_vector().to_numpy()
            return
        table = pq.read_table(pa.BufferReader(stream.read()), columns=["file_path", "pos"])
    paths = table.column("file_path").combine_chunks().dictionary_encode()
    codes, rows = paths.indices.to_numpy(), table.column("pos").to_numpy()
    for code, path in enumerate(paths.dictionary.to_pylist()):
        yield path, rows[codes == code]


def _text(error: BaseException) -> str:
    return shown(" ".join(str(error).split())).rstrip(".")


_COMPARISONS = {
    "=": "EqualTo", "==": "EqualTo", "!=": "NotEqualTo", "<": "LessThan", "<=": "LessThanOrEqual",
    ">": "GreaterThan", ">=": "GreaterThanOrEqual", "in": "In", "not in": "NotIn",
}  # fmt: skip
_LITERALS = (
    (pa.types.is_boolean, bool), (pa.types.is_integer, int), (pa.types.is_string, str),
    (pa.types.is_date, dt.date), (lambda arrow: arrow == pa.timestamp("us"), dt.datetime),
)  # fmt: skip
"""The columns and values that compare in the same way there and here."""


def _pushed_down(filters: Any, schema: pa.Schema) -> Any:
    """Return filters for pyiceberg, which are true for at least the same rows."""
    from pyiceberg import expressions as ex

    if not isinstance(filters, list):
        return ex.AlwaysTrue()
    rows = filters if all(isinstance(one, list) for one in filters) else [filters]
    found: Any = ex.AlwaysFalse()
    for row in rows:
        every: Any = ex.AlwaysTrue()
        for name, by, value in row:
            several = by in ("in", "not in")
            values = list(value) if several else [value]
            arrow = schema.field(name).type
            kind = next((kind for is_one, kind in _LITERALS if is_one(arrow)), None)
            if all(type(one) is kind for one in values):
                every = ex.And(
                    every, getattr(ex, _COMPARISONS[by])(name, values if several else value)
                )
        found = ex.Or(found, every)
    return found
