"""Compare vectorized Keras models on rows with the model on each row alone."""

from __future__ import annotations

import keras
import numpy as np
import pyarrow as pa
import pytest
from keras import layers as kl
from without_spark import map_columns

import tfspark_magic as tfs
from tfspark_magic.binding import bind
from tfspark_magic.graph.block import MAPPED
from tfspark_magic.graph.capture import run_cell
from tfspark_magic.graph.fetches import freeze_fetches
from tfspark_magic.schema.spec import CellSpec
from tfspark_magic.worker import program_cache

R = np.random.default_rng(5)
SERIES = [R.normal(size=(n, 2)).astype("float32") for n in (3, 1, 5, 3, 2, 5, 1, 4)]
NESTED = {1: pa.list_(pa.float32()), 2: pa.list_(pa.list_(pa.float32()))}
IMAGES = [R.normal(size=(6, 6, 2)).astype("float32") for _ in range(4)]
RECURRENT = {
    "LSTM": lambda: [kl.LSTM(3)],
    "GRU": lambda: [kl.GRU(3, return_sequences=True)],
    "Bidirectional": lambda: [kl.Bidirectional(kl.LSTM(2))],
    "masked": lambda: [kl.Masking(0.0), kl.SimpleRNN(3)],
}
FIXED = {
    "dense": lambda: [kl.Flatten(), kl.Dense(4, "relu"), kl.BatchNormalization(), kl.Dropout(0.5), kl.Dense(2, "softmax")],
    "convolutions": lambda: [kl.Rescaling(0.5), kl.Conv2D(3, 3, padding="same"), kl.BatchNormalization(), kl.ReLU(6.0), kl.MaxPooling2D(),
                             kl.Conv2DTranspose(2, 2), kl.UpSampling2D(), kl.GlobalAveragePooling2D()],
    "of a mobile net": lambda: [kl.ZeroPadding2D(((0, 1), (0, 1))), kl.DepthwiseConv2D(3, strides=2), kl.BatchNormalization(), kl.SeparableConv2D(3, 1), kl.LayerNormalization(), kl.GlobalMaxPooling2D()],
    "resized": lambda: [kl.Resizing(4, 4), kl.CenterCrop(2, 2), kl.Activation("gelu"), kl.GroupNormalization(1), kl.AveragePooling2D(2)],
    "series": lambda: [kl.Reshape([6, 12]), kl.Conv1D(3, 2, padding="causal"), kl.LeakyReLU(), kl.UnitNormalization(), kl.TimeDistributed(kl.Dense(2)), kl.GlobalMaxPooling1D()],
}  # fmt: skip


def run(model, shape, cells, rows_per_block):
    cell = run_cell(
        f"x = tf.placeholder(tf.float32, {shape}, name='x')\n"
        "tf.identity(model(x[None])[0], name='z')",
        {"model": model},
    )
    spec = CellSpec("float32", (None,) * len(shape))
    plan = bind(
        freeze_fetches(cell.result), [("x", spec)], per_row=True, rows_per_block=rows_per_block
    )
    assert plan.graph.how != MAPPED, plan.graph.reason
    nested = pa.float32()
    for _ in shape:
        nested = pa.list_(nested)
    program_cache._loaded.clear()
    found = map_columns(plan, (pa.array([one.tolist() for one in cells], nested),))
    (program,) = program_cache._loaded.values()
    assert program.may_fall_back
    for row, one in zip(cells, found, strict=True):
        expected = np.asarray(model(row[None]))[0]
        np.testing.assert_allclose(np.array(one), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "name",
    [
        *list(RECURRENT)[:1],
        *(pytest.param(name, marks=pytest.mark.long) for name in list(RECURRENT)[1:]),
    ],
)
def test_series_of_unequal_length_give_what_the_model_gives_for_each(name):
    model = keras.Sequential([keras.Input([None, 2]), *RECURRENT[name]()])
    for rows_per_block in (0, 3):  # The last block has two rows; some lengths are of one row.
        run(model, [None, 2], SERIES, rows_per_block)


@pytest.mark.parametrize("name", FIXED)
def test_rows_give_what_the_model_gives_for_each(name):
    model = keras.Sequential([keras.Input([6, 6, 2]), *FIXED[name]()])
    run(model, [6, 6, 2], IMAGES, 3)


def dense():
    layers = [keras.layers.Dense(3, "tanh"), keras.layers.BatchNormalization()]
    return keras.Sequential([keras.Input((2,), name="x"), *layers, keras.layers.Dense(1, name="z")])


def of_others():
    """A model whose rows depend on each other in a batch: alone, each is its own mean."""
    x = keras.Input((2,), name="x")
    mean = keras.ops.mean(x, axis=0, keepdims=True)
    return keras.Model(x, keras.layers.Identity(name="z")(x - mean))


def series():
    layers = [keras.layers.LSTM(3), keras.layers.Dense(1, name="z")]
    return keras.Sequential([keras.Input((None, 2), name="x"), *layers])


@pytest.mark.parametrize("vectorize", [True, False])
@pytest.mark.parametrize("make", [dense, of_others, series])
def test_a_row_of_a_model_is_a_batch_of_one(make, vectorize, tmp_path):
    model = make()
    cells = SERIES if make is series else [one.reshape(-1)[:2] for one in SERIES]
    table = pa.table({"x": pa.array([one.tolist() for one in cells], NESTED[cells[0].ndim])})
    path = tmp_path / "model.tfs"
    tfs.load(model).save(path)
    for program in (model, tfs.load(path)):
        found = tfs.map_rows(program, table, vectorize=vectorize)["z"]
        for one, row in zip(cells, found.to_pylist(), strict=True):
            np.testing.assert_allclose(row, np.asarray(model(one[None]))[0], rtol=1e-4, atol=1e-5)
