"""Turn the bodies of a graph's functions into operations of the graph."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tfspark_magic.graph.library import functions_by_name
from tfspark_magic.graph.nodes import CALLS, first_outputs, inputs_of, operation_of
from tfspark_magic.graph.structure import CALLED_BY
from tfspark_magic.graph.tensorflow_internals import definition_of


class Bodies:
    """The functions of a graph; calls of further functions are replaced by the bodies of these.

    >>> bodies = Bodies(graph_def)                                  # doctest: +SKIP
    >>> [node.name for node in bodies["while_body_22"].node_def]    # doctest: +SKIP
    ['mul', 'scale/Sin', 'scale', 'add']

    A call becomes an `IdentityN` of the results, with the call's name.

    Parameters
    ----------
    graph_def
        The graph.
    most
        The largest number of operations of a body.
    """

    def __init__(self, graph_def: Any, most: int) -> None:
        self._functions = functions_by_name(graph_def)
        self._most = most
        self._made: dict[str, Any] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._functions

    def __getitem__(self, name: str) -> Any:
        """Return a function as a `FunctionDef` without calls that can be replaced."""
        if name not in self._made:
            function = self._functions[name]
            # A function that calls itself finds itself here, as it is.
            self._made[name] = function
            if any(node.op in CALLS for node in function.node_def):
                self._made[name] = self._without_calls(function)
        return self._made[name]

    def __iter__(self) -> Any:
        return iter(self._functions)

    def _without_calls(self, function: Any) -> Any:
        made = type(function)()
        made.CopyFrom(function)
        del made.node_def[:]
        for node in function.node_def:
            body = self.called(node)
            if body is None or len(made.node_def) + len(body.node_def) > self._most:
                made.node_def.add().CopyFrom(node)
                continue
            given, control = inputs_of(node.input)
            args = dict(zip((arg.name for arg in body.signature.input_arg), given, strict=True))

            def within(reference: str, call: str = node.name, args: Any = args) -> str:
                name, colon, rest = reference.partition(":")
                return str(args.get(name, f"{call}/{name}{colon}{rest}"))

            for inner in body.node_def:
                copy = made.node_def.add()
                copy.CopyFrom(inner)
                copy.name = f"{node.name}/{inner.name}"
                _take(copy, inner, within)
            results = [within(body.ret[arg.name]) for arg in body.signature.output_arg]
            ends = [within(name) for name in body.control_ret.values()]
            put_results(made.node_def.add(), node, results, [*control, *ends])
        return made

    def called(self, node: Any) -> Any | None:
        """Return the function of a call; None if the operation is no call that can be replaced."""
        name = node.attr["f"].func.name if node.op in CALLS else ""
        if name not in self._functions:
            return None
        body = self[name]
        # Of types that only a call decides, there may be several.
        is_general = any(
            value.WhichOneof("value") == "placeholder"
            for inner in body.node_def
            for value in inner.attr.values()
        )
        is_own = any(
            inner.attr["f"].func.name == name for inner in body.node_def if inner.op in CALLS
        )
        return None if is_general or is_own else body


def put_results(made: Any, call: Any, results: Sequence[str], control: Iterable[str]) -> None:
    """Write into `made` the operation that has the results of a call, under the call's name."""
    made.name = call.name
    made.op = "IdentityN" if results else "NoOp"
    made.input.extend([*results, *dict.fromkeys(f"^{operation_of(name)}" for name in control)])
    if results:
        made.attr["T"].list.type.extend(call.attr["Tout"].list.type)
    made.attr[CALLED_BY].s = call.op.encode()


def nodes_of(
    body: Any, names: Mapping[str, str], args: Mapping[str, str]
) -> tuple[list[Any], list[str], list[str]]:
    """Return the operations of a function for a graph, its results, and what runs before its end.

    Parameters
    ----------
    body
        The function.
    names
        The name in the graph for each operation of the function.
    args
        The tensor in the graph for each argument.
    """
    first = {node.name: first_outputs(node, definition_of(node.op)) for node in body.node_def}

    def within(reference: str) -> str:
        name, _, rest = reference.partition(":")
        if name in args:
            return args[name]
        output, _, number = rest.partition(":")
        at = first[name].get(output, 0) + int(number or 0)
        return f"{names[name]}:{at}" if at else names[name]

    made = []
    for node in body.node_def:
        copy = type(node)()
        copy.CopyFrom(node)
        copy.name = names[node.name]
        # Shapes are inferred anew, of what the call gives to the function.
        for attribute in ("_class", "_output_shapes"):
            copy.attr.pop(attribute, None)
        _take(copy, node, within)
        made.append(copy)
    results = [within(body.ret[arg.name]) for arg in body.signature.output_arg]
    return made, results, [names[name] for name in body.control_ret.values() if name in names]


def own_names(body: Any) -> dict[str, str]:
    """Return the names of a function's operations as they were given.

    TensorFlow has added `_0` to the names of those that give the function's results.
    """
    names = {node.name for node in body.node_def}
    ends = {arg.name for arg in (*body.signature.input_arg, *body.signature.output_arg)}
    given = {}
    for name in names:
        short = name.removesuffix("_0")
        is_added = short not in names and re.sub(r"\W", "_", short).lower() in ends
        given[name] = short if is_added else name
    return {node.name: given[node.name] for node in body.node_def}


def _take(made: Any, node: Any, within: Callable[[str], str]) -> None:
    tensors, control = inputs_of(node.input)
    del made.input[:]
    made.input.extend(map(within, tensors))
    before = (operation_of(within(name)) for name in control)
    made.input.extend(f"^{name}" for name in dict.fromkeys(before))
