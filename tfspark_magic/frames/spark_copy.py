"""The rows of a Spark DataFrame in files of this machine, for whoever reads them more than once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame

from tfspark_magic.errors import NotAvailableError, OptionError, closest
from tfspark_magic.executor.failures import sentences
from tfspark_magic.executor.interrupts import interruptible
from tfspark_magic.frames.spark_columns import column, columns_of
from tfspark_magic.frames.spark_query import streamed
from tfspark_magic.sources.files import Files
from tfspark_magic.sources.schemas import with_shapes
from tfspark_magic.sources.spilling import Spill
from tfspark_magic.temporary import TemporaryFolder


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
