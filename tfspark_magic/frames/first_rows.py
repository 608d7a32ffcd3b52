"""Compute the first rows of a result, and few more than are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, Row
from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.errors import NotAvailableError
from tfspark_magic.executor.failures import sentences
from tfspark_magic.executor.interrupts import interruptible
from tfspark_magic.executor.session import is_connect


@dataclass(frozen=True)
class FirstRows:
    """The first rows of a DataFrame, with the fields of its schema.

    Parameters
    ----------
    fields
        The fields of all columns.
    rows
        The rows, as Spark returns them.
    """

    fields: tuple[T.StructField, ...]
    rows: tuple[Row, ...]


def first_rows(
    run: Callable[[DataFrame], DataFrame], df: DataFrame, count: int, *, trim: bool = False
) -> FirstRows:
    """Run a map over just enough of a DataFrame to see its first rows.

    >>> first_rows(lambda df: tfs.map_rows(score, df), df, 5).rows   # doctest: +SKIP
    (Row(x=1, y=2, z=7), ...)

    Parameters
    ----------
    run
        A function that makes the lazy result from the DataFrame or from a part of it.
    df
        The DataFrame that the map reads.
    count
        How many rows to return at most.
    trim
        True if the result need not have the rows of `df`. The result is then computed only from the
        first rows of `df`, as one block.

    Raises
    ------
    NotAvailableError
        If `df` is a stream.
    TfSparkError
        If the map does not fit, or fails on these rows.
    """
    if df.isStreaming:
        message = "A streaming DataFrame has no first rows to preview: start a query on the result."
        raise NotAvailableError(message)
    # `take` reads one partition after the other and pushes its limit below the map. Connect has no
    # such `take`, and no limit is pushed below mapInArrow. There the limit is put in by hand.
    mapped = run(df.limit(count) if trim or is_connect(df) else df)
    fields = tuple(mapped.schema.fields)
    with sentences():
        rows = interruptible(lambda: mapped.take(count), df.sparkSession) if count else []
    return FirstRows(fields, tuple(rows))


def first_of_table(table: Any, count: int) -> pa.Table:
    """Return the first rows of an object with an Arrow stream, and compute no more batches.

    >>> first_of_table(tfs.map_rows(score, "flights/*.parquet"), 5).num_rows      # doctest: +SKIP
    5
    """
    reader = pa.RecordBatchReader.from_stream(table)
    batches: list[pa.RecordBatch] = []
    rows = 0
    while rows < count and (batch := next(reader, None)) is not None:
        batches.append(batch)
        rows += batch.num_rows
    return pa.Table.from_batches(batches, reader.schema).slice(0, count)
