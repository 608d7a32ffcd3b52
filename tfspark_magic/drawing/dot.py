"""Write a view as DOT source.

The colours must be readable on a white page and on a dark one, because a picture in a notebook does
not know the theme. Nodes have their own fill and text colour; everything outside of nodes has a
grey that contrasts with both pages. Every element has a class and an id, for style sheets and
scripts.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import graphviz

from tfspark_magic.drawing.badge import WIDE
from tfspark_magic.drawing.kinds import COLOURS
from tfspark_magic.drawing.layout import Layout, Sheaf, sheaves
from tfspark_magic.drawing.outline import visible
from tfspark_magic.drawing.view import Cluster, Link, Vertex, View
from tfspark_magic.words import cut

WIDE_FONT = "DejaVu Sans"
"""The font in which text for a page is measured; the page's fonts are narrower, so text fits its box."""

DRAWN_FONT = "Helvetica"
"""The font for text that the engine draws; each engine has this font or an equal one."""

_GREY = "#7a7a7a"
_TITLE, _LINE = 10, 9
_LONGEST_TITLE, _LONGEST_LINE, _LONGEST_SETTINGS = 28, 44, 28
_LABELLED_LINKS = 120
"""With more links, their labels cannot be read, and placing them takes seconds."""

BADGE_LINE = 40
"""The size of the font that leaves as much room as a badge needs."""
_BESIDE, _POINTS = 14, 72

_BREAK = "<BR/>"
_PLAIN = Layout()
_BOX = {
    "color": _GREY + "80", "fillcolor": _GREY + "14", "margin": "9", "style": "rounded,filled",
}  # fmt: skip
_LEADING = 0.02


@dataclass(frozen=True, slots=True)
class _Style:
    shape: str
    fill: str
    edge: str
    text: str
    style: str = "filled"
    margin: tuple[float, float] = (0.11, 0.05)


_STYLES = {
    "placeholder": _Style("box", "#1f6fd0", "#1f6fd0", "#ffffff", "rounded,filled"),
    "fetch": _Style("box", "#1a7f45", "#1a7f45", "#ffffff", "filled"),
    "variable": _Style("cylinder", "#f6d9a8", "#b97f1f", "#3d2a05"),
    "constant": _Style("box", "none", "none", _GREY, "", (0.03, 0.02)),
    "op": _Style("box", "#e9edf3", "#8792a2", "#1d2530", "rounded,filled"),
    "scope": _Style("folder", "#dcd6f2", "#7c6bb8", "#281c57"),
    "series": _Style("box3d", "#dcd6f2", "#7c6bb8", "#281c57"),
    "band": _Style("box", "#e9edf3", "#8792a2", "#1d2530", "rounded,filled,dashed"),
}


def to_dot(view: View, font: str = WIDE_FONT, layout: Layout = _PLAIN) -> str:
    """Write a view as DOT source.

    >>> print(to_dot(view))                                         # doctest: +SKIP
    digraph {
        ...
    }

    Parameters
    ----------
    view
        The view.
    font
        The font in which text is measured.
    layout
        How it is laid out.
    """
    is_down = layout.direction == "down"
    graph = graphviz.Digraph(
        graph_attr={
            "bgcolor": "transparent",
            "class": "tfg",
            "compound": "true",
            "fontname": font,
            "newrank": "true",
            "nodesep": "0.2" if is_down else "0.12",
            "pad": "0.05",
            "ranksep": "0.22",
            **({} if is_down else {"rankdir": "LR"}),
        },
        node_attr={"fontname": font, "fontsize": str(_TITLE), "height": "0", "width": "0"},
        edge_attr={
            "arrowsize": "0.6",
            "color": _GREY,
            "fontcolor": _GREY,
            "fontname": font,
            "fontsize": str(_LINE),
        },
    )
    is_tangled = len(view.links) > _LABELLED_LINKS
    if is_tangled:
        graph.attr(mclimit="0.2")
    writer = _Writer(view, layout, is_labelled=not is_tangled)
    writer.add_members(graph, view.members, depth=0)
    writer.add_links(graph)
    return str(graph.source)


