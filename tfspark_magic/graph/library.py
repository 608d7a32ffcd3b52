"""The functions of a graph, which its operations call by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tfspark_magic.graph.runtime import tf1


def drop_functions(graph_def: tf1.GraphDef) -> None:
    """Drop from a graph's library what none of its operations calls."""
    functions = {function.signature.name: function for function in graph_def.library.function}
    called: dict[str, Any] = {}
    nodes = list(graph_def.node)
    while nodes:
        for name in functions_of(nodes.pop()):
            if name in functions and name not in called:
                called[name] = functions[name]
                nodes.extend(functions[name].node_def)
    kept = [function for name, function in functions.items() if name in called]
    gradients = [g for g in graph_def.library.gradient if g.function_name in called]
    gradients = [g for g in gradients if g.gradient_func in called]
    library = type(graph_def.library)(function=kept, gradient=gradients)
    graph_def.library.CopyFrom(library)


def functions_of(node: Any) -> Iterator[str]:
    """Give the names of the functions that an operation may call."""
    yield node.op  # Functions may be called by their name alone.
    for attr in node.attr.values():
        if attr.WhichOneof("value") == "func":
            yield attr.func.name
        else:
            yield from (function.name for function in attr.list.func)
