from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pytest

import tfspark_magic as tfs
from tests.models.conftest import ROWS, WORDS, assert_gives
from tfspark_magic.errors import (
    FetchNotFoundError,
    GraphLoadError,
    OptionError,
    PlaceholderNotFoundError,
)
from tfspark_magic.graph.nodes import parse
from tfspark_magic.graph.runtime import tf


def test_its_signature_says_what_the_program_takes_and_gives(saved_model):
    program = tfs.load(saved_model.path)
    assert repr(program) == (
        "Program lookup: word string[?], x float32[?,3] -> place int64[?], y float32[?,2]"
    )
    assert_gives(program, saved_model)


def test_its_operations_stand_in_the_graph_and_not_in_a_function(saved_model):
    graph_def = parse(tfs.load(saved_model.path))
    kinds = {node.op for node in graph_def.node}
    assert {"MatMul", "LookupTableFindV2", "LookupTableImportV2"} <= kinds
    assert not {"StatefulPartitionedCall", "VarHandleOp", "NoOp"} & kinds
    assert not graph_def.library.function


def test_a_model_in_a_cache_whose_files_are_links(saved_model, tmp_path):
    cache = tmp_path / "models--one--lookup"
    snapshot = cache / "snapshots" / "9f3c" / "lookup"
    (cache / "blobs").mkdir(parents=True)
    for number, file in enumerate(f for f in saved_model.path.rglob("*") if f.is_file()):
        shutil.copy(file, cache / "blobs" / f"{number:040x}")
        link = snapshot / file.relative_to(saved_model.path)
        link.parent.mkdir(parents=True, exist_ok=True)
        up = "../" * len(link.parent.relative_to(cache).parts)
        link.symlink_to(f"{up}blobs/{number:040x}")
    (tmp_path / "here").symlink_to(snapshot)
    for path in (snapshot, tmp_path / "here", snapshot / "saved_model.pb"):
        assert_gives(tfs.load(path), saved_model)


@pytest.mark.parametrize("linked", ["assets/words.txt", "assets"])
@pytest.mark.parametrize("above", ["", "snapshots/9f3c"])
def test_assets_that_are_links_out_of_the_model(saved_model, tmp_path, linked, above, monkeypatch):
    path = tmp_path / above / "lookup"
    shutil.copytree(saved_model.path, path)
    (path / linked).rename(path / "kept")
    (path / linked).symlink_to(path / "kept")
    assert_gives(tfs.load(path), saved_model)

    elsewhere = tmp_path / "elsewhere"
    (path / "kept").rename(elsewhere)
    (path / linked).unlink()
    # A folder called as that of a cache may be a link, too.
    (tmp_path / "blobs").symlink_to(tmp_path)
    (path / linked).symlink_to(tmp_path / "blobs" / "elsewhere")
    found = elsewhere / "words.txt" if linked == "assets" else elsewhere
    with pytest.raises(GraphLoadError) as caught:
        tfs.load(path)
    assert str(caught.value) == (
        f"Asset 'words.txt' of SavedModel 'lookup' is a link out of it, to {str(found)!r}: load a "
        f"copy of the model made with cp -rL, which copies the targets of links, if you trust it."
    )
    monkeypatch.chdir(tmp_path)
    subprocess.run(["cp", "-rL", path, "copy"], check=True)
    assert_gives(tfs.load("copy"), saved_model)


def test_a_vocabulary_in_an_asset_is_in_the_program(saved_model, tmp_path):
    copy = shutil.copytree(saved_model.path, tmp_path / "copy")
    program = tfs.load(copy, outputs="place")
    shutil.rmtree(copy)
    assert len(program.initializers) == 1
    assert program.run(word=WORDS).tolist() == saved_model.expected["place"].tolist()


def test_loading_twice_gives_the_same_program(saved_model):
    assert tfs.load(saved_model.path) == tfs.load(saved_model.path)


def test_another_signature(saved_model):
    program = tfs.load(saved_model.path, signature="double")
    assert repr(program) == "Program lookup: n int64[?] -> output_0 int64[?]"
    assert program.run(n=[1, 2]).tolist() == [2, 4]


def test_outputs_selects_and_renames(saved_model):
    program = tfs.load(saved_model.path, outputs={"y": "the score"}, inputs={"x": "features"})
    assert repr(program) == "Program lookup: features float32[?,3] -> the score float32[?,2]"
    np.testing.assert_allclose(program.run(features=ROWS), saved_model.expected["y"])
    both = tfs.load(saved_model.path, outputs=["y", "place"], name="both")
    assert [both.name, *(spec.name for spec in both.outputs)] == ["both", "y", "place"]


