"""marimo: shows objects below its cells, by widgets that need no more than anywidget."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any

import ipywidgets

if TYPE_CHECKING:
    from tfspark_magic.inspection.comparison import Comparison
    from tfspark_magic.notebook.program_host import ProgramHost

_HOST = "__tfspark_magic__"
_runs = count(1)


class MarimoPage:
    """A notebook of marimo.

    It stores no outputs, has no magics, and says nothing of its cells.
    """

    shows_widgets = True
    keeps_outputs = has_magics = False
    cell, stored = "", None

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names

    @property
    def run(self) -> int:
        """A new number each time: each block of a cell is a run."""
        return next(_runs)

    def host(self) -> ProgramHost:
        """Return the context of this notebook, which lives as long as its names."""
        from tfspark_magic.notebook.program_host import ProgramHost

        if _HOST not in self.names:
            self.names[_HOST] = ProgramHost(self)
        host: ProgramHost = self.names[_HOST]
        return host

    def show(self, shown: Any) -> None:
        """Show an object below the running cell."""
        import marimo

        marimo.output.append(_element(shown))

    def after_each_cell(self, callback: Callable[..., Any]) -> None:
        """Nothing is known of other cells: the form looks again when somebody turns to it."""

    def shorten_errors(self) -> None:
        """Leave errors as they are."""


def install() -> None:
    """Let marimo show both graphs of a comparison, as Jupyter does with the extension."""
    if "marimo" in sys.modules:
        from tfspark_magic.inspection.comparison import Comparison

        Comparison._display_ = _compared


def _compared(comparison: Comparison) -> Any:
    import marimo

    from tfspark_magic.notebook.comparison_view import ComparisonView

    return marimo.vstack([ComparisonView(comparison), marimo.Html(comparison._repr_html_())])


def is_marimo() -> bool:
    """Whether a notebook of marimo runs this."""
    import marimo

    return bool(marimo.running_in_notebook())


def _element(shown: Any) -> Any:
    import marimo

    if isinstance(shown, ipywidgets.Box):
        from tfspark_magic.notebook.stage import Stage

        return Stage(shown)
    if isinstance(shown, ipywidgets.Widget):
        return shown
    from tfspark_magic.notebook.run_panel import html_of

    return marimo.Html(html_of(shown))
