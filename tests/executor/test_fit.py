"""Models trained by Spark's workers, and what is refused before they begin."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from pathlib import Path

import keras
import numpy as np
import psutil
import pyarrow.parquet as pq
import pytest
from pyspark.sql import functions as F
from tensorboard.backend.event_processing import event_accumulator

import tfspark_magic as tfs
from tfspark_magic.errors import (
    ColumnNotFoundError,
    DtypeMismatchError,
    FeedError,
    NotAvailableError,
    NullValuesError,
    OptionError,
    OutOfMemoryError,
    ShapeMismatchError,
    UnsupportedTypeError,
)
from tfspark_magic.executor import at_once

import tensorflow as tf

BATCH, EPOCHS = 4, 3
TRAINS = "from tfspark_magic.training.child import main"


class Doubling(keras.layers.Layer):
    """A layer that no node has."""

    def build(self, shape):
        self.built = True

    def call(self, x):
        return 2 * x


def squared(y, predicted):
    return keras.ops.mean((y - predicted) ** 2, axis=-1)


class Killed(keras.callbacks.Callback):
    """Ends its process as the system does, in the middle of the second epoch, once."""

    def __init__(self, marker):
        super().__init__()
        self.marker = marker
        self.epoch = 0

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if self.epoch == 1 and batch == 1 and not Path(self.marker).exists():
            Path(self.marker).touch()
            os.kill(os.getpid(), signal.SIGKILL)


class Waiting(keras.callbacks.Callback):
    """Writes down each epoch that begins, and waits in some of them until it is let go."""

    def __init__(self, folder, *at):
        super().__init__()
        self.folder, self.at = folder, at

    def on_epoch_begin(self, epoch, logs=None):
        with Path(self.folder, "epochs").open("a") as file:
            file.write(f"{epoch} ")
        if epoch in self.at:
            Path(self.folder, f"waits_{epoch}").touch()
            while not Path(self.folder, f"go_{epoch}").exists():
                time.sleep(0.05)


class Growing(keras.layers.Layer):
    """Takes memory with a high power of the rows in a batch: two rows are little, 32 are too much."""

    def call(self, x):
        size = tf.cast(tf.shape(x)[0], tf.int64)
        return x + tf.reduce_sum(tf.zeros(tf.fill([10], size)))


def small_model():
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            keras.Input((2,), name="x"),
            Doubling(),
            keras.layers.Dense(3, "tanh"),
            keras.layers.Dense(1),
        ]
    )
    model.compile(keras.optimizers.Adam(0.1), squared, metrics=["mae"], weighted_metrics=["mse"])
    return model


def rows_of(spark, count, partitions):
    columns = ("cast(id % 7 / 7 as float) a", "cast(id % 5 / 5 as float) b", "id % 3 + 1D w")
    return spark.range(0, count, 1, partitions).selectExpr(*columns, "id % 7 - id % 5 + 0D y")


def in_turn(count, partitions, workers):
    """Return the rows of steps, put together, where workers take the rows of partitions in turn."""
    dealt = [[] for _ in range(workers)]
    for partition in range(partitions):
        first, end = count * partition // partitions, count * (partition + 1) // partitions
        for row in range(first, end):
            dealt[(row - first + partition) % workers].append(row)
    assert max(map(len, dealt)) - min(map(len, dealt)) <= 1
    steps = range(0, max(map(len, dealt)), BATCH)
    return [row for at in steps for rows in dealt for row in rows[at : at + BATCH]]


def test_workers_train_and_go_on_when_one_is_killed(spark, tmp_path):
    count, partitions = 27, 5
    df, check = rows_of(spark, count, partitions), rows_of(spark, 9, 2)
    model, before = small_model(), small_model().get_weights()
    marker, log, best = tmp_path / "killed", tmp_path / "log.csv", tmp_path / "best.keras"
    board = tmp_path / "board"
    slower = {"monitor": "loss", "factor": 0.5, "patience": 1, "min_delta": 99.0}
    stopping = keras.callbacks.EarlyStopping("val_loss", patience=9, restore_best_weights=True)
    trained = tfs.fit(
        model, df, features=["a", "b"], label="y", weight="w", epochs=EPOCHS, batch_size=BATCH,
        shuffle=False, validation=check, workers=2, checkpoint=tmp_path / "kept",
        callbacks=[
            Killed(str(marker)), stopping, keras.callbacks.CSVLogger(str(log)),
            keras.callbacks.ReduceLROnPlateau(**slower),
            keras.callbacks.ModelCheckpoint(str(best), "val_loss", save_best_only=True),
            keras.callbacks.TensorBoard(str(board), profile_batch=(2, 99)),
        ],
    )  # fmt: skip
    assert marker.exists()
    alone = small_model()
    x, y, w = arrays(df)
    order = in_turn(count, partitions, 2)
    history = alone.fit(
        x[order], y[order], sample_weight=w[order], validation_data=arrays(check), epochs=EPOCHS,
        batch_size=2 * BATCH, shuffle=False, verbose=0,
        callbacks=[keras.callbacks.ReduceLROnPlateau(**slower)],
    ).history  # fmt: skip
    assert len(set(history["learning_rate"])) > 1
    for mine, its in zip(trained.get_weights(), alone.get_weights(), strict=True):
        np.testing.assert_allclose(mine, its, 1e-4, 1e-6)
    assert set(trained.history.history) == set(history)
    for name, values in history.items():
        np.testing.assert_allclose(trained.history.history[name], values, 1e-4)
    assert [line.split(",")[0] for line in log.read_text().split()] == ["epoch", "0", "1", "2"]
    for folder, prefix in (("train", ""), ("validation", "val_")):
        # The first worker writes, one after the other by two processes; no epoch is there twice.
        assert len([*(board / folder).glob("events.*")]) == 2
        assert written(board / folder, "epoch_loss") == [
            (epoch, pytest.approx(loss, 1e-4))
            for epoch, loss in enumerate(history[f"{prefix}loss"])
        ]
    own = {"Doubling": Doubling, "squared": squared}
    kept = keras.saving.load_model(best, custom_objects=own)
    x, y, w = arrays(check)
    loss = kept.evaluate(x, y, sample_weight=w, verbose=0, return_dict=True)["loss"]
    np.testing.assert_allclose(loss, min(history["val_loss"]), 1e-4)
    x, y, w = arrays(df)
    for mine, its in zip(model.get_weights(), before, strict=True):
        assert (mine == its).all()
    # It knows the columns that fed it.
    scored = tfs.map_rows(trained, df).toPandas()
    expected = trained.predict(x, verbose=0)
    np.testing.assert_allclose(np.stack(scored.iloc[:, -1]), expected, 1e-5, 1e-6)
    # A complete training needs no worker.
    again = tfs.fit(
        model, df.selectExpr("* except (a)", "cast(raise_error('it ran') as float) a"),
        features=["a", "b"], label="y", weight="w", epochs=EPOCHS, batch_size=BATCH,
        shuffle=False, validation=check, workers=2, checkpoint=tmp_path / "kept",
    )  # fmt: skip
    assert again.history.history == trained.history.history
    for mine, its in zip(again.variables, trained.variables, strict=True):
        assert (mine.numpy() == its.numpy()).all()
    for mine, its in zip(again.optimizer.variables, trained.optimizer.variables, strict=True):
        assert (mine.numpy() == its.numpy()).all()


def written(folder, name):
    """Return the steps and values of a scalar that TensorBoard shows."""
    shown = event_accumulator.EventAccumulator(str(folder)).Reload()
    return [(one.step, float(tf.make_ndarray(one.tensor_proto))) for one in shown.Tensors(name)]


def interrupted_when(condition, model, df, **options):
    """Press Ctrl-C in a training once a file is there, and return the training's processes."""
    training = []

    def press():
        while not condition.exists():
            time.sleep(0.05)
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                training.extend([process] * (TRAINS in " ".join(process.cmdline())))
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    pressing = threading.Thread(target=press)
    pressing.start()
    with pytest.raises(KeyboardInterrupt):
        tfs.fit(model, df, **options)
    pressing.join()
    return training


