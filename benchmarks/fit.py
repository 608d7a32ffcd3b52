"""A Keras model trained by Spark's workers, and in this process, on the same rows.

Ray Train is not in the tables: its trainer for TensorFlow needs `MultiWorkerMirroredStrategy.scope()`, in which
`fit` of Keras 3 fails, and Ray removed it. Horovod's and spark-tensorflow-distributor's last releases are for
older versions of TensorFlow.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from pyspark.sql import SparkSession

import tfspark_magic as tfs
from benchmarks import data
from benchmarks.fit_processes import alone, model_of, reduction
from benchmarks.memory import peak
from benchmarks.timing import Table, Way

BATCH, EPOCHS = 256, 3


def fit(spark: SparkSession, folder: Path, rows: int, units: int) -> Table:
    """Return epochs of a dense model; its width says how long a step computes.

    What starts before the first step (processes that import TensorFlow, the copy of the rows) counts.
    """
    path = data.vectors(folder, rows, 64)
    df = spark.read.parquet(str(path)).selectExpr("features x", "features[0] y")
    table = df.toArrow()
    x = np.stack(table["x"].to_numpy())
    y = table["y"].to_numpy()
    del table

    def model() -> Any:
        return model_of(x.shape[1], units)

    def here(rows_of: Callable[[], tuple[Any, Any]]) -> Way:
        def run() -> None:
            model().fit(*rows_of(), epochs=EPOCHS, batch_size=BATCH, verbose=0)

        return Way(run)

    def workers(count: int) -> Way:
        options = {"features": "x", "label": "y", "epochs": EPOCHS, "batch_size": BATCH // count}
        options["verbose"] = 0
        return Way(lambda: tfs.fit(model(), df, workers=count, **options))

    def collected() -> tuple[Any, Any]:
        frame = df.toPandas()
        return np.stack(frame["x"].to_numpy()), frame["y"].to_numpy()

    def from_spark() -> None:
        rows_of = tfs.dataset(df, "x", BATCH, label="y", shapes={"x": x.shape[1]}, shuffle=True)
        model().fit(rows_of, epochs=EPOCHS, verbose=0)

    return Table(
        f"{EPOCHS} epochs of {rows:,} rows of {x.shape[1]}, two layers of {units}",
        "arrays in memory",
        {
            "model.fit of arrays in memory": here(lambda: (x, y)),
            "toPandas(), then model.fit": here(collected),
            "model.fit of tfs.dataset of the DataFrame": Way(from_spark),
            "tfs.fit, 1 worker": workers(1),
            "tfs.fit, 2 workers": workers(2),
        },
    )


def processes(rows: int, units: int, runs: int) -> None:
    """Print what one core and two make of the same, and what the sum of gradients takes."""
    load = os.getloadavg()[0]
    print(
        f"\n| {EPOCHS} epochs of {rows:,} rows, two layers of {units} (load {load:.1f}) | median s |"
    )
    print("| --- | --- |")
    for cores in (1, 2):
        seconds = [alone(cores, 64, units, rows, BATCH, EPOCHS) for _ in range(runs)]
        print(f"| model.fit, {cores} cores, without its start | {statistics.median(seconds):.3f} |")
    print(f"| sum of 4 MB over two processes, ms | {reduction(4):.1f} |", flush=True)


def memory(spark: SparkSession, sizes: Sequence[int]) -> None:
    """Print the peak memory of the worker or its process for so many rows."""
    print("\n| peak MB of tfs.fit, 1 worker | " + " | ".join(f"{n:,} rows" for n in sizes) + " |")
    print("| --- |" + " --- |" * len(sizes))
    found = []
    for rows in sizes:
        df = spark.range(0, rows, 1, 4).selectExpr("cast(id % 97 as float) a", "id % 7 + 0D y")
        train = partial(
            tfs.fit,
            model_of(1, 8),
            df,
            features="a",
            label="y",
            epochs=1,
            batch_size=8192,
            verbose=0,
            workers=1,
        )
        found.append(peak(train, here=False))
    print("| one epoch | " + " | ".join(f"{size / 1e6:,.0f}" for size in found) + " |", flush=True)
