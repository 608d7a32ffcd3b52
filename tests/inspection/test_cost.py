"""What operations cost, from TensorFlow's own statistics: bytes are exact, times are there."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

import tfspark_magic as tfs
from tfspark_magic.errors import FetchNotFoundError, NotAvailableError, TfSparkError
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.graph.runtime import tf, tf1

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
