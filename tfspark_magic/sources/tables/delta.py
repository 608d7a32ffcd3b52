"""Read the log of a Delta table by `deltalake`: columns, files with their partitions, deleted rows."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
from pyarrow import fs

from tfspark_magic.errors import (
    MissingDependencyError,
    OptionError,
    PathNotFoundError,
    TableFormatError,
    TfSparkError,
)
from tfspark_magic.sources.filesystem import (
    open_filesystem,
    scheme_of,
    shown,
    shown_errors,
    uri_of,
)
from tfspark_magic.sources.schemas import SPARK_KEY, plain_schema
from tfspark_magic.sources.tables.log import Contents, Log, LoggedFile
from tfspark_magic.sources.tables.stored_columns import StoredColumn
from tfspark_magic.temporary import TemporaryFolder

_FEATURES = {
    "columnMapping", "deletionVectors", "timestampNtz", "typeWidening", "typeWidening-preview",
    "v2Checkpoint", "vacuumProtocolCheck",
}  # fmt: skip
"""What a reader must know of a table, and this one does."""
_MAPPING = "delta.columnMapping."
_LOG, _COMMIT = "_delta_log", re.compile(r"(\d{20})\.json")
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def contents(source: Any, version: Any, timestamp: dt.datetime | None, filters: Any) -> Contents:
    """Return a version of a Delta table.

    >>> contents("/lake/t", 12, None, None).log.version              # doctest: +SKIP
    12

    Parameters
    ----------
    source
        The location of a table, or a `DeltaTable`.
    version, timestamp
        The number of the version, or the time at which it was the last one; None for the last one,
        or that of the `DeltaTable`.
    filters
        Not needed: `opening.py` compares them with the partitions.

    Raises
    ------
    PathNotFoundError
        If there is no such table or version.
    TableFormatError
        If it needs readers that know more.
    """
    del filters
    if not isinstance(source, str):
        if version is not None or timestamp is not None:
            raise OptionError("A DeltaTable has its version: leave version and timestamp out.")
        uri = source.table_uri.rstrip("/")
        return _contents(
            source, unquote(uri.removeprefix("file://")) if scheme_of(uri) == "file" else uri
        )
    with _local_log(source) as folder, _errors_of_log(source):
        table = _opened(folder)
        if timestamp is not None:
            version = _version_at(table, source, timestamp)
        _load(table, version, source)
        return _contents(table, source)


def _contents(table: Any, source: str) -> Contents:
    location = shown(source)
    unknown = sorted({*(table.protocol().reader_features or ())} - _FEATURES)
    if unknown:
        raise _refused(location, f"whose readers must know {', '.join(unknown)}")
    fields = json.loads(table.schema().to_json())["fields"]
    mode = table.metadata().configuration.get(f"{_MAPPING}mode", "none")
    columns = {field["name"]: _stored(field, mode) for field in fields}
    # The log has Spark's types and the metadata of its columns, as a Parquet file has them.
    spark = {SPARK_KEY: table.schema().to_json()}
    schema = plain_schema(pa.schema(table.schema().to_arrow()).with_metadata(spark))
    files = tuple(_files(table, source))
    log = Log("Delta", location, table.version(), columns, _deleted(table, files))
    return Contents(schema, files, log)


def _refused(location: str, reason: str) -> TableFormatError:
    read = f"the DataFrame that spark.read.format('delta').load({location!r}) gives"
    return TableFormatError(location, "a Delta table", read, reason)


@contextlib.contextmanager
def _local_log(source: str) -> Iterator[str]:
    """Give a folder with the log of a table.

    On other filesystems it is a copy, because deltalake does not open all of them, and not in the same
    way.
    """
    filesystem, inside = open_filesystem(source)
    inside = inside.rstrip("/")
    with shown_errors(source):
        if filesystem.get_file_info(f"{inside}/{_LOG}").type != fs.FileType.Directory:
            raise PathNotFoundError(shown(source), "no Delta table")
    if scheme_of(source) in ("", "file"):
        yield inside
        return
    local = fs.LocalFileSystem()
    with TemporaryFolder() as folder:
        local.create_dir(f"{folder}/{_LOG}")
        with shown_errors(source):
            fs.copy_files(f"{inside}/{_LOG}", f"{folder}/{_LOG}", filesystem, local)
            for info in filesystem.get_file_info(fs.FileSelector(inside)):
                if info.base_name.startswith("deletion_vector"):
                    fs.copy_files(info.path, f"{folder}/{info.base_name}", filesystem, local)
        yield folder


def _opened(folder: str) -> Any:
    try:
        from deltalake import DeltaTable
    except ImportError:
        raise MissingDependencyError(
            "deltalake", "to read a Delta table", "pip install 'tfspark_magic[tables]'"
        ) from None
    return DeltaTable(folder)


@contextlib.contextmanager
def _errors_of_log(source: str) -> Iterator[None]:
    """Turn an error of deltalake about a log into one sentence."""
    try:
        yield
    except TfSparkError:
        raise
    except Exception as error:
        from deltalake.exceptions import DeltaError

        # Its parts raise a plain `Exception`.
        if not isinstance(error, DeltaError | OSError) and type(error) is not Exception:
            raise
        words = " ".join(shown(str(error)).split()).partition(" 0: ")[0].rstrip(".")
        raise _refused(shown(source), f"which deltalake does not read ({words})") from None


def _load(table: Any, version: Any, source: str) -> None:
    from deltalake.exceptions import DeltaError

    if version is None:
        return
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        raise OptionError(f"version of a Delta table is a number, got {version!r}.")
    last = table.version()
    try:
        table.load_as_version(version)
    except DeltaError:
        there = f"the last one is {last}" if version > last else "its log no longer has it"
        raise PathNotFoundError(shown(source), f"no version {version}, {there}") from None


def _version_at(table: Any, source: str, timestamp: dt.datetime) -> int:
    """Return the version that was the last one at a time, by the clocks that Spark goes by."""
    filesystem, inside = open_filesystem(source)
    listed = filesystem.get_file_info(fs.FileSelector(f"{inside.rstrip('/')}/{_LOG}"))
    written = {
        int(found[1]): info.mtime_ns
        for info in listed
        if (found := _COMMIT.fullmatch(info.base_name))
    }
    for entry in table.history():
        if "inCommitTimestamp" in entry:
            written[entry["version"]] = entry["inCommitTimestamp"] * 1_000_000
    asked = (timestamp - _EPOCH) // dt.timedelta(microseconds=1) * 1_000
    before = [version for version, time in written.items() if time is not None and time <= asked]
    if not before:
        raise PathNotFoundError(shown(source), f"no version at {timestamp.isoformat()}")
    return max(before)


def _stored(field: Mapping[str, Any], mode: str) -> StoredColumn:
    """Return how a column of the log's schema is found in files."""
    about = field.get("metadata") or {}
    name = field["name"] if mode == "none" else about[f"{_MAPPING}physicalName"]
    by_id = int(about[f"{_MAPPING}id"]) if mode == "id" else None
    names = () if mode == "id" else (name,)
    return StoredColumn(names, by_id, _inner(field["type"], mode), required=not field["nullable"])


