"""TensorFlow alone: `tf.data` for photographs, and over tables that pyarrow holds in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from benchmarks import data
from benchmarks.photographs import Photographs, decode, load
from benchmarks.rivals.parts import BATCH, COLUMNS, Job
from benchmarks.rivals.with_tfs import totals
from benchmarks.ways import Workload

import tensorflow as tf

_PICTURES = 32


class Alone:
    """Nothing but TensorFlow, NumPy and pyarrow."""

    def seed(self, work: Workload) -> Job:
        function = work.numpy()
        step = 1 << 16

        def blocks() -> list[np.ndarray]:
            arrays = data.arrays(work.path, *work.columns)
            starts = range(0, len(arrays[0]), step)
            return [function(*(array[at : at + step] for array in arrays)) for at in starts]

        how = f"pyarrow reads all, then a tf.function on {step:,} rows at a time"
        return Job(blocks, lambda: np.concatenate(blocks()), how)

    softmax = seed

    def batches(self, path: Path) -> Job:
        def dataset() -> tf.data.Dataset:
            table = pq.read_table(path, columns=COLUMNS)
            columns = {name: tf.constant(data.array(table[name])) for name in COLUMNS}
            rows = table.num_rows

            def batch(at: Any) -> dict[str, Any]:
                stop = tf.minimum(at + BATCH, rows)
                return {name: column[at:stop] for name, column in columns.items()}

            return tf.data.Dataset.range(0, rows, BATCH).map(batch).prefetch(2)

        def run() -> None:
            for _ in dataset():
                pass

        how = "pyarrow reads all, then range(...).map(slice).prefetch(2)"
        return Job(run, lambda: totals(dataset()), how)

    def pictures(self, work: Photographs) -> Job:
        network, pixels = load(work.model), decode()
        parallel = tf.data.AUTOTUNE

        @tf.function(autograph=False)
        def labels(pictures: Any) -> Any:
            scores = network(pictures, training=False)
            return tf.argmax(scores, 1), tf.reduce_max(scores, 1)

        def results() -> dict[str, tuple[int, float]]:
            files = tf.data.Dataset.from_tensor_slices(work.paths)
            decoded = files.map(
                lambda path: (path, pixels(tf.io.read_file(path))), parallel, deterministic=False
            )
            found: dict[str, tuple[int, float]] = {}
            for paths, pictures in decoded.batch(_PICTURES).prefetch(parallel):
                both = zip(*(tensor.numpy().tolist() for tensor in labels(pictures)), strict=True)
                found |= zip((path.decode() for path in paths.numpy()), both, strict=True)
            return found

        how = f"map and prefetch with AUTOTUNE, in any order, batches of {_PICTURES}"
        return Job(results, results, how)
