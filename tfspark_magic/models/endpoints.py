"""Put the users' names of a model's inputs and outputs into its graph.

This changes the `GraphDef`, before TensorFlow reads it. Each input becomes a placeholder with its
name, each output an operation with its name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tfspark_magic.errors import (
    FetchNotFoundError,
    GraphLoadError,
    OptionError,
    PlaceholderNotFoundError,
)
from tfspark_magic.graph.nodes import CALLS, operation_of, tensor_of, unique_name
from tfspark_magic.graph.runtime import tf1

Names = str | Collection[str] | Mapping[str, Any] | None

_OPERATION_NAME = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*")


@dataclass(frozen=True)
class Endpoint:
    """An input or output of a model.

    Parameters
    ----------
    tensor
        Its name in the graph, such as `StatefulPartitionedCall:1`.
    dtype
        TensorFlow's number of the dtype; 0 if only the graph knows it.
    shape
        A `TensorShapeProto`, or None if only the graph knows it.
    optional
        Whether it has a default value, and is fed only if the user asks for it.
    stated
        The `tf.TensorSpec` that the user gives in `outputs=`.
    """

    tensor: str
    dtype: int = 0
    shape: Any = None
    optional: bool = False
    stated: Any = None


def chosen_inputs(known: Mapping[str, Endpoint], wanted: Names) -> dict[str, Endpoint]:
    """Return the inputs under the requested names: a dict renames, a list selects.

    >>> chosen_inputs({"input_1": x}, {"input_1": "features"})      # doctest: +SKIP
    {'features': x}

    Raises
    ------
    PlaceholderNotFoundError
        If an input does not exist.
    OptionError
        If two inputs get the same name, or a name is not possible for a placeholder.
    """
    names = _mapping(wanted)
    for name in names:
        if name not in known:
            raise PlaceholderNotFoundError(name, tuple(known))
    selected = wanted is not None and not isinstance(wanted, Mapping)
    keep = [n for n, end in known.items() if n in names or not (selected or end.optional)]
    if selected:
        keep.sort(key=list(names).index)
    result = {names.get(name, name): known[name] for name in keep}
    if len(result) != len(keep):
        raise OptionError(f"inputs={dict(names)!r} gives two placeholders one name.")
    for name in result:
        if _OPERATION_NAME.fullmatch(name) is None:
            valid = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_") or "x"
            raise OptionError(
                f"TensorFlow takes no placeholder called {name!r}: pass inputs={{...: {valid!r}}}, "
                f"and bind that to the column."
            )
    return result


def chosen_outputs(known: Mapping[str, Endpoint], wanted: Names) -> dict[str, Endpoint]:
    """Return the requested outputs, in this order; a dict renames them, or gives their specs.

    Raises
    ------
    FetchNotFoundError
        If an output does not exist.
    OptionError
        If two outputs get the same name.
    """
    names = {name: name for name in known} if wanted is None else _mapping(wanted)
    for name in names:
        if name not in known:
            raise FetchNotFoundError(name, tuple(known))
    result = {}
    for name, given in names.items():
        if isinstance(given, str):
            result[given] = known[name]
        elif not hasattr(given, "shape"):
            raise OptionError(
                f"outputs= gives {given!r} for {name!r}: give the name of a column, or a "
                f"tf.TensorSpec."
            )
        else:
            result[given.name or name] = replace(known[name], stated=given)
    if len(result) != len(names):
        raise OptionError(f"outputs={dict(names)!r} gives two fetches one name.")
    return result


@dataclass(frozen=True)
class Named:
    """A graph whose inputs and outputs have their names.

    Parameters
    ----------
    graph_def
        The graph; the operations for outputs are identities, which have no dtype yet.
    operations
        The operations of the outputs, by names that TensorFlow may not allow.
    fed, moved
        Placeholders by the tensors that they replace, and new names of operations.
    """

    graph_def: tf1.GraphDef
    operations: dict[str, str]
    fed: dict[str, str]
    moved: dict[str, str]

    def now(self, reference: str) -> str:
        """Return the new name of a tensor, of an operation, or of an input of an operation."""
        control, name = reference.startswith("^"), reference.removeprefix("^")
        operation, _, index = name.partition(":")
        placeholder = self.fed.get(f"{operation}:0" if control else tensor_of(name))
        if placeholder is not None:
            return "^" * control + placeholder
        operation = self.moved.get(operation, operation)
        return "^" * control + operation + (f":{index}" if index else "")


def put_names(
    graph_def: tf1.GraphDef, inputs: Mapping[str, Endpoint], outputs: Mapping[str, Endpoint]
) -> Named:
    """Give each input a placeholder with its name, and each output an operation with its name.

    Raises
    ------
    GraphLoadError
        If the graph has no such tensor.
    """
    present = {node.name: node for node in graph_def.node}
    for endpoint in (*inputs.values(), *outputs.values()):
        if operation_of(endpoint.tensor) not in present:
            raise GraphLoadError(
                f"The graph is broken: there is no tensor {endpoint.tensor!r} in it."
            )
    kept = {
        name
        for name, endpoint in outputs.items()
        if tensor_of(endpoint.tensor) == f"{name}:0" and name not in inputs
        if endpoint.stated is None
        if present[name].op not in CALLS
    }
    taken = {*inputs, *kept}
    operations = {n: n if n in kept else unique_name(_valid(n), taken) for n in outputs}
    everything = taken | present.keys()
    named = Named(
        tf1.GraphDef(versions=graph_def.versions, library=graph_def.library),
        operations,
        {tensor_of(endpoint.tensor): name for name, endpoint in inputs.items()},
        {n: unique_name(n, everything) for n in present if n in taken and n not in kept},
    )
    replaced = {operation_of(endpoint.tensor) for endpoint in inputs.values()}
    for node in graph_def.node:
        if node.op == "Placeholder" and node.name in replaced:
            continue
        copy = named.graph_def.node.add()
        copy.CopyFrom(node)
        copy.name = named.moved.get(node.name, node.name)
        del copy.input[:]
        copy.input.extend(named.now(reference) for reference in node.input)
    for name, endpoint in inputs.items():
        before = present[operation_of(endpoint.tensor)]
        named.graph_def.node.append(_placeholder(name, endpoint, before))
    for name, endpoint in outputs.items():
        if name not in kept:
            source = named.now(endpoint.tensor)
            named.graph_def.node.add(name=operations[name], op="Identity", input=[source])
    return named


def _mapping(wanted: Names) -> dict[str, Any]:
    if isinstance(wanted, Mapping):
        return dict(wanted)
    names = [wanted] if isinstance(wanted, str) else list(wanted or ())
    return {name: name for name in names}


def _placeholder(name: str, endpoint: Endpoint, before: Any) -> Any:
    node = type(before)(name=name, op="Placeholder")
    node.attr["dtype"].type = endpoint.dtype or before.attr["dtype"].type
    if endpoint.shape is not None:
        node.attr["shape"].shape.CopyFrom(endpoint.shape)
    elif "shape" in before.attr:
        node.attr["shape"].CopyFrom(before.attr["shape"])
    return node


def _valid(name: str) -> str:
    valid = re.sub(r"[^A-Za-z0-9_.\\/>-]", "_", name)
    return valid if _OPERATION_NAME.fullmatch(valid) else f"fetch{valid}"
