"""Find what goes between the items on show of a large graph.

The items and the edges between them are numbered once; then each view asks in few calls of NumPy.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tfspark_magic.drawing.scopes import Group
from tfspark_magic.graph.structure import CONTROL, Edge

Numbers = np.ndarray[Any, np.dtype[np.intp]]


class Wires:
    """The edges between the items of a graph.

    Parameters
    ----------
    root
        The whole graph.

    Attributes
    ----------
    items
        The items, whose places are their numbers.
    """

    def __init__(self, root: Group) -> None:
        self.items = list(root.leaves())
        number = self._number = {item.node.name: at for at, item in enumerate(self.items)}
        self._inside: dict[Group, Numbers] = {}
        sources: list[int] = []
        targets: list[int] = []
        tensors: list[int] = []
        known: dict[tuple[str, int], int] = {}
        self._edges: list[Edge] = []
        for target, item in enumerate(self.items):
            for edge in item.inputs:
                sources.append(number[edge.source])
                targets.append(target)
                if edge.output == CONTROL:
                    tensors.append(CONTROL)
                    continue
                tensor = known.setdefault((edge.source, edge.output), len(self._edges))
                if tensor == len(self._edges):
                    self._edges.append(edge)
                tensors.append(tensor)
        self._sources, self._targets, self._tensors = map(_numbers, (sources, targets, tensors))

    def number(self, name: str) -> int:
        """Return the number of the item of a name."""
        return self._number[name]

    def inside(self, group: Group) -> Numbers:
        """Return the numbers of the items in a group, in their order."""
        if group not in self._inside:
            numbers = [self._number[item.node.name] for item in group.leaves()]
            self._inside[group] = _numbers(numbers)
        return self._inside[group]

    def between(self, shown_by: Numbers) -> Iterator[tuple[int, int, tuple[Edge, ...]]]:
        """Yield the ends of each link, and an edge for each tensor of it; none if only order matters.

        Parameters
        ----------
        shown_by
            The vertex that shows each item.
        """
        sources, targets = shown_by[self._sources], shown_by[self._targets]
        crossing = np.flatnonzero(sources != targets)
        sources, targets, tensors = sources[crossing], targets[crossing], self._tensors[crossing]
        pairs = sources * (1 + int(shown_by.max(initial=0))) + targets
        _, first, which = np.unique(pairs, return_index=True, return_inverse=True)
        parts = np.split(np.argsort(which, kind="stable"), np.cumsum(np.bincount(which))[:-1])
        for link in np.argsort(first):
            numbers = dict.fromkeys(tensors[parts[link]].tolist())
            edges = tuple(self._edges[number] for number in numbers if number != CONTROL)
            yield int(sources[first[link]]), int(targets[first[link]]), edges


def _numbers(numbers: list[int]) -> Numbers:
    return np.array(numbers, dtype=np.intp)
