"""Find the files of a path, as Spark does: a file, a folder, a glob or a list of them."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pyarrow import fs

from tfspark_magic.errors import OptionError, PathNotFoundError
from tfspark_magic.sources.filesystem import open_filesystem, shown, shown_errors, uri_of
from tfspark_magic.sources.table_logs import (
    FoundTableError,
    check_above,
    check_listed,
    refusal,
)

_GLOB = re.compile(r"[*?\[{]")
NULL_TEXT = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class FoundFile:
    """A file, and the folders `key=value` around it.

    Parameters
    ----------
    uri
        The URI of the file.
    size
        The size in bytes; None if the filesystem does not give it.
    partition
        Keys and values as text, outermost first; None is a null.
    written
        The time of the last change, in nanoseconds since 1970; None if the filesystem does not give
        it.
    """

    uri: str
    size: int | None
    partition: tuple[tuple[str, str | None], ...] = ()
    written: int | None = None


def find_files(path: Any) -> list[FoundFile]:
    """Return the files of a path, sorted by name; a list of paths keeps its order.

    Below a folder, names that begin with `_` or `.` are skipped, as in Spark.

    Parameters
    ----------
    path
        A file, a folder (with its subfolders), a glob (`*`, `?`, `[ab]`, `{a,b}`, `**`), or a list.

    Raises
    ------
    PathNotFoundError
        If there is no such file, the folder has no files, or a link in it leads nowhere or back.
    TableFormatError
        If the files belong to a table with a log that decides which files count.
    """
    paths = [path] if isinstance(path, str) or hasattr(path, "__fspath__") else path
    if not isinstance(paths, Iterable):
        raise OptionError(f"A path is a string, or a list of them, got {type(path).__name__}.")
    checked: set[str] = set()
    found = [file for one in paths for file in _find(_text(one), checked)]
    if not found:
        raise OptionError("A path is a string, or a list of them, got an empty list.")
    return found


def _text(path: Any) -> str:
    text = path.__fspath__() if hasattr(path, "__fspath__") else path
    if not isinstance(text, str) or not text:
        raise OptionError(f"A path is a string, got {text!r}.")
    return text


def _find(path: str, checked: set[str]) -> list[FoundFile]:
    filesystem, inside = open_filesystem(path)
    try:
        return _found(path, filesystem, inside, checked)
    except FoundTableError as error:
        folder, entry = error.args
        raise refusal(shown(uri_of(path, inside, folder)), entry) from None


def _found(path: str, filesystem: fs.FileSystem, inside: str, checked: set[str]) -> list[FoundFile]:
    with shown_errors(path):
        info = filesystem.get_file_info(inside)
        if info.type != fs.FileType.NotFound:
            check_above(filesystem, info.path, checked)
        if info.type == fs.FileType.File:
            return [FoundFile(uri_of(path, inside, info.path), info.size, (), info.mtime_ns)]
        if info.type == fs.FileType.Directory:
            root, found = inside, list(_below(filesystem, inside))
            nothing = "the folder has no files, but for hidden ones"
        elif _GLOB.search(inside):
            root, found = _match(filesystem, inside)
            check_above(filesystem, f"{root}/*", checked)
            nothing = "no file matches"
        else:
            raise PathNotFoundError(shown(path))
    if not found:
        raise PathNotFoundError(shown(path), nothing)
    return [
        FoundFile(
            uri_of(path, inside, file.path), file.size, partition_of(root, file.path), file.mtime_ns
        )
        for file in sorted(found, key=lambda file: file.path)
    ]


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this name is skipped, by Spark's rule.

    >>> is_hidden("_SUCCESS"), is_hidden(".part-0.crc"), is_hidden("_day=1"), is_hidden("a.csv")
    (True, True, False, False)
    """
    begun = name.startswith("_") and "=" not in name
    return begun or name.startswith(".") or name.endswith("._COPYING_")


def _below(
    filesystem: fs.FileSystem, folder: str, above: tuple[str, ...] = ()
) -> Iterator[fs.FileInfo]:
    """Yield the files below a folder; `above` are the folders around it, with links resolved."""
    above = (*above, _followed(filesystem, folder, above))
    for info in _listed(filesystem, folder):
        if is_hidden(info.base_name):
            continue
        if info.type == fs.FileType.Directory:
            yield from _below(filesystem, info.path, above)
        elif info.type == fs.FileType.File:
            yield info


