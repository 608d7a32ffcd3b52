"""Refuse folders of table formats with a log, whose files may also hold deleted rows."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from pyarrow import fs

from tfspark_magic.errors import TableFormatError

# The entry in the table's folder, the name of the table format, the code for Spark, and the scheme by
# which `tfs.files` reads such a table.
_FORMATS = {
    "_delta_log": ("a Delta table", "spark.read.format('delta').load({path!r})", "delta"),
    ".hoodie": ("a Hudi table", "spark.read.format('hudi').load({path!r})", ""),
    "metadata": ("an Iceberg table", "spark.read.format('iceberg').load({path!r})", "iceberg"),
    "snapshot": ("a Paimon table", "spark.read.format('paimon').load({path!r})", ""),
    "_spark_metadata": ("the output of a Spark stream", "spark.read.parquet({path!r})", ""),
}
# Folders with these names are common, so their contents decide.
_INSIDE = {"metadata": re.compile(r".*\.metadata\.json(\.gz)?|version-hint\.text"),
           "snapshot": re.compile(r"LATEST|EARLIEST|snapshot-\d+")}  # fmt: skip
# The folders in which tables keep their files: partitions, Iceberg's `data`, Paimon's buckets.
_WITHIN_A_TABLE = re.compile(r".*=.*|data|bucket-.*")


class FoundTableError(Exception):
    """A folder that is such a table. Facts: (folder, entry)."""


def refusal(location: str, entry: str) -> TableFormatError:
    """Return the error about a table, with what reads it.

    >>> print(refusal("/lake/t", "_delta_log"))
    '/lake/t' is a Delta table, whose log says which of its files and rows count: pass 'delta:///lake/t', or the DataFrame that spark.read.format('delta').load('/lake/t') gives.
    """
    kind, read, scheme = _FORMATS[entry]
    frame = f"the DataFrame that {read.format(path=location)} gives"
    own = f"{scheme}+{location}" if "://" in location else f"{scheme}://{location}"
    return TableFormatError(location, kind, f"{own!r}, or {frame}" if scheme else frame)


def check_listed(filesystem: fs.FileSystem, folder: str, listed: Iterable[fs.FileInfo]) -> None:
    """Raise FoundTableError if the entries of a folder show that it is such a table."""
    for info in listed:
        if info.base_name in _FORMATS and info.type == fs.FileType.Directory:
            inside = _INSIDE.get(info.base_name)
            if inside is None or _has(filesystem, info.path, inside):
                raise FoundTableError(folder, info.base_name)


def check_above(filesystem: fs.FileSystem, path: str, checked: set[str]) -> None:
    """Raise FoundTableError if a file or folder is inside such a table.

    Parameters
    ----------
    path
        A file or folder.
    checked
        Folders that are not tables; the folders above `path` are added.
    """
    for folder in _around(path):
        if folder in checked:
            return
        checked.add(folder)
        there = filesystem.get_file_info([posixpath.join(folder, name) for name in _FORMATS])
        check_listed(filesystem, folder, there)


def _around(path: str) -> Iterator[str]:
    """Yield the folder of a file or folder, and the outer folders whose table it may belong to."""
    while True:
        path, name = posixpath.split(path.rstrip("/"))
        if not path or not name:
            return
        yield path
        if not _WITHIN_A_TABLE.fullmatch(posixpath.basename(path)):
            return


def _has(filesystem: fs.FileSystem, folder: str, name: re.Pattern[str]) -> bool:
    listed = filesystem.get_file_info(fs.FileSelector(folder))
    return any(name.fullmatch(info.base_name) for info in listed)
