"""Make a TensorFlow function from a program's bytes, from feeds to fetches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from google.protobuf.message import DecodeError

from tfspark_magic.errors import GraphLoadError
from tfspark_magic.graph.library import tell_apart
from tfspark_magic.graph.runtime import tf, tf1


def import_graph(graph_def: bytes) -> tf.types.experimental.ConcreteFunction:
    """Import a serialized `GraphDef` as a function, which is then pruned to feeds and fetches."""
    parsed = tf1.GraphDef()
    parsed.ParseFromString(graph_def)
    tell_apart(parsed)
    with tf.init_scope():
        return tf1.wrap_function(lambda: tf1.import_graph_def(parsed, name=""), [])


def load_function(
    graph_def: bytes,
    feeds: Sequence[str],
    fetches: Sequence[str],
    initializers: Sequence[str] = (),
    weights: Mapping[str, tf.Tensor] | None = None,
) -> Callable[..., list[tf.Tensor]]:
    """Return a function from the fed tensors, in order, to the fetched tensors.

    >>> run = load_function(program.graph_def, ["x:0", "y:0"], ["z:0"])     # doctest: +SKIP
    >>> run(tf.constant(3), tf.constant(4))                                 # doctest: +SKIP
    [<tf.Tensor: shape=(), dtype=int32, numpy=15>]

    Parameters
    ----------
    graph_def
        A serialized, frozen `GraphDef`.
    feeds, fetches
        Names of tensors.
    initializers
        Names of operations that run now, once. They fill lookup tables, which exist until the
        process ends.
    weights
        The values of constants that are stored beside the graph, by the tensors of their
        placeholders.

    Raises
    ------
    GraphLoadError
        If the graph cannot be imported in this process.
    """
    weights = weights or {}
    try:
        imported = import_graph(graph_def)
        graph = imported.graph
        for name in initializers:
            imported.prune([], [graph.get_operation_by_name(name)])()
        fed = [graph.get_tensor_by_name(name) for name in (*feeds, *weights)]
        fetched = [graph.get_tensor_by_name(name) for name in fetches]
        # Without a signature, each call would first fail to bind by name, and write its tensors as
        # text.
        signature = tuple(tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in fed)
        run: Any = imported.prune(fed, fetched, input_signature=(signature, {}))
    except (ValueError, KeyError, DecodeError, tf.errors.OpError) as error:
        raise GraphLoadError(
            f"The graph cannot be loaded by TensorFlow {tf.__version__}: {error}"
        ) from error

    constants = tuple(weights.values())

    def call(*tensors: tf.Tensor) -> list[tf.Tensor]:
        # Pruning keeps the imported graph only by weak references.
        _ = imported
        return list(run(*tensors, *constants))

    return call
