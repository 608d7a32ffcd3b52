"""Where a DataFrame was read from, as far as Spark tells."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame

Answer = TypeVar("Answer")

_MOST_PATHS = 20
_MOST_TABLES = 100


@dataclass(frozen=True)
class Origin:
    """What to read for the rows of a DataFrame.

    Parameters
    ----------
    paths
        Of Parquet files, or the folders that hold them.
    table
        The name of a table.
    is_whole
        Whether reading it gives the DataFrame; False where more was done, or where that is not
        known.
    """

    paths: tuple[str, ...] = ()
    table: str = ""
    is_whole: bool = False


def origin_of(df: DataFrame) -> Origin:
    """Find where a DataFrame was read from.

    >>> origin_of(spark.read.parquet("/data/flights"))              # doctest: +SKIP
    Origin(paths=('file:///data/flights',), table='', is_whole=True)

    Parameters
    ----------
    df
        Classic or Connect. Nothing of it is computed, but its files are listed.
    """
    spark = df.sparkSession
    files = [unquote(file) for file in _unless_refused(df.inputFiles, list[str]())]
    if not all(file.endswith(".parquet") for file in files):
        files = []
    folders = tuple(dict.fromkeys(map(_folder, files)))
    # Someone may have read single files of a folder.
    for paths in (folders, tuple(files)):
        if 0 < len(paths) <= _MOST_PATHS and any(
            _is_same(df, partial(spark.read.parquet, *written)) for written in _spellings(paths)
        ):
            return Origin(paths, is_whole=True)
    for table in _unless_refused(spark.catalog.listTables, list[Any]())[:_MOST_TABLES]:
        name = ".".join([*(table.namespace or []), table.name])
        if not table.isTemporary and _is_same(df, partial(spark.table, name)):
            return Origin(table=name, is_whole=True)
    return Origin(folders if len(folders) <= _MOST_PATHS else ())


def _is_same(df: DataFrame, read: Callable[[], DataFrame]) -> bool:
    return _unless_refused(lambda: df.sameSemantics(read()), default=False)


def _unless_refused(ask: Callable[[], Answer], default: Answer) -> Answer:
    try:
        return ask()
    except PySparkException:
        return default


def _spellings(paths: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return ways to write paths: Spark holds two reads of one path, written otherwise, for two."""
    plain = tuple(urlsplit(path).path or path for path in paths)
    return [plain, paths, tuple(os.path.relpath(path) for path in plain)]


def _folder(file: str) -> str:
    """Return the folder of a table that a file belongs to, whatever partition it is in.

    >>> _folder("file:///t/day=1/a.parquet")
    'file:///t'
    """
    folder = file.rpartition("/")[0]
    while "=" in folder.rpartition("/")[2]:
        folder = folder.rpartition("/")[0]
    return folder
