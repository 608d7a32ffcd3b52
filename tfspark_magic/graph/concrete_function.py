"""Make a TensorFlow function from a program's bytes, from feeds to fetches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from google.protobuf.message import DecodeError

from tfspark_magic.errors import GraphLoadError
from tfspark_magic.graph.library import tell_apart
from tfspark_magic.graph.nodes import operation_of
from tfspark_magic.graph.runtime import quiet, readable_errors, tf, tf1


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
    feeds
        Names of the tensors of placeholders.
    fetches
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
        parsed = tf1.GraphDef.FromString(graph_def)
        tell_apart(parsed)
        if initializers:
            _function(parsed, (), initializers)()
        run = _function(parsed, (*feeds, *weights), fetches)
    except (ValueError, KeyError, AssertionError, DecodeError, tf.errors.OpError) as error:
        raise GraphLoadError(
            f"The graph cannot be loaded by TensorFlow {tf.__version__}: {error}"
        ) from error
    constants = tuple(weights.values())

    def call(*tensors: tf.Tensor) -> list[tf.Tensor]:
        with readable_errors():
            return list(run(*tensors, *constants))

    return call


def _function(
    graph_def: tf1.GraphDef, feeds: Sequence[str], fetches: Sequence[str]
) -> tf.types.experimental.ConcreteFunction:
    """Import only what the fetches need: TensorFlow's `prune` would copy each operation in Python."""
    nodes = {node.name: node for node in graph_def.node}
    with quiet():
        part = tf1.graph_util.extract_sub_graph(graph_def, [operation_of(name) for name in fetches])
    taken = {name for node in part.node for name in node.input}
    free = "fed"
    while any(name.startswith(free) for name in nodes):
        free += "_"

    def build(*tensors: tf.Tensor) -> list[Any]:
        fed = dict(zip(feeds, tensors, strict=True))
        mapped = {}
        for name, tensor in fed.items():
            # As the inputs of operations are written: the first output without its number.
            operation = operation_of(name)
            for written in (name, operation, f"^{operation}"):
                if written in taken:
                    mapped[written] = tensor
        rest = [name for name in fetches if name not in fed]
        found = dict(zip(rest, tf1.import_graph_def(part, mapped, rest, name=""), strict=True))
        fetched = [fed[name] if name in fed else found[name] for name in fetches]
        if any(isinstance(one, tf.Operation) for one in fetched):
            # A function has tensors as results.
            with tf.control_dependencies(fetched):
                return [tf.constant(0)]
        return fetched

    signature = [
        _spec(nodes[operation_of(name)], f"{free}_{number}") for number, name in enumerate(feeds)
    ]
    with tf.init_scope():
        return tf1.wrap_function(build, signature)


def _spec(placeholder: tf1.NodeDef, name: str) -> tf.TensorSpec:
    attributes = placeholder.attr
    shape = tf.TensorShape(attributes["shape"].shape if "shape" in attributes else None)
    return tf.TensorSpec(shape, tf.as_dtype(attributes["dtype"].type), name)
