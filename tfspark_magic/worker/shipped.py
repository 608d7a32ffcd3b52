"""Ask Spark for the resources of a task: files sent before, the partition's number, GPUs."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Any

from tfspark_magic.errors import NotAvailableError

GPU_WORKERS = "TFSPARK_MAGIC_GPU_WORKERS"
"""The environment variable of workers that may use GPUs which Spark does not assign."""


@dataclass(frozen=True)
class SparkFile:
    """A file that Spark has sent to the task's machine, or that is on this machine already.

    Parameters
    ----------
    name
        The file's name in Spark.
    here
        The file's path on the driver's machine. If this is the driver's machine, Spark's copy is
        not used.
    """

    name: str
    here: str

    @property
    def path(self) -> str:
        """The path of the file.

        Raises
        ------
        NotAvailableError
            If Spark did not send it to this task.
        """
        if os.access(self.here, os.R_OK):
            return self.here
        from pyspark import SparkFiles

        path = str(SparkFiles.get(self.name))
        if not os.access(path, os.R_OK):
            raise NotAvailableError(
                f"This task has not got the file {self.name}, which holds the program: Spark Connect "
                f"gives files to neither streams nor sessions derived from another. Use "
                f"tfs.map_rows on the stream, or define the function in this session."
            )
        return path


def partition_number() -> int | None:
    """Return the number of the partition that this task computes, None outside of Spark."""
    task = _task()
    return None if task is None else int(task.partitionId())


def gpu_addresses() -> tuple[str, ...] | None:
    """Return the addresses of the GPUs that Spark gave this task; None outside of Spark."""
    task = _task()
    if task is None:
        return None
    gpus = task.resources().get("gpu")
    return () if gpus is None else tuple(gpus.addresses)


def _task() -> Any:
    """Return Spark's context of the task that runs here, None outside of Spark."""
    # Spark's worker has loaded PySpark; another process may not even have it installed.
    context = getattr(sys.modules.get("pyspark"), "TaskContext", None)
    return None if context is None else context.get()
