"""Copy whole files and folders from and to any filesystem: SavedModels, checkpoints, programs.

TensorFlow reads and writes these only on this machine.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyarrow import fs

from tfspark_magic.errors import OptionError, PathNotFoundError
from tfspark_magic.sources.filesystem import open_filesystem, scheme_of, shown, shown_errors
from tfspark_magic.temporary import TemporaryFolder


@contextmanager
def local_copy(uri: str) -> Iterator[Path]:
    """Give a local path for a path or URI; it is a copy if the file is not on this machine.

    >>> with local_copy("hdfs://namenode:8020/models/score") as folder:  # doctest: +SKIP
    ...     model = tf.saved_model.load(folder)

    Parameters
    ----------
    uri
        A file, a folder with its subfolders, or the prefix of a checkpoint (`.../ckpt-5` for the
        files `ckpt-5.index` and others). A copy is removed at the end.

    Raises
    ------
    PathNotFoundError, PathAccessError
        If there is no such file, or it cannot be read.
    """
    filesystem, source = open_filesystem(uri)
    if _is_local(uri):
        yield Path(source)
        return
    source = source.rstrip("/")
    name = source.rpartition("/")[2] or "root"
    with TemporaryFolder() as folder:
        target = Path(folder, name)
        with shown_errors(uri):
            kind = filesystem.get_file_info(source).type
            if kind == fs.FileType.NotFound:
                _copy_prefix(filesystem, uri, source, Path(folder))
            else:
                _copy_down(filesystem, source, target)
        yield target


def store(local: str | os.PathLike[str], uri: str, *, overwrite: bool = False) -> None:
    """Copy a local file or folder to a path or URI, completely or not at all.

    >>> store("/tmp/score", "hdfs://namenode:8020/models/score")    # doctest: +SKIP

    It is written under another name in the same folder, and renamed at the end, so that a reader
    never finds an incomplete one. Object stores rename by copying: there, a reader at that moment
    may find an incomplete one.

    Parameters
    ----------
    local
        A file or a folder.
    uri
        The target. Missing folders are created. A file replaces an existing file.
    overwrite
        True replaces an existing folder. Otherwise, an existing folder is an error, so that nobody
        loses a folder by mistake.

    Raises
    ------
    OptionError
        If the folder exists and `overwrite` is not set, or a folder would replace a file.
    PathNotFoundError, PathAccessError
        If there is nothing to store, or it cannot be written.
    """
    source = Path(local)
    if not source.exists():
        raise PathNotFoundError(str(source))
    filesystem, target = open_filesystem(uri)
    target = target.rstrip("/")
    parent, _, name = target.rpartition("/")
    # A hidden name, for other programs that list the folder meanwhile.
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
        raise OptionError(f"{uri!r} is a file, and a folder cannot replace it: give another path.")


def _take_place(filesystem: fs.FileSystem, written: str, target: str, there: fs.FileType) -> None:
    if there != fs.FileType.Directory:
        filesystem.move(written, target)
        return
    # No filesystem swaps two folders. So the old one is renamed first, and renamed back if the new
    # one fails.
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
        # A folder without files is copied, too.
        filesystem.create_dir(target, recursive=True)
    fs.copy_files(str(source), target, fs.LocalFileSystem(), filesystem)
