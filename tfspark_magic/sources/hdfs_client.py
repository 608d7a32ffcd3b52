"""Make a client of HDFS with hdfs-native, which raises Python's errors and has timeouts.

Addresses, high availability, security and timeouts come from Hadoop's configuration in
`HADOOP_CONF_DIR` or `HADOOP_HOME/etc/hadoop`. Tickets and tokens come from the environment.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import threading
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tfspark_magic.errors import MissingDependencyError

# By default, hdfs-native tries 15 times, and waits up to 15 s between the tries. With several
# NameNodes, we try for some 30 s, in which another NameNode takes over; this is less than the limit
# for any answer. With one NameNode, we try for seconds.
_PATIENCE = {
    "dfs.client.failover.sleep.base.millis": "500",
    "dfs.client.failover.sleep.max.millis": "5000",
}
_ATTEMPTS, _ATTEMPTS_ALONE = "17", "5"
_PORT = 8020
_CONNECT_SECONDS = 10
_ANSWER_SECONDS = 45

# `RPCError("a.java.ClassName", "its message\\n\\tat ...")`, or another name, as Rust prints them
_RUST = re.compile(r'^(\w+)\((?:"[\w.$]*?([A-Za-z]\w*)", )?(?:"((?:[^"\\]|\\.)*)")?')
_KERBEROS = ("GSSAPIError", "SASLError", "NoSASLMechanism")
_REFUSED = {
    "AccessControlException": PermissionError,
    "AuthorizationException": PermissionError,
    "FileAlreadyExistsException": FileExistsError,
    "FileNotFoundException": FileNotFoundError,
    "ParentNotDirectoryException": NotADirectoryError,
}


def connect(place: str) -> PatientClient:
    """Return a client of the HDFS at a place, which has answered once.

    Parameters
    ----------
    place
        `hdfs://host:port`, `hdfs://host` at port 8020, `hdfs://nameservice` or `viewfs://name` of
        the configuration, or `hdfs://` for its `fs.defaultFS`.
    """
    try:
        import hdfs_native
    except ModuleNotFoundError:
        raise MissingDependencyError(
            "hdfs-native", "to open hdfs:// paths", "pip install 'tfspark_magic[hdfs]'"
        ) from None
    known = _configured()
    scheme, _, host = place.partition("://")
    # The configuration decides where `hdfs://` and `viewfs://` lead, maybe to several NameNodes.
    several = any(key.startswith("dfs.ha.namenodes.") for key in known)
    if scheme == "hdfs" and host and f"dfs.ha.namenodes.{host}" not in known:
        host = _answering(host)
        several = False
    attempts = _ATTEMPTS if several else _ATTEMPTS_ALONE
    patience = {**_PATIENCE, "dfs.client.failover.max.attempts": attempts}
    settings = {key: value for key, value in patience.items() if key not in known}
    with as_os_errors():
        client = PatientClient(hdfs_native.Client(f"{scheme}://{host}" if host else None, settings))
    with suppress(FileNotFoundError):  # For example, the root of a viewfs.
        client.get_file_info("/")
    return client


class PatientClient:
    """A client of `hdfs_native` whose calls have a time limit, for NameNodes that do not answer.

    Parameters
    ----------
    client
        The client; this object has the same methods, but methods that list return a list.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._client, name)

        def call(*arguments: Any, **options: Any) -> Any:
            answer = method(*arguments, **options)
            return list(answer) if name == "list_status" else answer

        def ask(*arguments: Any, **options: Any) -> Any:
            with as_os_errors():
                return _within(_ANSWER_SECONDS, lambda: call(*arguments, **options))

        return ask


@contextmanager
def as_os_errors() -> Iterator[None]:
    """Turn the client's errors into Python's errors, with a message of one sentence and no trace.

    `ENOKEY` means that there is no ticket, `ECONNABORTED` that a NameNode hung up,
    `EDESTADDRREQ` that the configuration does not say where to go.
    """
    try:
        yield
    except OSError as error:
        if error.errno is not None:
            raise  # The error was turned before, or it is an error of Python itself.
        text = _first_line(str(error))
        if "listener disconnected" in text:
            # A secured NameNode closes the connection of a caller without credentials.
            raise OSError(errno.ECONNABORTED, "its NameNode ended the connection") from None
        if type(error) is not OSError:
            raise type(error)(text) from None
        # The error has a number, so that it differs from Arrow's error about a broken file.
        raise OSError(errno.EIO, text) from None
    except (RuntimeError, ValueError) as error:
        raise _os_error(str(error)) from None


def _os_error(text: str) -> OSError:
    found = _RUST.match(text)
    kind, remote, message = found.groups() if found else ("", None, None)
    message = _first_line(_unescaped(message if message is not None else text))
    if "libgssapi" in text:
        return OSError(errno.ENOPKG, "it asks for Kerberos and its library is not there")
    if kind in _KERBEROS or "SIMPLE authentication" in text:
        # The text names the cache of tickets, which only its owner should know.
        return OSError(errno.ENOKEY, "it asks for Kerberos and there is no valid ticket")
    if "All DataNodes failed" in text:
        return OSError(errno.EIO, "no DataNode that holds a block of it can be reached")
    if "No NameNode hosts" in text or "fs.defaultFS" in text:
        return OSError(errno.EDESTADDRREQ, "Hadoop's configuration does not say where it is")
    if remote in _REFUSED:
        return _REFUSED[remote](message)
    return OSError(errno.EIO, message)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), text)


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0].strip()


def _within(seconds: float, call: Callable[[], Any]) -> Any:
    answers: list[Any] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(call())
        except BaseException as error:  # noqa: BLE001  (raised where it is waited for)
            errors.append(error)

    # Not a thread of a pool: Python waits for those at exit, and this thread may never end.
    thread = threading.Thread(target=run, name="tfspark_magic-hdfs", daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not answers:
        raise TimeoutError(errno.ETIMEDOUT, f"no answer within {seconds} seconds")
    return answers[0]


def _answering(host: str) -> str:
    """Return `host:port` of a NameNode that accepts connections, or raise an error at once."""
    address = host if re.search(r":\d+$", host) else f"{host}:{_PORT}"
    name, _, port = address.rpartition("@")[2].rpartition(":")
    socket.create_connection((name.strip("[]"), int(port)), _CONNECT_SECONDS).close()
    return address


def _configured() -> set[str]:
    """Return the names of the settings in Hadoop's configuration."""
    home = os.environ.get("HADOOP_HOME")
    folder = os.environ.get("HADOOP_CONF_DIR") or (f"{home}/etc/hadoop" if home else None)
    found: set[str] = set()
    for name in ("core-site.xml", "hdfs-site.xml"):
        path = Path(folder, name) if folder else None
        if path is not None and path.is_file():
            try:
                tree = ET.parse(path)  # noqa: S314  (the user's own configuration)
            except ET.ParseError:
                continue  # The client itself reports this error.
            found |= {one.text.strip() for one in tree.iter("name") if one.text}
    return found
