"""Write a table: Spark's workers write the result of `map_files`, and this process any other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tfspark_magic.errors import OptionError
from tfspark_magic.frames.frame import SPARK, kind_of


def write_frame(
    rows: Any,
    path: Any,
    *,
    overwrite: bool,
    append: bool,
    partition_by: Sequence[str],
    resume: bool,
) -> None:
    """Write the result of `map_files` from Spark's workers, and any other table from this process.

    Raises
    ------
    OptionError
        If an option goes only with the result of `map_files`.
    """
    if kind_of(rows) == SPARK:
        from tfspark_magic.frames.spark_writing import write

        write(rows, path, partition_by=partition_by, overwrite=overwrite, append=append,
              resume=resume)  # fmt: skip
        return
    from tfspark_magic.sources.writing import write_file

    for name, value in (("append", append), ("partition_by", partition_by), ("resume", resume)):
        if value:
            raise OptionError(
                f"{name} goes with the DataFrame of map_files(..., spark=spark), and this process "
                f"writes one file: leave {name} out."
            )
    write_file(rows, path, overwrite=overwrite)
