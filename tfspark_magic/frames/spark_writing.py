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
from tfspark_magic.errors import OptionError
from tfspark_magic.executor.failures import sentences
from tfspark_magic.executor.gpu_settings import placed, workers_for
from tfspark_magic.executor.interrupts import interruptible
from tfspark_magic.executor.session import check_session, cores
from tfspark_magic.executor.shipping import Shipped, shipped
from tfspark_magic.executor.task_reports import report_of
from tfspark_magic.frames.file_tasks import grouped, numbered
from tfspark_magic.sources.file_rows import FileRows
from tfspark_magic.sources.files import Files
from tfspark_magic.sources.filesystem import from_anywhere, shown_errors
from tfspark_magic.sources.part_files import PartFile, PartFiles, checked_partitions
from tfspark_magic.sources.schemas import SPARK_KEY
from tfspark_magic.sources.staging import Staging, begin
from tfspark_magic.sources.tables.opening import delta_target
from tfspark_magic.sources.tasks import Groups, MapFragments
from tfspark_magic.sources.write_tasks import WriteFragments
from tfspark_magic.sources.writing import check_types


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
    found = _maps.get(df)
    if found is None:
        raise OptionError(
            "write_parquet writes the DataFrame that map_files returned, as it is, and this is another "
            "one: write it by df.write.parquet(path)."
        )
    check_session(found.spark)
    by = checked_partitions(partition_by, found.schema)
    staging = _staging(path, _digest(found, by), df, found.schema, by)
    if not begin(staging, overwrite=overwrite, append=append, resume=resume):
        return
    schema = found.schema.with_metadata({SPARK_KEY: _spark_schema(df, by)})
    staging.check_fits(found.schema, by, append=append)
    try:
        with sentences():
            tasks = _tasks(found, staging, schema, by, resume=resume)
        with shown_errors(staging.location):
            if not any(tasks.values()) and not by and not staging.says_columns:
                tasks = {0: _without_rows(staging, schema)}
            staging.commit(tasks, overwrite=overwrite, append=append)
    except BaseException:
        if not resume and staging not in staging.stopped():
            staging.remove()
        raise


def _staging(path: Any, job: str, df: DataFrame, schema: pa.Schema, by: tuple[str, ...]) -> Staging:
    """Return where the files of a job are gathered for a folder, or for a Delta table."""
    table = delta_target(path)
    if table is None:
        check_types(schema)
        return Staging(from_anywhere(os.fspath(path)), job)
    from tfspark_magic.sources.tables.delta_staging import DeltaStaging, check_delta_types

    check_delta_types(schema)
    # Delta writes columns in JSON as Spark does.
    return DeltaStaging(table, job, json.dumps(df.schema.jsonValue()), by)


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
