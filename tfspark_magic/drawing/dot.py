"""Write a view as DOT source.

The colours must be readable on a white page and on a dark one, because a picture in a notebook does
not know the theme. Nodes have their own fill and text colour; everything outside of nodes has a
grey that contrasts with both pages. Every element has a class and an id, for style sheets and
scripts.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import graphviz

from tfspark_magic.drawing.badge import WIDE
from tfspark_magic.drawing.outline import visible
from tfspark_magic.drawing.view import Cluster, Link, Vertex, View

WIDE_FONT = "DejaVu Sans"
"""The font in which text for a page is measured; the page's fonts are narrower, so text fits its box."""

DRAWN_FONT = "Helvetica"
"""The font for text that the engine draws; each engine has this font or an equal one."""

_GREY = "#7a7a7a"
_TITLE, _LINE = 10, 8
_LONGEST_TITLE, _LONGEST_LINE, _LONGEST_SETTINGS = 28, 44, 28
_LABELLED_LINKS = 120
"""With more links, their labels cannot be read, and placing them takes seconds."""

BADGE_LINE = 40
"""The size of the font that leaves as much room as a badge needs."""
_BESIDE, _POINTS = 14, 72

_BREAK = "<BR/>"
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


def to_dot(view: View, font: str = WIDE_FONT, badged: Collection[str] = frozenset()) -> str:
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
    badged
        The ids of nodes that have room for a badge, below their text.
    """
    graph = graphviz.Digraph(
        graph_attr={
            "bgcolor": "transparent",
            "class": "tfg",
            "fontname": font,
            "newrank": "true",
            "nodesep": "0.2",
            "pad": "0.05",
            "ranksep": "0.22",
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
    vertices = view.vertices()
    names = {vertex.id: f"n{index}" for index, vertex in enumerate(vertices)}
    kinds = {vertex.id: vertex.kind for vertex in vertices}
    _add_members(graph, view.members, names, badged, depth=0)
    for link in view.links:
        _add_link(graph, link, names, kinds[link.source], is_labelled=not is_tangled)
    return str(graph.source)


def _add_members(
    graph: graphviz.Digraph,
    members: Iterable[Vertex | Cluster],
    names: dict[str, str],
    badged: Collection[str],
    depth: int,
) -> None:
    for member in members:
        if isinstance(member, Vertex):
            _add_vertex(graph, member, names[member.id], is_badged=member.id in badged)
            continue
        first = next(iter(View((member,), ()).vertices()))
        attributes = {
            "class": "tfg-cluster",
            "color": _GREY + "80",
            "fillcolor": _GREY + "14",
            "fontcolor": _GREY,
            "fontsize": str(_TITLE - 1),
            "id": _plain(member.id),
            "label": _plain(_shorten(member.title)),
            "labeljust": "l",
            "margin": "9",
            "style": "rounded,filled",
        }
        name = f"cluster_{names[first.id]}_{depth}"
        with graph.subgraph(name=name, graph_attr=attributes) as cluster:
            _add_members(cluster, member.members, names, badged, depth + 1)


def _add_vertex(graph: graphviz.Digraph, vertex: Vertex, name: str, *, is_badged: bool) -> None:
    style = _STYLES["fetch" if vertex.is_fetched and vertex.kind == "op" else vertex.kind]
    label = _label(vertex)
    wide, high = style.margin
    # Graphviz sets small lines too close to read.
    high += _LEADING * label.count(_BREAK)
    room = {}
    if is_badged:
        # An empty line of its height, which `svg.tidy` replaces.
        label += f'{_BREAK}<FONT POINT-SIZE="{BADGE_LINE}"> </FONT>'
        room = {"width": f"{(WIDE + _BESIDE) / _POINTS:.2f}"}
    graph.node(
        name,
        label=f"<{label}>",
        **{
            "class": f"tfg-node tfg-{vertex.kind}" + (" tfg-fetched" if vertex.is_fetched else ""),
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


def _label(vertex: Vertex) -> str:
    """Write the text of a node as an HTML-like label of one or more lines."""
    title = _text(_shorten(vertex.title))
    if vertex.kind == "constant":
        return _lines([_text(vertex.value)], []) if vertex.value else _lines([title], [vertex.spec])
    if vertex.kind == "variable":
        return _lines([title], [vertex.spec])
    if vertex.kind == "placeholder" and vertex.spec:
        return _lines([f"<B>{title}</B>"], [f"column {vertex.column}"] if vertex.column else [])
    if vertex.kind in {"scope", "series", "band", "placeholder"}:
        return _lines([title], list(vertex.lines))
    kind, *notes = vertex.lines
    settings = [_cut(", ".join(notes), _LONGEST_SETTINGS)] if notes else []
    if _says(vertex.title, kind):
        kind = ""
    if vertex.is_fetched:
        named = f"{vertex.output} {vertex.spec}".strip()
        result = f"{kind} → {named}" if named else kind
        return _lines([f"<B>{title}</B>"], [result.strip()] * bool(result) + settings)
    return _lines([title], [kind] * bool(kind) + settings)


def _lines(titles: list[str], lines: list[str]) -> str:
    small = (
        f'<FONT POINT-SIZE="{_LINE}">{_text(_cut(line, _LONGEST_LINE))}</FONT>' for line in lines
    )
    return _BREAK.join([*titles, *small])


def _says(title: str, op: str) -> bool:
    """Whether a name such as `dense/MatMul_1` already shows that it is a `MatMul`."""
    called = re.sub(r"_?\d*$", "", title.rpartition("/")[2])
    return _plainly(called) == _plainly(op)


def _plainly(name: str) -> str:
    return re.sub(r"V\d+$|_", "", name).lower()


def _add_link(
    graph: graphviz.Digraph, link: Link, names: dict[str, str], source: str, *, is_labelled: bool
) -> None:
    attributes = {"class": "tfg-edge", "id": _plain(link.id)}
    if link.is_control:
        attributes |= {"class": "tfg-edge tfg-control", "style": "dashed"}
    elif source in {"constant", "variable"}:
        attributes["arrowsize"] = "0.4"
    elif link.label:
        # Links of the main flow are drawn straighter than links of additional inputs.
        attributes["weight"] = "4"
        if is_labelled:
            # The spaces separate the text from the line.
            attributes["label"] = f" {_plain(link.label)} "
    graph.edge(names[link.source], names[link.target], **attributes)


def _text(text: str) -> str:
    # Graphviz replaces \N and similar codes in HTML-like labels too.
    return html.escape(visible(text)).replace("\\", "\\\\")


def _plain(text: str) -> str:
    # Graphviz reads entities such as &lt; in plain strings too. The result of `escape` is a special
    # string that is never read as an HTML-like label, so it must not be turned into a plain one.
    escaped: str = graphviz.escape(visible(text).replace("&", "&amp;"))
    return escaped


def _shorten(name: str) -> str:
    """Cut a name to its last parts, or in the middle, because names differ at their ends."""
    if len(name) <= _LONGEST_TITLE:
        return name
    _, slash, rest = name.partition("/")
    if slash:
        return "…/" + _shorten(rest).removeprefix("…/")
    half = _LONGEST_TITLE // 2
    return f"{name[: half - 1]}…{name[-half:]}"


def _cut(line: str, limit: int) -> str:
    return line if len(line) <= limit else line[: limit - 1] + "…"
