"""What `%tfrun --export` writes, run by `spark-submit --master yarn` without a notebook."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tests.notebook.conftest import notebook  # noqa: F401  (a fixture)
from tests.notebook.test_tfgraph import SEED
from tfspark_magic.sources.folders import local_copy


@pytest.mark.long
@pytest.mark.parametrize("mode", ["client", "cluster"])
def test_the_script_gives_what_the_notebook_gives(
    mode,
    notebook,  # noqa: F811
    spark,
    client,
    tmp_path,
    monkeypatch,
):
    monkeypatch.chdir(tmp_path)
    rows = f"hdfs:///exported/{mode}/rows"
    spark.range(0, 40, 1, 2).selectExpr(
        "cast(id as int) x", "cast(2 * id as int) y", "id % 3 k"
    ).write.parquet(rows)
    notebook.names["df"] = spark.read.parquet(rows)
    notebook.ok("%%tfgraph score\n" + SEED)
    line = "score --df df --bind x=y y=x --nulls 0 --rows-per-block 7 --device cpu"
    notebook.ok(f"%tfrun {line} --export job.py")
    notebook.ok(f"%tfrun {line} --out here")
    here = notebook.names["here"].orderBy("k", "x").toArrow()
    result = f"hdfs:///exported/{mode}/result"
    files = [] if mode == "client" else ["--files", "job.tfs"]
    client.submit(*files, "job.py", result, folder=tmp_path, mode=mode)
    assert spark.read.parquet(result).orderBy("k", "x").toArrow() == here
    assert set(np.array(here["z"]) - np.array(here["y"])) >= {0, 3, 117}


@pytest.mark.long
def test_the_script_trains_in_cluster_mode(
    notebook,  # noqa: F811
    spark,
    client,
    tmp_path,
    monkeypatch,
):
    monkeypatch.chdir(tmp_path)
    path, target = "hdfs:///exported/training", "hdfs:///exported/trained.keras"
    spark.range(0, 40, 1, 2).selectExpr(
        "cast(id % 7 / 7 as float) x", "id % 3 + 0D y"
    ).write.parquet(path)
    notebook.names["rows"] = spark.read.parquet(path)
    model = keras.Sequential([keras.Input((1,), name="x"), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    notebook.names["net"] = model
    line = "%tfrun net --op fit --label y --epochs 2 --batch-size 20 --workers 2"
    notebook.ok(f"{line} --export train.py")
    client.submit("--files", "train.keras", "train.py", target, folder=tmp_path, mode="cluster")
    # One batch of all rows is the same in any order.
    rows = spark.read.parquet(path).toPandas()
    model.fit(rows["x"].to_numpy()[:, None], rows["y"].to_numpy(), 40, epochs=2, verbose=0)
    with local_copy(target) as copy:
        there = keras.saving.load_model(copy)
    for mine, its in zip(there.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(mine, its, 1e-5)
