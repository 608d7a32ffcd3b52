"""The interface of one program below its cell: its graph, the form that binds it, and what runs."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import ipywidgets as W  # noqa: N812

from tfspark_magic.errors import OptionError
from tfspark_magic.graph.program import Program
from tfspark_magic.notebook.form.state import Request
from tfspark_magic.notebook.form.widget import Form
from tfspark_magic.notebook.front_end import session_of
from tfspark_magic.notebook.graph_view import GraphView
from tfspark_magic.notebook.namespace import find_dataframe
from tfspark_magic.notebook.operation import Operation, preview_of
from tfspark_magic.notebook.options import REDUCTIONS, Options
from tfspark_magic.notebook.paged_table import PagedTable
from tfspark_magic.notebook.preview import Preview, preview_pandas
from tfspark_magic.notebook.run_panel import RunPanel

PAGE = 10
"""Rows of a page of a table."""


class Host(Protocol):
    """What a workbench needs of the magics, which bind programs and know the user's names."""

    def bind(self, program: Program, options: Options) -> Operation:
        """Bind a program, with the fetches asked for, as the options say."""

    def keep(self, operation: Operation, options: Options) -> None:
        """Give the result the name that it is to have."""

    def namespace(self) -> dict[str, Any]:
        """Return the user's names."""

    def results(self) -> list[Any]:
        """Return the DataFrames that programs made."""


@dataclass(frozen=True)
class Outcome:
    """What a run has made.

    Parameters
    ----------
    operation
        That ran.
    value
        What the name of the result is to hold.
    made
        The same in words.
    """

    operation: Operation
    value: Any
    made: str


class Workbench(W.VBox):
    """A program's graph, form and runs, one below the other.

    >>> Workbench(score, magics, options)                           # doctest: +SKIP
    In a running notebook, a form for: %tfrun score --df df

    Parameters
    ----------
    program
        What runs.
    host
        The magics.
    options
        What was said in the cell, which the form starts from.
    bindings
        The column of each placeholder, where the cell bound it.
    draw
        Whether to show the graph.
    opened
        Whether the form starts unfolded.
    """

    def __init__(
        self,
        program: Program,
        host: Host,
        options: Options,
        bindings: Mapping[str, str] | None = None,
        *,
        draw: bool = True,
        opened: bool = True,
    ) -> None:
        self._host = host
        self.graph = GraphView(program, bindings) if draw else None
        self.panel = RunPanel()
        self.form = Form(
            program, host.namespace, host, options, host.results,
            on_preview=self._preview, on_run=self._run, on_bindings=self._show_bindings,
            opened=opened,
        )  # fmt: skip
        parts = [self.graph] if self.graph is not None else []
        super().__init__([*parts, self.form, self.panel])
        _open.add(self)

    def __repr__(self) -> str:
        line = self.form.state.line.partition("\n")[0]
        return f"In a running notebook, a form for: {line}"

    def refresh(self) -> None:
        """Follow the user's names, which a cell may have changed."""
        self.form.refresh()

    def dispose(self) -> None:
        """End what runs, and take the widgets out of the page and out of memory."""
        _open.discard(self)
        if self.panel.job is not None:
            self.panel.job.cancel()
        _close(self)

    def _show_bindings(self, bindings: Mapping[str, str]) -> None:
        if self.graph is not None:
            self.graph.bindings = dict(bindings)

    def _preview(self, request: Request) -> None:
        options = replace(request.options, out=None)

        def action() -> Any:
            operation = self._host.bind(self.form.state.whole, options)
            return preview_of(operation, request.rows, operation.code())

        self._start("Preview", action, options, _shown)

    def _run(self, request: Request) -> None:
        def action() -> Outcome:
            return _carry_out(self._host.bind(self.form.state.whole, request.options), request)

        def keep(outcome: Outcome) -> Any:
            self._host.keep(outcome.operation, request.options)
            if request.then == "collect":
                self._host.namespace()[request.options.out or "result"] = outcome.value
            return _result(outcome, request)

        title = request.options.out or request.options.name or "Result"
        self._start(title, action, request.options, keep, lambda outcome: outcome.made)

    def _start(
        self,
        title: str,
        action: Callable[[], Any],
        options: Options,
        show: Callable[[Any], Any],
        summary: Callable[[Any], str] | None = None,
    ) -> None:
        _, df = find_dataframe(self._host.namespace(), options.df)
        self.form.busy(running=True)
        started = self.panel.run(
            title, action, session_of(df), show, lambda _: self._ended(), summary=summary
        )
        if started is None:
            self.form.busy(running=False)

    def _ended(self) -> None:
        self.form.busy(running=False)
        refresh_all()


_open: weakref.WeakSet[Workbench] = weakref.WeakSet()


def refresh_all(*_: Any) -> None:
    """Have all forms follow the user's names."""
    for workbench in list(_open):
        workbench.refresh()


def _carry_out(operation: Operation, request: Request) -> Outcome:
    """Do what is to be done with an operation."""
    result = operation.result
    if operation.lazy is None:
        return Outcome(
            operation, result, "" if operation.verb in REDUCTIONS else _rows(len(result))
        )
    if request.then == "count":
        return Outcome(operation, result, _rows(result.count()))
    if request.then == "collect":
        frame = result.toPandas()
        return Outcome(operation, frame, f"{_rows(len(frame))} in pandas")
    if request.then == "write":
        _write(result, request)
        return Outcome(operation, result, f"written to {request.path}")
    return Outcome(operation, result, "a lazy DataFrame: nothing has run yet")


def _write(result: Any, request: Request) -> None:
    try:
        result.write.mode(request.mode).parquet(request.path)
    except Exception as error:
        if "[PATH_ALREADY_EXISTS]" not in str(error):
            raise
        message = (
            f"There is something at {request.path} already: choose another path, or overwrite it."
        )
        raise OptionError(message) from error


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _result(outcome: Outcome, request: Request) -> Any:
    """Return what to show of a run: the values or rows that there are now."""
    operation = outcome.operation
    if operation.verb in REDUCTIONS:
        return preview_of(operation, PAGE, "")
    if operation.lazy is not None and request.then != "collect":
        return None
    outputs = [spec.name for spec in operation.program.outputs]
    most = 10 * PAGE
    return _shown(preview_pandas(outcome.value, "", operation.columns, outputs, most))


def _shown(made: Any) -> Any:
    return PagedTable(made, PAGE) if isinstance(made, Preview) else made


def _close(widget: W.Widget) -> None:
    for child in getattr(widget, "children", ()):
        _close(child)
    widget.close()
