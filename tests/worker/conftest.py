"""Plans made by `bind`, and the worker's functions called without Spark."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from tfspark_magic.binding import Plan, bind
from tfspark_magic.graph.capture import run_cell
from tfspark_magic.graph.fetches import freeze_fetches
from tfspark_magic.schema.spec import CellSpec
from tfspark_magic.worker import program_cache
from tfspark_magic.worker.mapping import MapBatches, MapColumns, without_bytes
from tfspark_magic.worker.shipped import InlineBytes

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


def map_columns(plan: Plan, *batches: tuple[pa.Array, ...]) -> list[Any]:
    """Run a plan as Spark runs an Arrow UDF, and return the rows."""
    shipped = InlineBytes(plan.graph.graph_def)
    mapper = MapColumns(without_bytes(plan), plan.graph.digest, shipped)
    return [row for column in mapper(iter(batches)) for row in column.to_pylist()]


def map_batches(plan: Plan, *batches: pa.RecordBatch) -> list[dict[str, Any]]:
    """Run a plan as Spark runs a function of `mapInArrow`, and return the rows."""
    shipped = InlineBytes(plan.graph.graph_def)
    mapper = MapBatches(without_bytes(plan), plan.graph.digest, shipped)
    return [row for batch in mapper(iter(batches)) for row in batch.to_pylist()]
