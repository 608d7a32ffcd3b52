"""Spark's settings that suit graphs: for a session that is there, and to be taken back."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from pyspark.sql import SparkSession

from tfspark_magic.executor.session import check_running

RUNTIME = {
    # In columnar mode Spark limits neither the rows of a batch nor its bytes.
    "spark.sql.execution.arrow.pythonUDF.columnarInput.enabled": "false",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
}
"""What a session may be told while it runs."""

SMALL_ROWS = {
    "spark.sql.execution.arrow.maxBytesPerBatch": str(2**31 - 1),
    # The one limit that is left.
    "spark.sql.execution.arrow.maxRecordsPerBatch": "10000",
}


class Tuning:
    """Settings that were changed, until `undo()` or the end of a `with` block.

    Parameters
    ----------
    spark
        The session.
    settings
        What it was told.
    """

    def __init__(self, spark: SparkSession, settings: dict[str, str]) -> None:
        self.settings = settings
        self._spark = spark
        self._before = {name: spark.conf.get(name, None) for name in settings}
        for name, value in settings.items():
            spark.conf.set(name, value)

    def undo(self) -> None:
        """Give the session back what it had; again is nothing."""
        before, self._before = self._before, {}
        for name, value in before.items():
            if value is None:
                self._spark.conf.unset(name)
            else:
                self._spark.conf.set(name, value)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.undo()

    def __repr__(self) -> str:
        lines = [f"  {name} = {value}" for name, value in self.settings.items()]
        return "\n".join(["Until undo(), this session has:" if self._before else "Undone:", *lines])


def tune(spark: SparkSession, *, small_rows: bool = False) -> Tuning:
    """Give a session the settings that suit graphs, as `tfs.session()` has them from the start.

    >>> tuning = tfs.tune(spark)                                    # doctest: +SKIP
    >>> tuning.undo()                                               # doctest: +SKIP
    >>> with tfs.tune(spark, small_rows=True):                      # doctest: +SKIP
    ...     scored.write.parquet(path)

    Classic or Connect; they hold for all that the session runs, from the next action on.

    Parameters
    ----------
    spark
        The session.
    small_rows
        True lifts Spark's limit on the bytes of a batch, which it counts anew for each row: rows
        of a few numbers travel two to three times as fast. A batch is then 10,000 rows whatever
        their size, which for images is more than a heap holds.

    Returns
    -------
    What was changed, with `settings` and `undo()`; also a context for `with`.
    """
    check_running(spark)
    return Tuning(spark, {**RUNTIME, **SMALL_ROWS} if small_rows else RUNTIME)
