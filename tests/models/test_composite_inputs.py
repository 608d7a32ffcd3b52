"""Test SavedModels with ragged or sparse inputs, and SavedModels whose signature looks like this."""

from __future__ import annotations

import re

import numpy as np
import pytest

import tfspark_magic as tfs
from tests.models.conftest import ROWS
from tfspark_magic.errors import GraphLoadError
from tfspark_magic.graph.runtime import tf, tf1

FLOATS, NUMBERS = tf.TensorSpec([None], tf.float32), tf.TensorSpec([None], tf.int64)
RAGGED = tf.RaggedTensorSpec([None, None], tf.float32)
SPARSE = tf.SparseTensorSpec([None, 3], tf.float32)


def dense(v):
    return v.to_tensor() if isinstance(v, tf.RaggedTensor) else tf.sparse.to_dense(v)


def saved(path, function, *specs, kept=True):
    """Save a model whose signature is a function, which its objects have too if it is kept."""
    model = tf.Module()
    traced = tf.function(function)
    if kept:
        model.part = tf.Module()
        model.part.f = traced
    tf.saved_model.save(model, str(path), signatures=traced.get_concrete_function(*specs))
    return path


@pytest.mark.parametrize(
    ("spec", "kind", "inside"),
    [
        (RAGGED, "ragged", "tf.RaggedTensor.from_tensor(v)"),
        (SPARSE, "sparse", "tf.sparse.from_dense(v)"),
        (
            tf.RaggedTensorSpec([None, None, None], tf.float32, 2, tf.int32),
            "ragged",
            "tf.RaggedTensor.from_tensor(v, ragged_rank=2, row_splits_dtype=tf.int32)",
        ),
    ],
)
def test_a_function_of_dense_tensors_is_told(spec, kind, inside, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # The signature lists its tensors by name, k first; the function takes them as written.
    saved("m", lambda v, k: {"y": 2 * dense(v), "k": k}, spec, NUMBERS)
    with pytest.raises(GraphLoadError) as caught:
        tfs.load("m")
    assert str(caught.value) == (
        f"Input 'v' of SavedModel 'm' is a {kind} tensor, which no column feeds: load model = "
        f"tf.saved_model.load('m'), and pass a function of a dense v that gives "
        f"model.part.f({inside}, k)."
    )
    names = {"tf": tf}
    exec(re.search(r"load (model = [^ ]*),", str(caught.value))[1], names)
    told = eval("lambda v, k: " + re.search(r"gives (.*)\.$", str(caught.value))[1], names)
    rows = ROWS if spec.shape.rank == 2 else ROWS.reshape(5, 3, 1)
    block = tf.TensorSpec([None, *rows.shape[1:]], tf.float32)
    found = tfs.load(told, signature=[block, NUMBERS]).run(v=rows, k=np.arange(5))
    np.testing.assert_allclose(found["y"], 2 * rows)


def test_lists_dicts_and_keywords_are_told_as_they_are_taken(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def takes(pair, named, *, last, twice=True):
        return {"y": dense(pair[0]) + named["b"] + dense(named["a"]) + dense(last)}

    given = {
        "pair": [RAGGED, FLOATS],
        "named": {"b": tf.TensorSpec([], tf.float32), "a": SPARSE},
        "last": RAGGED,
    }
    model = tf.Module()
    model.f = tf.function(takes)
    signature = model.f.get_concrete_function(given["pair"], given["named"], last=RAGGED)
    tf.saved_model.save(model, "m", signatures=signature)
    with pytest.raises(GraphLoadError) as caught:
        tfs.load("m")
    call = re.search(r"gives (.*)\.$", str(caught.value))[1]
    names = sorted(set(re.findall(r"\b(?:pair|named|last)(?:_\d+)?\b(?![=\[])", call)))
    told = eval(f"lambda {', '.join(names)}: {call}", {"tf": tf, "model": tf.saved_model.load("m")})
    block, number = tf.TensorSpec([None, 3], tf.float32), tf.TensorSpec([], tf.float32)
    kinds = {name: block if f"({name})" in call else number for name in names}
    kinds[re.search(r"\), (\w+)\]", call)[1]] = FLOATS
    program = tfs.load(told, signature=kinds)
    feeds = {n: ROWS if s is block else np.float32(1) for n, s in kinds.items()}
    found = program.run(**{spec.name: feeds[spec.name] for spec in program.inputs})
    np.testing.assert_allclose(found, 3 * ROWS + 1, rtol=1e-5)


def test_a_function_that_says_what_it_takes(tmp_path):
    model = tf.Module()
    model.f = tf.function(lambda v: {"y": dense(v)}, input_signature=[RAGGED])
    tf.saved_model.save(model, str(tmp_path / "m"), signatures=model.f)
    with pytest.raises(GraphLoadError, match=r"'v' of SavedModel 'm' is a ragged .* model\.f\("):
        tfs.load(tmp_path / "m")


def test_lists_and_names_that_look_alike_are_inputs(tmp_path):
    total = lambda v, w: {"y": v + tf.cast(w, tf.float32)}
    plain = lambda v, v_1: {"y": v + tf.cast(v_1, tf.float32)}
    pair = lambda v: total(*v.values()) if isinstance(v, dict) else total(*v)
    feeds = {"v": np.float32([1, 2]), "v_1": np.array([10, 20])}
    specs = [tf.TensorSpec([None], spec.dtype, name="v") for spec in (FLOATS, NUMBERS)]
    for i, (function, given) in enumerate(
        [
            (pair, [[FLOATS, NUMBERS]]),
            (pair, [(FLOATS, NUMBERS)]),
            (pair, [{"a": FLOATS, "b": NUMBERS}]),
            (plain, [FLOATS, NUMBERS]),
            (total, specs),
        ]
    ):
        for kept in (True, False):
            program = tfs.load(saved(tmp_path / f"{i}{kept}", function, *given, kept=kept))
            assert program.run(**feeds).tolist() == [11, 22]

    # One function that was traced for both: the file does not say which is the signature's.
    def both(v):
        return {"y": dense(v) if isinstance(v, tf.RaggedTensor) else total(*v)["y"]}

    model = tf.Module()
    model.f = tf.function(both)
    model.f.get_concrete_function(RAGGED)
    signature = model.f.get_concrete_function([FLOATS, NUMBERS])
    tf.saved_model.save(model, str(tmp_path / "both"), signatures=signature)
    assert tfs.load(tmp_path / "both").run(**feeds).tolist() == [11, 22]


def test_keras_models_of_two_inputs(tmp_path):
    import keras

    a, b = keras.Input((3,), name="v"), keras.Input((3,), name="v_1")
    model = keras.Model([a, b], a - b)
    model.export(tmp_path / "exported", verbose=False)
    tf.saved_model.save(model, str(tmp_path / "saved"))
    for name in ("exported", "saved"):
        program = tfs.load(tmp_path / name)
        first, second = (spec.name for spec in program.inputs)
        np.testing.assert_allclose(
            program.run(**{first: 3 * ROWS, second: ROWS}), 2 * ROWS, rtol=1e-6
        )


def test_signatures_of_tensorflow_1(tmp_path):
    def save(name, placeholder, sparse):
        with tf.Graph().as_default(), tf1.Session() as session:
            v = placeholder()
            z = tf.sparse.to_dense(sparse(v))
            tf1.saved_model.simple_save(session, str(tmp_path / name), {"v": v}, {"z": z})

    save("sparse", lambda: tf1.sparse_placeholder(tf.float32, [None, 3]), lambda v: v)
    with pytest.raises(GraphLoadError) as caught:
        tfs.load(tmp_path / "sparse")
    assert str(caught.value) == (
        "'v' of the signature is a ragged or sparse tensor, which no column feeds: save a signature "
        "that takes a dense v, and makes tf.RaggedTensor.from_tensor(v) or tf.sparse.from_dense(v) "
        "of it."
    )
    save("dense", lambda: tf1.placeholder(tf.float32, [None, 3]), tf.sparse.from_dense)
    np.testing.assert_allclose(tfs.load(tmp_path / "dense").run(v=ROWS), ROWS)
