"""The form of a program that is a Keras model: it offers `fit`, with the code of the magic."""

from __future__ import annotations

from types import SimpleNamespace

import keras
import numpy as np
import pandas as pd
import pytest

import tfspark_magic as tfs
from tfspark_magic.notebook.bound_fit import bind_fit
from tfspark_magic.notebook.form.fields import fields
from tfspark_magic.notebook.form.state import SIDE_BY_SIDE, FormState
from tfspark_magic.notebook.magics import TFGraphMagics
from tfspark_magic.notebook.options import parse

PARSER = TFGraphMagics.tfrun.parser


@pytest.fixture(scope="module")
def model():
    made = keras.Sequential([keras.Input((2,), name="x"), keras.layers.Dense(1)])
    made.compile("sgd", "mse")
    return made


@pytest.fixture(scope="module")
def score(model):
    return tfs.load(model, name="score")


@pytest.fixture(scope="module")
def two():
    inputs = keras.Input((1,), name="x")
    outputs = [keras.layers.Dense(1, name=name)(inputs) for name in ("here", "there")]
    made = keras.Model(inputs, outputs)
    made.compile("sgd", ["mse", "mse"])
    return made


def state_of(program, **names):
    rows = pd.DataFrame({"a": np.ones(4, "f4"), "b": np.ones(4, "f4"), "y": 1.0, "note": "n"})
    host = SimpleNamespace(
        has_magics=True,
        namespace=lambda: names, results=list, nulls="error", device="auto", rows_per_block=None,
        preview_rows=5,
    )  # fmt: skip
    names.update({program.name: program, "rows": rows})
    return FormState(program, host)


def shown(state):
    return {field["id"]: field for field in fields(state)}


def test_a_training_is_the_line_and_the_code_of_the_magic(score, model):
    state = state_of(score, net=model)
    assert state.operations["fit"] == ""
    state.set("op", "fit")
    assert state.errors == {
        "label": "Choose the column of the labels.",
        "bind:x": "No column of rows fits, but several side by side may: x takes float32, a vector of 2.",
    }
    seen = shown(state)
    assert not {"fetch", "then", "trim", "rows_per_block", "preview_rows", "by"} & set(seen)
    assert {one["label"]: one["reason"] for one in seen["label"]["choices"]}["note"] == "text"
    state.set("bind:x", SIDE_BY_SIDE)
    state.set("bind:x:parts", ["b", "a"])
    state.set("label", "y")
    assert state.line == (
        "%tfrun net --df rows --bind x=b,a --op fit --label y --epochs 1 --batch-size 32 --out result"
    )
    for field, text in {"epochs": "5", "batch_size": "64", "workers": "2", "validation": "0.25",
                        "checkpoint": "kept", "weight": "a", "out": "trained"}.items():  # fmt: skip
        state.set(field, text)
    assert state.runnable, state.errors
    assert state.code == (
        "trained = tfs.fit(net, rows, features={'x': ['b', 'a']}, label='y', weight='a', epochs=5, "
        "batch_size=64, validation=0.25, workers=2, checkpoint='kept')"
    )
    read = parse(PARSER, state.line.removeprefix("%tfrun "))
    assert bind_fit(read, state.host).python() == state.code


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("epochs", "0", "This is a whole number, at least 1, got '0'."),
        ("batch_size", "", "This is a whole number, at least 1, got ''."),
        ("workers", "many", "This is a whole number, at least 1, got 'many'."),
        ("validation", "2", "This is a fraction between 0 and 1, such as 0.1, got '2'."),
        ("out", "net", "net is the model: give the trained one another name."),
        ("label", "note", "losses take numbers"),
        ("weight", "note", "losses take numbers"),
        ("fill", "", "Write the value that replaces a null."),
    ],
)
def test_each_field_has_its_own_error(score, model, field, value, said):
    state = state_of(score, net=model)
    for name, given in {"op": "fit", "bind:x": ["a", "b"], "label": "y", "nulls": "value"}.items():
        state.set(name, given)
    state.set("fill", "0")
    assert state.runnable, state.errors
    state.set(field, value)
    assert list(state.errors) == [field]
    assert said in state.errors[field]


def test_which_models_are_offered(score, model, two):
    state = state_of(score, other=two)
    assert state.operations["fit"] == "no Keras model has these inputs"
    state.set("op", "fit")
    assert state.errors["op"] == "fit cannot run here: no Keras model has these inputs."
    plain = keras.Sequential([keras.Input((2,), name="x"), keras.layers.Dense(1)])
    state = state_of(score, plain=plain, net=model)
    for name, given in {"op": "fit", "bind:x": ["a", "b"], "label": "y"}.items():
        state.set(name, given)
    assert [one["value"] for one in shown(state)["model"]["choices"]] == ["plain", "net"]
    assert "is not compiled: call model.compile" in state.errors["model"]
    state.set("model", "net")
    assert state.runnable, state.errors


def test_outputs_have_labels_of_their_own(two):
    state = state_of(tfs.load(two, name="both"), net=two)
    for name, given in {"op": "fit", "bind:x": "a", "label:here": "y"}.items():
        state.set(name, given)
    assert state.errors == {"label:there": "Choose the column of the labels."}
    state.set("label:there", "b")
    assert "label={'here': 'y', 'there': 'b'}" in state.code
