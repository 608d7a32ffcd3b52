"""`map_files`: Spark's workers read files themselves, and the JVM gets only the results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pyspark.sql import DataFrame, SparkSession

from tfspark_magic.binding import FeedDict, Nulls, bind_by_shape
from tfspark_magic.executor.session import check_session
from tfspark_magic.frames.frame import frame_of
from tfspark_magic.verbs.arguments import as_program, block_rows


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
    errors: Literal["raise", "null"] = "raise",
    session: Any = None,
) -> DataFrame:
    """Compute tensors from the rows of files on Spark, without passing the rows through its JVM.

    >>> tfs.map_files(score, "hdfs://namenode:8020/flights", spark=spark)      # doctest: +SKIP
    DataFrame[score: float]
    >>> tfs.map_files(score, "flights/*.parquet", spark=spark, columns=["id"]) # doctest: +SKIP
    DataFrame[id: bigint, score: float]

    Each task reads row groups of Parquet files, or whole files of formats that cannot be cut, and
    feeds them to the graph. This process reads the files' schema and row groups now; everything
    else waits for an action on the result. Rows come in the order of the files and of the rows in
    them. All fetches are computed, even if only some are selected afterwards; a map of a DataFrame
    computes only the selected ones.

    Parameters
    ----------
    fetches, feed_dict, nulls, rows_per_block, device, vectorize, errors, session
        As for `map_rows` and `map_blocks`.
    path
        A file, a folder, a glob or a list of them, on any filesystem that all nodes reach by the
        same path; or `tfs.files(...)`, which may have filters.
    spark
        The Spark session, classic or Connect.
    columns
        The columns of the files that pass through, unchanged; None for all of them. If not given,
        no column passes through.
    verb
        `"map_rows"` or `"map_blocks"`. If not given, the placeholders' shapes decide: rows if each
        placeholder takes a cell of its column, else blocks.
    trim, whole_partition
        As for `map_blocks`; a partition holds the rows that one task reads.

    Returns
    -------
    A lazy DataFrame: the passthrough columns, then one for each fetch. It has a partition for each
    core, or more, so that no partition reads more than 128 MiB.

    Raises
    ------
    TfSparkError
        If the program does not fit the files.
    """
    call = "map_files(fetches, path, spark=spark)"
    frame = frame_of(
        path, "map_files", spark, needed="the path of files, or tfs.files(...)", call=call
    )
    rows_per_block = block_rows(rows_per_block, whole_partition=whole_partition)
    passthrough = frame.passthrough(columns, trim=trim)
    check_session(spark)
    plan = bind_by_shape(
        as_program(fetches, session), frame.columns, feed_dict, verb, trim=trim,
        passthrough=passthrough, nulls=nulls, rows_per_block=rows_per_block, device=device,
        vectorize=vectorize, errors=errors,
    )  # fmt: skip
    mapped: DataFrame = frame.map(plan, passthrough)
    return mapped
