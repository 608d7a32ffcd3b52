"""What Spark gives a task: files sent before it, the number of its partition, GPUs."""

from __future__ import annotations

import os
from dataclasses import dataclass

from tfspark_magic.errors import NotAvailableError

GPU_WORKERS = "TFSPARK_MAGIC_GPU_WORKERS"
"""Is in the environment of workers that see GPUs which Spark does not know of."""


@dataclass(frozen=True)
class SparkFile:
    """A file that Spark has put beside the task, or that is on this machine anyway.

    Parameters
    ----------
    name
        What Spark calls it.
    here
        Its path on the driver's machine, which this one may be: then Spark's copy is not touched.
    """

    name: str
    here: str

    @property
    def path(self) -> str:
        """Where the file is.

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
            message = (
                f"This task has not got the file {self.name}, which holds the program: Spark Connect "
                f"gives files to neither streams nor sessions derived from another. Use "
                f"tfs.map_rows on the stream, or define the function in this session."
            )
            raise NotAvailableError(message)
        return path


def partition_number() -> int | None:
    """Return the number of the partition that this task computes, None outside of Spark."""
    from pyspark import TaskContext

    task = TaskContext.get()
    return None if task is None else int(task.partitionId())


def gpu_addresses() -> tuple[str, ...] | None:
    """Return the addresses of the GPUs that Spark gave this task; None outside of Spark."""
    from pyspark import TaskContext

    task = TaskContext.get()
    if task is None:
        return None
    gpus = task.resources().get("gpu")
    return () if gpus is None else tuple(gpus.addresses)
