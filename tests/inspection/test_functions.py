"""Loops, branches and functions open: their operations have the values that NumPy says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import tfspark_magic as tfs
from tfspark_magic.drawing.explore import Explorer
from tfspark_magic.errors import FetchError, NotAvailableError
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.graph.function_bodies import Bodies
from tfspark_magic.graph.runtime import tf, tf1

X = np.array([0.5, 3.0, 40.0, 700.0, -2.0])
TABLE = pa.table({"x": X, "n": pa.array([3, 0, 1, 2, 7], pa.int32())})


@tf.function
def scaled(a, b):
    return tf.sin(a, name="sin") * b


@tf.function
def shifted(a):
    return scaled(a, a + 1) - 1


def of_rows(step=2.0):
    """Loops in branches in loops, and functions in all of them."""
    with tf.Graph().as_default():
        x, n = tf1.placeholder(tf.float64, [], name="x"), tf1.placeholder(tf.int32, [], name="n")

        def turn(i, s):
            s = tf.cond(s > 10.0, lambda: s / 4, lambda: s + step)
            return i + 1, s

        def doubled(s):
            body = lambda j, t: (j + 1, t * 2)
            return tf.while_loop(lambda j, t: j < 2, body, [0, s], name="inner")[1]

        looped = tf.while_loop(lambda i, s: i < n, turn, [0, x], name="outer")[1]
        chosen = tf.switch_case(
            n, [lambda: looped - 1, lambda: doubled(looped), lambda: shifted(looped)], name="kind"
        )
        return freeze([tf.add(chosen, shifted(x), name="z")], "score")


def turns(x, n, step=2.0):
    """Return the variable of the outer loop before each turn, and at the end."""
    values = [x]
    for _ in range(n):
        values.append(values[-1] / 4 if values[-1] > 10 else values[-1] + step)
    return values


@pytest.fixture(scope="module")
def score():
    return of_rows()


@pytest.fixture(scope="module")
def seen(score):
    return tfs.peek(score, TABLE, cost=True)


def test_a_loop_has_the_values_of_its_last_turn(seen):
    walks = [turns(x, n.as_py()) for x, n in zip(X, TABLE["n"], strict=True)]
    last = [walk[-2] if len(walk) > 1 else None for walk in walks]
    assert seen["outer/body/add"] == [3, None, 1, 2, 7]
    np.testing.assert_array_equal(seen["outer/loop_counter_1"], [2, 0, 0, 1, 6])
    before = [walk[-2] if len(walk) > 1 else walk[0] for walk in walks]
    np.testing.assert_allclose(seen["outer/placeholder_1"], before)
    np.testing.assert_allclose(seen["outer:3"], [walk[-1] for walk in walks])
    divided = [None if s is None or s <= 10 else s / 4 for s in last]
    assert seen["outer/body/cond/then/truediv"] == divided
    assert seen["outer/body/cond/else/add"] == [
        None if s is None or s > 10 else s + 2.0 for s in last
    ]
    assert not seen.failures


def test_branches_have_the_values_of_the_rows_that_take_them(seen):
    ends = [turns(x, n.as_py())[-1] for x, n in zip(X, TABLE["n"], strict=True)]
    # A number that is no branch takes the last one.
    assert seen["kind/indexed_case/branch_0/sub"] == [None, ends[1] - 1, None, None, None]
    assert seen["kind/indexed_case/branch_1/inner/body/mul"] == [
        None,
        None,
        ends[2] * 4,
        None,
        None,
    ]
    sines = seen["kind/indexed_case/branch_2/PartitionedCall/PartitionedCall/sin"]
    np.testing.assert_allclose([sines[0], sines[3], sines[4]], np.sin([ends[0], ends[3], ends[4]]))
    assert sines[1] is sines[2] is None
    np.testing.assert_allclose(seen["PartitionedCall/PartitionedCall/sin"], np.sin(X))
    assert "ran on 3 of 5 rows" in str(seen)


def test_the_outputs_are_those_of_a_map(score, seen):
    out = tfs.map_rows(score, TABLE).to_pandas()
    np.testing.assert_array_equal(seen["z"], out["z"])


def test_the_time_of_a_turn_is_that_of_its_operations(seen):
    cost = seen.cost
    assert cost["outer/body/cond/else/add"].bytes == 8 * (3 + 0 + 0 + 0 + 7)
    assert cost["outer/body/add"].bytes > 0
    inside = [name for name in cost if name == "outer" or name.startswith("outer/")]
    assert cost["outer"] == cost.of(inside)
    assert cost["outer"].bytes > cost.of(["outer"]).bytes
    assert cost.total.bytes == cost.of(cost).bytes


def test_operations_that_run_for_no_row_say_so(score):
    seen = tfs.peek(score, TABLE.slice(1, 1), nodes=["outer", "kind/indexed_case"])
    with pytest.raises(NotAvailableError, match="did not run on these rows"):
        seen["outer/body/add"]
    assert "outer/body/add" not in seen.values  # noqa: PD011
    assert "outer/body/add" in seen.nodes
    assert seen["outer:3"].tolist() == [3.0]
    assert "did not run" in seen._repr_html_()


def test_a_block_runs_as_one():
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float64, [None], name="x")
        looped = tf.while_loop(
            lambda i, s: tf.reduce_max(s) < 1e5, lambda i, s: (i + 1, s * 2), [0, x]
        )[1]
        big = tf.cond(tf.reduce_min(x) > 0, lambda: looped * 2, lambda: looped * 3)
        program = freeze([tf.identity(big, name="z")])
    seen = tfs.peek(program, TABLE)
    np.testing.assert_array_equal(seen["while/body/mul"], X * 2.0**8)
    np.testing.assert_array_equal(seen["cond/else/mul"], X * 2.0**8 * 3)
    with pytest.raises(NotAvailableError, match="did not run"):
        seen["cond/then/mul"]


def test_a_loop_that_would_never_end_in_a_branch_that_is_not_taken():
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float64, [], name="x")
        halved = lambda: tf.while_loop(lambda s: s > 1.0, lambda s: (s / 2 * tf.sign(x),), [x])[0]
        endless = lambda: tf.while_loop(lambda s: s < 0.0, lambda s: (s - 1.0,), [-x])[0]
        program = freeze([tf.identity(tf.cond(x > 0, halved, endless), name="z")])
    seen = tfs.peek(program, TABLE.slice(0, 4))
    assert seen["cond/then/while/body/truediv"] == [None, 0.75, 0.625, 700 / 1024]
    with pytest.raises(NotAvailableError, match="did not run"):
        seen["cond/else/while/body/sub"]


def test_a_function_that_calls_itself_stays_closed(score):
    graph = tf1.GraphDef.FromString(score.graph_def)
    call = next(node for node in graph.node if node.op == "PartitionedCall")
    assert Bodies(graph, most=100).called(call) is not None
    for function in graph.library.function:
        if function.signature.name == call.attr["f"].func.name:
            for node in function.node_def:
                if node.op == "PartitionedCall":
                    node.attr["f"].func.name = function.signature.name
    assert Bodies(graph, most=100).called(call) is None


def test_functions_are_folded_until_they_are_opened(score):
    explorer = Explorer(score)
    assert {"scope:outer", "scope:kind/indexed_case", "scope:PartitionedCall"} <= explorer.openable
    shown = {vertex.id: vertex for vertex in explorer.view.vertices()}
    assert shown["scope:outer"].lines[0].startswith("loop: ")
    assert shown["scope:kind/indexed_case"].lines[0].startswith("branches: ")
    assert shown["scope:PartitionedCall"].lines[0].startswith("function: ")
    assert "last turn" in explorer.details("scope:outer").note
    explorer.open("scope:outer")
    links = {(link.source, link.target) for link in explorer.view.links}
    assert {
        ("op:x", "op:outer/placeholder_1"),
        ("op:outer/Identity_3", "scope:kind/indexed_case"),
    } <= links
    assert explorer.search("op:LoopVariable").total >= 2
    identity, _ = explorer.reveal("kind/indexed_case/branch_1/inner/body/mul")
    details = explorer.details(identity)
    assert details.op == "Mul"
    assert (
        details.note
        == "In the loop kind/indexed_case/branch_1/inner: its values are those of the last turn."
    )
    assert explorer.details("outer/placeholder_1").inputs[0].name == "x"
    assert "rows that come here" in explorer.details("kind/indexed_case/branch_0/sub").note
    assert explorer.is_inside("kind/indexed_case/branch_0/sub")
    assert not explorer.is_inside("z")


def test_a_fetch_inside_of_a_function_is_refused(score):
    with pytest.raises(
        FetchError,
        match="is inside of 'kind/indexed_case/branch_1/inner', .*fetch .kind/indexed_case.",
    ):
        score.fetch("kind/indexed_case/branch_1/inner/body/mul")


def test_graphs_are_compared_inside_of_their_functions(score):
    found = tfs.compare(score, of_rows(step=3.0), TABLE)
    assert found.changed == ("outer/body/cond/else/add/y",)
    assert found.parted == "outer/body/cond/else/add/y"
    assert found["outer/body/cond/else/add"].parts
    assert not tfs.compare(score, of_rows(), TABLE).parted


def test_the_last_turn_of_an_lstm_is_what_keras_returns():
    model = tf.keras.Sequential([tf.keras.Input((5, 3), name="v"), tf.keras.layers.LSTM(4)])
    rows = np.random.default_rng(0).random((4, 5, 3)).astype("f")
    cells = pd.DataFrame({"v": [row.tolist() for row in rows]})
    kind = pa.list_(pa.list_(pa.float32()))
    table = pa.table({"v": pa.array(cells["v"], kind)})
    seen = tfs.peek(model, table)
    (last,) = [
        name for name in seen.nodes if name.endswith(("lstm_cell/mul_2", "lstm_cell_1/mul_2"))
    ]
    np.testing.assert_allclose(seen[last].reshape(4, 4), model(rows).numpy(), rtol=1e-6)
