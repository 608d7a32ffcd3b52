"""The addresses of the processes of a training; needs no TensorFlow."""

from __future__ import annotations

import socket
from collections.abc import Sequence

from tfspark_magic.errors import NotAvailableError


def free_port() -> int:
    """Return a port that no process uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])


def check_hosts(addresses: Sequence[str]) -> None:
    """Raise NotAvailableError if the name of a host has no address here."""
    for host in dict.fromkeys(address.rpartition(":")[0] for address in addresses):
        try:
            socket.getaddrinfo(host, None)
        except OSError as error:
            message = (
                f"{socket.gethostname()} cannot find worker {host!r} by this name "
                f"({error.strerror or error}): give the nodes names that all of them know, or set "
                f"SPARK_LOCAL_IP on each to its address."
            )
            raise NotAvailableError(message) from None
