"""Read the first rows of a map over a Spark DataFrame, and then the next ones."""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import DataFrame

from tfspark_magic.executor.session import functions
from tfspark_magic.executor.spark_internals import plan_text
from tfspark_magic.frames.first_rows import first_rows
from tfspark_magic.frames.row_reader import BlockReader, NextReader, RowReader, WholeReader
from tfspark_magic.frames.some_rows import FirstColumn

_NUMBER = "__tfspark_magic_number"
_AHEAD = 1000
"""How many groups are read at once: an aggregation computes all of them anyway."""

Run = Callable[[DataFrame], DataFrame]


def map_reader(run: Run, df: DataFrame, *, trim: bool) -> RowReader:
    """Return a reader of the rows that a map makes of a DataFrame.

    >>> rows = map_reader(lambda df: tfs.map_rows(score, df), df, trim=False)   # doctest: +SKIP

    Parameters
    ----------
    run
        A function that makes the lazy result from the DataFrame or from a part of it.
    df
        The DataFrame that the map reads.
    trim
        True if the result need not have the rows of `df`.
    """
    if trim:
        return BlockReader(lambda count: first_rows(run, df, count, trim=True).columns)
    if df.isStreaming or not keeps_order(df):
        return WholeReader(lambda count: first_rows(run, df, count).columns)
    return MapReader(run, df)


def whole_reader(df: DataFrame) -> RowReader:
    """Return a reader of the rows of a DataFrame that Spark computes as a whole."""
    return WholeReader(lambda count: first_rows(lambda same: same, df, count).columns, _AHEAD)


def keeps_order(df: DataFrame) -> bool:
    """Whether a DataFrame has its rows in the same order each time that it is computed.

    Rows that were exchanged between tasks come as these end. What is cached is not computed again.

    >>> keeps_order(spark.range(9)), keeps_order(spark.range(9).groupBy("id").count())  # doctest: +SKIP
    (True, False)
    """
    cached = -1
    for line in plan_text(df).splitlines():
        depth = len(line) - len(line.lstrip(" :+-*"))
        if 0 <= cached < depth:
            continue
        cached = depth if "InMemoryRelation" in line else -1
        if "Exchange" in line:
            return False
    return True


class MapReader(NextReader):
    """Reads the rows of a map by their numbers, which Spark gives to the rows of the DataFrame.

    The next rows are those with larger numbers. So Spark reads the first ones again, but the graph
    does not run on them.
    """

    def __init__(self, run: Run, df: DataFrame) -> None:
        super().__init__()
        self._run, self._at = run, len(df.columns)
        self._names = functions(df.sparkSession)
        self._numbered = df.select("*", self._names.monotonically_increasing_id().alias(_NUMBER))
        self._last: int | None = None

    def _next(self, count: int) -> list[FirstColumn]:
        rows = self._numbered
        if self._last is not None:
            rows = rows.filter(self._names.col(_NUMBER) > self._last)
        columns = first_rows(self._run, rows, count).columns
        numbers = columns.pop(self._at).values
        if numbers:
            self._last = numbers[-1]
        return columns
