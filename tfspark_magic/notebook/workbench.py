"""The interface of a program below its cell: its graph, the form, and the running job."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import ipywidgets as W  # noqa: N812

from tfspark_magic.errors import OptionError
from tfspark_magic.frames.frame import frame_of
from tfspark_magic.graph.program import Program
from tfspark_magic.notebook.binding import Host
from tfspark_magic.notebook.bound_call import BoundCall
from tfspark_magic.notebook.bound_fit import BoundFit, bind_fit
from tfspark_magic.notebook.call import FIT, REDUCTIONS, Call
from tfspark_magic.notebook.form.widget import Form
from tfspark_magic.notebook.graph_answers import Fetching
from tfspark_magic.notebook.graph_view import GraphView
from tfspark_magic.notebook.kept import Kept, viewport_of
from tfspark_magic.notebook.namespace import find_dataframe
from tfspark_magic.notebook.peeking import RowSource
from tfspark_magic.notebook.preview import Previewing, preview_here
from tfspark_magic.notebook.preview_area import PreviewArea
from tfspark_magic.notebook.program_view import ProgramView
from tfspark_magic.notebook.run_panel import RunPanel, html_of
from tfspark_magic.notebook.training_curve import TrainingCurve
from tfspark_magic.notebook.training_view import train_in
from tfspark_magic.notebook.values import Values
from tfspark_magic.verbs.peek import Verb, graph_on_rows
from tfspark_magic.words import count

if TYPE_CHECKING:
    from tfspark_magic.inspection.graph_on_rows import GraphOnRows

_PEEKED: dict[str, Verb] = {
    "map_rows": "map_rows", "map_blocks": "map_blocks", "reduce_rows": "reduce_rows",
    "reduce_blocks": "reduce_blocks", "aggregate": "reduce_blocks",
}  # fmt: skip
"""The verbs as `tfs.peek` takes them."""
PAGE = 10
"""The number of rows on a page of a table."""


class Magics(Host, Protocol):
    """The part of the magics that a workbench needs: they bind calls and know the user's names."""

    def bind(self, call: Call, program: Program) -> BoundCall:
        """Bind a program, with the requested fetches, as a call says."""

    def keep(self, bound: BoundCall | BoundFit, value: Any) -> None:
        """Give the result of a call the name that the call asks for."""


class Outcome(NamedTuple):
    """The result of a call, which will get its name, a description of it, and its first rows."""

    bound: BoundCall
    value: Any
    made: str
    shown: Any = None


