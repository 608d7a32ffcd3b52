"""Write the result of `map_files` from Spark's workers, so that no row passes through the JVM."""

from __future__ import annotations

import hashlib
import json
import os
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from tfspark_magic.binding import Plan
from tfspark_magic.errors import OptionError, UnsupportedTypeError, closest
from tfspark_magic.executor.failures import sentences
from tfspark_magic.executor.gpu_settings import placed, workers_for
from tfspark_magic.executor.interrupts import interruptible
from tfspark_magic.executor.session import check_session, cores
from tfspark_magic.executor.shipping import Shipped, shipped
from tfspark_magic.executor.task_reports import report_of
from tfspark_magic.frames.file_tasks import grouped, numbered
from tfspark_magic.sources.file_rows import FileRows
from tfspark_magic.sources.files import Files
from tfspark_magic.sources.filesystem import from_anywhere, shown, shown_errors
from tfspark_magic.sources.part_files import PartFile, PartFiles
from tfspark_magic.sources.schemas import SPARK_KEY
from tfspark_magic.sources.staging import Staging, begin
from tfspark_magic.sources.tasks import Groups, MapFragments
from tfspark_magic.sources.write_tasks import WriteFragments
from tfspark_magic.sources.writing import check_types, differences

_FOLDERS = (
    pa.types.is_integer, pa.types.is_string, pa.types.is_boolean, pa.types.is_date,
)  # fmt: skip
"""The types of columns whose values can be in the names of folders."""


@dataclass(frozen=True)
class FilesMap:
    """A map of files, of which a DataFrame is the result.

    Parameters
    ----------
    spark
        The session whose workers run it.
    files
        The files.
    plan
        The plan, not yet sent to the workers.
    schema, rows
        As for `MapFragments`.
    """

    spark: SparkSession
    files: Files
    plan: Plan
    schema: pa.Schema
    rows: FileRows


_maps: weakref.WeakKeyDictionary[DataFrame, FilesMap] = weakref.WeakKeyDictionary()


def remember(df: DataFrame, made_by: FilesMap) -> DataFrame:
    """Return the DataFrame, whose map is found by `write` again."""
    _maps[df] = made_by
    return df


def write(
    df: DataFrame,
    path: Any,
    *,
    partition_by: Sequence[str],
    overwrite: bool,
    append: bool,
    resume: bool,
) -> None:
    """Write the DataFrame that a map of files returned; `tfs.write_parquet` documents the rest.

    Raises
    ------
    TfSparkError
        If the map, its session or the target do not allow it; before any job, if that is known then.
    """
    location = from_anywhere(os.fspath(path))
    found = _maps.get(df)
    if found is None:
        raise OptionError(
            "write_parquet writes the DataFrame that map_files returned, as it is, and this is another "
            "one: write it by df.write.parquet(path)."
        )
    check_session(found.spark)
    if overwrite and append:
        raise OptionError("overwrite=True and append=True exclude each other: pass one of them.")
    by = _checked(partition_by, found.schema)
    check_types(found.schema)
    staging = begin(location, _digest(found, by), overwrite=overwrite, append=append, resume=resume)
    if staging is None:
        return
    schema = found.schema.with_metadata({SPARK_KEY: _spark_schema(df, by)})
    if append:
        _check_fits(staging, pa.schema([c for c in found.schema if c.name not in by]), by)
    try:
        with sentences():
            tasks = _tasks(found, staging, schema, by, resume=resume)
        with shown_errors(location):
            if not any(tasks.values()) and not by:
                tasks = {0: _without_rows(staging, schema)}
            staging.commit(tasks, overwrite=overwrite, append=append)
    except BaseException:
        if not resume and staging not in staging.stopped():
            staging.remove()
        raise


