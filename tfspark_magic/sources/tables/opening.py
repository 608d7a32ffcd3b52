"""Open a table with a log as `Files`: find its format, its version, and the files for the filters."""

from __future__ import annotations

import datetime as dt
import importlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pyarrow.dataset as pads
from pyarrow import fs

from tfspark_magic.errors import OptionError
from tfspark_magic.sources.files import Files
from tfspark_magic.sources.filesystem import from_anywhere, scheme_of, shown
from tfspark_magic.sources.filters import known_of
from tfspark_magic.sources.schemas import with_shapes
from tfspark_magic.sources.tables import FORMATS, format_of_object
from tfspark_magic.sources.tables.log import LoggedFile

_URI = re.compile(
    r"(?P<kind>delta|iceberg)(?:\+(?P<scheme>[a-zA-Z][\w.+-]*))?:(?P<rest>/.*)", re.DOTALL
)


def table_at(path: Any, given: str | None = None) -> tuple[str, Any] | None:
    """Return the format of a table, and its location or its object; None if a path is none.

    >>> table_at("delta:///lake/t"), table_at("delta+s3://lake/t"), table_at("/lake/t")
    (('delta', '/lake/t'), ('delta', 's3://lake/t'), None)

    Raises
    ------
    OptionError
        If it is a table by one and none by the other.
    """
    if isinstance(path, list | tuple):
        if given not in FORMATS and not any(table_at(one) for one in path):
            return None
        if len(path) != 1:
            raise OptionError(
                "A table with a log is read alone: pass its path, not a list of paths."
            )
        path = path[0]
    kind, source = format_of_object(path), path
    if kind is None:
        kind, source = _named(path)
    if kind is None:
        is_path = isinstance(path, str | os.PathLike)
        return (given, os.fspath(path)) if given in FORMATS and is_path else None
    if given not in (None, kind):
        raise OptionError(f"format={given!r} does not go with {kind}: leave format out.")
    return kind, source


def check_options(is_table: bool, of_tables: Mapping[str, Any], **of_files: Any) -> None:  # noqa: FBT001
    """Raise OptionError for an option of tables that is given with files, or the other way round."""
    if is_table:
        usual = {"schema": None, "partitioning": "hive", "delimiter": ",", "header": True}
        for name, value in of_files.items():
            if value != usual[name]:
                raise OptionError(
                    f"{name} goes with files, and the log of a table has its columns: leave {name} out."
                )
        return
    for name, value in of_tables.items():
        if value is not None:
            raise OptionError(
                f"{name} goes with tables that have a log: pass a path such as 'delta:///lake/t' or "
                f"'iceberg:///lake/t', or leave {name} out."
            )


def table_files(
    kind: str,
    source: Any,
    *,
    version: Any = None,
    timestamp: Any = None,
    filters: Any = None,
    shapes: Mapping[str, Any] | None = None,
) -> Files:
    """Return the files of a table that may have rows for the filters, with its columns."""
    if version is not None and timestamp is not None:
        raise OptionError("version and timestamp exclude each other: pass one of them.")
    if isinstance(source, str) and not source.startswith("//"):
        source = from_anywhere(source)
    module = importlib.import_module(f"tfspark_magic.sources.tables.{kind}")
    contents = module.contents(source, version, _moment(timestamp), filters)
    files = sorted(contents.files, key=lambda file: file.uri)
    made = Files(
        (), kind, with_shapes(contents.schema, shapes or {}), filters,
        options=(("version", contents.log.version),), log=contents.log,
    )  # fmt: skip
    kept = files if made.expression is None else list(_kept(made, files))
    return replace(
        made,
        paths=tuple(file.uri for file in kept),
        partitions=tuple(file.values for file in kept),
        sizes=tuple(file.size for file in kept),
        written=tuple(file.written for file in kept),
    )


def delta_target(path: Any) -> str | None:
    """Return the location of a Delta table that is to be written; None if a path is none.

    Raises
    ------
    OptionError
        If it is a table that is not written to.
    """
    table = table_at(path)
    if table is None:
        return None
    kind, source = table
    if kind != "delta":
        raise OptionError(
            f"Tables of {kind} are read, and not written to: write a folder and add its files by "
            f"pyiceberg, or write 'delta:///path'."
        )
    location = from_anywhere(source if isinstance(source, str) else str(source.table_uri))
    if scheme_of(location) not in ("", "file"):
        raise OptionError(
            f"Delta tables are written to on local disks, and not at {shown(location)!r}: write the folder "
            f"{shown(location)!r}, and let Spark make a table of it (CONVERT TO DELTA)."
        )
    return location


def _named(path: Any) -> tuple[str | None, Any]:
    text = path if isinstance(path, str) else ""
    found = _URI.fullmatch(text)
    if found is None:
        return None, path
    kind, scheme, rest = found["kind"], found["scheme"], found["rest"]
    if scheme is not None:
        return kind, f"{scheme}:{rest}"
    if not rest.startswith("//"):
        return kind, rest
    if rest.startswith("///"):
        return kind, rest[2:]
    if kind == "iceberg":
        return kind, rest  # A catalog, and the name of a table in it.
    raise OptionError(
        f"{shown(text)!r} names the host {rest[2:].partition('/')[0]!r}: write {kind}:///path for a "
        f"local table, or {kind}+s3://bucket/path and the like for others."
    )


def _moment(timestamp: Any) -> dt.datetime | None:
    """Return a time in UTC."""
    if timestamp is None:
        return None
    found = timestamp
    if isinstance(timestamp, str):
        try:
            found = dt.datetime.fromisoformat(timestamp)
        except ValueError:
            found = None
    if not isinstance(found, dt.datetime):
        raise OptionError(
            f"timestamp is a time such as '2026-01-31T12:00:00+00:00', or a datetime, got {timestamp!r}."
        )
    if found.tzinfo is None:
        raise OptionError(
            f"timestamp={timestamp!r} has no time zone: write it as '{found.isoformat()}+00:00' for UTC."
        )
    return found.astimezone(dt.UTC)


def _kept(files: Files, found: list[LoggedFile]) -> Iterator[LoggedFile]:
    """Yield the files whose values do not exclude the filters; no file is opened."""
    form, local = pads.ParquetFileFormat(), fs.LocalFileSystem()
    fragments = []
    for number, file in enumerate(found):
        known = known_of(
            tuple(v for v in file.values if v[0] in files.filter_columns), files.schema
        )
        fragments.append(form.make_fragment(str(number), local, partition_expression=known))
    whole = pads.FileSystemDataset(fragments, files.schema.remove_metadata(), form, local)
    for fragment in whole.get_fragments(files.expression):
        yield found[int(fragment.path)]
