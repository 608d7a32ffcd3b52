"""Show a comparison: both graphs side by side, with one selection and one viewport."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from html import escape
from typing import Any
from xml.etree import ElementTree as ET

import traitlets

from tfspark_magic.drawing.dot import shorten
from tfspark_magic.drawing.explore import Explorer
from tfspark_magic.drawing.outline import visible
from tfspark_magic.drawing.union import ARROW, missing, union
from tfspark_magic.drawing.view import Vertex
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.structure import structure
from tfspark_magic.inspection.comparison import Comparison
from tfspark_magic.notebook.compared_nodes import ComparedNodes
from tfspark_magic.notebook.graph_view import GraphView
from tfspark_magic.notebook.program_view import NO_DEAD_WIDGETS

_SVG = "{http://www.w3.org/2000/svg}"
_GHOST = "0.15"
"""How much is seen of what the other graph alone has."""


class ComparisonView(GraphView):
    """An interactive view of two graphs, which are drawn once for both.

    >>> ComparisonView(tfs.compare(score, changed, df))             # doctest: +SKIP

    What only the other graph has is faint. Opening, selecting and moving is done in both at once.

    Parameters
    ----------
    comparison
        The comparison to show.
    max_nodes
        The largest number of nodes to show at first.
    """

    sides = traitlets.Dict(read_only=True).tag(sync=True)
    """What the old and the new graph do not have, by the ids of the drawing."""

    old_words = traitlets.Dict(read_only=True).tag(sync=True)
    """Texts of nodes that are others in the old graph: pairs of both, by the ids of the drawing."""

    def __init__(self, comparison: Comparison, *, max_nodes: int = 40) -> None:
        self.comparison = comparison
        self._old_names = {new: old for old, new in comparison.matching.pairs.items()}
        old, new = comparison.programs
        self._union = union(structure(old), structure(new), comparison.matching)
        super().__init__(new, max_nodes=max_nodes)
        names = f"{old.name} and {new.name}" if old.name != new.name else f"two of {new.name}"
        self.set_trait("title", visible(f"TensorFlow graphs: {names}. {comparison.sentence}"))

    def _explored(
        self, program: Program, bindings: Mapping[str, str] | None, max_nodes: int
    ) -> Explorer:
        return Explorer(program, bindings, max_nodes, self._union.nodes)

    def _peeked(self) -> ComparedNodes:
        return ComparedNodes(self.comparison, self._explorer, self._show_values, self._drawn)

    def _send_drawing(self) -> None:
        with self.hold_sync():
            self.set_trait("sides", self._missing())
            self.set_trait("old_words", self._words_of_old())
            super()._send_drawing()

    def _missing(self) -> dict[str, list[str]]:
        found = missing(self._union, self._explorer, self.comparison.matching)
        return {side: [visible(identity) for identity in ids] for side, ids in found.items()}

    @property
    def picture(self) -> dict[str, str]:
        """None: the still pictures stand before the view."""
        return {}

    def _words_of_old(self) -> dict[str, list[tuple[str, str]]]:
        words = {}
        for vertex in self._explorer.view.vertices():
            both = [text for text in (*vertex.lines, vertex.value) if ARROW in text]
            pairs = [(text, text.partition(ARROW)[0]) for text in both]
            title = self._old_title(vertex) if vertex.id.startswith("op:") else vertex.title
            if title != vertex.title:
                pairs.append((shorten(vertex.title), shorten(title)))
            if pairs:
                words[visible(vertex.id)] = [(visible(new), visible(old)) for new, old in pairs]
        return words

    def _old_title(self, vertex: Vertex) -> str:
        """Return the old name of an operation, relative to the group around it if that has its old name."""
        old = self._old_names.get(vertex.name, vertex.name)
        return old.removeprefix(vertex.name.removesuffix(vertex.title))

    def still(self) -> str:
        """Return the view without a kernel: two pictures."""
        if not self.svg:
            return ""
        lacking = self._missing()
        pictures = "".join(
            f'<figure style="flex:1 1 0;min-width:0;margin:0"><figcaption>{side.title()}: '
            f"{escape(program.name)}</figcaption>{_picture(self.svg, side, lacking[side], words)}</figure>"
            for side, program, words in zip(
                ("old", "new"), self.comparison.programs, (self._words_of_old(), {}), strict=True
            )
        )
        return (
            f'<div class="tfg-static" data-tfg-static="{self.uid}" style="display:flex;gap:12px">'
            f"{pictures}</div>"
        )


def _picture(
    svg: str, side: str, lacking: Collection[str], words: Mapping[str, list[tuple[str, str]]]
) -> str:
    root = ET.fromstring(svg)  # noqa: S314  (what we drew)
    for element in root.iter():
        identity = element.get("id", "")
        if identity in lacking:
            element.set("opacity", _GHOST)
        for text in element.iter(f"{_SVG}text") if identity in words else ():
            text.text = _replaced(text.text or "", words[identity])
    ET.register_namespace("", "http://www.w3.org/2000/svg")
    data = base64.b64encode(ET.tostring(root)).decode()
    alt = f"The {side} graph"
    return f'<img alt="{alt}" src="data:image/svg+xml;base64,{data}" style="max-width:100%">'


def _replaced(text: str, words: list[tuple[str, str]]) -> str:
    # A line on a fetched node goes on after its operation.
    fits = (
        pair for pair in words if text == pair[0] or (ARROW in pair[0] and text.startswith(pair[0]))
    )
    new, old = next(fits, ("", ""))
    return old + text.removeprefix(new)


def shown(comparison: Comparison) -> tuple[dict[str, Any], dict[str, Any]]:
    """Display a comparison in a notebook; return what stays of it without a kernel."""
    from IPython.display import HTML, display

    view = ComparisonView(comparison)
    # The widget hides the still picture right before it.
    display(HTML(view.still()), view)
    table = comparison._repr_html_()
    return {
        "text/plain": str(comparison),
        "text/html": f'<div class="tfs-still">{table}</div>{NO_DEAD_WIDGETS}',
    }, {}
