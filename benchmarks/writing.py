"""Measure ways to read Parquet files, run a graph, and write Parquet files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.dataset as pads
from pyspark.sql import DataFrame, SparkSession

import tfspark_magic as tfs
from benchmarks.spark_ways import graph
from benchmarks.timing import Table, Way
from benchmarks.ways import Workload


def files_to_files(spark: SparkSession, folder: Path, work: Workload) -> Table:
    """Return ways to write all columns of some files, and the output of a graph."""
    path, fetch = work.path, graph(work.block)
    target = folder / "written"

    def mapped() -> DataFrame:
        return tfs.map_files(fetch, path, spark=spark, columns=None)

    def by_spark() -> None:
        mapped().write.mode("overwrite").parquet(str(target))

    def by_workers() -> None:
        tfs.write_parquet(mapped(), target, overwrite=True)

    def of_the_dataframe() -> None:
        df = spark.read.parquet(str(path))
        tfs.map_blocks(fetch, df).write.mode("overwrite").parquet(str(target))

    def by_pyarrow() -> None:
        """Copy the files, without a graph."""
        copied = folder / "copied"
        pads.write_dataset(
            pads.dataset(path),
            copied,
            format="parquet",
            existing_data_behavior="overwrite_or_ignore",
        )

    def check() -> None:
        for write in (by_spark, by_workers):
            write()
            table = pads.dataset(target).to_table(columns=[*work.columns, fetch.op.name])
            given = [table[name].to_numpy() for name in work.columns]
            found = table[fetch.op.name].to_numpy()
            np.testing.assert_allclose(found, work.expected(*given), rtol=1e-5)
            assert len(table) == pads.dataset(path).count_rows()

    return Table(
        f"{work.name}, files to files",
        "map_files(...).write.parquet",
        {
            "map_files(...).write.parquet": Way(by_spark, check),
            "tfs.write_parquet(map_files(...))": Way(by_workers),
            "map_blocks of the DataFrame, write.parquet": Way(of_the_dataframe),
            "pyarrow alone, read and write, without a graph": Way(by_pyarrow),
        },
    )
