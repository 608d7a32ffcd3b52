"""Replace calls of functions with the operations of the functions.

TensorFlow 2 saves a model as one call of a function. After inlining, its shapes are known, its
variables and tables belong to the graph, and a drawing shows more than one box. Branches and loops
remain functions.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

from tfspark_magic.errors import GraphLoadError
from tfspark_magic.graph.library import functions_by_name
from tfspark_magic.graph.nodes import (
    CALLS,
    consumers_of,
    first_outputs,
    operation_of,
    reached,
    unique_name,
)
from tfspark_magic.graph.runtime import tf1
from tfspark_magic.graph.tensorflow_internals import definition_of

_ENTERING = ("Enter", "RefEnter")
_KEPT = ("_XlaMustCompile", "_noinline")
_GIVING_VALUES = (
    "ReadVariableOp", "VarHandleOp", "Variable", "HashTable", "MutableHashTable", "Random",
    "LookupTableFind", "LookupTableSize", "ResourceGather", "Stateful", "Truncated", "Multinomial",
)  # fmt: skip
_MOST_NODES = 500_000


def inline_calls(graph_def: tf1.GraphDef) -> tf1.GraphDef:
    """Return a graph that calls no function outside of branches and loops.

    >>> [node.op for node in inline_calls(saved).node]              # doctest: +SKIP
    ['Placeholder', 'VarHandleOp', 'ReadVariableOp', 'MatMul', 'NoOp']

    A call is replaced by an operation of the same name, which runs after all operations of the
    function. Some calls cannot be inlined, and are kept: recursive calls, calls that are compiled
    as a whole, and calls of functions that the graph does not have.

    Raises
    ------
    GraphLoadError
        If an operation in a function takes a tensor that does not exist.
    """
    functions = functions_by_name(graph_def)
    nodes = list(graph_def.node)
    origins: dict[str, tuple[str, ...]] = {}
    taken = {node.name for node in nodes}
    while len(nodes) < _MOST_NODES:
        calls = {
            node.name: _Call(node, function, functions, taken)
            for node in nodes
            if (function := _callee(node, functions, origins.get(node.name, ()))) is not None
        }
        if not calls:
            break
        for call in calls.values():
            inside = (*origins.get(call.node.name, ()), call.function.signature.name)
            origins |= dict.fromkeys(call.names.values(), inside)
        nodes = list(_replaced(nodes, calls))
    result = tf1.GraphDef(versions=graph_def.versions, library=graph_def.library)
    result.node.extend(nodes)
    return result


def drop_idle_controls(graph_def: tf1.GraphDef, among: Container[str]) -> None:
    """Remove control edges of the operations `among` from operations that only give values.

    TensorFlow adds such edges next to operations with state, such as reading a variable.
    """
    nodes = {node.name: node for node in graph_def.node if node.name in among}
    if any(_changes(node) or node.op in _ENTERING for node in nodes.values()):
        return  # In loops of TensorFlow 1, control edges also say which operations belong to the loop.
    consumers = consumers_of(nodes.values())
    acting = reached(
        (node.name for node in nodes.values() if _acts(node)),
        lambda name: consumers.get(name, ()),
    )
    for node in nodes.values():
        kept = [r for r in node.input if not r.startswith("^") or r[1:] in acting]
        del node.input[:]
        node.input.extend(kept)


def _changes(node: Any) -> bool:
    return "Assign" in node.op or node.op.startswith(("ResourceScatter", "ResourceCountUpTo"))


def _acts(node: Any) -> bool:
    definition = definition_of(node.op)
    stateful = definition is None or definition.is_stateful
    return stateful and not node.op.startswith(_GIVING_VALUES)


def _callee(node: Any, functions: Mapping[str, Any], inside: tuple[str, ...]) -> Any | None:
    function = functions.get(node.attr["f"].func.name) if node.op in CALLS else None
    if function is None or function.signature.name in inside:
        return None
    if any(
        key in holder.attr and holder.attr[key].b for key in _KEPT for holder in (node, function)
    ):
        return None
    arguments = sum(not name.startswith("^") for name in node.input)
    # Functions of TensorFlow 1 may take types and lists as arguments.
    plain = not function.signature.attr and arguments == len(function.signature.input_arg)
    return function if plain else None


class _Call:
    """One call: the new names of the function's operations, and the places of its tensors."""

    def __init__(
        self, node: Any, function: Any, functions: Mapping[str, Any], taken: set[str]
    ) -> None:
        self.node = node
        self.function = function
        self._functions = functions
        scope, _, last = node.name.rpartition("/")
        # A call without a name from the user needs no scope of its own.
        scope = scope if last.startswith(tuple(CALLS)) else node.name
        self.names = {
            inner.name: unique_name(f"{scope}/{inner.name}".lstrip("/"), taken)
            for inner in function.node_def
        }
        self._nodes = {inner.name: inner for inner in function.node_def}
        self.controls = [name for name in node.input if name.startswith("^")]
        given = [name for name in node.input if not name.startswith("^")]
        self._arguments = {
            argument.name: tensor
            for argument, tensor in zip(function.signature.input_arg, given, strict=True)
        }

    def body(self) -> Iterator[Any]:
        for inner in self.function.node_def:
            node = type(inner)()
            node.CopyFrom(inner)
            node.name = self.names[inner.name]
            del node.input[:]
            node.input.extend(self._tensor(reference) for reference in inner.input)
            node.input.extend(name for name in self.controls if name not in node.input)
            node.attr.pop("_class", None)  # the operations that must be on one device, by name
            yield node
        done = type(self.node)(name=self.node.name, op="NoOp")
        results = [operation_of(self.output(i)) for i in range(len(self.function.ret))]
        after = [self.names.get(name, name) for name in self.function.control_ret.values()]
        done.input.extend(f"^{name.removeprefix('^')}" for name in dict.fromkeys(after + results))
        yield done

    def output(self, index: int) -> str:
        """Return the tensor, outside or inside of the function, that is this output of the call."""
        outputs = self.function.signature.output_arg
        if index >= len(outputs) or outputs[index].name not in self.function.ret:
            raise self._broken(f"{self.node.name}:{index}")
        return self._tensor(str(self.function.ret[outputs[index].name]))

    def _tensor(self, reference: str) -> str:
        # In a function a tensor is `operation:output argument:index`, in a graph `operation:index`.
        if reference.startswith("^"):
            name = reference[1:]
            if name in self._arguments:
                return f"^{operation_of(self._arguments[name])}"
            if name not in self.names:
                raise self._broken(reference)
            return f"^{self.names[name]}"
        name, _, output = reference.partition(":")
        if name in self._arguments:
            return str(self._arguments[name])
        if name not in self.names:
            raise self._broken(reference)
        output_name, _, index = output.partition(":")
        node = self._nodes[name]
        # Functions of TensorFlow 1 are called by an operation of their name.
        called = self._functions.get(node.op)
        definition = definition_of(node.op) if called is None else called.signature
        position = first_outputs(node, definition).get(output_name)
        if position is None or not index.isdecimal():
            raise self._broken(reference)
        return f"{self.names[name]}:{position + int(index)}"

    def _broken(self, reference: str) -> GraphLoadError:
        function = self.function.signature.name
        return GraphLoadError(
            f"The graph is broken: function {function!r} has no tensor {reference!r}."
        )


def _replaced(nodes: list[Any], calls: Mapping[str, _Call]) -> Iterator[Any]:
    def resolved(reference: str) -> str:
        # An output of a call may be one of its arguments, and so an output of another call.
        seen = set()
        while not reference.startswith("^") and reference not in seen:
            seen.add(reference)
            name, _, index = reference.partition(":")
            if name not in calls or not (index or "0").isdecimal():
                break
            reference = calls[name].output(int(index or 0))
        return reference

    for node in nodes:
        for one in calls[node.name].body() if node.name in calls else (node,):
            references = [resolved(reference) for reference in one.input]
            if references != list(one.input):
                copy = type(one)()
                copy.CopyFrom(one)
                del copy.input[:]
                copy.input.extend(references)
                one = copy  # noqa: PLW2901
            yield one
