"""Draw a program, as SVG, PNG, DOT or text."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from tfspark_magic.drawing.arrangement import arrange
from tfspark_magic.drawing.badge import Badge
from tfspark_magic.drawing.dot import DRAWN_FONT, to_dot
from tfspark_magic.drawing.layout import Layout
from tfspark_magic.drawing.outline import to_text, visible
from tfspark_magic.drawing.render import render
from tfspark_magic.drawing.svg import tidy
from tfspark_magic.drawing.view import View
from tfspark_magic.errors import OptionError, PlaceholderNotFoundError
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.structure import Node
from tfspark_magic.schema.spec import TensorSpec
from tfspark_magic.words import count

_FEWEST_NODES = 2
_NAMED_TENSORS = 8
_PNG_NODES = 20
_PNG_BYTES = 60_000
_PLAIN = Layout()


def draw(
    program: Program, bindings: Mapping[str, str] | None = None, max_nodes: int = 40
) -> Drawing:
    """Draw a program's graph.

    >>> draw(score, {"x": "price"})                                 # doctest: +SKIP
    TensorFlow graph score: 5 operations; placeholders x int32, y int32; fetches z int32

    A notebook shows the result as a picture. If a graph is too large for it, each scope is shown as
    one node, and so is each run of similar scopes.

    Parameters
    ----------
    program
        The program to draw.
    bindings
        The column that feeds each placeholder, by the placeholder's name.
    max_nodes
        The largest number of nodes of the picture, at least 2.

    Raises
    ------
    PlaceholderNotFoundError
        If `bindings` names a placeholder that the program does not have.
    OptionError
        If `max_nodes` is less than 2.
    GraphLoadError
        If the program does not hold a graph.
    """
    bindings = checked(program, bindings)
    if max_nodes < _FEWEST_NODES:
        sentence = f"max_nodes is {max_nodes}: a drawing needs at least {_FEWEST_NODES} nodes."
        raise OptionError(sentence)
    arranged = arrange(program, bindings, max_nodes)
    return Drawing(program, arranged.view, count_of(arranged.nodes))


def count_of(nodes: Sequence[Node]) -> int:
    """Return how many operations a graph has, without those of its functions."""
    return sum(not node.inside for node in nodes)


def checked(program: Program, bindings: Mapping[str, str] | None) -> dict[str, str]:
    """Return bindings after checking that the program has their placeholders.

    Raises
    ------
    PlaceholderNotFoundError
        If a placeholder does not exist.
    """
    names = [spec.name for spec in program.inputs]
    for name in bindings or {}:
        if name not in names:
            raise PlaceholderNotFoundError(name, names)
    return dict(bindings or {})


class Drawing:
    """A drawing of a program's graph; its layout is computed when it is first shown.

    >>> drawing = draw(score)                                       # doctest: +SKIP
    >>> Path("score.svg").write_text(drawing.svg)                   # doctest: +SKIP

    Parameters
    ----------
    program
        The program.
    view
        The vertices, clusters and links; the elements of the picture have their ids.
    operations
        How many operations the program has.
    layout
        How it is laid out.
    """

    def __init__(
        self,
        program: Program,
        view: View,
        operations: int,
        layout: Layout = _PLAIN,
    ) -> None:
        self.program = program
        self.view = view
        self.operations = operations
        self.layout = layout

    @property
    def uid(self) -> str:
        """The mark of the picture in a page, which is the same for the same program."""
        return self.program.digest[:16]

    @cached_property
    def alt(self) -> str:
        """One sentence that describes the picture."""
        parts = (
            f"TensorFlow graph {self.program.name}: {count(self.operations, 'operation')}",
            f"placeholders {_names(self.program.inputs)}",
            f"fetches {_names(self.program.outputs)}",
        )
        return visible("; ".join(parts))

    @cached_property
    def dot(self) -> str:
        """The drawing as DOT source."""
        return to_dot(self.view, layout=self.layout)

    @cached_property
    def svg(self) -> str | None:
        """The drawing as SVG; None if no Graphviz engine is found."""
        return self.svg_with({})

    def svg_with(self, badges: Mapping[str, Badge]) -> str | None:
        """Return the drawing as SVG, with badges in the rooms for them; the layout stays the same."""
        return None if self._laid_out is None else tidy(self._laid_out, self.alt, badges)

    @property
    def size(self) -> tuple[float, float]:
        """The width and height of the SVG in points; zeros if no engine is found."""
        found = re.search(rb'viewBox="0\.00 0\.00 ([\d.]+) ([\d.]+)"', self._laid_out or b"")
        return (float(found[1]), float(found[2])) if found else (0.0, 0.0)

    @cached_property
    def _laid_out(self) -> bytes | None:
        return render(self.dot, "svg")

    @cached_property
    def png(self) -> bytes | None:
        """The drawing as PNG with a transparent background; None if no engine can make it."""
        return render(to_dot(self.view, DRAWN_FONT, self.layout), "png")

    @cached_property
    def text(self) -> str:
        """The drawing as a tree of text, which needs no engine."""
        return to_text(self.view, f"{self.program.name}: {count(self.operations, 'operation')}")

    @property
    def html(self) -> str:
        """The drawing for a page: the SVG, or the text if there is no engine."""
        if self.svg is None:
            shown = f"<pre>{html.escape(self.text)}</pre>pip install graphviz-pure for a picture."
        else:
            # An image, because two SVGs in one page would share ids and style sheets.
            data = base64.b64encode(self.svg.encode()).decode()
            source = f"data:image/svg+xml;base64,{data}"
            alt = html.escape(self.alt)
            shown = f'<img alt="{alt}" src="{source}" style="max-width:100%">'
        return f'<div class="tfg-static" data-tfg-static="{self.uid}">{shown}</div>'

    def __repr__(self) -> str:
        return self.alt

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        if self.svg is None:
            return {"text/plain": self.alt, "text/html": self.html}
        # Without HTML: a notebook that is exported as Markdown has files of pictures alone.
        bundle = {"text/plain": self.alt, "image/svg+xml": marked(self.svg, self.uid)}
        # For front ends that show no SVG. Larger pictures would make the notebook too large.
        if len(self.view.vertices()) <= _PNG_NODES:
            png = self.png
            if png is not None and len(png) <= _PNG_BYTES:
                bundle["image/png"] = base64.b64encode(png).decode()
        return bundle


def marked(svg: str, uid: str) -> str:
    """Return an SVG with the mark of the picture as its class, by which a page finds it."""
    return svg.replace("<svg ", f'<svg class="tfg-static-{uid}" ', 1)


def _names(specs: tuple[TensorSpec, ...]) -> str:
    shown = [str(spec) for spec in specs[:_NAMED_TENSORS]]
    more = len(specs) - len(shown)
    return (", ".join(shown) + (f" and {more} more" if more else "")) or "none"
