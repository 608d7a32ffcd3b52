"""Where a worker finds the bytes of a program: in the task itself, or in a file sent before it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, repr=False)
class InlineBytes:
    """Bytes that travel with the task."""

    data: bytes

    def __call__(self) -> bytes:
        """Return them."""
        return self.data


@dataclass(frozen=True)
class FileBytes:
    """Bytes in a file that Spark has put beside the task."""

    name: str

    def __call__(self) -> bytes:
        """Read them."""
        from pyspark import SparkFiles

        return Path(SparkFiles.get(self.name)).read_bytes()


def partition_number() -> int:
    """Return the number of the partition that this task computes, 0 outside of Spark."""
    from pyspark import TaskContext

    task = TaskContext.get()
    return 0 if task is None else int(task.partitionId())
