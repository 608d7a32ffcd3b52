"""Say which other call or setting would do the same as a verb over a Spark DataFrame, and faster."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame

from tfspark_magic.binding import Feed
from tfspark_magic.errors import TfSparkError
from tfspark_magic.executor.tuning import SMALL_ROWS
from tfspark_magic.frames.scanned_files import files_of
from tfspark_magic.words import bytes_text, count

_LIMIT = "spark.sql.execution.arrow.maxBytesPerBatch"
_NAMES = {"parquet": "Parquet", "orc": "ORC"}
_FEW_BYTES = 128
"""A batch of 10,000 such rows is far from Spark's limit."""


def of_files(
    df: DataFrame, call: str, feeds: Sequence[Feed], read: Iterable[str], row_bytes: int | None
) -> str:
    """Say how a call on the files of a DataFrame would save the way through the JVM; empty if not.

    Parameters
    ----------
    df
        The DataFrame.
    call
        The call to advise.
    feeds, read
        What feeds the graph, and the columns that are read for it.
    row_bytes
        The bytes of a row of these columns; None if they are not known.
    """
    try:
        files = files_of(df)
        names = [*read]
        if any(feed.parts for feed in feeds) or not {*names} <= {*files.schema.names}:
            return ""
        first = replace(
            files, paths=files.paths[:1], partitions=files.partitions[:1], sizes=files.sizes[:1],
            filters=None,
        )  # fmt: skip
        rows = sum(fragment.rows or 0 for fragment in first.fragments()) * len(files.paths)
    except (TfSparkError, PySparkException):
        return ""
    size = f" ({bytes_text(rows * row_bytes)})" if row_bytes and rows else ""
    what = "column" if len(names) == 1 else "columns"
    filtered = ", with a filter" if files.filters is not None else ""
    passing = "; columns= names those that pass through" if "map_files" in call else ""
    return (
        f"df only reads {count(len(files.paths), _NAMES[files.format] + ' file')}, about "
        f"{count(rows, 'row')}{filtered}: {call} lets Spark's workers read the {what} "
        f"{', '.join(names)}{size} themselves, without the JVM{passing}"
    )


def of_settings(df: DataFrame, row_bytes: int | None) -> str:
    """Say which setting would let rows of a size reach Python faster; empty if none would."""
    if row_bytes is None or row_bytes > _FEW_BYTES:
        return ""
    limit = re.match(r"\d+", str(df.sparkSession.conf.get(_LIMIT)))
    if limit is None or int(limit[0]) >= int(SMALL_ROWS[_LIMIT]):
        return ""
    return (
        f"tfs.tune(spark, small_rows=True): rows of {bytes_text(row_bytes)} reach Python two to three "
        f"times as fast"
    )
