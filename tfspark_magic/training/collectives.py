"""What the processes of a training agree on, by TensorFlow's own collectives."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Sequence
from typing import Any

from tfspark_magic.errors import NotAvailableError, WorkerFailedError
from tfspark_magic.graph.runtime import tf
from tfspark_magic.graph.tensorflow_internals import coordinate_workers

_HEARTBEAT_SECONDS = 60
"""A process that is silent for so long counts as lost; the end of one is seen at once."""
_LOST = (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError)


class WorkerLostError(WorkerFailedError):
    """Another worker has gone, and this one cannot go on alone. Facts: those of its parent."""


class Collectives:
    """The other processes of a training.

    >>> others = Collectives(["10.0.0.1:4001", "10.0.0.2:4001"], rank=0)      # doctest: +SKIP
    >>> others.sum([tf.constant(1.0)])                              # doctest: +SKIP
    [<tf.Tensor: shape=(), dtype=float32, numpy=2.0>]

    To be made once in a process, before it has used TensorFlow for anything else. All processes call
    the same of its methods in the same order.

    Parameters
    ----------
    addresses
        Host and port of each process.
    rank
        Which of them is this one.

    Raises
    ------
    NotAvailableError
        If a host's name leads nowhere.
    WorkerLostError
        If this one's port was taken meanwhile.
    """

    def __init__(self, addresses: Sequence[str], rank: int) -> None:
        self.count, self.rank = len(addresses), rank
        _check_hosts(addresses)
        task = {"type": "worker", "index": rank}
        cluster = {"cluster": {"worker": list(addresses)}, "task": task}
        os.environ["TF_CONFIG"] = json.dumps(cluster)
        coordinate_workers(self.count, _HEARTBEAT_SECONDS)
        try:
            # For its servers and collectives alone: Keras does not work inside of its scope.
            self._strategy = tf.distribute.MultiWorkerMirroredStrategy()
        except tf.errors.UnknownError as error:
            message = f"Port {addresses[rank]} was taken by another process: {error.message}"
            raise WorkerLostError(message) from None
        self._at_once = tf.function(self._all_reduce, autograph=False, reduce_retracing=True)

    def sum(self, values: Sequence[Any]) -> list[Any]:
        """Return the sums of tensors over all processes, in a graph or at once."""
        reduce = self._at_once if tf.executing_eagerly() else self._all_reduce
        return list(reduce(list(values))) if values else []

    def mean(self, values: Sequence[Any]) -> list[Any]:
        """Return the means of tensors of floating numbers over all processes."""
        return [total / tf.cast(self.count, total.dtype) for total in self.sum(values)]

    def of_first(self, values: Sequence[Any]) -> list[Any]:
        """Return the values that the first process has."""
        mine = [value if self.rank == 0 else tf.zeros_like(value) for value in values]
        return self.sum(mine)

    def _all_reduce(self, values: list[Any]) -> list[Any]:
        def reduced(*mine: Any) -> Any:
            with tf.device(self._strategy.extended.worker_devices[0]):
                mine = tuple(tf.identity(tf.convert_to_tensor(value)) for value in mine)
            context = tf.distribute.get_replica_context()
            return context.all_reduce(tf.distribute.ReduceOp.SUM, list(mine))

        found = self._strategy.run(reduced, args=tuple(values))
        return [self._strategy.experimental_local_results(one)[0] for one in found]


def is_lost(error: BaseException) -> bool:
    """Whether an error of TensorFlow says that another process has gone."""
    return isinstance(error, _LOST)


def free_port() -> int:
    """Return a port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])


def _check_hosts(addresses: Sequence[str]) -> None:
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
