"""Show the graph of a program as a widget, in which a user can move, open, search and select.

The kernel does the layout and the search. The current drawing is in traits. The page asks for
everything else by a message with a number, and each message gets an answer, or an error:

    {"id": 7, "ask": "search", "text": "MatMul"}  ->  {"id": 7, "answer": {...}}
    {"id": 8, "ask": "open", "node": "nothing"}   ->  {"id": 8, "error": "..."}
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from tfspark_magic.binding import FeedDict, Nulls
from tfspark_magic.drawing.explore import Explorer
from tfspark_magic.drawing.layout import Direction, Layout
from tfspark_magic.drawing.outline import visible
from tfspark_magic.drawing.picture import Drawing, marked
from tfspark_magic.frames.frame import frame_of
from tfspark_magic.graph.program import Program
from tfspark_magic.notebook.answering import answer_page
from tfspark_magic.notebook.by_hand import ByHand
from tfspark_magic.notebook.graph_answers import Fetching, GraphAnswers
from tfspark_magic.notebook.graph_files import write_graph
from tfspark_magic.notebook.graph_wire import wired
from tfspark_magic.notebook.peeking import Peeking, RowSource
from tfspark_magic.verbs.peek import graph_on_rows

if TYPE_CHECKING:
    from tfspark_magic.inspection.graph_on_rows import GraphOnRows
    from tfspark_magic.inspection.peeked import Peek


class GraphView(anywidget.AnyWidget):
    """An interactive view of a program's graph.

    >>> graph = GraphView(score, {"x": "price"})                    # doctest: +SKIP
    >>> graph.selected = "layer_1/MatMul"                           # doctest: +SKIP
    >>> graph.on_select(print)                                      # doctest: +SKIP

    Parameters
    ----------
    program
        The program to show.
    bindings
        The column that feeds each placeholder, by the placeholder's name; can be set later.
    max_nodes
        The largest number of nodes to show at first.

    Raises
    ------
    PlaceholderNotFoundError
        If `bindings` names a placeholder that the program does not have.
    GraphLoadError
        If the program does not hold a graph.
    """

    _esm = Path(__file__).parents[1] / "static" / "graph_view.js"

    uid = traitlets.Unicode(read_only=True).tag(sync=True)
    """The mark of static pictures of the same program in the page."""

    title = traitlets.Unicode(read_only=True).tag(sync=True)
    """One sentence that describes the graph."""

    svg = traitlets.Unicode(read_only=True).tag(sync=True)
    """The current view with its layout; empty if no Graphviz engine is found."""

    view = traitlets.Dict(read_only=True).tag(sync=True)
    """The current view as nodes, boxes and links, with the ids of the drawing."""

    at = traitlets.List(read_only=True).tag(sync=True)
    """The selected name, and the id of the element that shows it."""

    selected = traitlets.Unicode().tag(sync=True)
    """The name of the selected operation or scope; empty if nothing is selected."""

    bindings = traitlets.Dict().tag(sync=True)
    """The column that feeds each placeholder, by the placeholder's name."""

    direction = traitlets.Enum(("down", "right"), "down").tag(sync=True)
    """Whether the computation flows down, or from left to right."""

    viewport = traitlets.List().tag(sync=True)
    """Where the user moved the drawing to, from the page: see `Kept`."""

    room = traitlets.Int(0).tag(sync=True)
    """The width of the drawing's window in points, from the page; 0 before it is seen."""

    peeking = traitlets.Dict(read_only=True).tag(sync=True)
    """Whether rows can be peeked at, and what became of the last ones: `can`, and a `Status`."""

    cost = traitlets.Dict(read_only=True).tag(sync=True)
    """What is on show costs on these rows; empty if it was not measured."""

    def __init__(
        self,
        program: Program,
        bindings: Mapping[str, str] | None = None,
        *,
        max_nodes: int = 40,
    ) -> None:
        self._explorer = self._explored(program, bindings, max_nodes)
        self._drawing: Drawing | None = None
        self._drawn = RLock()
        self._is_turned = False
        self._told = ""
        self._peeking = self._peeked()
        self._answer = GraphAnswers(
            self._explorer, self._peeking, self._show, partial(self.set_trait, "selected")
        )
        super().__init__(bindings=dict(bindings or {}))
        self.by_hand = ByHand(self._explorer)
        drawing = self._explorer.drawing()
        self.set_trait("uid", drawing.uid)
        self.set_trait("title", drawing.alt)
        self._show_values()
        answer_page(self, self._answer)
        self.observe(self._bind, "bindings")
        self.observe(self._turn, "direction")
        self.observe(self._fit, "room")

    def _explored(
        self, program: Program, bindings: Mapping[str, str] | None, max_nodes: int
    ) -> Explorer:
        return Explorer(program, bindings, max_nodes)

    def _peeked(self) -> Peeking:
        return Peeking(self._explorer, self._show_values, self._drawn)

    @property
    def program(self) -> Program:
        """The program that is shown."""
        return self._explorer.program

    @property
    def drawing(self) -> Drawing:
        """The current view as a picture, without values."""
        with self._drawn:
            drawn = self._drawing
            if drawn is None or self._peeking.badged:
                drawn = self._explorer.drawing(self._layout(self.direction, frozenset()))
            return drawn

    @property
    def picture(self) -> dict[str, str]:
        """The current view for files that are made of the notebook, which have no widgets."""
        return {"image/svg+xml": marked(self.svg, self.uid)} if self.svg else {}

    def on_select(self, callback: Callable[[str], Any]) -> Callable[[], None]:
        """Call a function with the name of the selection whenever it changes.

        Parameters
        ----------
        callback
            Gets the name of an operation or scope; an empty one if nothing is selected.

        Returns
        -------
        A function that ends these calls.
        """

        def call(change: Mapping[str, Any]) -> None:
            callback(change["new"])

        self.observe(call, "selected")
        return lambda: self.unobserve(call, "selected")

    @property
    def values(self) -> Peek:
        """The values and statistics of the nodes on show, as `tfs.peek` gives them.

        Raises
        ------
        NotAvailableError
            If no rows have been peeked at.
        """
        return self._peeking.values

    def peek(
        self,
        df: Any,
        feed_dict: FeedDict | None = None,
        *,
        rows: int = 20,
        seed: int | None = None,
        nulls: Nulls = "error",
    ) -> Peek:
        """Show what some rows make of the nodes on show.

        >>> graph.peek(df, rows=100, seed=1)["dense/MatMul"]            # doctest: +SKIP

        Nodes that are shown later, because a group is opened, are computed then.

        Parameters
        ----------
        df, feed_dict, rows, seed, nulls
            As for `tfs.peek`.

        Raises
        ------
        OptionError
            If an option has a value that is not allowed.
        TfSparkError
            If the program does not fit the DataFrame, or its data.
        """

        def read(rows: int, seed: int | None) -> GraphOnRows:
            return graph_on_rows(
                self.program, df, feed_dict, rows=rows, seed=seed, verb=None, trim=True, nulls=nulls
            )

        self.peeks_at(lambda: RowSource("df", frame_of(df, "peek").session, read))
        self._peeking.show(read(rows, seed), "df", seed)
        return self.values

    def peeks_at(self, source: Callable[[], RowSource] | None) -> None:
        """Let the page ask for rows; None if there are none.

        Parameters
        ----------
        source
            Says where the rows come from, or raises an error with the reason why there are none.
        """
        self._answer.source = source
        self._show_values()

    def fetches_by(self, fetching: Fetching) -> None:
        """Let the page choose operations to compute."""
        self._answer.fetching = fetching

    def hide_values(self) -> None:
        """Show no values any more, and free their memory; what runs for them is cancelled."""
        self._peeking.forget()

    def expand(self, name: str) -> None:
        """Open a scope, and all scopes around it.

        Raises
        ------
        OptionError
            If there is no such scope, or it holds more than there is room for.
        """
        identity, _ = self._explorer.reveal(name)
        if identity in self._explorer.openable:
            self._explorer.open(identity)
        self._show()

    def collapse(self, name: str) -> None:
        """Close a scope that is open.

        Raises
        ------
        OptionError
            If there is no such scope.
        """
        identity, _ = self._explorer.reveal(name)
        if identity in self._explorer.closable:
            self._explorer.close(identity)
        self._show()

    def expand_all(self) -> str:
        """Open as many scopes as there is room for; return a sentence about those left closed."""
        left = self._explorer.open_all()
        self._show()
        return left

    def collapse_all(self) -> None:
        """Close all scopes."""
        self._explorer.close_all()
        self._show()

    @property
    def turned(self) -> str:
        """The direction, if the user chose it; else empty."""
        return self.direction if self._is_turned else ""

    def reopen(
        self,
        opened: Iterable[str],
        closed: Iterable[str],
        turned: str = "",
        selected: str = "",
        viewport: Iterable[float] = (),
    ) -> list[str]:
        """Make the view as it was; return the ids of groups that are not there any more."""
        lost = self.by_hand.restore(opened, closed)
        self.viewport = list(viewport)
        if turned in ("down", "right"):
            self.direction = turned
            self._is_turned = True
        self._show()
        if selected in self._explorer.names.values():
            self.selected = selected
        return lost

    def export(self, path: str | Path) -> Path:
        """Write the current view to a file, `.svg`, `.png` or `.dot`; or the graph, `.pbtxt`.

        Raises
        ------
        OptionError
            If the file's name has another ending.
        MissingDependencyError
            If there is no engine to draw the picture.
        """
        return write_graph(self._explorer, Path(path))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.title})"

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle, metadata = super()._repr_mimebundle_(**options)
        return {**bundle, **self.picture}, metadata

    def _show(self) -> None:
        """Draw the view if it has changed, and compute what is new in it."""
        with self._drawn:
            if self._draw():
                self._send_drawing()
                self._peeking.follow()

    def _draw(self) -> bool:
        """Lay the view out if it has changed; return whether it has."""
        drawing, before = self._explorer.drawing(self._layout(self.direction)), self._drawing
        same = before and before.view is drawing.view and before.dot == drawing.dot
        if not same:
            self._drawing = drawing
        return not same

    def _layout(self, direction: Direction, badged: frozenset[str] | None = None) -> Layout:
        room = {"room": self.room} if self.room else {}
        return Layout(direction, badged=self._peeking.badged if badged is None else badged, **room)

    def _turn(self, _: Mapping[str, Any]) -> None:
        self._is_turned = True
        self._show()

    def _fit(self, change: Mapping[str, Any]) -> None:
        """Arrange inputs for the page; let the first drawing flow to the right if only so it fits."""
        with self._drawn:
            if not change["old"] and not self._is_turned:
                down = self._explorer.drawing(self._layout("down"))
                if down.size[0] > self.room:
                    across = self._explorer.drawing(self._layout("right"))
                    if across.size[0] <= self.room:
                        self.direction = "right"
                        self._is_turned = False
            self._show()

    def _show_values(self) -> None:
        """Draw the values of the nodes, in a drawing with room for them."""
        with self._drawn:
            self._draw()
            with self.hold_sync():
                self._send_drawing()
                status = {
                    "can": self._answer.source is not None,
                    "compared": self._peeking.is_compared,
                }
                status |= asdict(self._peeking.status)
                self.set_trait("cost", self._peeking.costs)
                self.set_trait("peeking", status)

    def _send_drawing(self) -> None:
        assert self._drawing is not None
        badges = self._peeking.badges
        svg = self._drawing.svg_with(badges)
        text = {} if svg else {"text": self._drawing.text}
        with self.hold_sync():
            self.set_trait("svg", svg or "")
            self.set_trait("view", wired(self._explorer, badges) | text)

    def _bind(self, change: Mapping[str, Any]) -> None:
        self._explorer.bind(change["new"])
        # Values of other columns would be wrong ones.
        self._peeking.forget()
        self._show()

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the page tells; it selects only what is on show.

        What it tells may come late. A group that was closed since must not open again.
        """
        self._told = sync_data.get("selected", "")
        try:
            super().set_state(sync_data)
        finally:
            self._told = ""

    @traitlets.validate("selected")
    def _known(self, proposal: Mapping[str, Any]) -> str:
        name: str = self._explorer.program.operation(proposal["value"])
        shown = next((key for key, value in self._explorer.names.items() if value == name), "")
        with self.hold_sync():
            if name and not shown and proposal["value"] != self._told:
                shown, _ = self._explorer.reveal(name)
                self._show()
            self.set_trait("at", [name, visible(shown)])
        return name
