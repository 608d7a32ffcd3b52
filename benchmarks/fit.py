"""A Keras model trained by Spark's workers, and in this process, on the same rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from pyspark.sql import SparkSession

import tfspark_magic as tfs
from benchmarks import data
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
        layers = [keras.layers.Dense(units, "relu") for _ in range(2)]
        made = keras.Sequential(
            [keras.Input((x.shape[1],), name="x"), *layers, keras.layers.Dense(1)]
        )
        made.compile("adam", "mse", jit_compile=False)
        return made

    def here(rows_of: Callable[[], tuple[Any, Any]]) -> Way:
        def run() -> None:
            model().fit(*rows_of(), epochs=EPOCHS, batch_size=BATCH, verbose=0)

        return Way(run)

    def workers(count: int) -> Way:
        options = {"features": "x", "label": "y", "epochs": EPOCHS, "batch_size": BATCH // count}
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