def _inner(kind: Any, mode: str) -> tuple[StoredColumn, ...]:
    """Return what is inside of a type of the log's schema."""
    if isinstance(kind, str):
        return ()
    if kind["type"] == "struct":
        return tuple(_stored(field, mode) for field in kind["fields"])
    inside = ("elementType",) if kind["type"] == "array" else ("keyType", "valueType")
    return tuple(StoredColumn((), None, _inner(kind[name], mode)) for name in inside)


def _files(table: Any, source: str) -> Iterator[LoggedFile]:
    """Yield the files of a version, with the values of their partitions."""
    actions = pa.table(table.get_add_actions())
    by = table.metadata().partition_columns
    rows = actions.select(["path", "size_bytes", "modification_time"]).to_pylist()
    values = actions.column("partition").to_pylist() if by else [{}] * len(rows)
    for row, known in zip(rows, values, strict=True):
        constant = tuple((name, known[name]) for name in by)
        written = row["modification_time"] * 1_000_000
        yield LoggedFile(_uri(row["path"], source), constant, row["size_bytes"], written)


def _uri(path: str, source: str) -> str:
    """Return the URI of a file from its path in the log, where letters are escaped as in a URI."""
    path = unquote(path)
    if scheme_of(path) or path.startswith("/"):
        return path  # A table that was cloned has the files of another one.
    _, inside = open_filesystem(source)
    inside = inside.rstrip("/")
    return uri_of(source, inside, f"{inside}/{path}")


def _deleted(table: Any, files: Sequence[LoggedFile]) -> dict[str, bytes]:
    """Return the numbers of the deleted rows by file."""
    if "deletionVectors" not in (table.protocol().reader_features or ()):
        return {}
    root = table.table_uri.rstrip("/")
    paths = pa.table(table.get_add_actions()).column("path").to_pylist()
    # Files of different partitions may have one name.
    uris = {
        _plain(path if scheme_of(path) or path.startswith("/") else f"{root}/{path}"): file.uri
        for path, file in zip(paths, files, strict=True)
    }
    deleted = {}
    for batch in pa.RecordBatchReader.from_stream(table.deletion_vectors()):
        for path, kept in zip(
            batch.column("filepath"), batch.column("selection_vector"), strict=True
        ):
            # Rows behind the end of the vector are kept.
            rows = np.flatnonzero(~kept.values.to_numpy(zero_copy_only=False))
            deleted[uris[_plain(path.as_py())]] = rows.astype(np.int64).tobytes()
    return deleted


def _plain(uri: str) -> str:
    """Return a URI or path without a scheme for local files, and without any escapes."""
    uri = re.sub("^file:/+", "/", uri)
    while (plain := unquote(uri)) != uri:
        uri = plain
    return uri
