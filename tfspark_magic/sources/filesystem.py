"""Open the filesystem of a path: local, HDFS, object stores, or any of pyarrow or fsspec."""

from __future__ import annotations

import errno
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
    closest,
)

_SCHEME = re.compile(r"^([a-zA-Z][a-zA-Z0-9+.-]+):/")
_HDFS = ("hdfs", "viewfs")
# Filesystems of Arrow itself; their options are in the query of the URI.
_ARROW = ("s3", "gs", "gcs", "abfs", "abfss")
# A password has no slash, and ends at the last @ before a slash.
_USER = re.compile(r"\b([a-zA-Z][a-zA-Z0-9+.-]*)://([^/\s'\"]*)@")
_QUERY = re.compile(r"(://[^?\s'\"]*)\?[^\s'\"]*")
_FORMS = {
    "s3": "s3://bucket/key?region=...&scheme=http&endpoint_override=host:port",
    "gs": "gs://bucket/key?scheme=http&endpoint_override=host:port",
    "abfs": "abfs://container@account.dfs.core.windows.net/path",
}
_OPTIONS = re.compile(r"[\w.]+=[^/&]*(&[\w.]+=[^/&]*)*")

_ADVICE = {
    errno.ENOKEY: "run kinit, then try again",
    errno.ENOPKG: "install MIT Kerberos (Debian: apt-get install libgssapi-krb5-2)",
    errno.ECONNABORTED: "if it uses Kerberos, let HADOOP_CONF_DIR name the folder of its "
    "configuration and run kinit; else check the port",
    errno.EDESTADDRREQ: "write hdfs://host:port, or let HADOOP_CONF_DIR name the folder of "
    "hdfs-site.xml",
    errno.ENOSPC: "make room there",
}


def open_filesystem(path: str) -> tuple[fs.FileSystem, str]:
    """Return the filesystem of a path or URI, and the path in it.

    >>> open_filesystem("/tmp/rows.parquet")
    (<pyarrow._fs.LocalFileSystem object at ...>, '/tmp/rows.parquet')

    Parameters
    ----------
    path
        A local path, or `hdfs://namenode:8020/...`, `hdfs://nameservice/...` (from Hadoop's
        configuration in `HADOOP_CONF_DIR`), `s3://`, `gs://`, `webhdfs://`, or any other that
        fsspec opens. Filesystems are cached, one for each host.

    Raises
    ------
    MissingDependencyError
        If a package must be installed for such paths.
    PathAccessError
        If the filesystem does not exist, or refuses the credentials.
    """
    scheme = scheme_of(path)
    if scheme in ("", "file"):
        local = re.sub(r"^file:/+", "/", path)
        return _local(), str(Path(local).expanduser().absolute())
    location, query = _without_query(path, scheme)
    with shown_errors(path):
        if scheme in _HDFS:
            parts = urlsplit(location)
            # Taken from the text, because '#' and '?' are ordinary letters in a path of HDFS.
            inside = location[len(f"{parts.scheme}://{parts.netloc}") :]
            return _hdfs(f"{scheme}://{parts.netloc}", _whose(), os.getpid()), inside or "/"
        if scheme in _ARROW:
            return _arrow(location, query)
        return _fsspec(path)


def open_file(uri: str) -> pa.NativeFile:
    """Return an open file that can be read at any place; errors are those of `shown_errors`."""
    filesystem, inside = open_filesystem(uri)
    with shown_errors(uri):
        return filesystem.open_input_file(inside)


def scheme_of(path: str) -> str:
    """Return the scheme of a URI in lower case; empty for a local path."""
    found = _SCHEME.match(path)
    return found.group(1).lower() if found else ""


def from_anywhere(path: str) -> str:
    """Return a path that a process with another working directory finds too.

    >>> from_anywhere("hdfs://namenode:8020/scored")
    'hdfs://namenode:8020/scored'
    """
    return path if "://" in path else str(Path(path).expanduser().absolute())


