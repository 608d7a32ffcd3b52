"""Join the operations of two graphs to one, which is drawn once for both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tfspark_magic.drawing.explore import Explorer
from tfspark_magic.graph.matching import Matching
from tfspark_magic.graph.short_constant import ShortConstant
from tfspark_magic.graph.structure import Edge, Node

ARROW = " \u2192 "
"""Stands between what an operation was and what it is."""

_Ends = tuple[str, str]


@dataclass(frozen=True)
class Union:
    """The operations of two graphs.

    Parameters
    ----------
    nodes
        The operations of the new graph, and those that only the old one has. An operation of both
        has its new name, and takes what it takes in either graph. If its type or value is another
        one now, it has both: `Relu → Tanh`.
    old, new
        The lines between operations that each graph has.
    """

    nodes: tuple[Node, ...]
    old: frozenset[_Ends]
    new: frozenset[_Ends]


def union(old: Sequence[Node], new: Sequence[Node], matching: Matching) -> Union:
    """Join two graphs.

    >>> joined = union(structure(score), structure(changed), match(score, changed))  # doctest: +SKIP
    >>> [node.name for node in joined.nodes]                        # doctest: +SKIP
    ['x', 'mul', 'tanh', 'z', 'relu']
    """
    pairs = matching.pairs
    before = {pairs.get(node.name, node.name): _renamed(node, pairs) for node in old}
    names = {node.name for node in new}
    joined = [_of_both(node, before[node.name]) if node.name in before else node for node in new]
    gone = [node for name, node in before.items() if name not in names]
    return Union((*joined, *gone), _lines(before.values()), _lines(new))


def missing(joined: Union, explorer: Explorer, matching: Matching) -> dict[str, list[str]]:
    """Return the ids of what is on show that the old and that the new graph do not have."""
    came, went = set(matching.came), set(matching.went)
    inside = {v.id: explorer.inside(v.id) for v in explorer.view.vertices()}
    shown_by = {name: identity for identity, names in inside.items() for name in names}
    lines = {
        side: {(shown_by.get(a), shown_by.get(b)) for a, b in known}
        for side, known in (("old", joined.old), ("new", joined.new))
    }
    found = {}
    for side, other, others in (("old", "new", came), ("new", "old", went)):
        ids = {identity for identity, names in inside.items() if others.issuperset(names)}
        for link in explorer.view.links:
            ends = link.source, link.target
            # What is folded into a node may hide a line, but then the line is in both graphs.
            is_others = ends not in lines[side] and ends in lines[other]
            if is_others or ids.intersection(ends):
                ids.add(link.id)
        found[side] = sorted(ids)
    return found


def _renamed(node: Node, pairs: Mapping[str, str]) -> Node:
    taken = tuple(replace(edge, source=pairs.get(edge.source, edge.source)) for edge in node.inputs)
    inside = pairs.get(node.inside, node.inside)
    return replace(node, name=pairs.get(node.name, node.name), inputs=taken, inside=inside)


def _of_both(node: Node, before: Node) -> Node:
    """Return an operation with what it takes, is, and holds in either graph."""
    op, value = (
        new if old == new else f"{old}{ARROW}{new}"
        for old, new in ((before.op, node.op), (before.value, node.value))
    )
    return replace(node, op=op, constant=ShortConstant(value), inputs=_both(node, before))


def _both(node: Node, before: Node) -> tuple[Edge, ...]:
    known = {(edge.source, edge.output) for edge in node.inputs}
    more = (edge for edge in before.inputs if (edge.source, edge.output) not in known)
    return (*node.inputs, *more)


def _lines(nodes: Iterable[Node]) -> frozenset[_Ends]:
    return frozenset((edge.source, node.name) for node in nodes for edge in node.inputs)
