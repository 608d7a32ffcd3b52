"""Models trained in this process: on pandas frames, Arrow tables and files, as Keras itself does it."""

from __future__ import annotations

import keras
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tfspark_magic as tfs
from tfspark_magic.errors import (
    FeedError,
    NotADataFrameError,
    NotAvailableError,
    OptionError,
    ShapeMismatchError,
    WorkerFailedError,
)
from tfspark_magic.training.hosts import check_hosts

RANDOM = np.random.default_rng(0)
ROWS = pd.DataFrame(
    {
        "one": RANDOM.normal(size=30).astype(np.float32),
        "two": RANDOM.integers(0, 5, 30).astype(np.int32),
        "here": RANDOM.normal(size=30),
        "there": RANDOM.integers(0, 3, 30),
        "w": RANDOM.random(30),
    }
)


def several(learning_rate=0.1):
    """A model of two inputs and two outputs."""
    keras.utils.set_random_seed(1)
    one, two = keras.Input((1,), name="one"), keras.Input((), dtype="int32", name="two")
    both = keras.layers.Concatenate()([one, keras.layers.Embedding(5, 2)(two)])
    here = keras.layers.Dense(1, name="here")(both)
    there = keras.layers.Dense(3, "softmax", name="there")(both)
    model = keras.Model({"one": one, "two": two}, {"here": here, "there": there})
    losses = {"here": "mse", "there": "sparse_categorical_crossentropy"}
    model.compile(keras.optimizers.SGD(learning_rate), losses, metrics={"there": "accuracy"})
    return model


def parquet(df, folder):
    pq.write_table(pa.Table.from_pandas(df), folder / "rows.parquet", row_group_size=7)
    return folder / "rows.parquet"


OPTIONS = {
    "features": {},
    "label": {"here": "here", "there": "there"},
    "epochs": 3,
    "batch_size": 8,
}
KINDS = {
    "pandas": lambda df, _: df,
    "arrow": lambda df, _: pa.Table.from_pandas(df),
    "files": parquet,
}


@pytest.mark.parametrize("kind", KINDS)
def test_inputs_and_outputs_by_name(kind, tmp_path):
    rows = KINDS[kind](ROWS, tmp_path)
    trained = tfs.fit(several(), rows, weight="w", shuffle=False, validation=rows, **OPTIONS)
    alone = several()
    data = ({name: ROWS[name].to_numpy() for name in ("one", "two")},
            {name: ROWS[name].to_numpy() for name in ("here", "there")}, ROWS["w"].to_numpy())  # fmt: skip
    history = alone.fit(
        *data[:2], sample_weight=data[2], batch_size=8, epochs=3, shuffle=False, verbose=0,
        validation_data=data,
    ).history  # fmt: skip
    for mine, its in zip(trained.get_weights(), alone.get_weights(), strict=True):
        np.testing.assert_allclose(mine, its, 1e-5)
    assert set(trained.history.history) == set(history)
    for name, values in history.items():
        np.testing.assert_allclose(trained.history.history[name], values, 1e-5)


def test_a_seed_is_an_order_and_epochs_have_others(tmp_path):
    runs = [
        tfs.fit(several(), ROWS, seed=seed, validation=0.3, **OPTIONS).get_weights()
        for seed in (1, 1, 2)
    ]
    same, other = (
        [np.array_equal(*pair) for pair in zip(runs[0], run, strict=True)] for run in runs[1:]
    )
    assert all(same)
    assert not all(other)
    # What goes on from a checkpoint has the orders and the rows that it would have had.
    first = tfs.fit(several(), ROWS, validation=0.3, checkpoint=tmp_path, **OPTIONS | {"epochs": 1})
    model = several()
    options = OPTIONS | {"epochs": 3, "checkpoint": tmp_path, "validation": 0.3}
    trained = tfs.fit(model, ROWS, inplace=True, **options)
    assert trained is model
    assert trained.history.history["loss"][:1] == first.history.history["loss"]
    assert trained.history.epoch == [0, 1, 2]
    anew = tfs.fit(several(), ROWS, resume=False, **options)
    assert anew.history.history["loss"] != trained.history.history["loss"]


