"""Turn the fetches that a user gives into tensors of one graph."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tfspark_magic.errors import FetchError, FetchNotFoundError
from tfspark_magic.graph.composites import is_composite, refused_output
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.runtime import tf, tf1


def freeze_fetches(fetches: Any, session: Any = None, name: str = "graph") -> Program:
    """Freeze fetches: a tensor, a name, or a list or tuple of them.

    >>> freeze_fetches([output, "loss"])                            # doctest: +SKIP
    Program graph: x float32[?,4] -> output float32[?], loss float32

    Names are looked up in the graph of the tensors in the list, or else in the default graph.

    Raises
    ------
    FetchNotFoundError
        If a name is not in the graph.
    FetchError
        If something is not a tensor of a graph.
    """
    wanted = list(fetches) if isinstance(fetches, list | tuple) else [fetches]
    graph = next((f.graph for f in wanted if _is_symbolic(f)), None) or tf1.get_default_graph()
    return freeze([tensor_of(fetch, graph) for fetch in wanted], name, session)


def find_tensor(name: str, graph: tf.Graph) -> tf.Tensor:
    """Return a tensor of a graph by its name, or by its operation's name if that has one output.

    Raises
    ------
    FetchNotFoundError
        If there is no such tensor.
    """
    try:
        found = graph.as_graph_element(name, allow_tensor=True, allow_operation=True)
    except (KeyError, ValueError):
        raise FetchNotFoundError(name, _fetchable(graph)) from None
    if isinstance(found, tf.Operation):
        if not found.outputs:
            raise FetchNotFoundError(name, _fetchable(graph))
        found = found.outputs[0]
    return found


def _fetchable(graph: tf.Graph) -> Iterable[str]:
    return [op.name for op in reversed(graph.get_operations()) if op.outputs and op.type != "Const"]


def _is_symbolic(value: Any) -> bool:
    # Eager tensors have the attribute too, but raise an error when it is read.
    return isinstance(value, tf.Tensor | tf.Variable) and hasattr(value, "graph")


def tensor_of(fetch: Any, graph: tf.Graph) -> tf.Tensor:
    """Return the tensor of a fetch: a tensor, a variable, an operation, or a name in a graph.

    Raises
    ------
    FetchNotFoundError, FetchError
        As for `freeze_fetches`.
    """
    if isinstance(fetch, str):
        return find_tensor(fetch, graph)
    if isinstance(fetch, tf.Operation):
        return find_tensor(fetch.name, fetch.graph)
    if isinstance(fetch, tf.Variable) and _is_symbolic(fetch):
        with fetch.graph.as_default():
            return tf.identity(fetch, name=fetch.op.name)
    if isinstance(fetch, tf.Tensor) and not hasattr(fetch, "numpy"):
        return fetch
    kind = type(fetch).__name__
    if is_composite(fetch):
        message = refused_output(_name_of(fetch), fetch)
    elif hasattr(fetch, "numpy"):
        message = (
            "A fetch is an eager tensor, which has its value already: fetch a tensor computed "
            "from placeholders, in a %%tfgraph cell or a tf.Graph."
        )
    else:
        message = (
            f"A fetch is a {kind}: fetch a tensor, a list of tensors, their names, or by itself a "
            f"Program, a Keras model or a tf.function."
        )
    raise FetchError(message)


def _name_of(composite: Any) -> str:
    values = composite.flat_values if isinstance(composite, tf.RaggedTensor) else composite.values
    eager = hasattr(values, "numpy")
    return "fetch" if eager else str(values.op.name).partition("/")[0]
