"""HDFS as one of pyarrow's filesystems, by hdfs-native: in Rust, without Java.

What it raises is in the words of Rust and Java; here it becomes Python's own errors, with one
sentence and nothing of a ticket or token in it.
"""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import hdfs_native
import pyarrow as pa
from pyarrow import fs

from tfspark_magic.errors import PathAccessError

_DEFAULT_PORT = 8020
# hdfs-native tries a NameNode for three minutes by itself, and waits for ever for one that accepts
# a connection and says nothing. Two that share the work need some time to change over.
_ONE_NAMENODE = {"dfs.client.failover.max.attempts": "3"}
_SEVERAL_NAMENODES = {"dfs.client.failover.max.attempts": "8"}
_SECONDS_FOR_ONE, _SECONDS_FOR_SEVERAL = 30.0, 120.0
_COPIED_AT_ONCE = 1 << 22  # bytes

# `RPCError("a.java.ClassName", "its message\n\tat ...")`, as Rust prints it
_REMOTE = re.compile(r'^RPCError\("(?:\w+\.)*(\w+)", "((?:[^"\\]|\\.)*)"\)')
_KIND = re.compile(r"^(\w+)\(")


def hdfs_filesystem(place: str) -> fs.PyFileSystem:
    """Return the filesystem of an HDFS.

    >>> hdfs_filesystem("hdfs://namenode:8020")                     # doctest: +SKIP
    <pyarrow._fs.PyFileSystem object at ...>

    Parameters
    ----------
    place
        `hdfs://host:port`, `hdfs://nameservice` of Hadoop's configuration, or `hdfs://` for its
        `fs.defaultFS`. A host without a port is asked at port 8020.

    Raises
    ------
    PathAccessError
        If Hadoop's configuration does not say which HDFS is meant.
    """
    return fs.PyFileSystem(HdfsHandler(place))


class HdfsHandler(fs.FileSystemHandler):
    """What pyarrow asks of a filesystem, answered by a client of HDFS.

    Parameters
    ----------
    place
        As in `hdfs_filesystem`.
    """

    def __init__(self, place: str) -> None:
        self.place = place
        self._one = urlsplit(place).port is not None
        with self._told(place):
            self._client = self._connect()

    def _connect(self) -> hdfs_native.Client:
        if self._one:
            return hdfs_native.Client(self.place, dict(_ONE_NAMENODE))
        try:
            return hdfs_native.Client(self.place, dict(_SEVERAL_NAMENODES))
        except RuntimeError as error:
            host = urlsplit(self.place).hostname
            if not host or "No NameNode hosts" not in str(error):
                raise
        # No nameservice of the configuration, so it is a host, at Hadoop's usual port.
        self._one = True
        return hdfs_native.Client(f"{self.place}:{_DEFAULT_PORT}", dict(_ONE_NAMENODE))

    def _ask(self, path: str, call: Callable[..., Any], *arguments: Any) -> Any:
        """Let the NameNode answer, for so long as one may wait for it."""
        seconds = _SECONDS_FOR_ONE if self._one else _SECONDS_FOR_SEVERAL
        with self._told(path):
            return _within(seconds, call, *arguments)

    @contextmanager
    def _told(self, path: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if isinstance(error, TimeoutError) or type(error) is OSError:
                raise self._unreachable(error) from None
            raise type(error)(_first_line(error)) from None
        except RuntimeError as error:
            raise self._translated(error, path) from None

    def _unreachable(self, error: BaseException) -> PathAccessError:
        if "listener disconnected" in str(error):
            # A secured NameNode hangs up on a caller that has not said who it is.
            reason = "its NameNode ended the connection"
            advice = (
                "if this HDFS uses Kerberos, let HADOOP_CONF_DIR name its configuration, and "
                "run kinit; else check the port"
            )
            return PathAccessError(self.place, reason, advice)
        reason = f"its NameNode does not answer ({_first_line(error)})"
        advice = "check host and port, and that it can be reached from here"
        return PathAccessError(self.place, reason, advice)

    def _translated(self, error: RuntimeError, path: str) -> Exception:
        text = str(error)
        remote = _REMOTE.match(text)
        if remote:
            name, message = remote.groups()
            return self._refused(name, _first_line(_unescaped(message)), path)
        kind = _KIND.match(text)
        if "libgssapi" in text:
            advice = "install MIT Kerberos (Debian: apt-get install libgssapi-krb5-2)"
            return PathAccessError(self.place, "the library of Kerberos is not there", advice)
        if kind and kind[1] in {"GSSAPIError", "SASLError", "NoSASLMechanism"}:
            # The text names the cache of tickets, which is nobody's business but its owner's.
            reason = "it asks for Kerberos and there is no valid ticket"
            return PathAccessError(self.place, reason, "run kinit, then try again")
        if "All DataNodes failed" in text:
            return OSError(f"no DataNode that holds a block of {path!r} can be reached")
        if "No NameNode hosts" in text or "fs.defaultFS" in text:
            reason = "Hadoop's configuration does not say where it is"
            advice = "name a host and port, or set HADOOP_CONF_DIR to the folder of hdfs-site.xml"
            return PathAccessError(self.place, reason, advice)
        return OSError(_first_line(text)[:300])

    def _refused(self, name: str, message: str, path: str) -> Exception:
        if name == "AccessControlException" and "SIMPLE authentication" in message:
            advice = "let HADOOP_CONF_DIR name its configuration, and run kinit"
            return PathAccessError(self.place, "it asks for Kerberos", advice)
        kinds = {
            "AccessControlException": PermissionError,
            "FileAlreadyExistsException": FileExistsError,
            "FileNotFoundException": FileNotFoundError,
            "ParentNotDirectoryException": NotADirectoryError,
        }
        if name == "StandbyException":
            advice = "make one of them active"
            return PathAccessError(self.place, "none of its NameNodes is active", advice)
        return kinds.get(name, OSError)(message or f"{name} for {path!r}")

    def get_type_name(self) -> str:
        return "hdfs"

    def normalize_path(self, path: str) -> str:
        return path

    def get_file_info(self, paths: list[str]) -> list[fs.FileInfo]:
        return [self._info(path) for path in paths]

    def _info(self, path: str) -> fs.FileInfo:
        try:
            return _file_info(self._ask(path, self._client.get_file_info, path), path)
        except (FileNotFoundError, NotADirectoryError):
            return fs.FileInfo(path, fs.FileType.NotFound)

    def get_file_info_selector(self, selector: fs.FileSelector) -> list[fs.FileInfo]:
        folder = selector.base_dir

        def entries() -> list[Any]:
            return list(self._client.list_status(folder, selector.recursive))

        try:
            found = self._ask(folder, entries)
        except FileNotFoundError:
            if selector.allow_not_found:
                return []
            raise
        if len(found) == 1 and not found[0].isdir and found[0].path == folder.rstrip("/"):
            raise NotADirectoryError(f"{folder!r} is a file")
        return [_file_info(status, status.path) for status in found]

    def create_dir(self, path: str, recursive: bool) -> None:  # noqa: FBT001  (pyarrow's signature)
        self._ask(path, self._client.mkdirs, path, 0o755, recursive)

    def delete_dir(self, path: str) -> None:
        if self._info(path).type != fs.FileType.Directory:
            raise FileNotFoundError(f"no folder {path!r}")
        self._ask(path, self._client.delete, path, True)

    def delete_dir_contents(self, path: str, missing_dir_ok: bool = False) -> None:  # noqa: FBT001, FBT002
        selector = fs.FileSelector(path, allow_not_found=missing_dir_ok)
        for info in self.get_file_info_selector(selector):
            self._ask(info.path, self._client.delete, info.path, True)

    def delete_root_dir_contents(self) -> None:
        self.delete_dir_contents("/")

    def delete_file(self, path: str) -> None:
        if self._info(path).type != fs.FileType.File:
            raise FileNotFoundError(f"no file {path!r}")
        self._ask(path, self._client.delete, path, False)

    def move(self, src: str, dest: str) -> None:
        self._ask(src, self._client.rename, src, dest, True)

    def copy_file(self, src: str, dest: str) -> None:
        reader = self._reader(src)
        with self._writer(dest) as writer:
            while block := reader.read(_COPIED_AT_ONCE):
                writer.write(block)

    def open_input_stream(self, path: str) -> pa.NativeFile:
        return pa.PythonFile(self._reader(path), mode="r")

    def open_input_file(self, path: str) -> pa.NativeFile:
        return pa.PythonFile(self._reader(path), mode="r")

    def open_output_stream(self, path: str, metadata: dict[str, str]) -> pa.NativeFile:
        return pa.PythonFile(self._writer(path), mode="w")

    def open_append_stream(self, path: str, metadata: dict[str, str]) -> pa.NativeFile:
        append = self._ask(path, self._client.append, path)
        return pa.PythonFile(_Writer(append, path, self._told), mode="w")

    def _reader(self, path: str) -> _Reader:
        return _Reader(self._ask(path, self._client.read, path), path, self._told)

    def _writer(self, path: str) -> _Writer:
        options = hdfs_native.WriteOptions(overwrite=True, create_parent=True)
        created = self._ask(path, self._client.create, path, options)
        return _Writer(created, path, self._told)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HdfsHandler) and other.place == self.place

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.place)


