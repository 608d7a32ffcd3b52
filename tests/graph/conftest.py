"""A notebook's namespace, in which cells run one after the other."""

from __future__ import annotations

from typing import Any

import pytest

from tfspark_magic.graph.capture import Cell, run_cell
from tfspark_magic.graph.fetches import freeze_fetches
from tfspark_magic.graph.program import Program


class Cells:
    """Runs captured cells and ordinary ones in one namespace."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"__name__": "__main__"}

    def capture(self, source: str) -> Cell:
        """Run a `%%tfgraph` cell."""
        return run_cell(source, self.names, "<cell>")

    def ordinary(self, source: str) -> None:
        """Run a cell as a notebook does, TensorFlow 2 being `tf` if it says so."""
        exec(compile(source, "<ordinary>", "exec"), self.names)

    def freeze(self, *names: str, session: Any = None) -> Program:
        """Freeze the tensors of these Python names."""
        return freeze_fetches([self.names[name] for name in names], session=session)

    def program(self, source: str, *names: str) -> Program:
        """Capture a cell and freeze `output`, or the names given."""
        self.capture(source)
        return self.freeze(*(names or ("output",)))

    def __getitem__(self, name: str) -> Any:
        return self.names[name]


@pytest.fixture
def cells() -> Cells:
    return Cells()
