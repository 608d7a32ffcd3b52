"""Find the files or the table from which a DataFrame was read, as far as Spark tells."""

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
    """The files or the table from which a DataFrame was read.

    Parameters
    ----------
    paths
        The paths of Parquet files, or of the folders that hold them.
    table
        The name of a table.
    is_whole
        Whether reading it gives the DataFrame; False if the DataFrame was changed after reading, or
        if this is not known.
    """

    paths: tuple[str, ...] = ()
    table: str = ""
    is_whole: bool = False


def origin_of(df: DataFrame) -> Origin:
    """Find the files or the table from which a DataFrame was read.

    >>> origin_of(spark.read.parquet("/data/flights"))              # doctest: +SKIP
    Origin(paths=('file:///data/flights',), table='', is_whole=True)

    Parameters
    ----------
    df
        The DataFrame, classic or Connect. Its files are listed, and nothing is computed.
    """
    spark = df.sparkSession
    files = [unquote(file) for file in _unless_refused(df.inputFiles, list[str]())]
    if not all(file.endswith(".parquet") for file in files):
        files = []
    folders = tuple(dict.fromkeys(map(_folder, files)))
    # The DataFrame may have been read from single files of a folder.
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
    """Return other spellings of paths: for Spark, reads of two spellings of a path are different."""
    plain = tuple(urlsplit(path).path or path for path in paths)
    return [plain, paths, tuple(os.path.relpath(path) for path in plain)]


def _folder(file: str) -> str:
    """Return the folder of the table to which a file belongs, without the folders of partitions.

    >>> _folder("file:///t/day=1/a.parquet")
    'file:///t'
    """
    folder = file.rpartition("/")[0]
    while "=" in folder.rpartition("/")[2]:
        folder = folder.rpartition("/")[0]
    return folder
