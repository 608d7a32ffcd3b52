"""Follow the advice in refusals of models literally: it works."""

from __future__ import annotations

import json
import re
import zipfile

import numpy as np
import pandas as pd
import pytest

import tfspark_magic as tfs
from tests.models.conftest import ROWS
from tfspark_magic.errors import CaptureError, FetchError, TfSparkError
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.models.packages import brought_by

ROW = tf.TensorSpec([None, 3], tf.float32)


def refusal(*arguments, **options):
    with pytest.raises(TfSparkError) as caught:
        tfs.load(*arguments, **options)
    return str(caught.value)


def told(sentence):
    """Return the Keras call that an error advises."""
    return re.search(r"keras\.saving\.load_model\(.*?\)(?= gives)", sentence)[0]


@pytest.mark.parametrize("suffix", ["keras", "h5"])
def test_a_layer_of_ones_own(tmp_path, suffix, monkeypatch):
    import keras

    class Doubling(keras.layers.Layer):
        def call(self, x):
            return 2 * x

    monkeypatch.chdir(tmp_path)
    keras.Sequential([keras.Input((3,)), Doubling(name="twice")]).save(f"own.{suffix}")
    sentence = refusal(f"own.{suffix}")
    assert sentence == (
        f"Keras model 'own.{suffix}' needs your class 'Doubling', which Keras does not know: pass the "
        f"model that keras.saving.load_model('own.{suffix}', custom_objects={{'Doubling': Doubling}}) "
        f"gives."
    )
    model = eval(told(sentence), {"keras": keras, "Doubling": Doubling})
    program = tfs.load(model)
    assert [spec.name for spec in program.outputs] == ["twice"]
    np.testing.assert_allclose(program.run(**{program.inputs[0].name: ROWS}), 2 * ROWS)


@pytest.mark.parametrize("suffix", ["keras", "h5"])
def test_what_was_registered_for_a_package(tmp_path, suffix, monkeypatch):
    import keras

    class Doubling(keras.layers.Layer):
        def call(self, x):
            return 2 * x

    class Filled(keras.initializers.Initializer):
        def __call__(self, shape, dtype=None, **_):
            return keras.ops.ones(shape, dtype)

    def tripled(x):
        return 3 * x

    monkeypatch.chdir(tmp_path)
    known = {"keras": keras, "Doubling": Doubling, "Filled": Filled, "tripled": tripled}
    dense = keras.layers.Dense
    both = lambda: keras.Sequential([Doubling(), dense(2, activation=tripled)])
    cases = [
        (None, "class 'Doubling'", "Doubling", both),
        (Doubling, "class 'Doubling'", "mine>Doubling", lambda: keras.Sequential([Doubling()])),
        (tripled, "function 'tripled'", "mine>tripled", lambda: dense(2, activation=tripled)),
        (None, "function 'tripled'", "tripled", lambda: dense(2, activation=tripled)),
        (None, "class 'Filled'", "Filled", lambda: dense(2, kernel_initializer=Filled())),
        (Filled, "class 'Filled'", "mine>Filled", lambda: dense(2, kernel_initializer=Filled())),
    ]
    for registered, what, key, make in cases:
        if registered is not None:
            keras.saving.register_keras_serializable("mine")(registered)
        model = keras.Sequential([keras.Input((3,)), make()])
        model.save(f"own.{suffix}")
        if registered is not None:
            forget(keras, registered)
        sentence = refusal(f"own.{suffix}")
        assert f"needs your {what}, which Keras does not know" in sentence
        assert f"custom_objects={{{key!r}: {what[:-1].rpartition(chr(39))[2]}" in sentence
        program = tfs.load(eval(told(sentence), known))
        found = program.run(**{program.inputs[0].name: ROWS})
        np.testing.assert_allclose(found, model(ROWS), rtol=1e-6)


def forget(keras, registered):
    """Undo a registration, as in a process that has not imported its module."""
    names = keras.saving.get_custom_objects()
    for name in [name for name, value in names.items() if value is registered]:
        del names[name]
    keras.src.saving.object_registration.GLOBAL_CUSTOM_NAMES.pop(registered)