@pytest.mark.long
def test_a_training_that_is_interrupted_leaves_nothing_and_goes_on(spark, tmp_path):
    df = rows_of(spark, 12, 2)
    options = {
        "features": ["a", "b"], "label": "y", "epochs": 4, "batch_size": 3, "seed": 1,
        "checkpoint": tmp_path / "kept", "callbacks": [Waiting(str(tmp_path), 2)],
    }  # fmt: skip
    training = interrupted_when(tmp_path / "waits_2", small_model(), df, **options)
    assert len(training) == 2
    _, left = psutil.wait_procs(training, 30)
    assert not left
    # Both slots are free.
    assert spark.range(0, 8, 1, 2).count() == 8
    (tmp_path / "go_2").touch()
    trained = tfs.fit(small_model(), df, **options)
    assert (tmp_path / "epochs").read_text() == "0 1 2 2 3 "
    whole = tfs.fit(small_model(), df, **options | {"checkpoint": None})
    assert trained.history.history == whole.history.history
    for mine, its in zip(trained.get_weights(), whole.get_weights(), strict=True):
        assert (mine == its).all()


@pytest.mark.long
def test_a_graph_that_takes_too_much_memory(classic):
    keras.utils.set_random_seed(3)
    layers = [keras.Input((2,), name="x"), Growing(), keras.layers.Dense(1)]
    model = keras.Sequential(layers)
    model.compile("sgd", "mse")
    df = rows_of(classic, 64, 2)
    options = {"features": ["a", "b"], "label": "y", "epochs": 1, "batch_size": 32}
    for rows in (df, df.toPandas()):
        with pytest.raises(
            OutOfMemoryError,
            match="Training of .* ran out of memory: .*; pass a smaller batch_size",
        ):
            tfs.fit(model, rows, **options)


