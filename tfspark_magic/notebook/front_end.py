"""The notebook around the running code: what shows objects, and what it knows of the running cell.

All that differs between Jupyter, marimo and a script without a notebook is in the three classes of
`FrontEnd`: `jupyter.Jupyter`, `marimo_page.MarimoPage` and `Script`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from tfspark_magic.errors import NotAvailableError
from tfspark_magic.frames.frame import frame_of

if TYPE_CHECKING:
    from tfspark_magic.executor.jobs import Job
    from tfspark_magic.notebook.program_host import ProgramHost


class FrontEnd(Protocol):
    """A notebook, as far as the magics and `tfs.graph` need to know it."""

    @property
    def shows_widgets(self) -> bool:
        """Whether objects that are shown can be widgets."""

    @property
    def keeps_outputs(self) -> bool:
        """Whether outputs are stored, so that a still picture is of use beside a widget."""

    @property
    def has_magics(self) -> bool:
        """Whether lines of magic can be written."""

    @property
    def names(self) -> dict[str, Any]:
        """The user's names."""

    @property
    def cell(self) -> str:
        """The id of the running cell; empty if the front end does not give one."""

    @property
    def stored(self) -> Any:
        """What the notebook stores of the user of the running cell; None if there is nothing."""

    @property
    def run(self) -> int:
        """The number of the run of the cell."""

    def host(self) -> ProgramHost:
        """Return the context of the user's calls."""

    def show(self, shown: Any) -> None:
        """Show an object below the running cell."""

    def after_each_cell(self, callback: Callable[..., Any]) -> None:
        """Call a function after each cell, if the front end tells of that."""

    def shorten_errors(self) -> None:
        """Show only the message of our own errors that come back from Spark workers."""


class Script:
    """Python without a notebook: nothing is shown.

    >>> Script({}).shows_widgets
    False
    """

    shows_widgets = keeps_outputs = has_magics = False
    cell, stored, run = "", None, 0

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names

    def host(self) -> ProgramHost:
        """Return a new context: a script has nothing to remember."""
        from tfspark_magic.notebook.program_host import ProgramHost

        return ProgramHost(self, draw=False)

    def show(self, shown: Any) -> None:
        """Show nothing."""

    def after_each_cell(self, callback: Callable[..., Any]) -> None:
        """There are no cells."""

    def shorten_errors(self) -> None:
        """Leave errors as they are."""


def current(names: dict[str, Any] | None = None) -> FrontEnd:
    """Return the front end of the running code.

    Parameters
    ----------
    names
        The user's names, where a front end may have several users.
    """
    if "marimo" in sys.modules:
        from tfspark_magic.notebook.marimo_page import MarimoPage, is_marimo

        if is_marimo():
            return MarimoPage(names or {})
    if "IPython" in sys.modules:
        from tfspark_magic.notebook.jupyter import Jupyter, running_shell

        shell = running_shell()
        if shell is not None:
            return Jupyter(shell)
    return Script(names or {})


def finish(action: Callable[[], Any], df: Any) -> Any:
    """Run an action on a DataFrame to its end; an interrupt of the cell cancels its Spark jobs.

    >>> finish(df.count, df)                                        # doctest: +SKIP
    1000

    Raises
    ------
    NotAvailableError
        If another thread cancelled it.
    Exception
        Any error of the action.
    """
    from tfspark_magic.executor.jobs import start

    return outcome_of(start(action, spark=frame_of(df, "preview").session))


def outcome_of(job: Job) -> Any:
    """Wait for the end of a job, and return its result, or raise its error; see `finish`."""
    state = job.wait()
    if job.error is not None:
        raise job.error
    if state == "cancelled":
        raise NotAvailableError("Spark's job was cancelled: run the cell again.")
    return job.result
