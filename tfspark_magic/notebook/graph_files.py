"""Write a graph, or its current view, as a file or as text for the page."""

from __future__ import annotations

from pathlib import Path

from tfspark_magic.drawing.explore import Explorer
from tfspark_magic.errors import MissingDependencyError, OptionError
from tfspark_magic.graph.attributes import graph_text
from tfspark_magic.words import bytes_text

_MOST_TEXT = 20_000_000
_FORMATS = (".svg", ".png", ".dot", ".pbtxt")


def write_graph(explorer: Explorer, path: Path) -> Path:
    """Write the current view, `.svg`, `.png` or `.dot`; or the graph, `.pbtxt`.

    Raises
    ------
    OptionError
        If the file's name has another ending.
    MissingDependencyError
        If there is no engine to draw the picture.
    """
    kind = path.suffix.lower()
    if kind not in _FORMATS:
        sentence = f"{path.name!r} has no known ending: end it in one of {', '.join(_FORMATS)}."
        raise OptionError(sentence)
    content = _content(explorer, kind)
    if content is None:
        raise MissingDependencyError(
            "graphviz-pure", "to draw a graph", "pip install graphviz-pure"
        )
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def text_of_graph(explorer: Explorer, kind: str) -> str:
    """Return the view as `dot`, or the graph as `pbtxt`.

    Raises
    ------
    OptionError
        If it is no format of text, or the graph is too large for a page.
    """
    if kind not in {"dot", "pbtxt"}:
        sentence = f"{kind!r} is no format of text: ask for dot or pbtxt."
        raise OptionError(sentence)
    if kind == "pbtxt" and len(explorer.program.graph_def) > _MOST_TEXT:
        size = bytes_text(len(explorer.program.graph_def))
        sentence = (
            f"This graph holds {size}, too much for a page: "
            'write GraphView(...).export("graph.pbtxt") in a cell.'
        )
        raise OptionError(sentence)
    text = _content(explorer, f".{kind}")
    assert isinstance(text, str)
    return text


def _content(explorer: Explorer, kind: str) -> str | bytes | None:
    if kind == ".pbtxt":
        return graph_text(explorer.program)
    drawing = explorer.drawing()
    if kind == ".dot":
        return drawing.dot
    return drawing.svg if kind == ".svg" else drawing.png
