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


@pytest.fixture
def jupyter(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> Iterator[Jupyter]:
    """A shell that says it is a kernel's."""
    kernel = Jupyter(notebook.shell)
    magics = "tfspark_magic.notebook.magics"
    monkeypatch.setattr(f"{magics}.is_jupyter", lambda shell: True)
    monkeypatch.setattr(f"{magics}.cell_id", lambda shell: kernel.cell)
    monkeypatch.setattr(f"{magics}.stored_in_cell", lambda shell: kernel.stored)
    monkeypatch.setattr(f"{magics}.display", kernel.shown.append)
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
