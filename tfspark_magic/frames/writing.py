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
    from tfspark_magic.sources.tables.opening import delta_target
    from tfspark_magic.sources.writing import write_file

    table = delta_target(path)
    of_a_table = {} if table is None else {"append": append, "partition_by": partition_by}
    for name, value in {"append": append, "partition_by": partition_by, "resume": resume}.items():
        if value and name not in of_a_table:
            raise OptionError(
                f"{name} goes with the DataFrame of map_files(..., spark=spark), and this process "
                f"writes one file: leave {name} out."
            )
    if table is not None:
        from tfspark_magic.sources.tables.delta_staging import write_rows

        write_rows(rows, table, overwrite=overwrite, append=append, partition_by=partition_by)
        return
    write_file(rows, path, overwrite=overwrite)
