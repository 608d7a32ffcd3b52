from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
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


def test_graphs_whose_functions_are_called_alike():
    def doubled_if_positive(x):
        return tf.cond(x > 0, lambda: 2 * x, lambda: x)

    spec = tf.TensorSpec([], tf.float32)
    graph_def = tf.function(doubled_if_positive).get_concrete_function(spec).graph.as_graph_def()
    other = tf1.GraphDef.FromString(graph_def.SerializeToString())
    for function in other.library.function:
        for node in function.node_def:
            if node.op == "Const" and node.attr["dtype"].type == tf.float32.as_datatype_enum:
                node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(3.0))
    assert graph_def != other
    first, second = (tfs.load(graph, outputs="cond/Identity") for graph in (graph_def, other))
    for _ in range(2):
        assert [first.run(x=5.0), second.run(x=5.0)] == [10.0, 15.0]
    assert tfs.map_rows(second, pd.DataFrame({"x": np.float32([5, -5])})).iloc[:, -1].tolist() == [
        15.0,
        -5.0,
    ]


@pytest.mark.parametrize("second_kind", [False, True])
def test_loops_of_tensorflow_1(second_kind, tmp_path):
    (tf1.enable_control_flow_v2 if second_kind else tf1.disable_control_flow_v2)()
    try:
        with tf1.Graph().as_default(), tf1.Session() as session:
            x = tf1.placeholder(tf.float32, [None, 4], "x")
            w = tf1.get_variable("w", initializer=2.0)
            body = lambda i, s: (i + 1, s * w + x[:, i])
            total = tf1.while_loop(lambda i, _: i < 4, body, [0, tf.zeros_like(x[:, 0])])[1]
            session.run(tf1.global_variables_initializer())
            tf1.saved_model.simple_save(session, str(tmp_path / "m"), {"x": x}, {"total": total})
    finally:
        tf1.enable_control_flow_v2()
    rows = np.arange(8, dtype=np.float32).reshape(2, 4)
    assert tfs.load(tmp_path / "m").run(x=rows).tolist() == (rows @ [8, 4, 2, 1]).tolist()
