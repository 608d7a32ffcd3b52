"""Fold auxiliary operations, which a drawing need not show, into other operations.

Freezing leaves a constant and an `Identity` for each variable. Every axis, shape and number is a
separate operation. `fold` turns the nodes of a program into the items of a drawing. It knows the
nodes by their numbers, because a graph may have tens of thousands.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tfspark_magic.graph.nodes import READERS
from tfspark_magic.graph.structure import CONTROL, Edge, Node

_VALUES = frozenset({"constant", "variable"})
_ARITHMETIC = frozenset(
    {
        *("Add", "AddV2", "Div", "DivNoNan", "FloorDiv", "FloorMod", "Mul", "Pow", "RealDiv"),
        *("SquaredDifference", "Sub", "Maximum", "Minimum", "MatMul", "SelectV2", "StringJoin"),
        *("Equal", "Greater", "GreaterEqual", "Less", "LessEqual", "NotEqual"),
    }
)
"""Operations whose constants are operands, such as the 3 of `3 * y`, not settings such as an axis."""

_AXES = dict.fromkeys(("reduction_indices", "dimension", "dim", "split_dim", "concat_dim"), "axis")
"""The kernels' name for the argument that users know as `axis`."""


@dataclass(slots=True, eq=False)
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
    settings
        The short constants that are folded into it.
    folded
        Names of all other operations that are folded into it.
    """

    node: Node
    scope: str
    inputs: tuple[Edge, ...]
    settings: tuple[Node, ...] = ()
    folded: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The operation's name."""
        return self.node.name

    @property
    def operations(self) -> int:
        """The number of operations in it."""
        return 1 + len(self.folded)

    @property
    def notes(self) -> tuple[str, ...]:
        """The settings as text: `axis = 1`."""
        return tuple(_note(self.name, setting) for setting in self.settings)


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
    flow = _Flow(nodes, kept)
    users, sources = flow.users, flow.sources
    written = {
        at
        for at in flow.constants
        if users[at]
        and nodes[at].constant
        and (operands or not any(nodes[user].op in _ARITHMETIC for user in users[at]))
    }
    # Constants that only their own readers use, as the limit of a loop that its body hands on.
    unused = {at for at in flow.constants if not users[at] and nodes[at].name not in kept}
    folded = flow.readers
    for at in sorted(written):
        folded.setdefault(users[at][0], []).extend([nodes[at].name, *folded.get(at, ())])
    scopes = _scopes(flow, written)
    items = []
    for at in _beside(_topological(flow), flow):
        if at in written or at in unused:
            continue
        inputs = flow.edges[at]
        settings: tuple[Node, ...] = ()
        if not written.isdisjoint(sources[at]):
            settings = tuple(nodes[source] for source in sources[at] if source in written)
            names = {setting.name for setting in settings}
            inputs = tuple(edge for edge in inputs if edge.source not in names)
        items.append(Item(nodes[at], scopes[at], inputs, settings, tuple(folded.get(at, ()))))
    return items


class _Flow:
    """Which operations take which, without readers of values and without operations that do nothing.

    Attributes
    ----------
    remaining
        The numbers of the operations that remain.
    edges, sources, users
        By number: what an operation takes, from which others, and which others take it.
    readers
        The names of the readers of a value.
    values, constants
        The values that take nothing, and the constants.
    """

    def __init__(self, nodes: Sequence[Node], kept: frozenset[str]) -> None:
        self.nodes = nodes
        number = {node.name: at for at, node in enumerate(nodes)}
        stands_for = {
            node.name: _read(node, nodes, number, kept) for node in nodes if node.op in READERS
        }
        stands_for = {name: at for name, at in stands_for.items() if nodes[at].name != name}
        self.readers: dict[int, list[str]] = {}
        for name, at in stands_for.items():
            self.readers.setdefault(at, []).append(name)
        left_out = _idle(nodes, kept)
        number = {n: at for n, at in number.items() if n not in left_out} | stands_for
        self.remaining = [at for at, node in enumerate(nodes) if number.get(node.name) == at]
        self.edges: list[tuple[Edge, ...]] = [()] * len(nodes)
        self.sources: list[list[int]] = [[]] * len(nodes)
        self.users: list[list[int]] = [[] for _ in nodes]
        for at in self.remaining:
            self._connect(at, number, stands_for)
        values = [at for at in self.remaining if nodes[at].role in _VALUES]
        self.constants = [at for at in values if nodes[at].role == "constant"]
        self.values = {at for at in values if not self.sources[at]}

    def _connect(self, at: int, number: Mapping[str, int], stands_for: Mapping[str, int]) -> None:
        nodes, node = self.nodes, self.nodes[at]
        tensors: dict[int, None] = {}
        controls: dict[int, None] = {}
        edges = []
        for edge in node.inputs:
            source = number.get(edge.source, at)
            if source == at:
                continue
            if edge.output == CONTROL:
                if nodes[source].role not in _VALUES:
                    controls[source] = None
                continue
            tensors[source] = None
            is_read = edge.source in stands_for
            edges.append(Edge(nodes[source].name, 0, edge.outputs) if is_read else edge)
        edges += [Edge(nodes[source].name) for source in controls if source not in tensors]
        self.edges[at] = tuple(edges)
        self.sources[at] = list(tensors | controls)
        for source in self.sources[at]:
            self.users[source].append(at)


