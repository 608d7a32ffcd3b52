"""Compute the first rows of a result, and few more than are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import DataFrame, Row
from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.errors import NotAvailableError, UnsupportedTypeError
from tfspark_magic.executor.failures import sentences
from tfspark_magic.executor.interrupts import interruptible
from tfspark_magic.executor.session import is_connect
from tfspark_magic.frames.some_rows import FirstColumn
from tfspark_magic.schema.spark import cell_from_spark
from tfspark_magic.schema.spec import CellSpec


@dataclass(frozen=True)
class FirstRows:
    """The first rows of a DataFrame, with the fields of its schema."""

    fields: tuple[T.StructField, ...]
    rows: tuple[Row, ...]

    @property
    def columns(self) -> list[FirstColumn]:
        """The same rows by columns. Columns go by position, because they may have equal names."""
        columns = []
        for position, field in enumerate(self.fields):
            try:
                cells: CellSpec | str = cell_from_spark(field)
            except UnsupportedTypeError:
                cells = field.dataType.simpleString()
            values = [row[position] for row in self.rows]
            columns.append(FirstColumn(field.name, cells, values))
        return columns


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
        raise NotAvailableError(
            "A streaming DataFrame has no first rows to preview: start a query on the result."
        )
    # `take` reads one partition after the other and pushes its limit below the map. Connect has no
    # such `take`, and no limit is pushed below mapInArrow. There the limit is put in by hand.
    mapped = run(df.limit(count) if trim or is_connect(df) else df)
    fields = tuple(mapped.schema.fields)
    with sentences():
        rows = interruptible(lambda: mapped.take(count), df.sparkSession) if count else []
    return FirstRows(fields, tuple(rows))
