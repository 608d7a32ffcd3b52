"""What operations cost, from TensorFlow's own statistics: bytes are exact, times are there."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

import tfspark_magic as tfs
from tfspark_magic.drawing.details import Lookup, SizeInWords
from tfspark_magic.errors import FetchNotFoundError, NotAvailableError, TfSparkError
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.graph.structure import structure

TABLE = pa.table({"x": pa.array(np.ones((50, 8)).tolist(), pa.list_(pa.float32()))})


def program(shape=(None, 8)):
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, shape, name="x")
        with tf.name_scope("dense"):
            wide = tf.tensordot(x, tf.ones((8, 16), name="w"), 1, name="wide")
            relu = tf.nn.relu(wide, name="relu")
        looped = tf.while_loop(lambda i, s: i < 5, lambda i, s: (i + 1, tf.tanh(s)), [0, relu])[1]
        tf.exp(x, name="unused")
        return freeze([tf.reduce_sum(looped, axis=-1, name="z")], "score")


def test_a_block_costs_what_its_tensors_hold():
    seen = tfs.peek(program(), TABLE, cost=True, rows=50)
    cost = seen.cost
    assert cost.rows == 50
    assert cost["dense/relu"].bytes == 50 * 16 * 4
    assert cost["z"].bytes == 50 * 4
    assert cost["dense"].seconds == pytest.approx(
        sum(cost[name].seconds for name in cost if name.startswith("dense/"))
    )
    assert cost["while"].bytes >= 5 * cost["dense/relu"].bytes
    assert all(cost[name].seconds > 0 for name in ("dense/relu", "z", "while"))
    assert "unused" not in cost
    assert list(cost) == sorted(cost, key=lambda name: -cost.of([name]).seconds)
    assert cost.total.bytes == sum(cost.of([name]).bytes for name in cost)
    text = str(cost)
    assert " operations on 50 rows: " in text
    assert "dense/relu" in text
    with pytest.raises(FetchNotFoundError):
        cost["nothing"]


def test_rows_alone_are_summed_up_and_twenty_are_enough():
    cost = tfs.peek(program((8,)), TABLE, rows=50, cost=True).cost
    assert cost.rows == 20
    assert cost["dense/relu"].bytes == 20 * 16 * 4


def test_what_was_not_measured_and_what_fails_is_said():
    with pytest.raises(NotAvailableError, match="cost=True"):
        tfs.peek(program(), TABLE).cost  # noqa: B018
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [8], name="x")
        with tf.control_dependencies([tf.debugging.Assert(x[0] > 2, ["too small"])]):
            failing = freeze([tf.identity(x, name="z")], "failing")
    with pytest.raises(TfSparkError, match="too small"):
        tfs.peek(failing, TABLE, nodes="x", cost=True)
    assert len(tfs.peek(program(), TABLE.slice(0, 0), cost=True).cost) == 0


def test_parameters_and_flops_of_scopes_are_those_of_the_shapes():
    model = tf.keras.Sequential(
        [
            tf.keras.Input((5, 3), name="v"),
            tf.keras.layers.LSTM(4, name="memory"),
            tf.keras.layers.Dense(2, activation="tanh", name="last"),
        ]
    )
    kind = pa.list_(pa.list_(pa.float32()))
    table = pa.table({"v": pa.array(np.ones((6, 5, 3), "f").tolist(), kind)})
    cost = tfs.peek(model, table, rows=6, cost=True).cost
    total = cost.total
    assert total.parameters == model.count_params()
    assert total.parameter_bytes == 4 * model.count_params()
    (last,) = [scope for scope in cost.scopes if scope.endswith(("/last_1", "/last"))][:1]
    scope = cost.scopes[last]
    assert scope.parameters == 4 * 2 + 2
    assert scope.flops == 2 * 6 * 4 * 2 + 6 * 2
    assert "Tanh" in scope.uncounted
    (inside,) = {
        s for s in cost.scopes if "/body/lstm_cell" in s and "/" not in s.split("body/")[1]
    }
    # One turn, for all rows of the block.
    assert cost[inside].flops >= 2 * 6 * 16 * (3 + 4)
    assert "FLOPs are not counted for" in str(cost)
    assert "those of one turn" in str(cost)
    assert next(iter(cost.scopes)).count("/") == 0


def test_rows_alone_count_one_by_one_also_if_their_shapes_differ():
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None], name="x")
        program = freeze([tf.reduce_sum(x * 2.0, name="z")])
    cells = pa.array([[1.0] * 3, [1.0] * 5, [1.0] * 3], pa.list_(pa.float32()))
    cost = tfs.peek(program, pa.table({"x": cells}), cost=True, verb="map_rows").cost
    assert cost["mul"].flops == 3 + 5 + 3
    assert cost["mul"].parameters == 0


def test_a_frozen_graph_has_its_constants_as_parameters():
    lookup = Lookup(program(), structure(program()))
    assert lookup.size(["dense/wide/MatMul"]) == SizeInWords("128 (512 bytes)", "256 for a row")
    assert lookup.size(["z"]).flops == "15 for a row"
