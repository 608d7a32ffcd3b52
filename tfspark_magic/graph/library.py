"""Handle the functions of a graph, which its operations call by name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

_PYTHON = frozenset({"PyFunc", "EagerPyFunc", "PyFuncStateless"})

if TYPE_CHECKING:
    from tfspark_magic.graph.runtime import tf1


def functions_by_name(graph_def: tf1.GraphDef) -> dict[str, Any]:
    """Return the functions of a graph by their names."""
    return {function.signature.name: function for function in graph_def.library.function}


def all_nodes(graph_def: tf1.GraphDef) -> Iterator[tf1.NodeDef]:
    """Return the operations of a graph, then those in its functions."""
    yield from graph_def.node
    for function in graph_def.library.function:
        yield from function.node_def


def drop_functions(graph_def: tf1.GraphDef) -> None:
    """Remove the functions of a graph that no operation calls."""
    functions = functions_by_name(graph_def)
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
    """Return the names of the functions that an operation may call."""
    yield node.op  # Functions may be called only by their names.
    yield from (function.name for function in _references(node.attr))


def tell_apart(graph_def: tf1.GraphDef) -> None:
    """Give the functions of a graph names that no function of another graph has.

    TensorFlow stores the functions of all graphs of a process by their names, and refuses another
    function with a known name. TensorFlow's own names, such as `cond_true_5`, are in many models.
    """
    library = graph_def.library
    if not library.function:
        return
    mark = hashlib.sha256(library.SerializeToString(deterministic=True)).hexdigest()[:16]
    names = {f.signature.name: f"{f.signature.name}_{mark}" for f in library.function}
    for node in all_nodes(graph_def):
        node.op = names.get(node.op, node.op)
        for function in _references(node.attr):
            function.name = names.get(function.name, function.name)
    for function in library.function:
        function.signature.name = names[function.signature.name]
    for gradient in library.gradient:
        gradient.function_name = names.get(gradient.function_name, gradient.function_name)
        gradient.gradient_func = names.get(gradient.gradient_func, gradient.gradient_func)


def _references(attributes: Any) -> Iterator[Any]:
    for attr in attributes.values():
        one = (attr.func,) if attr.WhichOneof("value") == "func" else attr.list.func
        for function in one:
            yield function
            yield from _references(function.attr)


def python_call(graph_def: tf1.GraphDef) -> str:
    """Return a sentence about the operation of a graph that calls Python; empty if there is none.

    The Python function exists only in this process, and only as long as TensorFlow's own graph. A
    program is bytes, and does not hold it.
    """
    found = next((node for node in all_nodes(graph_def) if node.op in _PYTHON), None)
    if found is None:
        return ""
    return (
        f"Operation {found.name!r} calls a Python function (tf.py_function, tf.numpy_function), which "
        f"is only in this process and not part of a program: write it with TensorFlow's operations."
    )
