"""Follow the advice in errors of cells, fetches and graphs literally: it works."""

from __future__ import annotations

import numpy as np
import pytest

from tfspark_magic.errors import FeedError, FetchError, NameConflictError, TfSparkError
from tfspark_magic.graph.fetches import freeze_fetches
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.graph.runtime import tf, tf1

TENSORFLOW = "import tensorflow as tf\n"
X = "x = tf.placeholder(tf.float32, [], name='x')\n"
K = "k = tf.placeholder(tf.string, [], name='k')\n"
TABLE = "table = tf.lookup.{}\noutput = table.lookup(k)"
FILLED = TABLE.format("StaticHashTable(tf.lookup.KeyValueTensorInitializer(['a'], [7]), -1)")

# name: (an earlier cell, a cell, a part of the error, the cells that follow its advice)
CELLS = {
    "a tensor of another cell": (
        "", "output = other + 1", "run the cell that makes it as part of this one",
        "", X + "other = 2 * x\noutput = other + 1",
    ),
    "the value of a tensor of another cell": (
        "", X + "output = x + other - 2", "or use its value",
        "other = 6.0", X + "output = x + other - 2",
    ),
    "a dataset": (
        "data = tf.data.Dataset.from_tensor_slices([1.0, 3.0])",
        X + "output = data.reduce(x, lambda a, b: a + b)",
        r"make a tensor of its elements there, such as with tf\.stack\(list\(dataset\)\)",
        "dataset = tf.data.Dataset.from_tensor_slices([1.0, 3.0])\ndata = tf.stack(list(dataset))",
        X + "output = x + tf.reduce_sum(data)",
    ),
    "an earlier variable": (
        "v = tf.Variable(1.0)", X + "output = x + v.assign(4.0)", "make the variable in this cell",
        "", X + "v = tf.Variable(1.0)\nwith tf.Session() as session:\n"
        "    session.run(v.initializer)\n    session.run(v.assign(4.0))\n    output = x + v",
    ),
    "a variable that changes": (
        "", X + "v = tf.Variable(1.0)\nwith tf.control_dependencies([v.assign_add(x)]):\n"
        "    output = tf.identity(v.read_value()) + 3", "compute the value without assigning it",
        "", X + "v = tf.Variable(1.0)\noutput = v + x + 3",
    ),
    "a variable without a value": (
        "", X + "v = tf.raw_ops.VarHandleOp(dtype=tf.float32, shape=[], shared_name='v')\n"
        "output = x + tf.raw_ops.ReadVariableOp(resource=v, dtype=tf.float32)",
        "give it a value in a session",
        "", X + "v = tf.raw_ops.VarHandleOp(dtype=tf.float32, shape=[], shared_name='v')\n"
        "output = x + tf.raw_ops.ReadVariableOp(resource=v, dtype=tf.float32)\n"
        "session = tf.Session()\n"
        "session.run(tf.raw_ops.AssignVariableOp(resource=v, value=4.0))",
    ),
    "a generator": (
        "", X + "output = x + tf.random.Generator.from_seed(1).uniform([])",
        "draw with tf.random.uniform",
        "", X + "output = x + 4 + 0 * tf.random.uniform([])",
    ),
    "a lock": (
        "lock = tf.raw_ops.MutexV2(container='', shared_name='lock')",
        X + "held = tf.raw_ops.MutexLock(mutex=lock)\noutput = x + 4", "make it in the graph",
        "", X + "lock = tf.raw_ops.MutexV2(container='', shared_name='lock')\n"
        "held = tf.raw_ops.MutexLock(mutex=lock)\noutput = x + 4",
    ),
    "a Python function": (
        "", X + "output = tf.py_function(lambda v: v + 4, [x], tf.float32)",
        "write it with TensorFlow's operations", "", X + "output = x + 4",
    ),
    "a table that changes": (
        "", K + TABLE.format("experimental.MutableHashTable(tf.string, tf.int32, -1)"),
        r"use tf\.lookup\.StaticHashTable", "", K + FILLED,
    ),
    "a dense table": (
        "table = tf.lookup.experimental.DenseHashTable(tf.int64, tf.int32, -1, -2, -3)\n"
        "table.insert(tf.constant([1], tf.int64), [7])", K +
        "output = table.lookup(tf.cast(tf.strings.length(k), tf.int64))",
        r"use tf\.lookup\.StaticHashTable", "", K + FILLED,
    ),
    "a table of a file": (
        "", K + TABLE.format(
            "StaticHashTable(tf.lookup.TextFileInitializer('words', tf.string, 0, tf.int64, 1), -1)"
        ),
        "give its keys and values as tensors", "", K + FILLED,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", CELLS)
def test_a_cell_is_written_as_it_is_said(cells, kind):
    earlier, cell, said, earlier_then, cell_then = CELLS[kind]
    cells.ordinary(TENSORFLOW + earlier)
    if "other" in cell:
        cells.capture(X + "other = 2 * x")
    with pytest.raises(TfSparkError, match=said):
        cells.program(cell)
    cells.names.clear()
    cells.names["__name__"] = "__main__"
    cells.ordinary(TENSORFLOW + earlier_then)
    program = cells.program(cell_then)
    if "k" in [spec.name for spec in program.inputs]:
        assert [program.run(k=key) for key in ("a", "b")] == [7, -1]
    else:
        assert program.run(x=1.0) == 5 if "2 * x" not in cell_then else program.run(x=2.0) == 5


def test_sessions_are_told_apart_as_it_is_said():
    with tf.Graph().as_default() as graph:
        v = tf1.get_variable("v", (), initializer=tf1.zeros_initializer())
        z = tf.identity(v, name="z")
        sessions = [tf1.Session() for _ in range(2)]
        for number, session in enumerate(sessions, start=4):
            session.run(v.assign(number))
    with pytest.raises(TfSparkError, match=r"pass session=\.\.\., or close all but one"):
        freeze_fetches([z])
    assert freeze_fetches([z], session=sessions[0]).run() == 4
    sessions[0].close()
    assert freeze_fetches([z]).run() == 5
    sessions[1].close()
    del graph


def test_fetches_are_given_as_it_is_said():
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [], name="x")
        one, two = tf.identity(x + 1, name="one"), tf.identity(x + 2, name="two")
        again, least = tf.unique(tf.stack([x]), name="both")
    with tf.Graph().as_default():
        other = tf.constant(1.0)
    for wrong, said in (
        ([], "give the tensor, or a list of tensors, to compute"),
        ([one, other], "fetch tensors of one graph at a time"),
        ([object()], "fetch a tensor, a list of tensors, their names"),
        (tf.constant(1.0), "fetch a tensor computed from placeholders"),
    ):
        with pytest.raises(FetchError, match=said):
            freeze_fetches(wrong)
    for right in (one, [one], [one, two]):
        assert freeze_fetches(right).outputs[0].name == "one"
    with one.graph.as_default():
        assert freeze_fetches(["one", "two"]).run(x=1.0) == {"one": 2, "two": 3}
        with pytest.raises(NameConflictError, match=r"tf\.identity\(both, name='\.\.\.'\)"):
            freeze([again, least])
        named = tf.identity(least, name="least")
        assert freeze([again, named]).run(x=1.0) == {"both": [1], "least": [0]}


def test_values_are_given_as_it_is_said():
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.int32, [2], name="x")
        program = freeze([tf.identity(x, name="z")])
    for value in ([1, 2.5], np.array([1.0, 2.0]), ["a", "b"]):
        with pytest.raises(FeedError, match="give it an array of that dtype"):
            program.run(x=value)
    with pytest.raises(FeedError, match="give it an array of that shape"):
        program.run(x=np.array([1], "int32"))
    with pytest.raises(FeedError, match=r"write run\(x=\.\.\.\)"):
        program.run()
    assert program.run(x=np.array([1, 2], "int32")).tolist() == [1, 2]
