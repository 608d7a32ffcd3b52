"""The filesystem of a path: local, HDFS, object stores, anything that pyarrow or fsspec opens."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow as pa
from pyarrow import fs

from tfspark_magic.errors import (
    MissingDependencyError,
    OptionError,
    PathAccessError,
    PathNotFoundError,
    TfSparkError,
)

_SCHEME = re.compile(r"^([a-zA-Z][a-zA-Z0-9+.-]+):/")
_HDFS = ("hdfs", "viewfs")
# Arrow's own: their options stand in the query of the URI.
_ARROW = ("s3", "gs", "gcs", "abfs", "abfss")
# A password has no slash, and ends at the last @ before one.
_SECRETS = re.compile(r"(\b[a-zA-Z][a-zA-Z0-9+.-]*://)[^/\s'\"]*@|(://[^?\s'\"]*)\?[^\s'\"]*")


def open_filesystem(path: str) -> tuple[fs.FileSystem, str]:
    """Return the filesystem of a path or URI, and the path in it.

    >>> open_filesystem("/tmp/rows.parquet")
    (<pyarrow._fs.LocalFileSystem object at ...>, '/tmp/rows.parquet')

    Parameters
    ----------
    path
        Local, or `hdfs://namenode:8020/...`, `hdfs://nameservice/...` (as Hadoop's configuration
        in `HADOOP_CONF_DIR` has it), `s3://`, `gs://`, `webhdfs://`, or what else fsspec opens.
        Filesystems are kept, one for each place.

    Raises
    ------
    MissingDependencyError
        If a package has to be installed for such paths.
    PathAccessError
        If there is no such place, or the credentials are not accepted.
    """
    scheme = scheme_of(path)
    if scheme in ("", "file"):
        local = re.sub(r"^file:/+", "/", path)
        return _local(), str(Path(local).expanduser().absolute())
    location, query = _without_query(path, scheme)
    with shown_errors(path):
        if scheme in _HDFS:
            parts = urlsplit(location)
            # From the text: a '#' or '?' in a path of HDFS is a letter like any other.
            inside = location[len(f"{parts.scheme}://{parts.netloc}") :]
            return _hdfs(f"{scheme}://{parts.netloc}", _hadoop_folder(), os.getpid()), inside or "/"
        if scheme in _ARROW:
            return _arrow(location, query)
        return _fsspec(path)


def scheme_of(path: str) -> str:
    """Return the scheme of a URI in lower case; empty for a local path."""
    found = _SCHEME.match(path)
    return found.group(1).lower() if found else ""


def shown(text: object) -> str:
    """Return a URI, or a message with some in it, without user names, passwords and tokens.

    >>> shown("s3://key:secret@bucket/a.parquet?session_token=t")
    's3://bucket/a.parquet'
    """
    return _SECRETS.sub(lambda found: found.group(1) or found.group(2), str(text))


def uri_of(path: str, inside: str, found: str) -> str:
    """Return the URI of a file found in the filesystem of `path`.

    Parameters
    ----------
    path, inside
        What was opened, and what `open_filesystem` called it.
    found
        What the filesystem calls the file.
    """
    scheme = scheme_of(path)
    if scheme in ("", "file"):
        return found
    location, query = _without_query(path, scheme)
    if location.endswith(inside):
        start = location[: len(location) - len(inside)]
    else:
        start = f"{scheme}://{urlsplit(location).netloc}" if scheme in _HDFS else f"{scheme}://"
    return start + found + query


@contextmanager
def shown_errors(path: str) -> Iterator[None]:
    """Turn what filesystems raise into one sentence with the path, and without credentials."""
    try:
        yield
    except TfSparkError:
        raise
    except FileNotFoundError:
        raise PathNotFoundError(shown(path)) from None
    except PermissionError:
        advice = "ask its owner, or set the user or ticket that you read it with"
        raise PathAccessError(shown(path), "permission denied", advice) from None
    except (NotADirectoryError, IsADirectoryError) as error:
        raise PathNotFoundError(shown(path), shown(_text(error)).lower()) from None
    except pa.ArrowException:
        raise
    except OSError as error:
        advice = "check the address and that it can be reached from here"
        raise PathAccessError(shown(path), shown(_text(error)), advice) from None


def _text(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split()).rstrip(".")


def _without_query(path: str, scheme: str) -> tuple[str, str]:
    if scheme not in _ARROW:
        return path, ""
    location, mark, query = path.partition("?")
    # In a glob a question mark stands for a letter.
    return (location, mark + query) if "=" in query else (path, "")


@lru_cache(maxsize=1)
def _local() -> fs.FileSystem:
    return fs.LocalFileSystem(use_mmap=True)


def _hadoop_folder() -> str:
    home = os.environ.get("HADOOP_HOME")
    return os.environ.get("HADOOP_CONF_DIR") or (f"{home}/etc/hadoop" if home else "")


@lru_cache(maxsize=16)
def _hdfs(place: str, folder: str, process: int) -> fs.FileSystem:
    # A fork has none of the threads of its parent's client.
    del folder, process
    from tfspark_magic.sources.hdfs import hdfs_filesystem

    return hdfs_filesystem(place)


def _arrow(location: str, query: str) -> tuple[fs.FileSystem, str]:
    parts = urlsplit(location)
    # The key is no part of the URI that is parsed: it may hold what a URI would have to escape.
    try:
        filesystem, bucket = fs.FileSystem.from_uri(f"{parts.scheme}://{parts.netloc}{query}")
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise OptionError(f"{shown(location)!r} cannot be opened: {shown(_text(error))}.") from None
    return filesystem, bucket + location[len(f"{parts.scheme}://{parts.netloc}") :]


def _fsspec(path: str) -> tuple[fs.FileSystem, str]:
    scheme = scheme_of(path)
    try:
        import fsspec
    except ModuleNotFoundError:
        raise MissingDependencyError(
            "fsspec", f"to open {scheme}:// paths", "pip install 'tfspark_magic[hdfs]'"
        ) from None
    try:
        filesystem, inside = fsspec.core.url_to_fs(path)
    except ImportError as error:
        # fsspec's own text says which package its scheme needs.
        raise MissingDependencyError(
            f"A package for {scheme}://", f"to open {shown(path)!r}", _text(error)
        ) from None
    except ValueError as error:
        raise OptionError(f"{shown(path)!r} cannot be opened: {shown(_text(error))}.") from None
    return fs.PyFileSystem(fs.FSSpecHandler(filesystem)), inside
