"""Read the result of a Spark query, batch by batch, in this process, or copy it to files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.binding import Plan, distinct
from tfspark_magic.errors import NotAvailableError, OptionError, closest
from tfspark_magic.executor.failures import sentences
from tfspark_magic.executor.interrupts import interruptible
from tfspark_magic.executor.session import check_session, functions
from tfspark_magic.executor.shipping import Shipped
from tfspark_magic.frames.spark_columns import column, columns_of, fed_alone, fed_columns
from tfspark_magic.sources.files import Files
from tfspark_magic.sources.schemas import with_shapes
from tfspark_magic.sources.spilling import Spill
from tfspark_magic.temporary import TemporaryFolder
from tfspark_magic.worker.failed_rows import FailedRows
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
        for feed, fed in both:
            here = (
                not feed.parts
                and not feed.counts
                and feed.source.kind != "vector"
                and feed.column in names
            )
            self._fed.append(names.index(feed.column) if here else self._width + len(extra))
            if not here:
                extra.append(fed.alias(f"{_FED}{len(extra)}"))
        self._stream = stream
        self._query = df.select(*(["*"] if names else []), *extra)

    @property
    def schema(self) -> pa.Schema:
        """The schema of the passthrough columns, as `toArrow` returns it."""
        return pa.schema(list(self._schema)[: self._width])

    def reading(
        self, failed: FailedRows | None = None
    ) -> AbstractContextManager[Iterator[tuple[Columns, Columns]]]:
        """Give the batches in the order of the rows."""
        del failed
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


def copied(
    df: DataFrame, names: Sequence[str] | None, shapes: Mapping[str, Any]
) -> tuple[Files, TemporaryFolder]:
    """Run a query once, and return its rows as files, with the folder that holds them.

    >>> files, folder = copied(df, ["x", "y"], {})                  # doctest: +SKIP

    A few batches are held at a time. The files go when nobody holds the folder any more.

    Parameters
    ----------
    df
        Classic or Connect.
    names
        The columns that are wanted; None for all.
    shapes
        As for `tfs.files`.

    Raises
    ------
    NotAvailableError
        If it is a stream, which has no end.
    OptionError
        If there is no such column.
    """
    if df.isStreaming:
        raise NotAvailableError(
            "dataset reads a query to its end, and a stream has none: use it in foreachBatch."
        )
    own = columns_of(df)
    wanted = list(dict.fromkeys(df.columns if names is None else names))
    for name in wanted:
        if name not in df.columns:
            raise OptionError(
                f"There is no column {name!r}. {closest(name, df.columns)}", option="columns"
            )
        own.refuse_twins(name)
    query = df.select(*(column(df, name).alias(name) for name in wanted))
    folder = TemporaryFolder()
    spill = Spill(Path(folder.name), "rows")
    with sentences():
        schema = interruptible(query.limit(0).toArrow, df.sparkSession).schema
        with spill.writing():
            for batch in streamed(query, schema):
                spill.add(batch)
            if not spill.spilled.paths:
                spill.add(pa.RecordBatch.from_pylist([], schema))
    files = spill.spilled.files()
    return replace(files, schema=with_shapes(files.schema, shapes)), folder
