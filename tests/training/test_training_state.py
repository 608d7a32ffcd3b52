"""What is left of an epoch, as a file."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tfspark_magic.errors import FileContentError, OptionError
from tfspark_magic.training import checkpoint
from tfspark_magic.training.training_state import State, attributes_of


def fitted(units=2):
    layers = [keras.layers.Dense(units, dtype="bfloat16"), keras.layers.Dropout(0.5)]
    model = keras.Sequential([keras.Input((3,)), *layers, keras.layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(np.ones((4, 3)), np.ones((4, 1)), verbose=0)
    return model


def test_a_state_comes_back_from_its_file(tmp_path):
    model, other = fitted(), fitted()
    stopping = keras.callbacks.EarlyStopping()
    stopping.best, stopping.best_weights = np.float32(0.5), model.get_weights()
    state = State.of(
        model, epoch=3, seed=7, history={"loss": [1.0, float("nan")]},
        callbacks=[attributes_of(stopping)], run="a",
    )  # fmt: skip
    folder = str(tmp_path / "kept")
    assert checkpoint.newest(folder) is None
    for epoch in (2, 3):
        checkpoint.write(folder, State(epoch, [], []))
    checkpoint.write(folder, state)
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["epoch-00003.npz"]
    found = State.from_bytes(checkpoint.newest(folder))
    assert (found.epoch, found.seed, found.run, found.is_stopped) == (3, 7, "a", False)
    assert str(found.history) == "{'loss': [1.0, nan]}"
    assert found.callbacks[0]["best"] == 0.5
    for mine, its in zip(found.callbacks[0]["best_weights"], model.get_weights(), strict=True):
        assert mine.dtype == its.dtype
        assert (mine == its).all()
    found.assign(other)
    pairs = [
        (model.variables, other.variables),
        (model.optimizer.variables, other.optimizer.variables),
    ]
    for mine, its in [pair for both in pairs for pair in zip(*both, strict=True)]:
        assert (mine.numpy() == its.numpy()).all(), mine.path


def test_what_is_no_state_of_the_model_is_told(tmp_path):
    with pytest.raises(OptionError, match="the training of another model: pass another folder"):
        State.of(fitted(), epoch=1).assign(fitted(units=3))
    (tmp_path / "epoch-00001.npz").write_bytes(b"PK\3\4 something")
    with pytest.raises(
        FileContentError, match="expected a checkpoint of fit, found something else"
    ):
        checkpoint.newest(str(tmp_path))
