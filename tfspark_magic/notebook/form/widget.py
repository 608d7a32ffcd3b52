"""The widget of the form below a graph: columns for placeholders, the operation, and buttons."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

from tfspark_magic.errors import TfSparkError
from tfspark_magic.graph.program import Program
from tfspark_magic.notebook.action import Action
from tfspark_magic.notebook.binding import Host
from tfspark_magic.notebook.call import FIT, Call
from tfspark_magic.notebook.form.fields import LABELS, fields
from tfspark_magic.notebook.form.keeping import changes, line_fields, restore
from tfspark_magic.notebook.form.state import AFTER_PREVIEW, FormState
from tfspark_magic.notebook.form.training_choices import LABEL
from tfspark_magic.notebook.kept import Kept
from tfspark_magic.notebook.option_values import Bound, column_label

_BUTTONS = ("preview", "run", "define")
_NO_PREVIEW = "A training has no preview: Run shows its curves."
_MODULE = Path(__file__).parents[2] / "static" / "form.js"


class Fields(anywidget.AnyWidget):
    """The fields in the page: they get their description, and send back the choices."""

    _esm = _MODULE
    fields = traitlets.List().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    summary = traitlets.Unicode().tag(sync=True)
    line = traitlets.Unicode().tag(sync=True)
    code = traitlets.Unicode().tag(sync=True)
    actions = traitlets.Dict().tag(sync=True)
    notice = traitlets.Unicode().tag(sync=True)
    kept = traitlets.Dict().tag(sync=True)
    """What the page writes into the notebook, and the cell and name for it."""
    opened = traitlets.Bool(default_value=True).tag(sync=True)

    def __repr__(self) -> str:
        return "Fields()"


class Form(ipywidgets.VBox):
    """A form that binds a program to a DataFrame, and asks for a preview or a run of it.

    >>> Form(score, magics, on_preview=show, on_run=start)          # doctest: +SKIP
    Form(score over df)

    The form itself runs nothing and reads no data. Call `refresh` after each cell.

    Parameters
    ----------
    program, host, call
        As for `FormState`.
    on_preview, on_run
        Called with a legal `Call` when a button is pressed.
    on_bindings
        Called with the column of each placeholder, as text, now and after each change.
    on_change
        Called after each change of what the form shows.
    opened
        Whether the form is unfolded; a folded form is one line.
    """

    opened = traitlets.Bool(default_value=True)

    def __init__(
        self,
        program: Program,
        host: Host,
        call: Call | None = None,
        *,
        on_preview: Callable[[Call], Any],
        on_run: Callable[[Call], Any],
        on_bindings: Callable[[dict[str, str]], Any] | None = None,
        on_change: Callable[[], Any] | None = None,
        opened: bool = True,
    ) -> None:
        self.state = FormState(program, host, call)
        self.view = Fields(opened=opened, title="Bind and run")
        self._line = line_fields(call or Call())
        self._ask_preview, self._ask_run = on_preview, on_run
        self._on_bindings = on_bindings
        self._on_change = on_change
        self._unfolded = opened
        self._bindings: dict[str, Bound] | None = None
        self._busy = False
        # A job ends in its own thread, while the page may send a request.
        self._lock = threading.RLock()
        super().__init__([self.view], opened=opened)
        traitlets.link((self, "opened"), (self.view, "opened"))
        self.view.on_msg(self._hear)
        self.observe(lambda _: self._changed(), "opened")
        self._show()

    @property
    def kept(self) -> Kept:
        """What the user did in the form."""
        with self._lock:
            unfolded = self.opened if self.opened is not self._unfolded else None
            return Kept(self._line, changes(self.state), unfolded=unfolded)

    def restore(self, kept: Kept) -> list[str]:
        """Make the choices of an earlier run of the cell again; return what there is no place for."""
        with self._lock:
            lost = restore(self.state, kept.choices, kept.line, self._line)
            if kept.unfolded is not None:
                self.opened = kept.unfolded
            if self.state.errors:
                self.opened = True
            self._show()
            return lost

    def say(self, notice: str) -> None:
        """Show a sentence above the fields, until the user does something."""
        self.view.notice = notice

    def refresh(self) -> None:
        """Read the namespace again: DataFrames may be new, removed or changed."""
        with self._lock:
            self.state.refresh()
            self._show()

    def set(self, field: str, value: Any) -> None:
        """Store a choice, as the page does; see `FormState.set`."""
        with self._lock:
            self.state.set(field, value)
            self._show()

    def reset(self) -> None:
        """Make the choices of the cell's line again, as the page's button does."""
        with self._lock:
            self.state.reset()
            self._show()

    def accept(self) -> None:
        """Choose all guesses of columns, as the page's button does."""
        with self._lock:
            self.state.accept()
            self._show()

    def busy(self, running: bool) -> None:  # noqa: FBT001  (reads as a sentence where it is called)
        """Say whether a job runs; while it runs, the buttons do nothing."""
        with self._lock:
            self._busy = running
            self._show()

    def press(self, button: str) -> bool:
        """Press `"preview"`, `"run"` or `"define"`; return False if this is not possible now.

        Run acts on a lazy result as chosen. Define only gives it its name.
        """
        # The namespace may have changed since the page was drawn.
        self.refresh()
        if self.view.actions[button] or self._busy:
            return False
        state = self.state
        if button == "preview":
            self._ask_preview(state.preview_call)
        else:
            lazy = Action() if button == "define" else state.action
            self._ask_run(replace(state.call, action=lazy))
        return True

    def _hear(self, _: Any, content: dict[str, Any], __: Any) -> None:
        kind = content.get("kind")
        if kind in (*_BUTTONS, "accept", "reset", "set"):
            self.say("")
        if kind in _BUTTONS:
            self.press(kind)
        elif kind == "look":
            self.refresh()
        elif kind == "accept":
            self.accept()
        elif kind == "reset":
            self.reset()
        elif kind == "set":
            try:
                self.set(str(content.get("field")), content.get("value"))
            except TfSparkError:
                # For example, the chosen value does not exist any more: show the current state.
                self._show()

    def _show(self) -> None:
        state, view = self.state, self.view
        with view.hold_sync():
            view.fields = fields(state)
            view.summary = self._summary()
            view.line = state.line if state.runnable and state.host.has_magics else ""
            view.code = state.code if state.runnable else ""
            view.actions = self._actions()
        if self._on_bindings and state.bindings != self._bindings:
            self._bindings = state.bindings
            labels = {name: column_label(column) for name, column in state.bindings.items()}
            self._on_bindings(labels)
        self._changed()

    def _changed(self) -> None:
        if self._on_change:
            self._on_change()

    def _actions(self) -> dict[str, Any]:
        errors = self.state.errors
        order = [field["id"] for field in self.view.fields if field["id"] in errors]
        order += [field for field in errors if field not in order]
        before = [field for field in order if field not in AFTER_PREVIEW]
        guessed = {row.field for row in self.state.rows if row.guess}
        run = _reason(order, errors, guessed)
        is_fit = self.state.choices.op == FIT
        accept = f"Use the {len(guessed)} guesses" if len(guessed) > 1 else "Use the guess"
        return {
            "busy": self._busy,
            "accept": accept if guessed else "",
            "preview": _NO_PREVIEW if is_fit else _reason(before, errors, guessed),
            "run": run,
            "define": run,
            "lazy": self.state.is_lazy,
            "previews": not is_fit and self.state.action.name != "preview",
            "first": order[0] if order else "",
            "reset": bool(changes(self.state)),
        }

    def _summary(self) -> str:
        choices = self.state.choices
        return f"{choices.name} over {choices.df}" if choices.df else choices.name

    def __repr__(self) -> str:
        return f"Form({self._summary()})"


def _label(field: str) -> str:
    kind, _, placeholder = field.partition(":")
    if kind == LABEL:
        return f"{LABELS[LABEL]} of {placeholder}"
    return placeholder if kind == "bind" else f"nulls of {placeholder}"


def _reason(wrong: list[str], errors: Mapping[str, str], guessed: set[str]) -> str:
    if "run" in wrong:
        return errors["run"]
    if guessed and guessed.issuperset(wrong):
        return (
            "Use the guesses first, or choose the columns."
            if len(guessed) > 1
            else "Use the guess first, or choose the column."
        )
    names = [LABELS.get(field) or _label(field) for field in wrong]
    return f"To correct first: {', '.join(names)}." if names else ""
