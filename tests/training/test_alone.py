"""Models trained in this process: on pandas frames, Arrow tables and files, as Keras itself does it."""

from __future__ import annotations

import importlib.util
import pickle

import keras
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tfspark_magic as tfs
from tfspark_magic.errors import (
    FeedError,
    GraphLoadError,
    MissingDependencyError,
    NotADataFrameError,
    NotAvailableError,
    OptionError,
    PathAccessError,
    ShapeMismatchError,
    WorkerFailedError,
)
from tfspark_magic.graph.runtime import tf
from tfspark_magic.models.keras_training import callbacks_of
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


@pytest.mark.matrix
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
    with pytest.raises(OptionError, match="holds a training on the columns one, two, here, there"):
        tfs.fit(several(), ROWS, **options | {"label": {"here": "there", "there": "there"}})
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


def test_callbacks_that_have_trained_before_can_be_sent(tmp_path):
    board = keras.callbacks.TensorBoard(str(tmp_path), update_freq="batch")
    callbacks = [board, keras.callbacks.CSVLogger(str(tmp_path / "log.csv"))]
    model = keras.Sequential([keras.Input((1,), name="x"), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(ROWS["one"].to_numpy()[:, None], ROWS["w"].to_numpy(), verbose=0, callbacks=callbacks)
    assert len(pickle.loads(pickle.dumps(callbacks_of(callbacks)))) == 2


def test_a_callback_that_lacks_a_package_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match="^tensorboard is needed by the callback Ten"):
        tfs.fit(several(), ROWS, callbacks=[keras.callbacks.TensorBoard(tmp_path)], **OPTIONS)


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
    for option, value in {"seed": -1, "callbacks": keras.callbacks.EarlyStopping}.items():
        with pytest.raises(OptionError, match=f"{option} is a"):
            tfs.fit(several(), ROWS, **OPTIONS, **{option: value})
    with pytest.raises(NotAvailableError, match="device='gpu' was asked for"):
        tfs.fit(several(), ROWS, device="gpu", **OPTIONS)
    with pytest.raises(PathAccessError, match="'/proc/nowhere' cannot be used, it cannot be made"):
        tfs.fit(several(), ROWS, checkpoint="/proc/nowhere", **OPTIONS)
    with pytest.raises(OptionError, match="checkpoint is the path of a folder, got an empty text"):
        tfs.fit(several(), ROWS, checkpoint="", **OPTIONS)
    lost = several()
    lost.compile("sgd", {"here": lambda y, p: np.nowhere(y), "there": lambda y, p: ROWS})
    with pytest.raises(OptionError, match="Write lambdas of the model as functions with def"):
        tfs.fit(lost, ROWS, **OPTIONS)
    two = keras.Sequential([keras.Input((1,), name="one"), keras.layers.Dense(2)])
    two.compile("sgd", "mse")
    with pytest.raises(
        OptionError, match=r"does not take these columns .*Incompatible shapes: \[7\]"
    ):
        tfs.fit(two, ROWS, features="one", label="here", epochs=1, batch_size=2)
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


def numbered(x):
    return tf.strings.to_number(tf.strings.join(["0", x]))


def test_a_failure_may_quote_bytes_that_are_no_text():
    text = keras.Input((1,), dtype="string", name="x")
    numbers = keras.layers.Lambda(numbered, output_shape=(1,))(text)
    model = keras.Model(text, keras.layers.Dense(1)(numbers))
    model.compile("sgd", "mse")
    rows = pa.table({"x": [b"1", b"\xff"], "y": [1.0, 2.0]})
    with pytest.raises(WorkerFailedError, match=r"convert string: 0\\xff"):
        tfs.fit(model, rows, features="x", label="y", epochs=1, batch_size=1, verbose=0)


def one_hot():
    """A model whose labels are lists, of which neither pandas nor Spark says how long they are."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, "softmax")])
    model.compile("sgd", "categorical_crossentropy")
    return model


def half_labelled():
    """A model of two outputs, one of which no loss looks at."""
    inputs = keras.Input((2,))
    here, there = (keras.layers.Dense(1, name=name)(inputs) for name in ("here", "there"))
    model = keras.Model(inputs, {"here": here, "there": there})
    model.compile("sgd", {"here": "mse"})
    return model


def half_as_wide():
    """A model in 16 bits, whose optimizer scales the loss; `.keras` files do not say so."""
    keras.config.set_dtype_policy("mixed_float16")
    try:
        layers = [keras.layers.Dense(3), keras.layers.Dense(1, dtype="float32")]
        model = keras.Sequential([keras.Input((2,)), *layers])
        model.compile("adam", "mse")
    finally:
        keras.config.set_dtype_policy("float32")
    return model


def convolved():
    """A model that takes cells of any length, but not of length 1."""
    layers = [
        keras.layers.Reshape((-1, 1)),
        keras.layers.Conv1D(2, 3),
        keras.layers.GlobalMaxPooling1D(),
    ]
    model = keras.Sequential([keras.Input((None,)), *layers, keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize(
    ("make", "label"),
    [(one_hot, "kind"), (half_labelled, "here"), (half_as_wide, "here"), (convolved, "here")],
)
def test_models_train_as_keras_trains_them(make, label):
    kinds = list(np.eye(3, dtype=np.float32)[ROWS["there"]])
    signal = list(np.arange(150, dtype=np.float32).reshape(30, 5) % 7)
    rows = ROWS.assign(also=ROWS["w"].astype("float32"), kind=kinds, signal=signal)
    features = "signal" if make is convolved else ["one", "also"]
    options = OPTIONS | {"features": features, "label": label, "shuffle": False}
    keras.utils.set_random_seed(1)
    trained = tfs.fit(make(), rows, **options)
    keras.utils.set_random_seed(1)
    alone = make()
    y = np.stack(kinds) if label == "kind" else rows[label].to_numpy()
    x = np.stack(signal) if make is convolved else rows[["one", "also"]].to_numpy()
    history = alone.fit(x, y, batch_size=8, epochs=3, shuffle=False, verbose=0).history
    np.testing.assert_allclose(trained.history.history["loss"], history["loss"], 1e-6)
    assert type(trained.optimizer) is type(alone.optimizer)
    assert keras.config.dtype_policy().name == "float32"


class Unbuilt(keras.Model):
    """A model of layers that Keras does not build when it loads the model."""

    def __init__(self, **options):
        super().__init__(**options)
        self.dense = keras.layers.Dense(1)

    def call(self, x):
        return self.dense(x)

    def get_config(self):
        return {"name": self.name}


class Built(Unbuilt):
    def build(self, shape):
        self.dense.build(shape)


@pytest.mark.filterwarnings("ignore:`build\\(\\)` was called on layer")
def test_a_model_that_keras_does_not_load_says_what_it_lacks():
    options = OPTIONS | {"features": "one", "label": "here", "epochs": 1}
    for kind, optimizer in ((Unbuilt, "sgd"), (Built, None), (Built, "sgd")):
        model = kind()
        model.build((None, 1))
        model.compile(optimizer, "mse")
        if kind is Built and optimizer:
            assert len(tfs.fit(model, ROWS, **options).history.epoch) == 1
            continue
        said = (
            "has no optimizer"
            if kind is Built
            else "Keras does not load what it saves of it: .*build"
        )
        with pytest.raises((GraphLoadError, OptionError), match=said):
            tfs.fit(model, ROWS, **options)