def shown(text: object) -> str:
    """Return a URI, or a message with URIs, without user names, passwords and tokens.

    >>> shown("s3://key:secret@bucket/a.parquet?session_token=t")
    's3://bucket/a.parquet'
    """

    def without_user(found: re.Match[str]) -> str:
        scheme, user = found.groups()
        # In these schemes, it is the container, not the user.
        container = scheme in ("abfs", "abfss") and ":" not in user
        return f"{scheme}://{user}@" if container else f"{scheme}://"

    return _QUERY.sub(r"\1", _USER.sub(without_user, str(text)))


def uri_of(path: str, inside: str, found: str) -> str:
    """Return the URI of a file found in the filesystem of `path`.

    Parameters
    ----------
    path, inside
        The opened path, and its path in the filesystem, as `open_filesystem` returned it.
    found
        The path of the file in the filesystem.
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
    """Turn errors of filesystems into one sentence with the path, and without credentials."""
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
        advice = _ADVICE.get(
            error.errno or 0, "check the address and that it can be reached from here"
        )
        raise PathAccessError(shown(path), shown(_text(error)), advice) from None


def _text(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split()).rstrip(".")


def _without_query(path: str, scheme: str) -> tuple[str, str]:
    if scheme not in _ARROW:
        return path, ""
    location, mark, query = path.rpartition("?")
    # In a glob, a question mark means any letter.
    return (location, mark + query) if _OPTIONS.fullmatch(query) else (path, "")


@lru_cache(maxsize=1)
def _local() -> fs.FileSystem:
    # Files are not mapped into memory: if another program cuts a mapped file, the process ends.
    return fs.LocalFileSystem()


def _whose() -> tuple[str | None, ...]:
    # A client keeps the configuration and the user with which it was created.
    names = ("HADOOP_CONF_DIR", "HADOOP_HOME", "HADOOP_USER_NAME", "HADOOP_PROXY_USER")
    credentials = ("HADOOP_TOKEN_FILE_LOCATION", "KRB5CCNAME", "KRB5_CONFIG")
    return tuple(os.environ.get(name) for name in names + credentials)


@lru_cache(maxsize=16)
def _hdfs(place: str, whose: tuple[str | None, ...], process: int) -> fs.FileSystem:
    # A forked process does not have the threads of its parent's client.
    del whose, process
    from tfspark_magic.sources.hdfs import hdfs_filesystem

    return hdfs_filesystem(place)


def _arrow(location: str, query: str) -> tuple[fs.FileSystem, str]:
    parts = urlsplit(location)
    # The key is removed from the URI before parsing, because it may hold characters that are not
    # escaped.
    try:
        filesystem, bucket = fs.FileSystem.from_uri(f"{parts.scheme}://{parts.netloc}{query}")
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        form = _FORMS[{"gcs": "gs", "abfss": "abfs"}.get(parts.scheme, parts.scheme)]
        raise OptionError(
            f"{shown(location)!r} cannot be opened, {shown(_text(error))}: write it as {form}."
        ) from None
    return filesystem, bucket + location[len(f"{parts.scheme}://{parts.netloc}") :]


def _fsspec(path: str) -> tuple[fs.FileSystem, str]:
    scheme = scheme_of(path)
    try:
        import fsspec
    except ModuleNotFoundError:
        raise MissingDependencyError(
            "fsspec", f"to open {scheme}:// paths", "pip install 'tfspark_magic[hdfs]'"
        ) from None
    known = [*_HDFS, *_ARROW, *fsspec.available_protocols(), *fsspec.registry]
    if scheme not in known:
        raise OptionError(
            f"{shown(path)!r} cannot be opened: {scheme}:// is not a known scheme. "
            f"{closest(scheme, dict.fromkeys(known))} Its filesystem is made known by "
            f"fsspec.register_implementation({scheme!r}, ...)."
        )
    try:
        filesystem, inside = fsspec.core.url_to_fs(scheme + path[len(scheme) :])
    except ImportError as error:
        # fsspec's own message names the package that the scheme needs.
        raise MissingDependencyError(
            f"A package for {scheme}://", f"to open {shown(path)!r}", _text(error)
        ) from None
    except ValueError as error:
        raise OptionError(
            f"{shown(path)!r} cannot be opened, {shown(_text(error))}: write it as fsspec does."
        ) from None
    return fs.PyFileSystem(fs.FSSpecHandler(filesystem)), inside
