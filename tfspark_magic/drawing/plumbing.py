"""Fold auxiliary operations, which a drawing need not show, into other operations.

Freezing leaves a constant and an `Identity` for each variable. Every axis, shape and number is a
separate operation. `fold` turns the nodes of a program into the items of a drawing.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tfspark_magic.graph.structure import Edge, Node

_READERS = frozenset({"Identity", "ReadVariableOp", "Enter"})
_VALUES = frozenset({"constant", "variable"})
_ARITHMETIC = frozenset(
    {
        *("Add", "AddV2", "Div", "DivNoNan", "FloorDiv", "FloorMod", "Mul", "Pow", "RealDiv"),
        *("SquaredDifference", "Sub", "Maximum", "Minimum", "MatMul", "SelectV2", "StringJoin"),
        *("Equal", "Greater", "GreaterEqual", "Less", "LessEqual", "NotEqual"),
    }
)
"""Operations whose constants are operands, such as the 3 of `3 * y`, not settings such as an axis."""

_AXES = frozenset({"reduction_indices", "dimension", "dim", "split_dim", "concat_dim"})
"""The kernels' name for the argument that users know as `axis`."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item to draw.

    Parameters
    ----------
    node
        The operation.
    scope
        The name scope in which it is drawn; not always the operation's own scope.
    inputs
        The operation's edges, each from another item.
    notes
        The short constants that are folded into it: `axis = 1`.
    folded
        Names of all other operations that are folded into it.
    """

    node: Node
    scope: str
    inputs: tuple[Edge, ...]
    notes: tuple[str, ...] = ()
    folded: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The operation's name."""
        return self.node.name

    @property
    def operations(self) -> int:
        """The number of operations in it."""
        return 1 + len(self.folded)


def fold(nodes: Sequence[Node], kept: frozenset[str], *, operands: bool) -> list[Item]:
    """Fold readers into the operations that they read, and axes, shapes and similar settings into theirs.

    Parameters
    ----------
    nodes
        The operations of a program.
    kept
        Names that are never folded: the fed and the fetched operations.
    operands
        Whether to fold also numbers that are operands.

    Returns
    -------
    The items, each after the items whose outputs it takes, except in loops.
    """
    by_name = {node.name: node for node in nodes}
    stands_for = {node.name: _read(node, by_name, kept) for node in nodes}
    hidden = _idle(nodes, kept)
    edges = {
        node.name: _edges(node, by_name, stands_for, hidden)
        for node in nodes
        if stands_for[node.name] == node.name and node.name not in hidden
    }
    consumers: dict[str, list[str]] = {name: [] for name in edges}
    for name, taken in edges.items():
        for source in dict.fromkeys(edge.source for edge in taken):
            consumers[source].append(name)

    folded: dict[str, list[str]] = {name: [] for name in edges}
    for name, target in stands_for.items():
        if name != target:
            folded[target].append(name)
    written = {
        name
        for name, users in consumers.items()
        if users
        and by_name[name].role == "constant"
        and by_name[name].value
        and (operands or not any(by_name[user].op in _ARITHMETIC for user in users))
    }
    for name in written:
        folded[consumers[name][0]] += [name, *folded[name]]
    # Constants that only their own readers use, as the limit of a loop that its body hands on.
    unused = {
        name
        for name, users in consumers.items()
        if not users and by_name[name].role == "constant" and name not in kept
    }
    scopes = _scopes(edges, consumers, by_name)
    return [
        Item(
            node=by_name[name],
            scope=scopes[name],
            inputs=tuple(edge for edge in edges[name] if edge.source not in written),
            notes=_notes(by_name[name], edges[name], written, by_name),
            folded=tuple(folded[name]),
        )
        for name in _beside(_topological(edges, consumers), edges, by_name)
        if name not in written and name not in unused
    ]


def _read(node: Node, by_name: Mapping[str, Node], kept: frozenset[str]) -> str:
    """Return the constant at the end of a chain of readers, or the node's own name."""
    seen = {node.name}
    current = node
    while current.op in _READERS and current.name not in kept:
        tensors = [edge.source for edge in current.inputs if not edge.is_control]
        if len(tensors) != 1 or tensors[0] in seen or tensors[0] not in by_name:
            break
        seen.add(tensors[0])
        current = by_name[tensors[0]]
        if current.role in _VALUES:
            return current.name
    return node.name


def _idle(nodes: Sequence[Node], kept: frozenset[str]) -> set[str]:
    """Return the operations that are not needed: they compute nothing, or nobody uses them."""
    consumed = {edge.source for node in nodes for edge in node.inputs}
    return {
        node.name
        for node in nodes
        if node.name not in kept
        and (
            node.op == "NoOp"
            or (node.role in {"placeholder", "constant"} and node.name not in consumed)
        )
    }