class _Reader(io.RawIOBase):
    def __init__(self, file: hdfs_native.FileReader, path: str, told: Callable[..., Any]) -> None:
        self._file, self._path, self._told = file, path, told

    def read(self, size: int | None = -1) -> bytes:
        with self._told(self._path):
            return self._file.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._file.seek(offset, whence)
        return self._file.tell()

    def tell(self) -> int:
        return self._file.tell()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True


class _Writer(io.RawIOBase):
    def __init__(self, file: hdfs_native.FileWriter, path: str, told: Callable[..., Any]) -> None:
        self._file, self._path, self._told = file, path, told

    def write(self, block: Any) -> int:
        with self._told(self._path):
            return self._file.write(block)

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        if not self.closed:
            super().close()
            with self._told(self._path):
                self._file.close()


def _file_info(status: hdfs_native.FileStatus, path: str) -> fs.FileInfo:
    changed = status.modification_time * 1_000_000  # milliseconds to nanoseconds
    if status.isdir:
        return fs.FileInfo(path, fs.FileType.Directory, mtime_ns=changed)
    return fs.FileInfo(path, fs.FileType.File, size=status.length, mtime_ns=changed)


def _within(seconds: float, call: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a call returns, or raise a TimeoutError while it still waits."""
    answer: list[Any] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            answer.append(call(*arguments))
        except BaseException as error:  # noqa: BLE001  (raised again below)
            failure.append(error)

    # Not a pool's thread: Python waits for those at its end, and this one may never come back.
    thread = threading.Thread(target=run, daemon=True, name="hdfs")
    thread.start()
    thread.join(seconds)
    if failure:
        raise failure[0]
    if not answer:
        raise TimeoutError(f"no answer within {seconds:.0f} seconds")
    return answer[0]


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), text)


def _first_line(text: object) -> str:
    return str(text).strip().partition("\n")[0].strip().rstrip(".")
