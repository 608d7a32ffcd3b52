"""`map_files`: Spark's workers read files themselves, and the JVM sees the results alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import pyarrow as pa
from pyspark.errors import PySparkTypeError
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.binding import FeedDict, FrameColumns, Nulls, Plan, bind_by_shape
from tfspark_magic.binding.conversions import OfFiles
from tfspark_magic.errors import NotADataFrameError, UnsupportedTypeError
from tfspark_magic.executor.devices import placed, workers_for
from tfspark_magic.executor.files import columns_that_stay, grouped, is_files, opened
from tfspark_magic.executor.mapping import as_program, block_rows
from tfspark_magic.executor.session import check_running, cores, functions, is_case_sensitive
from tfspark_magic.executor.shipping import Shipped, shipped
from tfspark_magic.executor.spark_internals import spark_from_arrow
from tfspark_magic.schema.arrow import arrow_from_cell, signed
from tfspark_magic.schema.names import quoted
from tfspark_magic.schema.spark import metadata_from_cell, spark_from_cell
from tfspark_magic.schema.spec import CellSpec
from tfspark_magic.sources.files import Files
from tfspark_magic.sources.rows import FileRows
from tfspark_magic.sources.tasks import Groups, MapPieces


def map_files(
    fetches: Any,
    path: Any,
    feed_dict: FeedDict | None = None,
    *,
    spark: SparkSession,
    columns: Sequence[str] | None = (),
    verb: Literal["map_rows", "map_blocks"] | None = None,
    trim: bool = False,
    whole_partition: bool = False,
    nulls: Nulls = "error",
    rows_per_block: int | None = None,
    device: str = "auto",
    vectorize: bool = True,
    session: Any = None,
) -> DataFrame:
    """Compute tensors from the rows of files on Spark, whose JVM never sees these rows.

    >>> tfs.map_files(score, "hdfs://namenode:8020/flights", spark=spark)      # doctest: +SKIP
    DataFrame[score: float]
    >>> tfs.map_files(score, "flights/*.parquet", spark=spark, columns=["id"]) # doctest: +SKIP
    DataFrame[id: bigint, score: float]

    Each task reads row groups of Parquet files, or files that cannot be cut, and feeds them to the
    graph. Nothing runs until an action on the result, but that this process looks at the files'
    schema and row groups. Rows come in the order of the files and of the rows in them. Unlike those
    of a map of a DataFrame, all fetches are computed, whichever are selected afterwards.

    Parameters
    ----------
    fetches, feed_dict, nulls, rows_per_block, device, vectorize, session
        As for `map_rows` and `map_blocks`.
    path
        A file, a folder, a glob or a list of them, on any filesystem that all nodes reach by this
        name; or `tfs.files(...)`, which may have filters.
    spark
        The Spark session, classic or Connect.
    columns
        The columns of the files that pass through; None for all.
    verb
        `"map_rows"` or `"map_blocks"`; without, what the placeholders' shapes say: rows if each
        takes a cell of its column.
    trim, whole_partition
        As for `map_blocks`; a partition is what one task reads.

    Returns
    -------
    A lazy DataFrame: the columns that pass through, then one for each fetch. It has a partition for
    each core, or more where one would read more than 128 MiB.

    Raises
    ------
    TfSparkError
        If the program does not fit the files.
    """
    files = opened(path)
    if not is_files(files):
        found = f"{type(path).__module__}.{type(path).__qualname__}"
        call = "map_files(fetches, path, spark=spark)"
        raise NotADataFrameError("map_files", found, "the path of files, or tfs.files(...)", call)
    rows_per_block = block_rows(rows_per_block, whole_partition=whole_partition)
    stay = columns_that_stay(files, columns, trim=trim)
    check_running(spark)
    there = FrameColumns(
        files.columns(), case_sensitive=is_case_sensitive(spark), conversions=OfFiles()
    )
    plan = bind_by_shape(
        as_program(fetches, session), there, feed_dict, verb, trim=trim, stay=stay, nulls=nulls,
        rows_per_block=rows_per_block, device=device, vectorize=vectorize,
    )  # fmt: skip
    return _frame(spark, files, tuple(stay or ()), plan)


def _frame(spark: SparkSession, files: Files, stay: tuple[str, ...], plan: Plan) -> DataFrame:
    cells = {name: cell for name, cell in files.columns() if isinstance(cell, CellSpec)}
    types = {name: _spark_from_arrow(files.schema.field(name)) for name in stay}
    rows = FileRows(
        for_tasks(files), (), plan.feeds, pa.schema([(n, arrow) for n, (_, arrow) in types.items()])
    )
    for name, cell in plan.outputs:
        types[name] = spark_from_cell(cell), arrow_from_cell(cell)
        cells[name] = cell
    struct = T.StructType([T.StructField(name, kind) for name, (kind, _) in types.items()])
    schema = pa.schema([(name, arrow) for name, (_, arrow) in types.items()])
    numbers, groups = task_numbers(spark, files)
    plan = shipped(placed(plan, spark), numbers)
    function = MapPieces(plan, schema, rows, groups)
    with workers_for(plan, spark):
        mapped = numbers.mapInArrow(Shipped(function), struct)
    col = functions(spark).col
    return mapped.select(
        *(
            col(quoted(name)).alias(
                name, metadata=metadata_from_cell(cells[name]) if name in cells else {}
            )
            for name in types
        )
    )


def _spark_from_arrow(field: pa.Field) -> tuple[T.DataType, pa.DataType]:
    """Return the Spark type of an Arrow column, and the Arrow type in which Spark takes its values.

    >>> _spark_from_arrow(pa.field("n", pa.uint32()))
    (LongType(), DataType(int64))

    Raises
    ------
    UnsupportedTypeError
        If Spark has no such values.
    """
    try:
        return spark_from_arrow(signed(field.type))
    except PySparkTypeError:
        advice = "Spark has no such type: leave it out of the columns that stay"
        raise UnsupportedTypeError(f"Column {field.name!r}", str(field.type), advice) from None


def for_tasks(files: Files) -> Files:
    """Return what a task has to know of all files: their columns, not their names."""
    first = slice(1)
    return replace(
        files, paths=files.paths[first], partitions=files.partitions[first],
        sizes=files.sizes[first], written=files.written[first],
    )  # fmt: skip


def task_numbers(spark: SparkSession, files: Files) -> tuple[DataFrame, Groups]:
    """Return a DataFrame whose partitions hold a number each, and what each of them is to read."""
    groups = grouped(files.pieces(), cores(spark))
    return spark.range(0, len(groups), 1, max(1, len(groups))), Groups(groups)