def _tasks(
    found: FilesMap, staging: Staging, schema: pa.Schema, by: tuple[str, ...], *, resume: bool
) -> dict[int, list[PartFile]]:
    """Run the tasks that have not ended before a crash, and return the files of all tasks."""
    spark = found.spark
    with shown_errors(staging.location):
        # A rerun on a cluster of another size has the same tasks.
        settings = staging.settings({"cores": cores(spark)}, resume=resume)
        done = staging.finished() if resume else {}
    groups = grouped(found.files.fragments(), settings["cores"])
    missing = tuple(task for task in range(len(groups)) if task not in done)
    if not missing:
        return done
    numbers = numbered(spark, len(missing))
    plan = shipped(placed(found.plan, spark), numbers)
    report = report_of(found.plan, spark)
    rows = MapFragments(plan, found.schema, found.rows, Groups(groups), report)
    function = WriteFragments(rows, missing, staging, schema, by)
    with workers_for(plan, spark):
        results = numbers.mapInArrow(Shipped(function), "task long, files string")
    for row in interruptible(results.toArrow, spark).to_pylist():
        done[row["task"]] = [PartFile(*one) for one in json.loads(row["files"])]
    return done


def _without_rows(staging: Staging, schema: pa.Schema) -> list[PartFile]:
    """Write a file without rows, which says the columns."""
    with PartFiles(staging.filesystem, staging.attempt(0), schema, ()) as files:
        files.begin()
    return files.written


def _checked(partition_by: Sequence[str], schema: pa.Schema) -> tuple[str, ...]:
    if isinstance(partition_by, str):
        raise OptionError(
            f"partition_by is a list of names, got {partition_by!r}: write "
            f"partition_by=[{partition_by!r}]."
        )
    names = tuple(dict.fromkeys(partition_by))
    for name in names:
        if name not in schema.names:
            raise OptionError(
                f"partition_by names {name!r}, which the result of map_files does not have. "
                f"{closest(name, schema.names)}"
            )
        arrow = schema.field(name).type
        if not any(is_one(arrow) for is_one in _FOLDERS):
            raise UnsupportedTypeError(
                f"Column {name!r}",
                str(arrow),
                "folders are named by integers, text, booleans and dates: partition by such a column",
            )
    if len(names) == len(schema):
        raise OptionError(
            "partition_by names all columns, and files without columns have no rows: leave one out."
        )
    return names


def _digest(found: FilesMap, by: tuple[str, ...]) -> str:
    """Return what identifies the rows: the graph, its columns, and the files as they are now."""
    files, plan = found.files, found.plan
    about = (
        plan.graph.digest, plan.feeds, plan.outputs, plan.rows_per_block, plan.per_row, plan.trim,
        plan.errors,
        [(c.name, str(c.type)) for c in found.schema], by, files.paths, files.sizes, files.written,
        files.format, files.options, files.filtered_by, str(files.schema),
    )  # fmt: skip
    return hashlib.sha256(repr(about).encode()).hexdigest()[:32]


def _spark_schema(df: DataFrame, by: Sequence[str]) -> str:
    """Return the types of the columns in the files as Spark writes them, with shapes of cells."""
    whole: Mapping[str, Any] = df.schema.jsonValue()
    inside = [field for field in whole["fields"] if field["name"] not in by]
    return json.dumps({**whole, "fields": inside})


def _check_fits(staging: Staging, schema: pa.Schema, by: tuple[str, ...]) -> None:
    """Raise OptionError if the files that are there have other columns."""
    there = next((p for p in staging.files_there() if p.endswith(".parquet")), None)
    if there is None:
        return
    with shown_errors(staging.location):
        other = differences(staging.filesystem, there, schema)
    folders = there[len(staging.target) + 1 :].split("/")[:-1]
    names = tuple(folder.partition("=")[0] for folder in folders)
    if other is None and names != by:
        other = f"is partitioned by {list(names)}, not by {list(by)}"
    if other is not None:
        raise OptionError(
            f"{shown(staging.location)!r} {other}: append rows with the same columns, or pass "
            f"overwrite=True."
        )
