"""A view as DOT source.

The colours have to read on a white page and on a dark one alike, because a picture in a notebook
does not know the theme: nodes bring their own fill and text, everything that stands on the page
itself is of a grey that contrasts with both. Every element has a class and an id, for a style
sheet or a script to find it.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass

import graphviz

from tfspark_magic.drawing.view import Cluster, Link, Vertex, View

FONT = "DejaVu Sans"
"""What text is measured in: wider than the fonts of most pages, so that none overruns its box."""

_GREY = "#7a7a7a"
_TITLE, _LINE = 10, 8
_LONGEST_TITLE, _LONGEST_LINE = 30, 36
_BREAK = "<BR/>"


@dataclass(frozen=True, slots=True)
class _Style:
    shape: str
    fill: str
    edge: str
    text: str
    style: str = "filled"
    margin: str = "0.11,0.05"
    peripheries: int = 1


_STYLES = {
    "placeholder": _Style("box", "#1f6fd0", "#1f6fd0", "#ffffff", "rounded,filled"),
    "fetch": _Style("box", "#1a7f45", "#1a7f45", "#ffffff", "filled"),
    "variable": _Style("cylinder", "#f6d9a8", "#b97f1f", "#3d2a05"),
    "constant": _Style("plain", "#00000000", "#00000000", _GREY),
    "op": _Style("box", "#e9edf3", "#8792a2", "#1d2530", "rounded,filled"),
    "scope": _Style("folder", "#dcd6f2", "#7c6bb8", "#281c57"),
    "series": _Style("box3d", "#dcd6f2", "#7c6bb8", "#281c57"),
    "band": _Style("box", "#e9edf3", "#8792a2", "#1d2530", "rounded,filled,dashed"),
}


def to_dot(view: View) -> str:
    """Write a view as DOT source.

    >>> print(to_dot(view))                                         # doctest: +SKIP
    digraph {
        ...
    }
    """
    graph = graphviz.Digraph(
        graph_attr={
            "bgcolor": "transparent",
            "class": "tfg",
            "fontname": FONT,
            "nodesep": "0.2",
            "pad": "0.05",
            "ranksep": "0.28",
        },
        node_attr={"fontname": FONT, "fontsize": str(_TITLE), "height": "0", "width": "0"},
        edge_attr={
            "arrowsize": "0.6",
            "color": _GREY,
            "fontcolor": _GREY,
            "fontname": FONT,
            "fontsize": str(_LINE),
        },
    )
    vertices = view.vertices()
    names = {vertex.id: f"n{index}" for index, vertex in enumerate(vertices)}
    kinds = {vertex.id: vertex.kind for vertex in vertices}
    _add_members(graph, view.members, names, depth=0)
    for link in view.links:
        _add_link(graph, link, names, kinds[link.source])
    return str(graph.source)


def _add_members(
    graph: graphviz.Digraph,
    members: Iterable[Vertex | Cluster],
    names: dict[str, str],
    depth: int,
) -> None:
    for member in members:
        if isinstance(member, Vertex):
            _add_vertex(graph, member, names[member.id])
            continue
        first = next(iter(View((member,), ()).vertices()))
        with graph.subgraph(name=f"cluster_{names[first.id]}_{depth}") as cluster:
            cluster.attr(
                "graph",
                {
                    "class": "tfg-cluster",
                    "color": _GREY + "80",
                    "fillcolor": _GREY + "14",
                    "fontcolor": _GREY,
                    "fontsize": str(_TITLE - 1),
                    "id": _plain(member.id),
                    "label": _plain(_cut(member.title, _LONGEST_LINE)),
                    "labeljust": "l",
                    "margin": "9",
                    "style": "rounded,filled",
                },
            )
            _add_members(cluster, member.members, names, depth + 1)


def _add_vertex(graph: graphviz.Digraph, vertex: Vertex, name: str) -> None:
    style = _STYLES["fetch" if vertex.is_fetched and vertex.kind == "op" else vertex.kind]
    graph.node(
        name,
        label=f"<{_label(vertex)}>",
        **{
            "class": f"tfg-node tfg-{vertex.kind}" + (" tfg-fetched" if vertex.is_fetched else ""),
            "color": style.edge,
            "fillcolor": style.fill,
            "fontcolor": style.text,
            "id": _plain(vertex.id),
            "margin": style.margin,
            "shape": style.shape,
            "style": style.style,
        },
    )


def _label(vertex: Vertex) -> str:
    """Write what stands on a node, as an HTML-like label of one or more lines."""
    title = _text(vertex.title, _LONGEST_TITLE)
    if vertex.kind == "constant":
        shown = vertex.value or vertex.title
        lines = [] if vertex.value else [vertex.spec]
        return _lines([_text(shown, _LONGEST_TITLE)], lines)
    if vertex.kind == "variable":
        return _lines([title], [vertex.spec])
    if vertex.kind == "placeholder" and vertex.spec:
        return _lines([f"<B>{title}</B>"], [f"column {vertex.column}"] if vertex.column else [])
    if vertex.kind in {"scope", "series", "band", "placeholder"}:
        return _lines([title], list(vertex.lines))
    kind, *notes = vertex.lines
    if vertex.is_fetched:
        return _lines([f"<B>{title}</B>"], [f"{kind} {vertex.spec}", *notes])
    return _lines([title], notes if _says(vertex.title, kind) else [kind, *notes])


def _lines(titles: list[str], lines: list[str]) -> str:
    small = (f'<FONT POINT-SIZE="{_LINE}">{_text(line, _LONGEST_LINE)}</FONT>' for line in lines)
    return _BREAK.join([*titles, *small])


def _says(title: str, op: str) -> bool:
    """Whether a name such as `dense/MatMul_1` says already that it is a `MatMul`."""
    called = title.rpartition("/")[2].rstrip("0123456789").rstrip("_").lower()
    return bool(called) and op.lower().rstrip("v23456789") == called.rstrip("v23456789")


def _add_link(graph: graphviz.Digraph, link: Link, names: dict[str, str], source: str) -> None:
    attributes = {"class": "tfg-edge", "id": _plain(link.id)}
    if link.is_control:
        attributes |= {"class": "tfg-edge tfg-control", "style": "dashed"}
    elif source in {"constant", "variable"}:
        attributes["arrowsize"] = "0.4"
    else:
        attributes["label"] = _plain(link.label)
    graph.edge(names[link.source], names[link.target], **attributes)


def _text(text: str, limit: int) -> str:
    # Graphviz replaces \N and the like in HTML-like labels too.
    return html.escape(_cut(_visible(text), limit)).replace("\\", "\\\\")


def _plain(text: str) -> str:
    return str(graphviz.escape(_visible(text)))


def _visible(text: str) -> str:
    """Return text without the characters that XML refuses or that would hide others."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return text[: limit // 2 - 1] + "…" + text[-(limit - limit // 2) :]