def test_code_and_vocabularies_from_elsewhere(tmp_path, monkeypatch):
    import keras

    monkeypatch.chdir(tmp_path)
    keras.Sequential([keras.Input((3,)), keras.layers.Lambda(lambda x: x + 1)]).save("code.keras")
    sentence = refusal("code.keras")
    assert "holds Python code (a Lambda layer), which is not run" in sentence
    assert tfs.load(eval(told(sentence), {"keras": keras})).inputs[0].dtype == "float32"

    (tmp_path / "words.txt").write_text("a\nb\n")
    words = keras.Input((1,), dtype="string", name="words")
    layer = keras.layers.StringLookup(vocabulary=["x"], name="places")
    keras.Model(words, layer(words)).save("inside.keras")
    with zipfile.ZipFile("inside.keras") as source, zipfile.ZipFile("words.keras", "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "config.json":
                config = json.loads(content)
                for one in config["config"]["layers"]:
                    if one["class_name"] == "StringLookup":
                        one["config"]["vocabulary"] = str(tmp_path / "words.txt")
                content = json.dumps(config)
            target.writestr(name, content)
    sentence = refusal("words.keras")
    assert "takes a vocabulary from a file outside of it, which is not read" in sentence
    assert "safe_mode=False" in told(sentence)


def test_what_only_keras_files_keep(tmp_path):
    import keras

    x = keras.Input((3,))
    words = keras.layers.TextVectorization(output_mode="multi_hot")
    words.adapt(["a b", "c"])
    text = keras.Input((), dtype="string")
    narrow = keras.layers.Dense(2, dtype="bfloat16")(x)
    for model, feed, why in [
        (keras.Model(x, keras.layers.Identity(dtype="float32")(narrow)), ROWS, "of bfloat16"),
        (keras.Model(x, keras.ops.mean(x, axis=1)), ROWS, "holds Keras operation 'Mean'"),
        (keras.Model(text, words(text)), np.array(["a b"]), "vocabulary of layer 'text_vec"),
    ]:
        model.save(tmp_path / "m.h5")
        sentence = refusal(tmp_path / "m.h5")
        assert why in sentence
        assert sentence.endswith("save the model as one.")
        model.save(tmp_path / "m.keras")
        program = tfs.load(tmp_path / "m.keras")
        expected = model(tf.constant(feed), training=False)
        found = program.run(**{program.inputs[0].name: feed})
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_operations_of_other_packages():
    for op, module in [
        ("SentencepieceTokenizeOp", "tensorflow_text"),
        ("SimpleMLInferenceOpWithHandle", "tensorflow_decision_forests"),
    ]:
        graph_def = tf1.GraphDef()
        graph_def.node.add(name="x", op="Placeholder").attr["dtype"].type = 1
        graph_def.node.add(name="z", op=op, input=["x"])
        for allow_io in (False, True):
            sentence = refusal(graph_def, outputs="z", allow_io=allow_io)
            assert (
                f"operation 'z' of type {op}, which TensorFlow {tf.__version__} does not"
                in sentence
            )
            assert f"import {module} before tfs.load, and pass allow_io=True." in sentence
    assert brought_by("NoSuch").startswith("import the package that brings it before tfs.load")


def test_ragged_and_sparse_tensors():
    cases = {
        "ragged tensor": (tf.RaggedTensorSpec([None, None], tf.float32), "to_tensor", tf.RaggedTensor.from_tensor),
        "sparse tensor": (tf.SparseTensorSpec([None, 3], tf.float32), "to_dense", tf.sparse.from_dense),
    }  # fmt: skip
    for kind, (spec, dense, make) in cases.items():

        def takes(v):
            return v.to_tensor() if kind == "ragged tensor" else tf.sparse.to_dense(v)

        sentence = refusal(tf.function(takes), signature=spec)
        assert sentence.startswith(
            f"Input 'v' of Function 'takes' is a {kind}, which no column feeds"
        )
        inside = re.search(r"write (.*) in it", sentence)[1]
        program = tfs.load(lambda v: takes(eval(inside, {"tf": tf, "v": v})), signature=ROW)
        np.testing.assert_allclose(program.run(v=ROWS), ROWS)

        sentence = refusal(tf.function(lambda v: {"y": make(v)}), signature=ROW)
        assert sentence.startswith(f"Fetch 'y' is a {kind}, which no column can hold: fetch ")
        advice = re.search(r"fetch ([^ ]*)\.$", sentence)[1]
        assert dense in advice
        program = tfs.load(lambda v: {"y": eval(advice, {"tf": tf, "y": make(v)})}, signature=ROW)
        np.testing.assert_allclose(program.run(v=ROWS), ROWS)
        with tf.Graph().as_default():
            found = make(tf1.placeholder(tf.float32, [None, 3], name="v"))
        with pytest.raises(FetchError, match=f"is a {kind}, which no column can hold"):
            tfs.map_blocks(found, pd.DataFrame({"v": [[1.0]]}))


def test_the_last_layer_names_what_a_sequential_model_gives(tmp_path):
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="score")])
    model.save(tmp_path / "m.keras")
    model.save(tmp_path / "m.h5")
    for one in (model, tmp_path / "m.keras", tmp_path / "m.h5"):
        assert [spec.name for spec in tfs.load(one).outputs] == ["score"]


def test_a_table_that_was_never_filled():
    table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
    # Arguments may be called as what a table is filled from.
    for name in ("keys", "values", "fill"):
        find = {}
        exec(f"def find({name}): return table.lookup({name})", {"table": table}, find)
        program = tfs.load(find["find"], signature=[tf.TensorSpec([None], tf.string)])
        assert program.run(**{name: ["a"]}).tolist() == [-1]
    words = tf.raw_ops.HashTableV2(key_dtype=tf.string, value_dtype=tf.int64)
    find = lambda k: tf.raw_ops.LookupTableFindV2(
        table_handle=words, keys=k, default_value=tf.constant(-1, tf.int64)
    )
    with pytest.raises(CaptureError, match="neither a variable nor a lookup table that was filled"):
        tfs.load(find, signature=[tf.TensorSpec([None], tf.string)])
