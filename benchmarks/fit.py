"""A Keras model trained by Spark's workers, and in this process, on the same rows.

Ray Train is not in the tables: its trainer for TensorFlow needs `MultiWorkerMirroredStrategy.scope()`, in which
`fit` of Keras 3 fails, and Ray removed it. Horovod's and spark-tensorflow-distributor's last releases are for
older versions of TensorFlow. Petastorm 0.13.1 imports a module that PyArrow no longer has.
"""

from __future__ import annotations

import operator
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
from pyspark.sql import DataFrame, SparkSession

import tfspark_magic as tfs
from benchmarks import data
from benchmarks.fit_processes import MODELS, WIDTH, alone, apart, dense, reduction
from benchmarks.memory import peak
from benchmarks.timing import Table, Way

BATCH, EPOCHS = 256, 3


def _rows(spark: SparkSession, folder: Path, rows: int) -> DataFrame:
    path = data.vectors(folder, rows, WIDTH)
    return spark.read.parquet(str(path)).selectExpr("features x", "features[0] y")


def fit(spark: SparkSession, folder: Path, rows: int, units: int) -> Table:
    """Return epochs of a dense model; its width says how long a step computes.

    What starts before the first step (processes that import TensorFlow, the copy of the rows) counts.
    """
    df = _rows(spark, folder, rows)
    table = df.toArrow()
    x = np.stack(table["x"].to_numpy())
    y = table["y"].to_numpy()
    del table

    def model() -> Any:
        return dense(units)

    def here(rows_of: Callable[[], tuple[Any, Any]]) -> Way:
        def run() -> None:
            model().fit(*rows_of(), epochs=EPOCHS, batch_size=BATCH, verbose=0)

        return Way(run)

    def by(count: int) -> Way:
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
            "tfs.fit, 1 worker": by(1),
            "tfs.fit, 2 workers": by(2),
        },
    )


class Timed(keras.callbacks.Callback):  # type: ignore[misc]
    """Writes to a file how long an epoch takes after the first one, which traces the model."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path, self.ends = path, []

    def on_epoch_end(self, *_: Any) -> None:
        self.ends.append(time.perf_counter())

    def on_train_end(self, *_: Any) -> None:
        took = (self.ends[-1] - self.ends[0]) / (len(self.ends) - 1)
        Path(self.path).write_text(str(took))


def workers(spark: SparkSession, folder: Path, rows: int, runs: int) -> None:
    """Print what 1 and 2 workers, and 1 and 2 cores, make of the same steps that compute for long.

    A step of all has the same rows. Seconds are those of the whole call, and of its epochs alone.
    """
    df = _rows(spark, folder, rows)
    epochs = 2 * EPOCHS
    # Spark's first query and the first Python workers take some seconds more.
    warm = {"features": "x", "label": "y", "batch_size": BATCH, "verbose": 0}
    tfs.fit(dense(8), df, workers=2, epochs=1, **warm)
    print(f"\nSum of 4 MB over two processes: {reduction(4):.1f} ms (at most 10)\n")
    for kind in MODELS:
        _compare(kind, df, folder.resolve() / "seconds", rows, epochs, runs, warm)


def _compare(
    kind: str, df: DataFrame, path: Path, rows: int, epochs: int, runs: int, options: dict[str, Any]
) -> None:
    """Print the times of a model by 1 and 2 workers, and by `model.fit` with 1 and 2 cores.

    Two processes that share nothing show what the machine gives to two workers at most.
    """
    print(f"\n| {epochs} epochs of {rows:,} rows, {kind} | whole s | epochs s | step ms |")
    print("| --- | --- | --- | --- |", flush=True)
    steps = epochs * -(-rows // BATCH)
    whole: dict[int, list[float]] = {1: [], 2: []}
    alone_: dict[int, list[float]] = {1: [], 2: []}
    within: dict[int, list[float]] = {1: [], 2: []}
    apart_ = []

    def say(name: str, total: str, seconds: float) -> None:
        each = f"{seconds:.1f} | {1000 * seconds / steps:.0f}"
        print(f"| {name} | {total} | {each} |", flush=True)

    for _ in range(runs):
        for count in (1, 2):
            alone_[count].append(alone(count, kind, rows, BATCH, epochs))
            say(f"model.fit of arrays, {count} core(s)", "-", alone_[count][-1])
            own = {**options, "batch_size": BATCH // count, "callbacks": [Timed(str(path))]}
            start = time.perf_counter()
            tfs.fit(MODELS[kind](), df, workers=count, epochs=epochs, **own)
            whole[count].append(time.perf_counter() - start)
            within[count].append(epochs * float(path.read_text()))
            say(f"tfs.fit, {count} worker(s)", f"{whole[count][-1]:.1f}", within[count][-1])
        apart_.append(apart(kind, rows, BATCH, epochs))
        say("2 processes that share nothing", "-", apart_[-1])
    pairs = {
        "2 workers, times as fast as 1 (at least 1.8)": (within[1], within[2]),
        "2 processes that share nothing, times as fast as model.fit with 1 core": (
            alone_[1],
            apart_,
        ),
        "2 workers, their epochs, times 2 processes that share nothing": (within[2], apart_),
        "2 cores of model.fit, times as fast as 1": (alone_[1], alone_[2]),
        "1 worker, whole call, times model.fit with 1 core (at most 1.15)": (whole[1], alone_[1]),
        "1 worker, its epochs, times model.fit with 1 core": (within[1], alone_[1]),
        "2 workers, their epochs, times model.fit with 2 cores": (within[2], alone_[2]),
    }
    print(f"\n| ratio | median of {runs} |\n| --- | --- |")
    for name, (over, under) in pairs.items():
        print(f"| {name} | {statistics.median(map(operator.truediv, over, under)):.2f} |")


def memory(spark: SparkSession, sizes: Sequence[int]) -> None:
    """Print the peak memory of the worker or its process for so many rows."""
    print("\n| peak MB of tfs.fit, 1 worker | " + " | ".join(f"{n:,} rows" for n in sizes) + " |")
    print("| --- |" + " --- |" * len(sizes))
    found = []
    for rows in sizes:
        df = spark.range(0, rows, 1, 4).selectExpr("cast(id % 97 as float) a", "id % 7 + 0D y")
        train = partial(
            tfs.fit,
            dense(8, width=1),
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
