"""Call the worker's functions in this process as Spark calls them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from tfspark_magic.binding import Plan
from tfspark_magic.worker.mapping import MapBatches, MapColumns


def map_columns(plan: Plan, *batches: tuple[pa.Array, ...]) -> list[Any]:
    """Run a plan as Spark runs an Arrow UDF, and return the rows."""
    mapper = MapColumns(plan)
    return [row for column in mapper(iter(batches)) for row in column.to_pylist()]


def map_batches(plan: Plan, *batches: pa.RecordBatch) -> list[dict[str, Any]]:
    """Run a plan as Spark runs a function of `mapInArrow`, and return the rows."""
    mapper = MapBatches(plan)
    return [row for batch in mapper(iter(batches)) for row in batch.to_pylist()]
