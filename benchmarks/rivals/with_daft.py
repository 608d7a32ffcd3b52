"""Daft, with its own runner, on all cores.

Its functions run in the threads of this process: processes, which `use_process=True` and
`max_concurrency` give, start TensorFlow anew for each query, which takes 20 s on two busy cores.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import daft
import numpy as np
import pyarrow as pa
from daft import DataType, Series, col

from benchmarks import data
from benchmarks.photographs import Photographs, labels_of_batches
from benchmarks.rivals.parts import BATCH, COLUMNS, Job
from benchmarks.rivals.with_tfs import by_path, totals
from benchmarks.ways import Workload

import tensorflow as tf

_PICTURES = 32
_FOUND = DataType.struct({"label": DataType.int64(), "score": DataType.float32()})


class Daft:
    """A class with a method of batches, made once for each query."""

    def seed(self, work: Workload) -> Job:
        return _map(work, DataType.int32())

    def softmax(self, work: Workload) -> Job:
        return _map(work, DataType.list(DataType.float32()))

    def batches(self, path: Path) -> Job:
        def batched() -> Any:
            read = daft.read_parquet(f"{path}/*.parquet").select(*COLUMNS).into_batches(BATCH)
            for batch in read.to_arrow_iter():
                yield {name: tf.constant(batch[name].to_numpy()) for name in COLUMNS}

        def run() -> None:
            for _ in batched():
                pass

        how = (
            "into_batches(...).to_arrow_iter(), and tf.constant, as Daft has no way into TensorFlow"
        )
        return Job(run, lambda: totals(batched()), how)

    def pictures(self, work: Photographs) -> Job:
        def labels(make: Any, contents: Series) -> pa.Array:
            found, scores = make(np.array(contents.to_pylist(), object))
            return pa.StructArray.from_arrays(
                [pa.array(found), pa.array(scores)], ["label", "score"]
            )

        function = _function(lambda: labels_of_batches(work.model), labels, _FOUND, _PICTURES)

        def mapped() -> daft.DataFrame:
            files = daft.from_glob_path(f"{work.folder}/*.jpg")
            read = files.select("path", col("path").download().alias("bytes"))
            found = read.select("path", function(col("bytes")).alias("found"))
            return found.select("path", col("found")["label"], col("found")["score"])

        how = f"from_glob_path, download, a method of batches of {_PICTURES} in its threads"
        return Job(lambda: mapped().collect(), lambda: by_path(mapped().to_arrow()), how)


def _map(work: Workload, returns: DataType) -> Job:
    def outputs(function: Any, *columns: Series) -> pa.Array:
        arrays = (data.array(pa.chunked_array([one.to_arrow()])) for one in columns)
        return data.column(function(*arrays))

    function = _function(work.numpy, outputs, returns)

    def mapped() -> daft.DataFrame:
        read = daft.read_parquet(f"{work.path}/*.parquet")
        return read.select(function(*map(col, work.columns)).alias("out"))

    return Job(
        lambda: mapped().collect(),
        lambda: data.array(mapped().to_arrow()["out"]),
        "read_parquet, and a class with a method of batches, in its threads",
    )


def _function(
    make: Callable[[], Any],
    call: Callable[..., pa.Array],
    returns: DataType,
    batch: int | None = None,
) -> Any:
    @daft.cls(use_process=False)
    class Function:
        def __init__(self) -> None:
            self.made = make()

        @daft.method.batch(return_dtype=returns, batch_size=batch)
        def map(self, *columns: Series) -> Series:
            return Series.from_arrow(call(self.made, *columns))

    return Function().map