def test_names_may_change_places(saved_model):
    program = tfs.load(saved_model.path, inputs={"x": "y"}, outputs={"y": "x", "place": "word"})
    assert sorted(spec.name for spec in program.inputs) == ["word", "y"]
    found = program.run(y=ROWS, word=WORDS)
    np.testing.assert_allclose(found["x"], saved_model.expected["y"])
    assert found["word"].tolist() == saved_model.expected["place"].tolist()


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        (
            {"signature": "duoble"},
            OptionError,
            "SavedModel 'lookup' has no signature 'duoble'. Did you mean 'double'?",
        ),
        (
            {"tags": "train"},
            OptionError,
            "SavedModel 'lookup' has no graph with tags ['train']: pass tags=['serve'].",
        ),
        (
            {"outputs": "z"},
            FetchNotFoundError,
            "Fetch 'z' is not in the graph. There are: place, y.",
        ),
        (
            {"inputs": {"z": "x"}},
            PlaceholderNotFoundError,
            "The graph has no placeholder 'z'. There are: word, x.",
        ),
        (
            {"inputs": ["x"]},
            GraphLoadError,
            "The fetches of SavedModel 'lookup' depend on placeholder 'serving_default_word', which "
            "inputs= leaves out: add it.",
        ),
        (
            {"outputs": {"y": "a", "place": "a"}},
            OptionError,
            "outputs={'y': 'a', 'place': 'a'} gives two fetches one name.",
        ),
        (
            {"inputs": {"x": "my column"}},
            OptionError,
            "TensorFlow takes no placeholder called 'my column': pass inputs={...: 'my_column'}, and "
            "bind that to the column.",
        ),
    ],
)
def test_names_that_are_not_there(saved_model, options, error, text):
    with pytest.raises(error) as caught:
        tfs.load(saved_model.path, **options)
    assert str(caught.value) == text


def test_one_of_tensorflow_1(checkpoint):
    program = tfs.load(checkpoint.path / "tf1")
    assert repr(program) == "Program tf1: x float32[?,3] -> z float32[?,2]"
    assert_gives(program, checkpoint)


def test_one_that_is_loaded_already(saved_model):
    live = tf.saved_model.load(str(saved_model.path))
    assert_gives(tfs.load(live), saved_model)
    assert tfs.load(live, signature="double").run(n=[3]).tolist() == [6]


def test_a_table_that_was_filled_by_hand(tmp_path):
    class Counted(tf.Module):
        def __init__(self):
            self.table = tf.lookup.experimental.MutableHashTable(tf.string, tf.float32, 0.5)
            self.table.insert(["a", "b"], [1.0, 2.0])

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
        def __call__(self, s):
            return {"found": self.table.lookup(s)}

    model = Counted()
    program = tfs.load(model.__call__)
    assert program.run(s=["b", "c"]).tolist() == [2.0, 0.5]
    model.table.insert(["b"], [9.0])
    assert program.run(s=["b"]).tolist() == [2.0]
    assert tfs.load(model.__call__).run(s=["b"]).tolist() == [9.0]


def test_a_keras_model_saved_as_a_saved_model(tmp_path):
    """Keras 3 gives its variables twice, and the graph restores those that nothing takes."""
    import keras

    layers = keras.layers
    x = keras.Input((3,), name="x")
    dense = layers.Dense(3)
    words = keras.Input((1,), dtype="string", name="words")
    series = keras.Input((None, 3), name="series")
    normalized = layers.BatchNormalization()(dense(dense(x)))
    trained = keras.Sequential([keras.Input((3,)), layers.Dense(4), layers.Dense(1)])
    trained.compile("adam", "mse")
    trained.fit(ROWS, ROWS[:, :1], verbose=0)
    for number, (model, rows) in enumerate(
        [
            (trained, ROWS),
            (keras.Model(x, normalized), ROWS),
            (keras.Model(series, layers.LSTM(2)(series)), ROWS[None]),
            (keras.Model(words, layers.StringLookup(vocabulary=["a", "b"])(words)), WORDS[:, None]),
        ]
    ):
        path = tmp_path / str(number)
        tf.saved_model.save(model, str(path))
        program = tfs.load(path)
        found = program.run(**{program.inputs[0].name: rows})
        expected = tf.saved_model.load(str(path)).signatures["serving_default"](tf.constant(rows))
        np.testing.assert_allclose(found, expected["output_0"], rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(found, model(tf.constant(rows)), rtol=1e-5, atol=1e-6)


def test_what_a_loaded_model_can_call(tmp_path):
    class Model(tf.Module):
        def __init__(self):
            super().__init__()
            self.weight = tf.Variable(3.0)

        @tf.function
        def scale(self, x):
            return x * self.weight

    model = Model()
    model.scale(tf.constant([1.0]))
    tf.saved_model.save(model, str(tmp_path / "m"))
    with pytest.raises(OptionError, match="has no signature, so its inputs are not known"):
        tfs.load(tmp_path / "m")
    loaded = tf.saved_model.load(str(tmp_path / "m"))
    program = tfs.load(loaded.scale, signature=[tf.TensorSpec([1], tf.float32)])
    np.testing.assert_allclose(program.run(x=[2.0]), [6.0])