def _read(
    node: Node, nodes: Sequence[Node], number: Mapping[str, int], kept: frozenset[str]
) -> int:
    """Return the constant at the end of a chain of readers, or the node itself."""
    seen = {node.name}
    current = node
    while current.op in READERS and current.name not in kept:
        tensors = [edge.source for edge in current.inputs if not edge.is_control]
        if len(tensors) != 1 or tensors[0] in seen or tensors[0] not in number:
            break
        seen.add(tensors[0])
        current = nodes[number[tensors[0]]]
        if current.role in _VALUES:
            return number[current.name]
    return number[node.name]


def _idle(nodes: Sequence[Node], kept: frozenset[str]) -> set[str]:
    """Return the operations that are not needed: they compute nothing, or nobody uses them."""
    consumed = {edge.source for node in nodes for edge in node.inputs}
    return {
        node.name
        for node in nodes
        if (
            node.op == "NoOp"
            or (node.role in {"placeholder", "constant"} and node.name not in consumed)
        )
        and node.name not in kept
    }


def _scopes(flow: _Flow, written: set[int]) -> dict[int, str]:
    """Return the scope in which each operation is drawn, but for the constants that are written.

    A constant is drawn beside its consumer: `mul/y` beside `mul`, and so is a weight whose own scope
    computes nothing, as that of a Keras layer. An operation with the name of a scope, such as the
    last operation of a layer, is drawn inside that scope.
    """
    nodes, users = flow.nodes, flow.users
    own = {at: nodes[at].scope for at in flow.remaining}
    values = [at for at in flow.remaining if nodes[at].role in _VALUES]
    working = _with_outer({own[at] for at in flow.remaining if nodes[at].role not in _VALUES})
    moving = {
        at
        for at in values
        if users[at]
        and (
            at in written
            or (nodes[at].constant and nodes[at].role == "constant")
            or all(nodes[at].name.startswith(nodes[user].name + "/") for user in users[at])
            or own[at] not in working
        )
    }
    inhabited = _with_outer({own[at] for at in flow.remaining if at not in moving})
    scopes = {
        at: nodes[at].name if nodes[at].name in inhabited else own[at]
        for at in flow.remaining
        if at not in moving
    }
    for at in moving - written:
        # A constant does not feed a constant, so the scope of each consumer is already known.
        scopes[at] = _common({scopes[user] for user in users[at]})
    return scopes


def _with_outer(scopes: Iterable[str]) -> set[str]:
    """Return scopes and all scopes around them."""
    found = {""}
    for inner in scopes:
        scope = inner
        while scope not in found:
            found.add(scope)
            scope = scope.rpartition("/")[0]
    return found


def _common(scopes: set[str]) -> str:
    if len(scopes) == 1:
        return next(iter(scopes))
    shared = []
    for parts in zip(*(scope.split("/") for scope in scopes), strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return "/".join(shared)


def _topological(flow: _Flow) -> list[int]:
    """Order the operations so that each follows its inputs, and otherwise as in the graph."""
    sources, users = flow.sources, flow.users
    if all(source < at for at in flow.remaining for source in sources[at]):
        return flow.remaining
    waiting = {at: len(sources[at]) for at in flow.remaining}
    ready = [at for at, count in waiting.items() if not count]
    done: set[int] = set()
    order: list[int] = []
    for entrance in (None, *flow.remaining):
        # If no operation is ready, the rest is a loop: its first operation is taken.
        if entrance is not None and entrance not in done:
            ready.append(entrance)
        while ready:
            at = heapq.heappop(ready)
            if at in done:
                continue
            done.add(at)
            order.append(at)
            for user in users[at]:
                waiting[user] -= 1
                if not waiting[user]:
                    heapq.heappush(ready, user)
    return order


def _beside(order: Sequence[int], flow: _Flow) -> list[int]:
    """Move values to just before their first consumer: the weights of a layer come with the layer."""
    values, moved = flow.values, []
    done: set[int] = set()
    for at in order:
        if at in values:
            continue
        for source in flow.sources[at]:
            if source in values and source not in done:
                done.add(source)
                moved.append(source)
        moved.append(at)
    return moved + [at for at in order if at in values and at not in done]


def _note(name: str, setting: Node) -> str:
    argument = setting.name.rpartition("/")[2]
    nameless = not setting.name.startswith(name + "/") or re.match(r"Const|\d", argument)
    return setting.value if nameless else f"{_AXES.get(argument, argument)} = {setting.value}"
