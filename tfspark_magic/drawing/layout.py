"""Say how a drawing is laid out, and which of its nodes stand in rows to save width."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tfspark_magic.drawing.badge import WIDE
from tfspark_magic.drawing.view import Link, Vertex, View

Direction = Literal["down", "right"]

_FEWEST_IN_ROWS = 6
_LETTER, _BESIDE = 6.6, 30
"""The usual width of a letter of a title, and of the space around a title, in points."""
_BADGE_BESIDE = 28
_AROUND = 26
"""The width of the box around the rows, without them."""
_HIGHEST = 12
"""The most nodes above each other in a drawing from left to right."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a drawing is laid out.

    Parameters
    ----------
    direction
        Whether the computation flows down or to the right.
    room
        The width, in points, that rows of inputs try to keep.
    badged
        The ids of nodes that have room for a badge.
    """

    direction: Direction = "down"
    room: int = 640
    badged: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sheaf:
    """Inputs that only one node takes, and that are drawn in rows with one line to it.

    Parameters
    ----------
    links
        The links of the inputs to that node.
    vertices
        The inputs.
    """

    links: tuple[Link, ...]
    vertices: tuple[Vertex, ...]

    @property
    def id(self) -> str:
        """The id of the line."""
        return f"edge:*->{self.links[0].target}"

    @property
    def label(self) -> str:
        """The type of the tensors if it is the same for all, and their number."""
        count = sum(len(link.edges) for link in self.links)
        return f"{count} × {self.links[0].spec}" if self.is_uniform else f"{count} tensors"

    @property
    def is_uniform(self) -> bool:
        """Whether all tensors have one type."""
        specs = {link.spec for link in self.links}
        return len(specs) == 1 and None not in specs

    def rows(self, layout: Layout) -> Iterator[tuple[Vertex, ...]]:
        """Yield the vertices of each row."""
        length = self._in_a_row(layout)
        for start in range(0, len(self.vertices), length):
            yield self.vertices[start : start + length]

    def _in_a_row(self, layout: Layout) -> int:
        count = len(self.vertices)
        if layout.direction == "right":
            most = _HIGHEST
        else:
            width = max(_width(vertex, layout) for vertex in self.vertices)
            most = max(1, int((layout.room - _AROUND) / width))
        # Rows of equal lengths look better than a last row of one.
        return math.ceil(count / math.ceil(count / most))


def sheaves(view: View) -> list[Sheaf]:
    """Find the inputs that only one node takes, if it takes many of them."""
    around = {member.id: box for member, box in view.walk()}
    outgoing: dict[str, list[Link]] = {}
    for link in view.links:
        outgoing.setdefault(link.source, []).append(link)
    alike: dict[tuple[str, str], list[tuple[Link, Vertex]]] = {}
    taken = {link.target for link in view.links}
    for vertex in view.vertices():
        links = outgoing.get(vertex.id, [])
        is_input = vertex.kind in {"placeholder", "variable"} and vertex.id not in taken
        if is_input and len(links) == 1 and not links[0].is_control:
            alike.setdefault((around[vertex.id], links[0].target), []).append((links[0], vertex))
    return [
        Sheaf(tuple(link for link, _ in found), tuple(vertex for _, vertex in found))
        for found in alike.values()
        if len(found) >= _FEWEST_IN_ROWS
    ]


def _width(vertex: Vertex, layout: Layout) -> float:
    column = f"column {vertex.column}" if vertex.column else ""
    longest = max(map(len, (vertex.title, column, vertex.spec)))
    width = longest * _LETTER + _BESIDE
    return max(width, WIDE + _BADGE_BESIDE) if vertex.id in layout.badged else width
