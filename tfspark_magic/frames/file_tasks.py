"""Deal the fragments of files out to Spark's tasks."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame, SparkSession

from tfspark_magic.executor.session import cores
from tfspark_magic.sources.files import Files, Fragment
from tfspark_magic.sources.tasks import Groups

TASK_BYTES = 128 << 20
"""The largest size in bytes, about, that a task reads; less if cores would be idle."""


def task_numbers(spark: SparkSession, files: Files) -> tuple[DataFrame, Groups]:
    """Return a DataFrame with a number in each partition, and the group that each number reads."""
    groups = grouped(files.fragments(), cores(spark))
    return numbered(spark, len(groups)), Groups(groups)


def numbered(spark: SparkSession, tasks: int) -> DataFrame:
    """Return a DataFrame of numbers, with one in each partition."""
    return spark.range(0, tasks, 1, max(1, tasks))


def grouped(fragments: Sequence[Fragment], cores: int) -> list[list[Fragment]]:
    """Cut fragments into groups of consecutive fragments, with about the same bytes in each.

    There is a group for each core, or more if the groups would be larger than `TASK_BYTES`.
    """
    sizes = [max(fragment.bytes or 0, 1) for fragment in fragments]
    total = sum(sizes)
    count = max(cores, -(-total // TASK_BYTES))
    groups: dict[int, list[Fragment]] = {}
    start = 0
    for fragment, size in zip(fragments, sizes, strict=True):
        # The middle of a fragment decides its group, because a fragment is not cut.
        groups.setdefault((2 * start + size) * count // (2 * total), []).append(fragment)
        start += size
    return list(groups.values())