class _Writer:
    def __init__(self, view: View, layout: Layout, *, is_labelled: bool) -> None:
        self._view, self._layout, self._is_labelled = view, layout, is_labelled
        vertices = view.vertices()
        self._names = {vertex.id: f"n{index}" for index, vertex in enumerate(vertices)}
        self._kinds = {vertex.id: vertex.kind for vertex in vertices}
        self._sheaf_of = {v.id: sheaf for sheaf in sheaves(view) for v in sheaf.vertices}

    def add_members(
        self, graph: graphviz.Digraph, members: Iterable[Vertex | Cluster], depth: int
    ) -> None:
        for member in members:
            if isinstance(member, Cluster):
                self._add_cluster(graph, member, depth)
                continue
            sheaf = self._sheaf_of.get(member.id)
            if sheaf is None:
                self._add_vertex(graph, member)
            elif member is sheaf.vertices[0]:
                self._add_sheaf(graph, sheaf)

    def _add_cluster(self, graph: graphviz.Digraph, member: Cluster, depth: int) -> None:
        first = next(iter(View((member,), ()).vertices()))
        attributes = {
            **_BOX,
            "class": "tfg-cluster",
            "fontcolor": _GREY,
            "fontsize": str(_TITLE - 1),
            "id": _plain(member.id),
            "label": _plain(shorten(member.title)),
            "labeljust": "l",
        }
        name = f"cluster_{self._names[first.id]}_{depth}"
        with graph.subgraph(name=name, graph_attr=attributes) as cluster:
            self.add_members(cluster, member.members, depth + 1)

    def _add_sheaf(self, graph: graphviz.Digraph, sheaf: Sheaf) -> None:
        """Add inputs in rows; invisible lines keep them above each other."""
        rows = list(sheaf.rows(self._layout))
        attributes = _BOX | {"class": "tfg-sheaf", "label": ""}
        is_down = self._layout.direction == "down"
        with graph.subgraph(name=self._box_of(sheaf), graph_attr=attributes) as cluster:
            # In a box, Graphviz draws from left to right with the first node at the bottom.
            for vertex in sheaf.vertices if is_down else reversed(sheaf.vertices):
                self._add_vertex(cluster, vertex)
            for above, below in pairwise(rows):
                for first, second in zip(above, below, strict=False):
                    ends = self._names[first.id], self._names[second.id]
                    cluster.edge(*ends, style="invis", weight="8")

    def _box_of(self, sheaf: Sheaf) -> str:
        return f"cluster_of_{self._names[sheaf.vertices[0].id]}"

    def add_links(self, graph: graphviz.Digraph) -> None:
        for link in self._view.links:
            sheaf = self._sheaf_of.get(link.source)
            if sheaf is None:
                self._add_link(graph, link)
            elif link is sheaf.links[0]:
                *_, row = sheaf.rows(self._layout)
                source = self._names[row[len(row) // 2].id]
                attributes = {"class": "tfg-edge", "id": _plain(sheaf.id), "weight": "4"}
                label = f" {_plain(sheaf.label)} "
                ends = source, self._names[link.target]
                graph.edge(*ends, ltail=self._box_of(sheaf), label=label, **attributes)

    def _add_link(self, graph: graphviz.Digraph, link: Link) -> None:
        attributes = {"class": "tfg-edge", "id": _plain(link.id)}
        if link.is_control:
            attributes |= {"class": "tfg-edge tfg-control", "style": "dashed"}
        elif self._kinds[link.source] in {"constant", "variable"}:
            attributes["arrowsize"] = "0.4"
        elif link.label:
            # Links of the main flow are drawn straighter than links of additional inputs.
            attributes["weight"] = "4"
            if self._is_labelled:
                # The spaces separate the text from the line.
                attributes["label"] = f" {_plain(link.label)} "
        graph.edge(self._names[link.source], self._names[link.target], **attributes)

    def _add_vertex(self, graph: graphviz.Digraph, vertex: Vertex) -> None:
        style = _STYLES["fetch" if vertex.is_fetched and vertex.kind == "op" else vertex.kind]
        classes = f"tfg-node tfg-{vertex.kind}" + (" tfg-fetched" if vertex.is_fetched else "")
        if vertex.does and vertex.kind in {"op", "scope"} and not vertex.is_fetched:
            fill, edge = COLOURS[vertex.does]
            style = replace(style, fill=fill, edge=edge, text=_STYLES["op"].text)
            classes += f" tfg-is tfg-is-{vertex.does.split()[0].strip(',')}"
        sheaf = self._sheaf_of.get(vertex.id)
        label = _label(vertex, is_typed=sheaf is not None and not sheaf.is_uniform)
        wide, high = style.margin
        # Graphviz sets small lines too close to read.
        high += _LEADING * label.count(_BREAK)
        room = {}
        if vertex.id in self._layout.badged:
            # An empty line of its height, which `svg.tidy` replaces.
            label += f'{_BREAK}<FONT POINT-SIZE="{BADGE_LINE}"> </FONT>'
            room = {"width": f"{(WIDE + _BESIDE) / _POINTS:.2f}"}
        graph.node(
            self._names[vertex.id],
            label=f"<{label}>",
            **{
                "class": classes,
                "color": style.edge,
                "fillcolor": style.fill,
                "fontcolor": style.text,
                "id": _plain(vertex.id),
                "margin": f"{wide},{high:.3f}",
                "shape": style.shape,
                "style": style.style,
                **room,
            },
        )


def _label(vertex: Vertex, *, is_typed: bool) -> str:
    """Write the text of a node as an HTML-like label; `is_typed` if no line beside it has its type."""
    title = _text(shorten(vertex.title))
    if vertex.kind == "constant":
        return _lines([_text(vertex.value)], []) if vertex.value else _lines([title], [vertex.spec])
    if vertex.kind == "variable":
        return _lines([title], [vertex.spec])
    if vertex.kind == "placeholder" and vertex.spec:
        column = [f"column {vertex.column}"] if vertex.column else []
        return _lines([f"<B>{title}</B>"], column + [vertex.spec] * is_typed)
    if vertex.kind in {"scope", "series", "band", "placeholder"}:
        return _lines([title], list(vertex.lines))
    kind, *notes = vertex.lines
    settings = [cut(", ".join(notes), _LONGEST_SETTINGS)] if notes else []
    if _says(vertex.title, kind):
        kind = ""
    if vertex.is_fetched:
        named = f"{vertex.output} {vertex.spec}".strip()
        result = f"{kind} → {named}" if named else kind
        return _lines([f"<B>{title}</B>"], [result.strip()] * bool(result) + settings)
    return _lines([title], [kind] * bool(kind) + settings)


def _lines(titles: list[str], lines: list[str]) -> str:
    small = (
        f'<FONT POINT-SIZE="{_LINE}">{_text(cut(line, _LONGEST_LINE))}</FONT>' for line in lines
    )
    return _BREAK.join([*titles, *small])


def _says(title: str, op: str) -> bool:
    """Whether a name such as `dense/MatMul_1` already shows that it is a `MatMul`."""
    called = re.sub(r"_?\d*$", "", title.rpartition("/")[2])
    return _plainly(called) == _plainly(op)


def _plainly(name: str) -> str:
    return re.sub(r"V\d+$|_", "", name).lower()


def _text(text: str) -> str:
    # Graphviz replaces \N and similar codes in HTML-like labels too.
    return html.escape(visible(text)).replace("\\", "\\\\")


def _plain(text: str) -> str:
    # Graphviz reads entities such as &lt; in plain strings too. The result of `escape` is a special
    # string that is never read as an HTML-like label, so it must not be turned into a plain one.
    escaped: str = graphviz.escape(visible(text).replace("&", "&amp;"))
    return escaped


def shorten(name: str) -> str:
    """Cut a name to its last parts, or in the middle, because names differ at their ends."""
    if len(name) <= _LONGEST_TITLE:
        return name
    _, slash, rest = name.partition("/")
    if slash:
        return "…/" + shorten(rest).removeprefix("…/")
    half = _LONGEST_TITLE // 2
    return f"{name[: half - 1]}…{name[-half:]}"
