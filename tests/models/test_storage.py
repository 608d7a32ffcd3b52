from __future__ import annotations

import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest

import tfspark_magic as tfs
from tests.models.conftest import assert_gives
from tfspark_magic.errors import GraphLoadError, OptionError
from tfspark_magic.graph.runtime import tf


@pytest.fixture
def saved(saved_model, tmp_path):
    program = tfs.load(saved_model.path)
    path = tmp_path / "lookup.tfs"
    program.save(path)
    return program, path


def rewritten(path, **changes):
    """Change members of an archive, or what its signature says."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    signature = {**json.loads(members["program.json"]), **changes}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("program.json", json.dumps(signature))
        archive.writestr("graph.pb", members["graph.pb"])


def test_a_program_comes_back_as_it_was(saved, saved_model):
    program, path = saved
    loaded = tfs.load(path)
    assert loaded == program
    assert repr(loaded) == repr(program)
    assert (loaded.variables, loaded.initializers) == (program.variables, program.initializers)
    assert_gives(loaded, saved_model)


def test_a_program_of_a_cell_comes_back(tmp_path):
    from tfspark_magic.graph.capture import run_cell
    from tfspark_magic.graph.fetches import freeze_fetches

    cell = "x = tf.placeholder(tf.int32, name='x')\ntf.add(x, 3, name='z')"
    program = freeze_fetches(run_cell(cell, {}).result, name="score")
    program.save(str(tmp_path / "score"))
    loaded = tfs.load(f"file://{tmp_path}/score")
    assert loaded == program
    assert loaded.run(x=4) == 7


def test_a_saved_program_takes_other_names(saved):
    _, path = saved
    program = tfs.load(path, outputs={"y": "score"}, inputs={"x": "features"})
    assert repr(program) == "Program lookup: features float32[?,3] -> score float32[?,2]"


def test_the_same_program_gives_the_same_file(saved, tmp_path):
    _, path = saved
    again = tmp_path / "again.tfs"
    tfs.save(tfs.load(path), again)
    assert again.read_bytes() == path.read_bytes()
    assert sorted(found.name for found in tmp_path.iterdir()) == ["again.tfs", "lookup.tfs"]


def test_a_keras_model_is_saved_on_any_filesystem(tmp_path):
    import keras

    model = keras.Sequential([keras.Input((2,), name="x"), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.25), "mse")
    path = tmp_path / "new" / "net.keras"
    for weight in (0.0, 3.0):  # The second replaces the first.
        model.set_weights([np.full((2, 1), weight), np.ones(1)])
        tfs.save(model, f"file://{path}")
    loaded = keras.saving.load_model(path)
    assert loaded.get_weights()[0].tolist() == [[3.0], [3.0]]
    assert float(loaded.optimizer.learning_rate) == 0.25
    assert tfs.load(path).run(x=[[1.0, 1.0]]).tolist() == [[7.0]]
    assert [found.name for found in path.parent.iterdir()] == ["net.keras"]


def test_what_is_not_saved_is_said(tmp_path):
    import keras

    model = keras.Sequential([keras.Input((2,), name="x"), keras.layers.Dense(1)])
    with pytest.raises(OptionError, match="is no name for a Keras model: let it end with .keras"):
        tfs.save(model, tmp_path / "net.tfs")
    with pytest.raises(OptionError, match="save takes a Program or a Keras model, got int"):
        tfs.save(7, tmp_path / "seven.tfs")
    tfs.save(tfs.load(model), tmp_path / "net.tfs")  # as the sentences advise
    assert [found.name for found in tmp_path.iterdir()] == ["net.tfs"]


def test_nothing_is_left_where_nothing_can_be_written(saved, tmp_path):
    program, _ = saved
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "kept").touch()
    with pytest.raises(OptionError):
        program.save(taken)
    assert sorted(found.name for found in tmp_path.iterdir()) == ["lookup.tfs", "taken"]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"version": 2},
            "Program 'lookup.tfs' has format 2, and this tfspark_magic reads format 1: install a "
            "later one.",
        ),
        (
            {"name": "other", "inputs": []},
            "Program 'lookup.tfs' is damaged: its digest does not fit",
        ),
        ({"outputs": 3}, "Program 'lookup.tfs' is damaged: "),
    ],
)
def test_what_was_changed_is_refused(saved, changes, text):
    _, path = saved
    rewritten(path, **changes)
    with pytest.raises(GraphLoadError) as caught:
        tfs.load(path)
    assert str(caught.value).startswith(text)


def test_a_signature_that_its_graph_does_not_have_is_refused(saved):
    program, path = saved
    y = program.outputs[1]
    for wrong, text in [
        (
            replace(program, outputs=(replace(y, dtype="int32"),)),
            "fetch 'y' is int32, and it is float32.",
        ),
        (replace(program, outputs=(replace(y, shape=(1, 2, 3)),)), "Shapes must be equal rank"),
        (
            replace(program, outputs=(replace(y, tensor="no:0"),)),
            "there is no tensor 'no:0' in it.",
        ),
        (replace(program, initializers=("no",)), "no is not in graph"),
    ]:
        wrong.save(path)
        with pytest.raises(GraphLoadError) as caught:
            tfs.load(path)
        assert text in str(caught.value)


def test_a_place_that_is_none(tmp_path):
    with pytest.raises(GraphLoadError) as caught:
        tfs.load(tmp_path / "nothing")
    assert str(caught.value) == f"There is no model at '{tmp_path}/nothing'."
    with pytest.raises(GraphLoadError, match="is not one of the known models: a SavedModel, a Ke"):
        tfs.load(tmp_path)
    with pytest.raises(OptionError):
        tfs.load("nowhere://models/score")
    with pytest.raises(OptionError, match="session= is for a tf.Graph"):
        tfs.load(tmp_path, session=1)


def test_weights_beside_the_graph_are_in_the_file(tmp_path):

    weight = np.arange(600_000, dtype=np.float32).reshape(3, -1)
    program = tfs.load(
        lambda x: {"y": tf.matmul(x, weight)}, signature=tf.TensorSpec([None, 3], tf.float32)
    )
    assert program.weights is not None
    path = tmp_path / "large.tfs"
    program.save(path)
    x = np.ones((1, 3), np.float32)
    assert tfs.load(path) == program
    for loaded in (tfs.load(path), tfs.load(path, outputs={"y": "MatMul"}, inputs={"x": "y"})):
        (name,) = (spec.name for spec in loaded.inputs)
        np.testing.assert_allclose(loaded.run(**{name: x}), x @ weight)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(GraphLoadError, match="is damaged"):
        tfs.load(path)