class Workbench(W.VBox):
    """A program's graph, form and runs, one below the other.

    >>> Workbench(score, magics, call)                           # doctest: +SKIP
    Workbench(score)

    Parameters
    ----------
    program
        The program to run.
    magics
        The magics, which bind calls and keep results.
    call
        The call of the cell, with which the form starts.
    bindings
        The column of each placeholder, if the cell bound it.
    draw
        Whether to show the graph.
    opened
        Whether the form starts unfolded.
    kept
        What the user did below this cell when it ran before.
    cell
        The id of the cell; empty if the front end does not give one.
    code
        The line of Python that runs the program as the cell's line says.
    """

    def __init__(
        self,
        program: Program,
        magics: Magics,
        call: Call,
        bindings: Mapping[str, str] | None = None,
        *,
        draw: bool = True,
        opened: bool = True,
        kept: Kept | None = None,
        cell: str = "",
        code: str = "",
    ) -> None:
        self._magics = magics
        self._cell, self._code = cell, code
        self._table = ""
        self._stored: Any = None
        self.graph = GraphView(program, bindings) if draw else None
        self.panel = RunPanel()
        self.rows = PreviewArea(self.panel, self._is_busy)
        self.form = Form(
            program, magics, call, on_preview=self._preview, on_run=self._run,
            on_bindings=self._show_bindings, on_change=self._store, opened=opened,
        )  # fmt: skip
        # Made with the cell, as the table is.
        self._curve = TrainingCurve() if self.form.state.models else None
        self.form.view.on_msg(self._hear)
        if self.graph is not None:
            self.graph.peeks_at(self._rows)
            self.graph.fetches_by(Fetching(self._is_fetched, self._fetch))
        if kept is not None:
            self._restore(kept)
        parts = [self.graph] if self.graph is not None else []
        super().__init__([*parts, self.form, self.panel, self.rows])
        if self.graph is not None:
            self.graph.observe(
                lambda _: self._store(), ["view", "direction", "selected", "viewport"]
            )
        _open.add(self)
        self._store()

    def __repr__(self) -> str:
        return f"Workbench({self.form.state.choices.name})"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        # The output above it says the same for those who see no widgets. Its picture is inside of
        # HTML, of which Markdown has no file.
        picture = {} if self.graph is None else self.graph.picture
        return {**super()._repr_mimebundle_(**options), "text/plain": "", **picture}

    @property
    def kept(self) -> Kept:
        """What the user did in the form and in the graph."""
        if self.graph is None:
            return self.form.kept
        graph, by_hand = self.graph, self.graph.by_hand
        return replace(
            self.form.kept, opened=by_hand.opened, closed=by_hand.closed, turned=graph.turned,
            selected=graph.selected, viewport=viewport_of(graph.viewport),
        )  # fmt: skip

    def _restore(self, kept: Kept) -> None:
        lost = self.form.restore(kept)
        if self.graph is not None:
            groups = self.graph.reopen(
                kept.opened, kept.closed, kept.turned, kept.selected, kept.viewport
            )
            lost += [f"group {identity.partition(':')[2]}" for identity in groups]
        if lost:
            gone = "; ".join(lost)
            self.form.say(f"Gone from the graph: {gone}. All else is as you left it.")

    @property
    def last(self) -> ProgramView:
        """What is on show, without widgets."""
        state = self.form.state
        return ProgramView(
            state.whole, None if self.graph is None else self.graph.drawing, self._code,
            has_widgets=True, name=state.choices.name, line=state.line if state.choices.df else "", table=self._table,
        )  # fmt: skip

    def _store(self) -> None:
        """Let the page write into the notebook what the user did, and what is on show."""
        if not self._cell or self not in _open:
            return
        state = self.form.state
        kept = self.kept.written()
        stored = kept, state.line, state.bindings, self._table
        if stored == self._stored:
            return
        self._stored = stored
        version = self.form.view.kept.get("version", 0) + 1
        name = state.choices.name
        self.form.view.kept = {"cell": self._cell, "name": name, "kept": kept, "version": version}

    def _hear(self, _: Any, content: dict[str, Any], __: Any) -> None:
        if content.get("kind") == "last":
            version = self.form.view.kept.get("version")
            bundle = self.last._repr_mimebundle_()
            self.form.view.send({"kind": "last", "version": version, "data": bundle})

    def refresh(self) -> None:
        """Read the user's names again, because a cell may have changed them."""
        self.form.refresh()

    def dispose(self) -> None:
        """Cancel the running job, and remove the widgets from the page and from memory."""
        _open.discard(self)
        if self.panel.job is not None:
            self.panel.job.cancel()
        if self.graph is not None:
            self.graph.hide_values()
        self.rows.dispose()
        if self._curve is not None:
            self._curve.close()
        _close(self)

    def _show_bindings(self, bindings: Mapping[str, str]) -> None:
        if self.graph is not None:
            self.graph.bindings = dict(bindings)

    def _is_fetched(self, name: str) -> bool:
        return self._output(name) in self.form.state.choices.fetch

    def _fetch(self, name: str, on: bool) -> None:  # noqa: FBT001  (as `Fetching` has it)
        output = self._output(name)
        others = [fetch for fetch in self.form.state.choices.fetch if fetch != output]
        self.form.set("fetch", [*others, output] if on else others)

    def _output(self, operation: str) -> str:
        """Return the name of the fetch that comes from an operation; else the operation's."""
        specs = self.form.state.fetchable
        names = {spec.tensor.removesuffix(":0"): spec.name for spec in reversed(specs)}
        return names.get(operation, operation)

    def _rows(self) -> RowSource:
        """Return the rows of the chosen DataFrame, as the form binds them."""
        self.form.refresh()
        actions = self.form.view.actions
        if actions["preview"]:
            # The sentence at the field says more.
            raise OptionError(self.form.state.errors.get(actions["first"]) or actions["preview"])
        state = self.form.state
        program, call, columns = state.program, state.call, state.bindings
        name, df = find_dataframe(self._magics.namespace(), call.frame)

        def read(rows: int, seed: int | None) -> GraphOnRows:
            return graph_on_rows(
                program, df, columns, rows=rows, seed=seed, verb=_PEEKED.get(str(state.verb)),
                trim=True, nulls=self._magics.nulls if call.nulls is None else call.nulls,
            )  # fmt: skip

        return RowSource(str(name), frame_of(df, "peek").session, read)

    def _preview(self, call: Call) -> None:
        def action() -> Any:
            bound = self._magics.bind(call, self.form.state.whole)
            if bound.call.verb in REDUCTIONS:
                return bound.preview(PAGE, bound.python())
            previewing = bound.previewing(bound.python())
            previewing.read(call.preview or PAGE)
            return previewing

        self._start("Preview", action, call, lambda made: made)

    def _run(self, call: Call) -> None:
        if call.verb == FIT:
            self._train(call)
            return
        first = self.form.state.preview_call.preview or PAGE

        def action() -> Outcome:
            bound = self._magics.bind(call, self.form.state.whole)
            if bound.is_lazy and call.action.name == "preview":
                shown = bound.previewing(bound.python())
                shown.read(first)
                return Outcome(bound, bound.result, "a lazy DataFrame, and its first rows", shown)
            if bound.is_lazy:
                return Outcome(bound, *call.action.run(bound.result))
            is_value = bound.call.verb in REDUCTIONS
            return Outcome(bound, bound.result, "" if is_value else count(len(bound.result), "row"))

        def keep(outcome: Outcome) -> Any:
            self._magics.keep(outcome.bound, outcome.value)
            return _result(outcome)

        title = call.out or call.program or "Result"
        self._start(title, action, call, keep, lambda outcome: outcome.made)

    def _train(self, call: Call) -> None:
        bound = bind_fit(call, self._magics)
        self.form.busy(running=True)
        train_in(
            self.panel, str(bound.call.program), lambda: bound.result,
            lambda model: self._magics.keep(bound, model), self._ended, self._curve,
        )  # fmt: skip

    def _start(
        self,
        title: str,
        action: Callable[[], Any],
        call: Call,
        show: Callable[[Any], Any],
        summary: Callable[[Any], str] | None = None,
    ) -> None:
        _, df = find_dataframe(self._magics.namespace(), call.frame)
        self.form.busy(running=True)
        session = frame_of(df, "form").session

        def shown(result: Any) -> None:
            made = show(result)
            if made is not None:
                self.rows.show(made, session)
                self._table = still_table(made)

        started = self.panel.run(
            title, action, session, shown, lambda _: self._ended(), summary=summary
        )
        if started is None:
            self.form.busy(running=False)

    def _is_busy(self, running: bool) -> None:  # noqa: FBT001  (as `PreviewArea` calls it)
        self.form.busy(running=running)

    def _ended(self) -> None:
        self.form.busy(running=False)
        refresh_all()


_open: weakref.WeakSet[Workbench] = weakref.WeakSet()


def refresh_all(*_: Any) -> None:
    """Let all forms read the user's names again."""
    for workbench in list(_open):
        workbench.refresh()


def _result(outcome: Outcome) -> Any:
    """Return what a run shows: its values or first rows; None for rows that are elsewhere."""
    bound = outcome.bound
    if outcome.shown is not None:
        return outcome.shown
    if bound.call.verb in REDUCTIONS:
        return bound.preview(PAGE, "")
    if bound.is_lazy and bound.call.action.name != "collect":
        return None
    made = preview_here(outcome.value, bound.python(), bound.fed, bound.outputs, bound.call.by)
    made.read(10 * PAGE)
    return made


def still_table(made: Previewing | Values) -> str:
    """Return the first rows of a table, or values, as HTML for a notebook that is opened again."""
    if isinstance(made, Previewing):
        table = made.table
        return table.html(range(min(PAGE, table.count)))
    return html_of(made)


def _close(widget: W.Widget) -> None:
    for child in getattr(widget, "children", ()):
        _close(child)
    widget.close()
