"""Make plans with `bind`, and empty the program cache before each test."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

import pytest

from tfspark_magic.binding import Plan, bind
from tfspark_magic.graph.capture import run_cell
from tfspark_magic.graph.fetches import freeze_fetches
from tfspark_magic.schema.spec import CellSpec
from tfspark_magic.worker import program_cache

MakePlan = Callable[..., Plan]


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch):
    monkeypatch.setattr(program_cache, "_loaded", type(program_cache._loaded)())


@pytest.fixture
def make_plan() -> MakePlan:
    """Capture a cell, freeze the names in `fetches` and bind them to the columns."""

    def make(source: str, columns: dict[str, CellSpec], fetches: Any = "z", **options: Any) -> Plan:
        names: dict[str, Any] = {}
        run_cell(textwrap.dedent(source), names)
        program = freeze_fetches([names[name] for name in fetches.split()], name="score")
        return bind(program, list(columns.items()), **{"per_row": True, **options})

    return make