def arrays(df):
    rows = df.toPandas()
    return rows[["a", "b"]].to_numpy(), rows["y"].to_numpy(), rows["w"].to_numpy()


def test_workers_read_files_themselves(spark, tmp_path):
    table = rows_of(spark, 23, 1).toArrow()
    pq.write_table(table, tmp_path / "rows.parquet", row_group_size=10)
    options = {"features": ["a", "b"], "label": "y", "epochs": 2, "batch_size": 3, "shuffle": False}
    trained = tfs.fit(small_model(), tmp_path / "rows.parquet", spark=spark, **options)
    alone = small_model()
    x, y = np.stack([table["a"], table["b"]], axis=1), np.array(table["y"])
    halves = [list(range(11)), list(range(11, 23))]
    order = [row for at in range(0, 12, 3) for half in halves for row in half[at : at + 3]]
    alone.fit(x[order], y[order], epochs=2, batch_size=6, shuffle=False, verbose=0)
    for mine, its in zip(trained.get_weights(), alone.get_weights(), strict=True):
        np.testing.assert_allclose(mine, its, 1e-4, 1e-6)


def test_an_error_of_one_worker_is_that_of_all(classic):
    df = rows_of(classic, 12, 3).withColumn("b", F.expr("nullif(b, cast(1/5 as float))"))
    options = {"features": ["a", "b"], "label": "y", "epochs": 1, "batch_size": 3}
    with pytest.raises(NullValuesError, match=r"Column '\[a, b\]' holds 3 nulls"):
        tfs.fit(small_model(), df, **options)


def several():
    one, two = keras.Input((1,), name="one"), keras.Input((), dtype="int32", name="two")
    both = keras.layers.Concatenate()([one, keras.layers.Embedding(5, 2)(two)])
    outputs = [keras.layers.Dense(1, name=name)(both) for name in ("here", "there")]
    model = keras.Model([one, two], outputs)
    model.compile("sgd", "mse")
    return model


