"""A shell like that of a notebook, and a Spark session on this machine."""

from __future__ import annotations

import atexit
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from tfspark_magic.notebook import jupyter as front_end


@dataclass
class Ran:
    """The result of a cell."""

    result: ExecutionResult
    text: str
    outputs: list[Any]

    @property
    def error(self) -> BaseException | None:
        return self.result.error_in_exec or self.result.error_before_exec

    @property
    def plain(self) -> list[str]:
        return [output.data["text/plain"] for output in self.outputs]

    @property
    def html(self) -> list[str]:
        return [output.data.get("text/html", "") for output in self.outputs]


class Notebook:
    """Runs cells in a shell, and keeps their outputs."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.names = shell.user_ns

    def run(self, cell: str) -> Ran:
        """Run a cell, which may fail."""
        with capture_output() as captured:
            result = self.shell.run_cell(cell, store_history=True)
        return Ran(result, captured.stdout + captured.stderr, captured.outputs)

    def ok(self, cell: str) -> Ran:
        """Run a cell, which must not fail."""
        ran = self.run(cell)
        assert ran.error is None, ran.text
        return ran

    def fails(self, cell: str) -> str:
        """Run a cell, which must fail, and return what it showed."""
        ran = self.run(cell)
        assert ran.error is not None
        return re.sub(r"\x1b\[[0-9;]*m", "", ran.text).strip()


class Jupyter(Notebook):
    """A notebook in a front end: its running cell has an id, and what it stores; cells show things."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self.cell = ""
        self.stored: Any = None
        self.shown: list[Any] = []

    @property
    def benches(self) -> list[Any]:
        """The workbenches that were shown."""
        from tfspark_magic.notebook.workbench import Workbench

        return [one for one in self.shown if isinstance(one, Workbench)]


@pytest.fixture
def notebook() -> Iterator[Notebook]:
    InteractiveShell.clear_instance()
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = InteractiveShell.instance(config=config)
    shell.run_line_magic("load_ext", "tfspark_magic")
    shell.run_line_magic("config", "TFGraphMagics.draw = False")
    yield Notebook(shell)
    InteractiveShell.clear_instance()
    # Else each shell lives, with all of its names, until the process ends, and is then reset.
    atexit.unregister(shell.atexit_operations)


class Page(front_end.Jupyter):
    """The front end of such a notebook."""

    shows_widgets = True

    def __init__(self, kernel: Jupyter) -> None:
        super().__init__(kernel.shell)
        self._kernel = kernel

    @property
    def cell(self) -> str:
        return self._kernel.cell

    @property
    def stored(self) -> Any:
        return self._kernel.stored

    def show(self, shown: Any) -> None:
        self._kernel.shown.append(shown)


@pytest.fixture
def jupyter(notebook: Notebook) -> Iterator[Jupyter]:
    """A shell that says it is a kernel's."""
    kernel = Jupyter(notebook.shell)
    notebook.shell.magics_manager.registry["TFGraphMagics"].front = Page(kernel)
    yield kernel
    for bench in kernel.benches:
        bench.dispose()


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    import tfspark_magic as tfs

    session = tfs.session("local[2]")
    yield session
    session.stop()


@pytest.fixture
def df(notebook: Notebook, spark: Any) -> Any:
    """The DataFrame `df` of the namespace: x = 0..9, y = 10 x, and a column that passes through."""
    frame = spark.range(10).selectExpr(
        "cast(id as int) x", "cast(id * 10 as int) y", "concat('row ', id) note"
    )
    notebook.names["df"] = frame
    return frame