def _edges(
    node: Node,
    by_name: Mapping[str, Node],
    stands_for: Mapping[str, str],
    hidden: set[str],
) -> tuple[Edge, ...]:
    tensors = []
    controls = []
    for edge in node.inputs:
        source = stands_for.get(edge.source, edge.source)
        if source in hidden or source not in by_name or source == node.name:
            continue
        if not edge.is_control:
            output = edge.output if source == edge.source else 0
            tensors.append(Edge(source, output, edge.dtype, edge.shape))
        elif by_name[source].role not in _VALUES:
            controls.append(Edge(source))
    taken = {edge.source for edge in tensors}
    return (*tensors, *(edge for edge in dict.fromkeys(controls) if edge.source not in taken))


def _scopes(
    edges: Mapping[str, Sequence[Edge]],
    consumers: Mapping[str, Sequence[str]],
    by_name: Mapping[str, Node],
) -> dict[str, str]:
    """Return the scope in which each operation is drawn.

    A constant is drawn beside its consumer: `mul/y` beside `mul`, and so is a weight whose own scope
    computes nothing, as that of a Keras layer. An operation with the name of a scope, such as the
    last operation of a layer, is drawn inside that scope.
    """
    working: set[str] = {""}
    for name in edges:
        scope = "" if by_name[name].role in _VALUES else by_name[name].scope
        while scope not in working:
            working.add(scope)
            scope = scope.rpartition("/")[0]
    moving = {
        name
        for name in edges
        if by_name[name].role in _VALUES
        and consumers[name]
        and (
            (by_name[name].value and by_name[name].role == "constant")
            or all(name.startswith(user + "/") for user in consumers[name])
            or by_name[name].scope not in working
        )
    }
    inhabited: set[str] = set()
    for name in edges:
        scope = "" if name in moving else by_name[name].scope
        while scope and scope not in inhabited:
            inhabited.add(scope)
            scope = scope.rpartition("/")[0]
    scopes = {
        name: name if name in inhabited else by_name[name].scope
        for name in edges
        if name not in moving
    }
    for name in moving:
        # A constant does not feed a constant, so the scope of each consumer is already known.
        scopes[name] = _common(scopes[user] for user in consumers[name])
    return scopes


def _common(scopes: Iterable[str]) -> str:
    paths = [scope.split("/") for scope in scopes]
    shared = []
    for parts in zip(*paths, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return "/".join(shared)


def _topological(
    edges: Mapping[str, Sequence[Edge]], consumers: Mapping[str, Sequence[str]]
) -> list[str]:
    """Order the operations so that each follows its inputs, and otherwise as in the graph."""
    names = list(edges)
    place = {name: index for index, name in enumerate(names)}
    waiting = [len({edge.source for edge in taken}) for taken in edges.values()]
    ready = [index for index, count in enumerate(waiting) if not count]
    done: set[int] = set()
    order: list[str] = []
    for entrance in range(-1, len(names)):
        # If no operation is ready, the rest is a loop: its first operation is taken.
        if entrance >= 0 and entrance not in done:
            ready.append(entrance)
        while ready:
            index = heapq.heappop(ready)
            if index in done:
                continue
            done.add(index)
            order.append(names[index])
            for user in consumers[names[index]]:
                waiting[place[user]] -= 1
                if not waiting[place[user]]:
                    heapq.heappush(ready, place[user])
    return order


def _beside(
    order: Sequence[str], edges: Mapping[str, Sequence[Edge]], by_name: Mapping[str, Node]
) -> list[str]:
    """Move values to just before their first consumer: the weights of a layer come with the layer."""
    moved: list[str] = []
    done: set[str] = set()
    last: list[str] = []
    for name in order:
        if by_name[name].role in _VALUES and not edges[name]:
            last.append(name)
            continue
        for edge in edges[name]:
            source = edge.source
            if source not in done and by_name[source].role in _VALUES and not edges[source]:
                done.add(source)
                moved.append(source)
        moved.append(name)
    return moved + [name for name in last if name not in done]


def _notes(
    node: Node, taken: Sequence[Edge], written: set[str], by_name: Mapping[str, Node]
) -> tuple[str, ...]:
    notes = []
    for source in dict.fromkeys(edge.source for edge in taken):
        if source in written:
            argument = source.rpartition("/")[2]
            nameless = not source.startswith(node.name + "/") or re.match(r"Const|\d", argument)
            prefix = "" if nameless else ("axis" if argument in _AXES else argument) + " = "
            notes.append(prefix + by_name[source].value)
    return tuple(notes)
