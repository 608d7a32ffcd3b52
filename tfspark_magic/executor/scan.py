"""Find out whether a DataFrame only reads files, and takes some of their columns and rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from pyspark.sql import DataFrame
from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.errors import NotAvailableError
from tfspark_magic.executor.row_filters import Condition
from tfspark_magic.executor.session import check_session, is_connect

_WRITE_IT = "write it with df.write.parquet(path), and pass the path"

# What may be said to Spark's readers without changing the rows of given files.
_HARMLESS = {
    "path", "paths", "mergeschema", "basepath", "recursivefilelookup", "pathglobfilter",
    "modifiedbefore", "modifiedafter", "serialization.format",
}  # fmt: skip
_SETTINGS = {
    "spark.sql.parquet.datetimeRebaseModeInRead": ("CORRECTED", "EXCEPTION"),
    "spark.sql.parquet.int96RebaseModeInRead": ("CORRECTED", "EXCEPTION"),
    "spark.sql.parquet.int96TimestampConversion": ("FALSE",),
    "spark.sql.parquet.fieldId.read.enabled": ("FALSE",),
}
"""Settings with which Spark reads the values that the files hold, from the columns with these names."""


@dataclass(frozen=True)
class Scan:
    """What a DataFrame reads that only reads files.

    Parameters
    ----------
    format
        `"parquet"` or `"orc"`.
    paths
        The paths of its files, one for each time that Spark reads it.
    whole
        All columns that can be read: those in the files, and those of their folders.
    columns
        The columns of the DataFrame.
    condition
        The condition on its rows, as in `row_filters`; None for all rows.
    partitions
        The names of the columns whose values the folders have.
    values
        The values of these columns for each folder, as Spark keeps them; None if only the names of
        the folders tell them.
    named
        Where only the names tell them: the texts of these columns for each path.
    """

    format: str
    paths: tuple[str, ...]
    whole: T.StructType
    columns: T.StructType
    condition: Condition | None
    partitions: tuple[str, ...] = ()
    values: Mapping[str, tuple[Any, ...]] | None = None
    named: Mapping[str, tuple[tuple[str, str | None], ...]] = field(default_factory=dict)


def refused(what: str, advice: str = _WRITE_IT) -> NotAvailableError:
    """Return the error about a DataFrame that is more than a scan, or may be.

    >>> raise refused("has the step Sort")                          # doctest: +SKIP
    NotAvailableError: tfs.files takes a DataFrame that only reads Parquet or ORC files, ...
    """
    return NotAvailableError(
        f"tfs.files takes a DataFrame that only reads Parquet or ORC files, with some of their "
        f"columns and rows, and this one {what}: {advice}."
    )


def scan_of(df: DataFrame) -> Scan:
    """Return what a DataFrame reads, classic or Connect; nothing is computed.

    Raises
    ------
    NotAvailableError
        If it does more than to read files, or if this is not known.
    """
    spark = df.sparkSession
    check_session(spark)
    if df.isStreaming:
        raise refused("is a stream", "read the same source without a stream")
    level = df.storageLevel
    if level.useMemory or level.useDisk:
        raise refused("is cached", "call df.unpersist(), or pass the DataFrame to the verb")
    for name, values in _SETTINGS.items():
        if (found := str(spark.conf.get(name, values[0])).upper()) not in values:
            raise refused(f"is read with {name}={found}", f"set it to {values[0]}")
    if is_connect(df):
        from tfspark_magic.executor.connect_scan import connect_scan

        return connect_scan(df)
    from tfspark_magic.executor.classic_scan import classic_scan

    return classic_scan(df)


def check_options(names: Any) -> None:
    """Raise an error if an option of a reader may change what it makes of given files."""
    for name in names:
        if str(name).lower() not in _HARMLESS:
            raise refused(f"is read with the option {name!r}", "leave the option out")


def plain_path(uri: str, *, encoded: bool = False) -> str:
    """Return the path or URI that `tfs.files` takes, for one of Hadoop's.

    >>> plain_path("file:/t/a%20b", encoded=True), plain_path("hdfs://node:8020/t/a b")
    ('/t/a b', 'hdfs://node:8020/t/a b')
    """
    return re.sub(r"^file:/+", "/", unquote(uri) if encoded else uri)
