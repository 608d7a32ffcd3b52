"""`write_parquet`: a table to a Parquet file, or a map of files to many by Spark's workers; or to Delta."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tfspark_magic.frames.writing import write_frame


def write_parquet(
    rows: Any,
    path: Any,
    *,
    overwrite: bool = False,
    append: bool = False,
    partition_by: Sequence[str] = (),
    resume: bool = False,
) -> None:
    """Write a table to a Parquet file, or the result of `map_files` to a folder, from Spark's workers.

    >>> scored = tfs.map_rows(score, "hdfs://namenode:8020/flights")           # doctest: +SKIP
    >>> tfs.write_parquet(scored, "hdfs://namenode:8020/scored.parquet")       # doctest: +SKIP
    >>> scored = tfs.map_files(score, "flights/*.parquet", spark=spark)        # doctest: +SKIP
    >>> tfs.write_parquet(scored, "scored", overwrite=True, resume=True)       # doctest: +SKIP

    A file is written by this process under a hidden name in the same folder, and renamed when it is
    complete. The DataFrame of `map_files` is written by Spark's workers: each task reads its files,
    runs the graph, and writes Parquet files of up to some 128 MiB. They appear at once, when all
    tasks have ended, with `_SUCCESS`; see docs/files.md for object stores, and for `append`. A Delta
    table gets the rows of either by one commit. If writing fails, there is what was there before.
    Missing folders are created.

    Parameters
    ----------
    rows
        The DataFrame that `map_files` returned. Or a `LazyTable`, the result of
        `run_local(..., output="batches")`, a `pyarrow.Table`, a pandas frame, or any other object
        with an Arrow stream or record batches: at most a row group is held in memory, about 64 MiB.
    path
        The path of the file, or of the folder for `map_files`: local, `hdfs://`, or any other that
        pyarrow or fsspec writes. All nodes must reach the folder by the same path. Or a Delta table,
        such as `delta:///lake/scored`, which is created if it is not there.
    overwrite
        True replaces an existing file or folder, or all rows of a Delta table and its columns.
    append, partition_by, resume
        For `map_files`, and for Delta tables, to which `resume` goes only with `map_files`; the
        partitions of a Delta table stay what they are. `append=True` adds files to an existing folder, with names behind the
        others. `partition_by=["day"]` writes the rows of a day to a folder `day=3`, and the column
        is not in the files. `resume=True` keeps what finished tasks have written if the write fails,
        and takes what an earlier call with the same graph, columns and files has left: its finished
        tasks, or all rows if it ended.

    Raises
    ------
    OptionError
        If the target is there, unless it is an empty folder; if it is a folder instead of a file; or if
        `rows` cannot be written so.
    UnsupportedTypeError
        If Parquet does not have the type of a column.
    InexactValueError
        If a time is finer than the microseconds of Spark.
    PathAccessError
        If it cannot be written.
    """
    write_frame(
        rows, path, overwrite=overwrite, append=append, partition_by=partition_by, resume=resume
    )
