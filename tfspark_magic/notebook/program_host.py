"""Bind calls to the user's names, and show programs, in whatever notebook there is."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from traitlets import Bool, Enum, Float, Int, TraitError, Unicode, Union, validate
from traitlets.config import Configurable

from tfspark_magic.binding.feeds import DEVICES
from tfspark_magic.errors import ColumnNotFoundError
from tfspark_magic.frames.frame import frame_of
from tfspark_magic.graph.program import Program
from tfspark_magic.notebook.binding import bind, fetched
from tfspark_magic.notebook.bound_call import BoundCall
from tfspark_magic.notebook.bound_fit import BoundFit
from tfspark_magic.notebook.call import FIT, REDUCTIONS, Call
from tfspark_magic.notebook.front_end import FrontEnd, finish
from tfspark_magic.notebook.kept import Kept
from tfspark_magic.notebook.program_view import ProgramView, Still
from tfspark_magic.notebook.workbenches import Workbenches


@dataclass(frozen=True, repr=False)
class Text:
    """A line of text that is shown as it is."""

    text: str

    def __repr__(self) -> str:
        return self.text


class ProgramHost(Configurable):
    """The context of calls: the user's names, the defaults of the options, and where things are shown.

    >>> ProgramHost(current()).show(score, Call(program="score"))   # doctest: +SKIP
    """

    preview_rows = Int(5, min=1, help="How many rows --preview shows.").tag(config=True)
    draw = Bool(True, help="Whether %%tfgraph shows a drawing.").tag(config=True)  # noqa: FBT003
    device = Enum(DEVICES, "auto", help="Where graphs run.").tag(config=True)
    rows_per_block = Int(
        None, allow_none=True, min=0,
        help="The most rows that a graph is given at once; None chooses by bytes; 0 is the whole "
        "partition.",
    ).tag(config=True)  # fmt: skip
    form = Bool(True, help="Whether %%tfgraph shows its form, in a notebook.").tag(config=True)  # noqa: FBT003
    nulls = Union(
        [Bool(), Int(), Float(), Unicode()], default_value="error",
        help="What a null does: 'error', 'null', or the value that takes its place.",
    ).tag(config=True)  # fmt: skip

    def __init__(self, front: FrontEnd, **traits: Any) -> None:
        super().__init__(**traits)
        self.front = front
        self._made: list[weakref.ref[Any]] = []
        self._workbenches = Workbenches()

    @validate("rows_per_block")
    def _check_rows(self, proposal: Any) -> Any:
        if isinstance(proposal.value, bool):
            raise TraitError("rows_per_block is a number of rows.")
        return proposal.value

    @property
    def has_magics(self) -> bool:
        """Whether lines of magic can be written here."""
        return self.front.has_magics

    def namespace(self) -> dict[str, Any]:
        """Return the user's names."""
        return self.front.names

    def results(self) -> list[Any]:
        """Return the DataFrames that magics made and that still exist."""
        return [df for df in (made() for made in self._made) if df is not None]

    def bind(self, call: Call, program: Program) -> BoundCall:
        """Bind the fetches of a program that a call names to the DataFrame that it names."""
        bound = bind(*fetched(call, program, self.namespace()), self)
        self.front.shorten_errors()
        return bound

    def keep(self, bound: BoundCall | BoundFit, value: Any) -> None:
        """Give the result of a call the name that the call asks for."""
        if bound.call.verb not in (*REDUCTIONS, FIT):
            self._made = [*map(weakref.ref, self.results()), weakref.ref(bound.result)]
        if bound.call.out:
            self.namespace()[bound.call.out] = value

    def show(self, program: Program, call: Call) -> None:
        """Show a program with its form, and do what its line says beside that."""
        bound, shown = None, fetched(call, program, self.namespace())[1]
        workbench = None
        try:
            if call.binds:
                bound = self.bind(call, program)
        except ColumnNotFoundError as error:
            # The form asks for the column. What the line itself names, or computes, is an error.
            is_named = not call.bind.keys().isdisjoint(error.about.values())
            if is_named or call.out or call.preview is not None or not self._offers_form(call):
                raise
        finally:
            # The drawing is shown even if binding fails, because it shows the placeholders.
            view = self._view(shown, bound, call)
            is_stored = self.front.keeps_outputs and self.front.shows_widgets
            for part in view.parts if is_stored else [view]:
                self.front.show(part)
            if self._offers_form(call):
                workbench = self._workbench(program, bound, call)
                self.front.show(workbench)
        if bound is not None and (bound.is_lazy or call.out or call.preview is not None):
            self.complete(bound, "", workbench)

    def complete(self, bound: BoundCall, source: str, below: Any = None) -> None:
        """Compute a result that is not lazy, give it its name, and show what of it is asked for.

        Parameters
        ----------
        bound
            The call.
        source
            The code that gives the result; empty if it is already shown.
        below
            The widgets below the cell, with a `panel` and `rows`; None if there are none yet.
        """
        shows = shows_result(bound)
        is_own = below is None and shows and self._offers_form(bound.call)
        if is_own:
            from tfspark_magic.notebook.preview_area import PreviewBelow

            below = PreviewBelow()
            self.front.show(below)
        panel = below.panel if shows and below is not None else None
        session = frame_of(bound.frame, "preview").session

        def finished(title: str, action: Callable[[], Any]) -> Any:
            # An interrupt of the cell ends it.
            if panel is None:
                return finish(action, bound.frame)
            return panel.finish(title, action, session)

        if not bound.is_lazy:
            finished(bound.call.out or str(bound.call.program), lambda: bound.result)
        self.keep(bound, bound.result)
        if not shows:
            return
        asked = bound.call.preview
        count = self.preview_rows if asked in (None, -1) else asked
        if below is None or bound.call.verb in REDUCTIONS:
            values = finished("Preview", lambda: bound.preview(count, source))
            self.front.show(Still(values) if is_own and self.front.keeps_outputs else values)
            return
        made = bound.previewing(source)
        table = finished("Preview", lambda: made.read(count))
        if self.front.keeps_outputs:
            # A saved notebook keeps this; while the kernel runs, the living table hides it.
            self.front.show(Still(table) if is_own else table)
        below.rows.show(made, session)

    def _view(self, program: Program, bound: BoundCall | None, call: Call) -> ProgramView:
        drawing, has_form = None, self._offers_form(call)
        # Where no output is stored, the graph of the workbench is enough.
        if self._draws(call) and (self.front.keeps_outputs or not has_form):
            from tfspark_magic.drawing import draw

            drawing = draw(program, bound.labels if bound else None)
        code = bound.python() if bound else ""
        has_widgets = has_form and self.front.keeps_outputs
        return ProgramView(program, drawing, code, has_widgets=has_widgets, name=str(call.program))

    def _draws(self, call: Call) -> bool:
        return self.draw and not call.no_draw

    def _offers_form(self, call: Call) -> bool:
        return self.form and not call.no_form and self.front.shows_widgets

    def _workbench(self, program: Program, bound: BoundCall | None, call: Call) -> Any:
        """Make the widgets of a cell, which replace those of its last run."""
        from tfspark_magic.notebook.workbench import Workbench, refresh_all

        name, cell = str(call.program), self.front.cell

        def make(kept: Kept) -> Workbench:
            return Workbench(
                program, self, call, bound.labels if bound else None,
                draw=self._draws(call),
                # A cell that already says what to compute needs the form less.
                opened=bound is None or not (call.out or call.preview is not None),
                kept=kept, cell=cell, code=bound.python() if bound else "",
            )  # fmt: skip

        # If a front end gives no ids of cells, a program replaces the earlier one of the same name.
        workbench = self._workbenches.add(
            name, cell or name, run=self.front.run, stored=self.front.stored, make=make
        )
        self.front.after_each_cell(refresh_all)
        return workbench


def shows_result(bound: BoundCall) -> bool:
    """Whether the result is shown: if it is asked for, and for values also if they get a name."""
    values = bound.call.verb in REDUCTIONS and bool(bound.call.out)
    return values or bound.call.preview is not None
