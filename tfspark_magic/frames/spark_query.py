"""Read the result of a Spark query, batch by batch, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.binding import Plan, distinct
from tfspark_magic.executor.failures import sentences
from tfspark_magic.executor.interrupts import interruptible
from tfspark_magic.executor.session import check_session, functions
from tfspark_magic.executor.shipping import Shipped
from tfspark_magic.frames.spark_columns import fed_alone, fed_columns
from tfspark_magic.worker.rechunk import Columns
from tfspark_magic.worker.streaming import PackBatches, unpack

_FED = "__tfspark_magic_fed_"


class QueryBatches:
    """A query to read.

    Parameters
    ----------
    df, plan
        The DataFrame to read, and the plan that says which columns feed the graph.
    stream
        True holds only a few batches at a time. False fetches the whole result at once: this is
        faster, and needs no more memory if the caller holds the whole result anyway.
    """

    def __init__(self, df: DataFrame, plan: Plan, *, stream: bool) -> None:
        names = [] if plan.trim else df.columns
        self._width = len(names)
        self._fed: list[int] = []
        extra: list[Column] = []
        both = zip(distinct(plan.feeds), fed_columns(df, plan.feeds), strict=True)
        for feed, column in both:
            here = (
                not feed.parts
                and not feed.counts
                and feed.source.kind != "vector"
                and feed.column in names
            )
            self._fed.append(names.index(feed.column) if here else self._width + len(extra))
            if not here:
                extra.append(column.alias(f"{_FED}{len(extra)}"))
        self._stream = stream
        self._query = df.select(*(["*"] if names else []), *extra)

    @property
    def schema(self) -> pa.Schema:
        """The schema of the passthrough columns, as `toArrow` returns it."""
        return pa.schema(list(self._schema)[: self._width])

    def reading(self) -> AbstractContextManager[Iterator[tuple[Columns, Columns]]]:
        """Give the batches in the order of the rows."""
        check_session(self._query.sparkSession)
        batches = (tuple(batch.columns) for batch in self._batches())
        rows = ((c[: self._width], tuple(c[at] for at in self._fed)) for c in batches)
        return nullcontext(rows)

    @cached_property
    def _schema(self) -> pa.Schema:
        check_session(self._query.sparkSession)
        return (self._query.limit(0).toArrow() if self._stream else self._table).schema

    @cached_property
    def _table(self) -> pa.Table:
        return interruptible(self._query.toArrow, self._query.sparkSession)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        if not self._stream:
            yield from self._table.to_batches()
        else:
            yield from streamed(self._query, self._schema)


def streamed(query: DataFrame, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a query in their order, in batches of this schema, a few at a time."""
    # Spark can iterate over rows, but not over batches. So each row holds some packed batches.
    cells = T.StructType([T.StructField("batches", T.BinaryType())])
    # The columns get names of our own: `mapInArrow` cannot read names with dots, or two equal names.
    plain = query.toDF(*(f"column_{at}" for at in range(len(schema))))
    packed = plain.mapInArrow(Shipped(PackBatches()), cells)
    for row in packed.toLocalIterator(prefetchPartitions=True):
        for batch in unpack(row[0]):
            arrays = [
                column if column.type == kind else column.cast(kind)
                for column, kind in zip(batch.columns, schema.types, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def some_rows(df: DataFrame, plan: Plan, count: int, seed: int | None) -> Columns:
    """Return rows of the columns that feed a plan: the first ones, or with a seed some of all."""
    if seed is not None:
        # Spark's own samples have about a fraction of the rows, and not a number of them.
        df = df.orderBy(functions(df.sparkSession).rand(seed))
    query = fed_alone(df.limit(count), plan.feeds)
    with sentences():
        table = interruptible(query.toArrow, df.sparkSession)
    return tuple(column.combine_chunks() for column in table.columns)
