"""Jupyter and IPython: what their shell knows of the running cell, and how it shows objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from IPython import get_ipython
from IPython.display import clear_output, display

if TYPE_CHECKING:
    from tfspark_magic.notebook.program_host import ProgramHost

STORED = "tfspark_magic"
"""The name in a cell's metadata below which the page stores what the user did."""


class Jupyter:
    """The shell of IPython, in a kernel or in a terminal.

    >>> Jupyter(get_ipython()).cell                                 # doctest: +SKIP
    '3f0c9a52'
    """

    keeps_outputs = has_magics = True

    def __init__(self, shell: Any) -> None:
        self._shell = shell

    @property
    def shows_widgets(self) -> bool:
        """Whether the shell belongs to a kernel, whose notebook can show widgets."""
        return getattr(self._shell, "kernel", None) is not None

    @property
    def names(self) -> dict[str, Any]:
        """The user's names."""
        names: dict[str, Any] = self._shell.user_ns
        return names

    @property
    def cell(self) -> str:
        """The id of the running cell; empty if the front end does not give one."""
        return str(self._metadata.get("cellId", ""))

    @property
    def stored(self) -> Any:
        """What the notebook stores in the cell's metadata; JupyterLab sends it with the code."""
        return self._metadata.get(STORED)

    @property
    def run(self) -> int:
        """The number of the run of the cell."""
        count: int = self._shell.execution_count
        return count

    @property
    def _metadata(self) -> dict[str, Any]:
        parent = self._shell.get_parent() if self.shows_widgets else {}
        metadata: dict[str, Any] = parent.get("metadata") or {}
        return metadata

    def host(self) -> ProgramHost:
        """Return the magics, which are loaded if they are not."""
        registry = self._shell.magics_manager.registry
        if "TFGraphMagics" not in registry:
            from tfspark_magic.notebook import load

            load(self._shell)
        magics: ProgramHost = registry["TFGraphMagics"]
        return magics

    def show(self, shown: Any) -> None:
        """Show an object below the running cell."""
        # A dict is a bundle of what there is of it, by kinds.
        display(shown, raw=isinstance(shown, dict))

    @contextmanager
    def saying(self, text: str) -> Iterator[None]:
        """Say in a notebook what a cell waits for, before it shows anything else, until that is over."""
        if not self.shows_widgets:
            yield
            return
        display({"text/plain": text}, raw=True)
        try:
            yield
        finally:
            # The page keeps the line until something else is shown.
            clear_output(wait=True)

    def after_each_cell(self, callback: Callable[..., Any]) -> None:
        """Call a function after each cell, once, however often it is asked for."""
        if callback not in self._shell.events.callbacks["post_run_cell"]:
            self._shell.events.register("post_run_cell", callback)

    def shorten_errors(self) -> None:
        """Show only the message of our own errors that come back from Spark workers."""
        from tfspark_magic.notebook import spark_errors

        spark_errors.install(self._shell)


def running_shell() -> Any:
    """Return the shell of this process; None if there is none."""
    return get_ipython()


def running_kernel() -> Any:
    """Return the kernel of this process; None if there is none, or it has no loop of events."""
    kernel = getattr(running_shell(), "kernel", None)
    return kernel if hasattr(kernel, "io_loop") else None


def hear_at_once(widget: Any) -> None:
    """Let a widget hear the page while a cell runs, if the front end and the kernel have subshells.

    Since 7.4 ipykernel answers a widget where the widget was last changed, and so in the running cell.
    """
    if hasattr(widget.comm, "_reply_subshell_for"):
        widget.comm._reply_subshell_for = lambda _, subshell: subshell  # noqa: SLF001
