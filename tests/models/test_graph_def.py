from __future__ import annotations

import shutil

import numpy as np
import pytest

import tfspark_magic as tfs
from tests.models.conftest import ROWS, assert_gives
from tfspark_magic.errors import FetchNotFoundError, GraphLoadError, OptionError
from tfspark_magic.graph.runtime import tf, tf1


@pytest.mark.parametrize("end", ["", "model.ckpt", "model.ckpt.meta", "model.ckpt.index"])
def test_a_checkpoint_by_its_folder_prefix_or_file(checkpoint, end):
    program = tfs.load(checkpoint.path / end, outputs="z")
    assert repr(program) == "Program model.ckpt: x float32[?,3] -> z float32[?,2]"
    assert_gives(program, checkpoint)


def test_a_checkpoint_does_not_say_what_it_gives(checkpoint):
    with pytest.raises(OptionError, match="does not say what it gives: pass outputs=, the names"):
        tfs.load(checkpoint.path)


def test_a_checkpoint_without_its_graph_or_its_values(checkpoint, tmp_path):
    for ending in (".index", ".data-00000-of-00001", ".meta"):
        shutil.copy(f"{checkpoint.path}/model.ckpt{ending}", tmp_path)
    (tmp_path / "model.ckpt.meta").rename(tmp_path / "other.meta")
    with pytest.raises(GraphLoadError) as caught:
        tfs.load(tmp_path / "model.ckpt", outputs="z")
    assert str(caught.value) == (
        "Checkpoint 'model.ckpt' holds values and no graph ('model.ckpt.meta' is not there): restore "
        "it into its model, and load that."
    )
    with pytest.raises(GraphLoadError) as caught:
        tfs.load(tmp_path / "other.meta", outputs="z")
    assert str(caught.value) == (
        "Checkpoint 'other' holds a graph and no values (other.index is not there)."
    )


@pytest.mark.parametrize("end", ["frozen.pb", "frozen.pbtxt"])
def test_a_frozen_graph(checkpoint, end):
    program = tfs.load(checkpoint.path / end)
    assert repr(program) == "Program frozen: x float32[?,3] -> z float32[?,2]"
    assert_gives(program, checkpoint)
    assert tfs.load(checkpoint.live) == program


def test_a_placeholder_with_a_default_is_fed_on_demand(checkpoint):
    program = tfs.load(checkpoint.path / "frozen.pb", inputs=["x", "keep"], outputs={"z": "p"})
    assert repr(program) == "Program frozen: x float32[?,3], keep float32 -> p float32[?,2]"
    np.testing.assert_allclose(program.run(x=ROWS, keep=0.0), np.full((5, 2), 0.5))


def test_a_fetch_inside_of_the_graph(checkpoint):
    program = tfs.load(checkpoint.path / "frozen.pb", outputs=["MatMul"])
    assert [spec.name for spec in program.outputs] == ["MatMul"]
    with pytest.raises(FetchNotFoundError) as caught:
        tfs.load(checkpoint.path / "frozen.pb", outputs=["MatMull"])
    assert str(caught.value) == "Fetch 'MatMull' is not in the graph. Did you mean 'MatMul'?"


def test_tables_of_a_graph_are_filled():
    with tf.Graph().as_default() as graph:
        table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(["a", "b"], tf.constant([1, 2], tf.int64)), -1
        )
        table.lookup(tf1.placeholder(tf.string, [None], name="s"), name="found")
    program = tfs.load(graph.as_graph_def(), outputs={"found/LookupTableFindV2": "n"})
    assert program.run(s=["b", "x"]).tolist() == [2, -1]


def test_variables_without_values_are_refused():
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [None], name="x")
        tf.multiply(x, tf1.get_variable("w", []), name="z")
    with pytest.raises(GraphLoadError) as caught:
        tfs.load(graph.as_graph_def(), outputs="z")
    assert str(caught.value) == (
        "The GraphDef holds variable 'w' and not its value: freeze the graph, or load the checkpoint "
        "or SavedModel that has it."
    )
