"""Where a worker finds a program: in the task itself, or in files sent before it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tfspark_magic.errors import NotAvailableError
from tfspark_magic.graph.block import BlockGraph

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

    def path(self) -> str:
        """Return where the file is.

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


@dataclass(frozen=True, repr=False)
class ProgramSource:
    """The bytes of a graph, and of the weights that stand beside it.

    Parameters
    ----------
    graph
        The bytes, or the file that holds them.
    weights
        A path, the bytes, or Spark's file; None where the graph has none.
    """

    graph: bytes | SparkFile
    weights: str | bytes | SparkFile | None = None

    def __call__(self) -> bytes:
        """Return the graph's bytes."""
        if isinstance(self.graph, SparkFile):
            return Path(self.graph.path()).read_bytes()
        return self.graph

    def find_weights(self) -> str | bytes:
        """Return the path of the weights' file, or its bytes."""
        assert self.weights is not None
        return self.weights.path() if isinstance(self.weights, SparkFile) else self.weights


def source_here(graph: BlockGraph) -> ProgramSource:
    """Return what gives a graph in the process that made it."""
    weights = graph.weights
    path = None if weights is None or weights.file is None else str(weights.file.path)
    return ProgramSource(graph.graph_def, path)


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
