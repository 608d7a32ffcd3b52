from __future__ import annotations

import gc

import keras
import numpy as np
import pytest

import tfspark_magic as tfs
from tests.models.conftest import ROWS, assert_gives
from tfspark_magic.errors import GraphLoadError, OptionError
from tfspark_magic.graph.runtime import tf
from tfspark_magic.models.keras_model import read_keras
from tfspark_magic.models.source import to_program


class Subclassed(keras.Model):
    def __init__(self, **options):
        super().__init__(**options)
        self.dense = keras.layers.Dense(2)

    def call(self, values, training=None):
        found = self.dense(values["x"] if isinstance(values, dict) else values)
        return -found if training else found


@pytest.mark.parametrize("how", ["live", "keras", "h5", "exported"])
def test_a_functional_model(keras_model, tmp_path, how):
    model = keras_model.live
    if how == "h5":
        model.save(tmp_path / "scorer.h5")
        model = tmp_path / "scorer.h5"
    elif how == "exported":
        model.export(tmp_path / "scorer", verbose=False)
        model = tmp_path / "scorer"
    elif how == "keras":
        model = keras_model.path
    program = tfs.load(model)
    assert repr(program) == (
        "Program scorer: x float32[?,3] -> hidden float32[?,4], score float32[?,2]"
    )
    assert_gives(program, keras_model)
    assert_gives(tfs.load(model, outputs="score"), keras_model, "score")


def test_a_model_of_several_inputs_keeps_them_apart():
    a, b = keras.Input((2,), name="a"), keras.Input((2,), name="b", dtype="int64")
    model = keras.Model([a, b], a - keras.ops.cast(b, "float32"))
    program = tfs.load(model, outputs={model.output_names[0]: "difference"})
    assert [str(spec) for spec in program.inputs] == ["a float32[?,2]", "b int64[?,2]"]
    found = program.run(a=np.ones((1, 2), np.float32), b=[[3, 5]])
    assert found.tolist() == [[-2, -4]]


def test_a_sequential_model():
    model = keras.Sequential([keras.Input((3,), name="x"), keras.layers.Dense(2)])
    program = tfs.load(model)
    assert [str(spec) for spec in program.outputs] == [f"{model.layers[-1].name} float32[?,2]"]
    np.testing.assert_allclose(program.run(x=ROWS), model.predict(ROWS, verbose=0), rtol=1e-6)


def test_a_subclassed_model_takes_what_it_was_called_with():
    model = Subclassed(name="mine")
    with pytest.raises(OptionError) as caught:
        tfs.load(model)
    assert str(caught.value) == (
        "Keras model 'mine' does not say what it takes: write tfs.load(model, "
        "signature=tf.TensorSpec([None, ...], dtype)), or a list or dict of them as its call takes, "
        "with None for a block's rows."
    )
    expected = model(ROWS).numpy()
    program = tfs.load(model)
    assert repr(program) == "Program mine: input float32[?,3] -> output_0 float32[?,2]"
    np.testing.assert_allclose(program.run(input=ROWS), expected, rtol=1e-6)


def test_a_subclassed_model_takes_a_signature():
    model = Subclassed()
    program = tfs.load(model, signature={"x": tf.TensorSpec([None, 3], tf.float32)})
    np.testing.assert_allclose(program.run(x=ROWS), model({"x": ROWS}).numpy(), rtol=1e-6)


def test_weights_are_those_of_now():
    model = keras.Sequential([keras.Input((3,), name="x"), keras.layers.Dense(2)])
    before = tfs.load(model)
    expected = model.predict(ROWS, verbose=0)
    model.set_weights([2 * weight for weight in model.get_weights()])
    np.testing.assert_allclose(before.run(x=ROWS), expected, rtol=1e-6)
    np.testing.assert_allclose(tfs.load(model).run(x=ROWS), 2 * expected, rtol=1e-6)


def test_vocabularies_and_recurrent_layers(tmp_path):
    words = keras.layers.TextVectorization(output_sequence_length=4)
    words.adapt(["one two three", "two three"])
    model = keras.Sequential(
        [
            keras.Input((), dtype="string", name="text"),
            words,
            keras.layers.Embedding(6, 3),
            keras.layers.LSTM(2),
        ]
    )
    model.save(tmp_path / "text.keras")
    text = np.array(["two one", "four", "three three two"])
    expected = model.predict(tf.constant(text), verbose=0)
    for source in (model, tmp_path / "text.keras"):
        program = tfs.load(source)
        assert len(program.initializers) == 1
        np.testing.assert_allclose(program.run(text=text), expected, rtol=1e-6)


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_code_in_a_file_is_not_run(tmp_path, ending):
    ran = tmp_path / "ran"
    code = eval(f"lambda x: (open({str(ran)!r}, 'w'), x * 2)[1]")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Lambda(code)])
    path = tmp_path / f"code.{ending}"
    model.save(path)
    ran.unlink(missing_ok=True)
    with pytest.raises(GraphLoadError) as caught:
        tfs.load(path)
    assert str(caught.value) == (
        f"Keras model 'code.{ending}' holds Python code (a Lambda layer), which is not run: pass the "
        f"model that keras.saving.load_model('code.{ending}', safe_mode=False) gives if you trust it."
    )
    assert not ran.exists()


def test_a_model_from_a_file_stays_until_it_is_frozen(keras_model):
    source = read_keras(keras_model.path)
    gc.collect()
    assert_gives(to_program(source), keras_model)
