"""Ray Data. Its tasks keep the TensorFlow of their process, which an actor pool would start anew for each run."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import ray
import ray.data

from benchmarks import data
from benchmarks.photographs import Photographs, labels_of_batches
from benchmarks.rivals.parts import BATCH, COLUMNS, Job, cores
from benchmarks.rivals.with_tfs import by_path, totals
from benchmarks.ways import Workload

_PICTURES = 32


class RayData:
    """Ray on this machine, with a CPU for each core."""

    def __init__(self) -> None:
        ray.init(
            num_cpus=cores(), include_dashboard=False, log_to_driver=False, logging_level="ERROR"
        )
        ray.data.DataContext.get_current().enable_progress_bars = False

    def seed(self, work: Workload) -> Job:
        function = partial(_mapped, work.numpy, work.columns)

        def mapped() -> ray.data.Dataset:
            read = ray.data.read_parquet(str(work.path)).select_columns(list(work.columns))
            return read.map_batches(
                function, batch_format="pyarrow", batch_size=None, zero_copy_batch=True
            )

        return Job(
            lambda: mapped().materialize(),
            lambda: data.array(_table(mapped()).column("out")),
            "read_parquet, select_columns, map_batches in tasks: pyarrow, a block at a time, no copies",
        )

    softmax = seed

    def batches(self, path: Path) -> Job:
        def batched() -> Any:
            read = ray.data.read_parquet(str(path)).select_columns(COLUMNS)
            return read.iter_tf_batches(batch_size=BATCH, prefetch_batches=2)

        def run() -> None:
            for _ in batched():
                pass

        return Job(run, lambda: totals(batched()), "iter_tf_batches, prefetch_batches=2")

    def pictures(self, work: Photographs) -> Job:
        function = partial(_labelled, work.model)

        def mapped() -> ray.data.Dataset:
            read = ray.data.read_binary_files(work.paths, include_paths=True)
            return read.map_batches(function, batch_format="pyarrow", batch_size=_PICTURES)

        return Job(
            lambda: mapped().materialize(),
            lambda: by_path(_table(mapped())),
            f"read_binary_files, map_batches in tasks: batches of {_PICTURES}, a thread each",
        )


def _table(dataset: ray.data.Dataset) -> pa.Table:
    return pa.concat_tables(ray.get(dataset.to_arrow_refs()))


@cache
def _made(make: Callable[..., Any], *arguments: Any) -> Any:
    import tensorflow as tf

    # Tasks run beside each other, one for each core.
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    return make(*arguments)


def _mapped(make: Callable[[], Any], columns: tuple[str, ...], table: pa.Table) -> pa.Table:
    values = _made(make)(*(data.array(table[name]) for name in columns))
    return pa.table({"out": data.column(values)})


def _labelled(model: Path, table: pa.Table) -> pa.Table:
    contents = np.array(table["bytes"].to_pylist(), object)
    labels, scores = _made(labels_of_batches, model)(contents)
    return pa.table({"path": table["path"], "label": labels, "score": scores})