def test_a_training_that_goes_on_is_that_which_was_not_stopped(tmp_path):
    class Stopped(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    options = OPTIONS | {"epochs": 4, "seed": 5, "validation": 0.2}
    rates = [keras.callbacks.ReduceLROnPlateau(patience=1, min_delta=9.0, factor=0.5)]
    with pytest.raises(KeyboardInterrupt):
        tfs.fit(several(), ROWS, checkpoint=tmp_path, callbacks=[*rates, Stopped()], **options)
    trained = tfs.fit(several(), ROWS, checkpoint=tmp_path, callbacks=rates, **options)
    whole = tfs.fit(several(), ROWS, callbacks=rates, **options)
    assert trained.history.history == whole.history.history
    assert len(set(trained.history.history["learning_rate"])) > 2
    for mine, its in zip(trained.get_weights(), whole.get_weights(), strict=True):
        assert (mine == its).all()


def test_a_callback_stops_and_it_stays_so(tmp_path):
    stopping = keras.callbacks.EarlyStopping("loss", patience=0, min_delta=9.0)
    options = OPTIONS | {"checkpoint": tmp_path, "callbacks": [stopping]}
    assert len(tfs.fit(several(), ROWS, **options).history.epoch) == 2
    assert len(tfs.fit(several(), ROWS, **options).history.epoch) == 2


def test_nulls_are_left_out_or_filled():
    rows = pd.DataFrame({"x": pd.array([1.0, None, 3.0], "Float32"), "y": [1.0, 2.0, 3.0]})
    model = keras.Sequential([keras.Input((1,), name="x"), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    options = {"features": "x", "label": "y", "epochs": 1, "batch_size": 4}
    found = {
        nulls: tfs.fit(model, rows, nulls=nulls, **options).history.history["loss"][0]
        for nulls in ("null", 7.0)
    }
    for nulls, x in (("null", [1.0, 3.0]), (7.0, [1.0, 7.0, 3.0])):
        y = [1.0, 3.0] if nulls == "null" else rows.y
        expected = model.evaluate(np.array(x)[:, None], np.array(y), verbose=0)
        np.testing.assert_allclose(found[nulls], expected, 1e-5)


def test_what_fails_says_so_in_a_sentence():
    model = several(1e30)
    with pytest.raises(
        WorkerFailedError, match="The loss became .* in epoch .*lower the learning rate"
    ):
        tfs.fit(model, ROWS, **OPTIONS)
    nan = tfs.fit(model, ROWS, callbacks=[keras.callbacks.TerminateOnNaN()], **OPTIONS)
    assert len(nan.history.epoch) < 3
    with pytest.raises(FeedError, match="There are no rows to train on"):
        tfs.fit(several(), ROWS[:0], **OPTIONS)
    with pytest.raises(
        OptionError, match="There are no rows to validate with, by validation=0.01 of 30"
    ):
        tfs.fit(several(), ROWS, validation=0.01, seed=1, **OPTIONS)
    with pytest.raises(OptionError, match="workers=2 needs Spark"):
        tfs.fit(several(), ROWS, workers=2, **OPTIONS)
    with pytest.raises(OptionError, match=r"validation= is a frame of another kind \(Arrow\)"):
        tfs.fit(several(), ROWS, validation=pa.Table.from_pandas(ROWS), **OPTIONS)
    with pytest.raises(
        OptionError, match="Column 'w' of validation= is float32, and that to train on is float64"
    ):
        tfs.fit(several(), ROWS, validation=ROWS.astype({"w": "float32"}), weight="w", **OPTIONS)
    with pytest.raises(NotADataFrameError, match=r"write tfs.fit\(model, df, features="):
        tfs.fit(several(), 3, **OPTIONS)
    ragged = pa.table({"x": [[1.0, 2.0], [3.0]], "y": [1.0, 2.0]})
    pooled = keras.Sequential(
        [keras.Input((None,), dtype="float64", name="x"), keras.layers.Lambda(lambda x: x[:, :1])]
    )
    pooled.compile(None, "mse")
    pooled.compile("sgd", "mse")
    with pytest.raises(
        ShapeMismatchError, match="Column 'x': expected cells of one shape.*pad them"
    ):
        tfs.fit(pooled, ragged, features="x", label="y", epochs=1, batch_size=2)
    with pytest.raises(
        NotAvailableError, match="cannot find worker 'no.such.host.invalid' by this name"
    ):
        check_hosts(["127.0.0.1:2", "no.such.host.invalid:1"])
