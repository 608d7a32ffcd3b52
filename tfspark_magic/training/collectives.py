"""Sums and means over all processes of a training, computed by TensorFlow's collectives."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

from tfspark_magic.errors import WorkerFailedError
from tfspark_magic.graph.runtime import tf
from tfspark_magic.graph.tensorflow_internals import coordinate_workers

_HEARTBEAT_SECONDS = 60
"""A process that is silent for this time counts as lost; a process that ends is noticed at once."""
_LOST = (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError)


class WorkerLostError(WorkerFailedError):
    """Another worker has gone, and this one cannot go on alone. Facts: those of `WorkerFailedError`."""


class PortTakenError(WorkerLostError):
    """Another process took the port of this one. Facts: those of `WorkerFailedError`."""


class Collectives:
    """The connection to the other processes of a training.

    >>> others = Collectives(["10.0.0.1:4001", "10.0.0.2:4001"], rank=0)      # doctest: +SKIP
    >>> others.sum([tf.constant(1.0)])                              # doctest: +SKIP
    [<tf.Tensor: shape=(), dtype=float32, numpy=2.0>]

    Make it once in a process, before anything else uses TensorFlow. All processes must call the same
    methods in the same order.

    Parameters
    ----------
    addresses
        Host and port of each process.
    rank
        The number of this process.

    Raises
    ------
    PortTakenError
        If another process has taken the port of this one.
    """

    def __init__(self, addresses: Sequence[str], rank: int) -> None:
        self.count, self.rank = len(addresses), rank
        task = {"type": "worker", "index": rank}
        cluster = {"cluster": {"worker": list(addresses)}, "task": task}
        os.environ["TF_CONFIG"] = json.dumps(cluster)
        coordinate_workers(self.count, _HEARTBEAT_SECONDS)
        try:
            # For its servers and collectives alone: Keras does not work inside of its scope.
            self._strategy = tf.distribute.MultiWorkerMirroredStrategy()
        except tf.errors.UnknownError as error:
            message = f"Port {addresses[rank]} was taken by another process: {error.message}"
            raise PortTakenError(message) from None
        self._at_once = tf.function(self._all_reduce, autograph=False, reduce_retracing=True)

    def sum(self, values: Sequence[Any]) -> list[Any]:
        """Return the sums of tensors over all processes, inside a graph or eagerly."""
        reduce = self._at_once if tf.executing_eagerly() else self._all_reduce
        return list(reduce(list(values))) if values else []

    def mean(self, values: Sequence[Any]) -> list[Any]:
        """Return the means of tensors of floating numbers over all processes."""
        return [total / tf.cast(self.count, total.dtype) for total in self.sum(values)]

    def of_first(self, values: Sequence[Any]) -> list[Any]:
        """Return the tensors of the first process."""
        mine = [value if self.rank == 0 else tf.zeros_like(value) for value in values]
        return self.sum(mine)

    def _all_reduce(self, values: list[Any]) -> list[Any]:
        # TensorFlow packs the tensors of a call into one, which has one dtype.
        tensors = [tf.convert_to_tensor(value) for value in values]
        sums: dict[int, Any] = {}
        for dtype in dict.fromkeys(tensor.dtype for tensor in tensors):
            places = [at for at, tensor in enumerate(tensors) if tensor.dtype == dtype]
            sums.update(zip(places, self._reduced([tensors[at] for at in places]), strict=True))
        return [sums[at] for at in range(len(tensors))]

    def _reduced(self, values: list[Any]) -> list[Any]:
        def reduced(*mine: Any) -> Any:
            with tf.device(self._strategy.extended.worker_devices[0]):
                mine = tuple(tf.identity(value) for value in mine)
            context = tf.distribute.get_replica_context()
            return context.all_reduce(tf.distribute.ReduceOp.SUM, list(mine))

        found = self._strategy.run(reduced, args=tuple(values))
        return [self._strategy.experimental_local_results(one)[0] for one in found]


def is_lost(error: BaseException) -> bool:
    """Whether an error of TensorFlow says that another process has gone."""
    return isinstance(error, _LOST)