def _listed(filesystem: fs.FileSystem, folder: str, *, missing: bool = False) -> list[fs.FileInfo]:
    """Return the entries of a folder; check that it is not a table and that its links are valid."""
    listed: list[fs.FileInfo] = filesystem.get_file_info(
        fs.FileSelector(folder, allow_not_found=missing)
    )
    check_listed(filesystem, folder, listed)
    if isinstance(filesystem, fs.LocalFileSystem) and Path(folder).is_dir():
        # Arrow leaves out links that it cannot follow.
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_symlink() and not is_hidden(entry.name) and not Path(entry).exists():
                    raise PathNotFoundError(shown(entry.path), "it is a link to nothing")
    return listed


def _followed(filesystem: fs.FileSystem, folder: str, above: tuple[str, ...]) -> str:
    """Return the real path of a folder; raise an error if it is a folder around it."""
    if not isinstance(filesystem, fs.LocalFileSystem):
        return folder  # Other filesystems have no links.
    real = os.path.realpath(folder)
    if real in above:
        raise PathNotFoundError(shown(folder), "it is a link to a folder around it")
    return real


def _match(filesystem: fs.FileSystem, pattern: str) -> tuple[str, list[fs.FileInfo]]:
    """Return the folder before the first wildcard, and the files that match or are in a matching folder."""
    segments = pattern.split("/")
    first = next(n for n, segment in enumerate(segments) if _GLOB.search(segment))
    root = "/".join(segments[:first]) or ("/" if pattern.startswith("/") else "")
    level = [root]
    found: dict[str, fs.FileInfo] = {}
    rest = [segment for segment in segments[first:] if segment]
    for depth, segment in enumerate(rest):
        last = depth == len(rest) - 1
        entries: list[fs.FileInfo] = []
        for folder in level:
            if segment == "**":
                entries += _folders_below(filesystem, folder)
                if last:
                    found |= {info.path: info for info in _below(filesystem, folder)}
            else:
                listed = _listed(filesystem, folder, missing=True)
                entries += [info for info in listed if _fits(info.base_name, segment)]
        folders = [info.path for info in entries if info.type == fs.FileType.Directory]
        level = [*level, *folders] if segment == "**" else folders
        if last:
            found |= {info.path: info for info in entries if info.type == fs.FileType.File}
            for folder in folders:
                found |= {info.path: info for info in _below(filesystem, folder)}
    return root, list(found.values())


def _folders_below(
    filesystem: fs.FileSystem, folder: str, above: tuple[str, ...] = ()
) -> Iterator[fs.FileInfo]:
    above = (*above, _followed(filesystem, folder, above))
    for info in _listed(filesystem, folder, missing=True):
        if info.type == fs.FileType.Directory and not is_hidden(info.base_name):
            yield info
            yield from _folders_below(filesystem, info.path, above)


def _fits(name: str, segment: str) -> bool:
    if is_hidden(name) and not segment.startswith(("_", ".")):
        return False
    return any(fnmatch.fnmatchcase(name, one) for one in _alternatives(segment))


def _alternatives(segment: str) -> list[str]:
    """Expand `{a,b}` in a pattern.

    >>> _alternatives("part-{0,1}.csv")
    ['part-0.csv', 'part-1.csv']
    """
    found = re.search(r"\{([^{}]*)\}", segment)
    if not found:
        return [segment]
    before, after = segment[: found.start()], segment[found.end() :]
    return [
        whole for one in found.group(1).split(",") for whole in _alternatives(before + one + after)
    ]


def partition_of(root: str, path: str) -> tuple[tuple[str, str | None], ...]:
    """Return the keys and texts of the folders `key=value` between a folder and a file.

    >>> partition_of("/t", "/t/day=1/0.parquet")
    (('day', '1'),)
    """
    folders = path[len(root) :].strip("/").split("/")[:-1]
    pairs = [folder.partition("=") for folder in folders if "=" in folder]
    return tuple((unquote(key), None if v == NULL_TEXT else unquote(v)) for key, _, v in pairs)
