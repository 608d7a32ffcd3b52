"""Whole files and folders from and to any filesystem: SavedModels, checkpoints, programs.

TensorFlow reads and writes those on this machine; here is the way between.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyarrow import fs

from tfspark_magic.errors import OptionError, PathNotFoundError
from tfspark_magic.sources.filesystem import open_filesystem, scheme_of, shown, shown_errors


@contextmanager
def local_copy(uri: str) -> Iterator[Path]:
    """Give a local path of what is at a path or URI; a copy, where it is not on this machine.

    >>> with local_copy("hdfs://namenode:8020/models/score") as folder:  # doctest: +SKIP
    ...     model = tf.saved_model.load(folder)

    Parameters
    ----------
    uri
        A file, a folder with all below it, or the prefix of a checkpoint (`.../ckpt-5`, of which
        `ckpt-5.index` and others are the files). A copy is removed at the end.

    Raises
    ------
    PathNotFoundError, PathAccessError
        If there is nothing, or it cannot be read.
    """
    filesystem, source = open_filesystem(uri)
    if _is_local(uri):
        yield Path(source)
        return
    source = source.rstrip("/")
    name = source.rpartition("/")[2] or "root"
    with tempfile.TemporaryDirectory(prefix="tfspark_magic-") as folder:
        target = Path(folder, name)
        with shown_errors(uri):
            kind = filesystem.get_file_info(source).type
            if kind == fs.FileType.NotFound:
                _copy_prefix(filesystem, uri, source, Path(folder))
            else:
                _copy_down(filesystem, source, target)
        yield target


def store(local: str | os.PathLike[str], uri: str, *, overwrite: bool = False) -> None:
    """Put a local file or folder at a path or URI: all of it, or nothing.

    >>> store("/tmp/score", "hdfs://namenode:8020/models/score")    # doctest: +SKIP

    It is written under another name beside its place and renamed at the end, so nobody ever finds
    a part of it. Object stores rename by copying: there, a reader at that moment may find a part.

    Parameters
    ----------
    local
        A file or a folder.
    uri
        Where to. Folders on the way are made. A file takes the place of a file that is there.
    overwrite
        True puts a folder in the place of one that is there. Without, that is an error: nobody
        loses a folder by a slip of the pen.

    Raises
    ------
    OptionError
        If a folder is there and `overwrite` is not set, or a folder would replace a file.
    PathNotFoundError, PathAccessError
        If there is nothing to store, or it cannot be written.
    """
    source = Path(local)
    if not source.exists():
        raise PathNotFoundError(str(source))
    filesystem, target = open_filesystem(uri)
    target = target.rstrip("/")
    parent, _, name = target.rpartition("/")
    # Hidden from who lists the folder meanwhile.
    written = f"{parent}/.{name}.{uuid.uuid4().hex[:12]}"
    with shown_errors(uri):
        there = filesystem.get_file_info(target).type
        _check_place(source, shown(uri), there, overwrite=overwrite)
        if parent:
            filesystem.create_dir(parent, recursive=True)
        try:
            _copy_up(source, filesystem, written)
            _take_place(filesystem, written, target, there)
        except BaseException:
            _remove(filesystem, written)
            raise


def _is_local(uri: str) -> bool:
    return scheme_of(uri) in ("", "file")


def _check_place(source: Path, uri: str, there: fs.FileType, *, overwrite: bool) -> None:
    if there == fs.FileType.Directory and not (source.is_dir() and overwrite):
        advice = "pass overwrite=True to replace it" if source.is_dir() else "name a file in it"
        raise OptionError(f"{uri!r} is a folder that is there already: {advice}.")
    if there == fs.FileType.File and source.is_dir():
        raise OptionError(f"{uri!r} is a file, and a folder was to be stored there: name another.")


def _take_place(filesystem: fs.FileSystem, written: str, target: str, there: fs.FileType) -> None:
    if there != fs.FileType.Directory:
        filesystem.move(written, target)
        return
    # No filesystem swaps two folders: the old one steps aside, and back if the new one cannot come.
    aside = f"{written}.old"
    filesystem.move(target, aside)
    try:
        filesystem.move(written, target)
    except BaseException:
        filesystem.move(aside, target)
        raise
    filesystem.delete_dir(aside)


def _remove(filesystem: fs.FileSystem, path: str) -> None:
    kind = filesystem.get_file_info(path).type
    if kind == fs.FileType.Directory:
        filesystem.delete_dir(path)
    elif kind == fs.FileType.File:
        filesystem.delete_file(path)


def _copy_prefix(filesystem: fs.FileSystem, uri: str, prefix: str, folder: Path) -> None:
    parent, _, name = prefix.rpartition("/")
    selector = fs.FileSelector(parent or "/", allow_not_found=True)
    files = [
        info
        for info in filesystem.get_file_info(selector)
        if info.type == fs.FileType.File and info.base_name.startswith(f"{name}.")
    ]
    if not any(info.base_name == f"{name}.index" for info in files):
        raise PathNotFoundError(shown(uri))
    for info in files:
        _copy_down(filesystem, info.path, folder / info.base_name)


def _copy_down(filesystem: fs.FileSystem, source: str, target: Path) -> None:
    fs.copy_files(source, str(target), filesystem, fs.LocalFileSystem())


def _copy_up(source: Path, filesystem: fs.FileSystem, target: str) -> None:
    if source.is_dir():
        # A folder without files comes too.
        filesystem.create_dir(target, recursive=True)
    fs.copy_files(str(source), target, fs.LocalFileSystem(), filesystem)
