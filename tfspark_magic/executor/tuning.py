"""Change the settings of a running Spark session so that they suit graphs, and set them back."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from pyspark.sql import SparkSession

from tfspark_magic.executor.session import check_session

RUNTIME = {
    # In columnar mode, Spark limits neither the rows nor the bytes of a batch.
    "spark.sql.execution.arrow.pythonUDF.columnarInput.enabled": "false",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
}
"""The settings that can be changed while a session runs."""

SMALL_ROWS = {
    "spark.sql.execution.arrow.maxBytesPerBatch": str(2**31 - 1),
    # The only limit that is left.
    "spark.sql.execution.arrow.maxRecordsPerBatch": "10000",
}


class Tuning:
    """Settings that were changed, until `undo()` or the end of a `with` block."""

    def __init__(self, spark: SparkSession, settings: dict[str, str]) -> None:
        self.settings = settings
        self._spark = spark
        self._before = {name: spark.conf.get(name, None) for name in settings}
        for name, value in settings.items():
            spark.conf.set(name, value)

    def undo(self) -> None:
        """Give the session its earlier settings again; a second call does nothing."""
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
    """Give a session the settings that suit graphs, which `tfs.session()` has from the start.

    >>> tuning = tfs.tune(spark)                                    # doctest: +SKIP
    >>> tuning.undo()                                               # doctest: +SKIP
    >>> with tfs.tune(spark, small_rows=True):                      # doctest: +SKIP
    ...     scored.write.parquet(path)

    The session may be classic or Connect. The settings hold for all of its actions, from the next
    one on.

    Parameters
    ----------
    spark
        The session.
    small_rows
        True lifts Spark's limit on the bytes of a batch, because Spark counts these bytes again for
        each row. Rows with a few numbers then travel two to three times as fast. A batch then has
        10,000 rows of any size: a batch of images could be larger than the memory of the JVM.

    Returns
    -------
    The changes, with `settings` and `undo()`; also a context for `with`.
    """
    check_session(spark)
    return Tuning(spark, {**RUNTIME, **SMALL_ROWS} if small_rows else RUNTIME)