WRONG = [
    ({"features": ["a", "c"]}, ColumnNotFoundError, "Input 'x' of the model needs a column 'c', which the DataFrame does not have. There are: a, b, w, y, name, v. "
     "Name another one in features=."),
    ({"label": "z"}, ColumnNotFoundError, "Option 'label' needs a column 'z', which the DataFrame does not have."),
    ({"label": "name"}, UnsupportedTypeError, "losses take numbers"),
    ({"features": ["a", "y"]}, DtypeMismatchError,
     "Input 'x' of the model takes float32, column '[a, y]' is float64[2], and nothing is cast silently: "
     "write df.withColumns({'a': df['a'].cast('float'), 'y': df['y'].cast('float')})"),
    ({"features": ["a", "b", "a"]}, ShapeMismatchError, "cells of shape [2]"),
    ({"weight": "v"}, ShapeMismatchError, "a single value for each row"),
    ({"features": {"u": "a"}}, OptionError, "features names 'u', and the model has no such input. There are: x."),
    ({"features": 3}, OptionError, "features is the name of a column, a list of names, or a dict"),
    ({"epochs": 0}, OptionError, "epochs is a whole number, at least 1, got 0."),
    ({"batch_size": True}, OptionError, "batch_size is a whole number"),
    ({"validation": 1.5}, OptionError, "validation is a fraction between 0 and 1, or a frame, got 1.5."),
    ({"callbacks": [print]}, OptionError, "callbacks is a list of keras.callbacks.Callback"),
    ({"callbacks": [keras.callbacks.BackupAndRestore("a")]}, OptionError, "pass that"),
    ({"nulls": {"q": 0}}, OptionError, "nulls names 'q'. There are: x, label."),
    ({"workers": 9}, NotAvailableError, "pass workers=2, or start the session with more cores"),
    ({"device": "tpu"}, OptionError, "device is 'auto', 'cpu' or 'gpu', got 'tpu'."),
]  # fmt: skip


@pytest.mark.parametrize(("options", "kind", "sentence"), WRONG, ids=lambda value: str(value)[:30])
def test_what_the_schema_tells_is_told_before_any_job(options, kind, sentence, classic):
    df = rows_of(classic, 4, 2).selectExpr("*", "'n' name", "array(1F, 2F) v")
    given = {"features": ["a", "b"], "label": "y", "epochs": 1, "batch_size": 2, **options}
    with pytest.raises(kind) as caught:
        tfs.fit(small_model(), df, **given)
    assert sentence in str(caught.value)


def test_which_models_are_refused(classic):
    df = rows_of(classic, 4, 2)
    options = {"features": ["a", "b"], "label": "y", "epochs": 1, "batch_size": 2}
    unbuilt = keras.Sequential([keras.layers.Dense(1)])
    plain = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    with pytest.raises(
        OptionError, match=r"is not compiled: call model.compile\(optimizer, loss\)"
    ):
        tfs.fit(plain, df, **options)
    unbuilt.compile("sgd", "mse")
    with pytest.raises(OptionError, match=r"call model.build\(\(None, n\)\) for n features"):
        tfs.fit(unbuilt, df, **options)
    plain.compile("sgd", keras.losses.MeanSquaredError(reduction="sum"))
    with pytest.raises(OptionError, match="compile with reduction='sum_over_batch_size'"):
        tfs.fit(plain, df, **options)
    wide = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    wide.compile("sgd", "categorical_crossentropy")
    with pytest.raises(OptionError, match=r"does not take these columns .*y float64\).*same rank"):
        tfs.fit(wide, df, **options)
    with pytest.raises(OptionError, match="write features={'one': column, 'two': column}"):
        tfs.fit(several(), df, **options)
    with pytest.raises(OptionError, match="fit trains a Keras model, got str"):
        tfs.fit("model", df, **options)


def test_a_query_without_rows(classic):
    """Spark leaves the tasks out if it knows that a query has no rows."""
    options = {"features": ["a", "b"], "label": "y", "epochs": 1, "batch_size": 2}
    none = rows_of(classic, 4, 2).cache().where("a > 100")
    with pytest.raises(FeedError, match="There are no rows to train on"):
        tfs.fit(small_model(), none, **options)


@pytest.mark.both
@pytest.mark.parametrize("spark", ["connect"], indirect=True)
def test_more_workers_than_connect_runs(spark, monkeypatch):
    """What a server runs at a time is told by Spark's default for its ranges, which a user may set."""
    monkeypatch.setattr(at_once, "_UNTIL_SUBMITTED", 5.0)
    spark.conf.set("spark.sql.leafNodeDefaultParallelism", "7")
    options = {"features": ["a", "b"], "label": "y", "epochs": 1, "batch_size": 2}
    df = rows_of(spark, 4, 2)
    with pytest.raises(NotAvailableError, match="all have to run at once: pass a smaller workers="):
        tfs.fit(small_model(), df, **options)
    spark.conf.unset("spark.sql.leafNodeDefaultParallelism")
    with pytest.raises(NotAvailableError, match="pass workers=2"):
        tfs.fit(small_model(), df, workers=3, **options)
    # Spark's own check stops the whole server.
    assert spark.range(3).count() == 3
