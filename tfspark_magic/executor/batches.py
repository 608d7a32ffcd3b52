"""What `run_local` reads: batches of the columns that stay beside the results, and that feed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.binding import Plan
from tfspark_magic.executor.columns import fed_columns
from tfspark_magic.executor.interrupts import interruptible
from tfspark_magic.executor.pandas_columns import arrow_array
from tfspark_magic.executor.pandas_frames import fed_arrays
from tfspark_magic.executor.shipping import Shipped
from tfspark_magic.worker.streaming import PackBatches, unpack

_FED = "__tfspark_magic_fed_"


class QueryBatches:
    """A query to read: the columns that stay, `width` of them, then those that only feed.

    Parameters
    ----------
    df, plan
        What feeds what.
    stream
        Whether to hold a few batches at a time; else the result is fetched at once, which is
        faster, and which is known by then to be held anyway.
    """

    def __init__(self, df: DataFrame, plan: Plan, *, stream: bool) -> None:
        names = [] if plan.trim else df.columns
        fed = fed_columns(df, plan.feeds)
        here = {f.column for f in plan.feeds if not f.parts and f.source.kind != "vector"}
        added = [name for name in fed if name not in here or name not in names]
        self.width = len(names)
        self.fed = [
            self.width + added.index(name) if name in added else names.index(name) for name in fed
        ]
        self._stream = stream
        extra = [fed[name].alias(f"{_FED}{at}") for at, name in enumerate(added)]
        self._query = df.select(*(["*"] if names else []), *extra)

    @cached_property
    def schema(self) -> pa.Schema:
        """Of the batches, as `toArrow` has it."""
        return (self._query.limit(0).toArrow() if self._stream else self._table).schema

    @cached_property
    def _table(self) -> pa.Table:
        return interruptible(self._query.toArrow, self._query.sparkSession)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Yield the batches in the order of the rows."""
        if not self._stream:
            yield from self._table.to_batches()
            return
        # Spark has rows to iterate over, and no batches: so each row is made of some batches.
        cells = T.StructType([T.StructField("batches", T.BinaryType())])
        packed = self._query.mapInArrow(Shipped(PackBatches()), cells)
        for row in packed.toLocalIterator(prefetchPartitions=True):
            for batch in unpack(row[0]):
                arrays = map(cast, batch.columns, self.schema.types)
                yield pa.RecordBatch.from_arrays(list(arrays), schema=self.schema)


class FrameBatches:
    """A pandas frame to read, as one batch of the columns that stay and of those that feed.

    Parameters
    ----------
    df, plan
        What feeds what.
    """

    def __init__(self, df: Any, plan: Plan) -> None:
        self.width = 0 if plan.trim else len(df.columns)
        labels = [str(label) for label in df.columns[: self.width]]
        arrays = [_passing(df.iloc[:, at], label) for at, label in enumerate(labels)]
        fed = fed_arrays(df, plan.feeds)
        self.fed = list(range(self.width, self.width + len(fed)))
        self._batch = pa.RecordBatch.from_arrays([*arrays, *fed], [*labels, *plan.columns])
        self.schema = self._batch.schema

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Yield the batch."""
        yield self._batch


def _passing(series: Any, name: str) -> pa.Array:
    # What could not feed a graph may still be passed through.
    return pa.nulls(len(series)) if series.isna().all() else arrow_array(series, name)


def cast(array: pa.Array, arrow: pa.DataType) -> pa.Array:
    """Return an array as one of a type that holds each of its values."""
    return array if array.type == arrow else array.cast(arrow)
