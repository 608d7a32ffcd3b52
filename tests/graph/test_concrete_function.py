from __future__ import annotations

import pytest

from tfspark_magic.errors import GraphLoadError
from tfspark_magic.graph.concrete_function import load_function
from tfspark_magic.graph.runtime import tf, tf1


def graph_def(build):
    with tf.Graph().as_default() as graph:
        build()
        return graph.as_graph_def().SerializeToString()


def test_only_what_is_fetched_is_run(tmp_path):
    def build():
        x = tf1.placeholder(tf.float32, [], name="x")
        tf.io.write_file(str(tmp_path / "written"), "")
        tf.raw_ops.Assert(condition=x < 0, data=[x], name="fails")
        tf.add(x, 1, name="z")

    run = load_function(graph_def(build), ["x:0"], ["z:0"])
    assert run(tf.constant(3.0))[0].numpy() == 4
    assert not list(tmp_path.iterdir())


def test_what_a_fetch_waits_for_is_run():
    def build():
        x = tf1.placeholder(tf.float32, [], name="x")
        y = tf1.placeholder(tf.float32, [], name="y")
        fails = tf.raw_ops.Assert(condition=x > 0, data=[x])
        # A placeholder may be waited for too.
        with tf.control_dependencies([fails, y.op]):
            tf.add(x, 1, name="z")

    run = load_function(graph_def(build), ["x:0", "y:0"], ["z:0"])
    assert run(tf.constant(3.0), tf.constant(0.0))[0].numpy() == 4
    with pytest.raises(tf.errors.InvalidArgumentError):
        run(tf.constant(-3.0), tf.constant(0.0))


def test_any_names_fetched_twice_fed_and_not_used():
    def build():
        tf1.placeholder(tf.int32, None, name="fed_0")
        x = tf1.placeholder(tf.int32, [None], name="fed")
        tf1.placeholder(tf.string, [], name="unused")
        low, _ = tf.split(x, [1, 2], name="parts")
        tf.add(low, 1, name="fed_1")

    run = load_function(
        graph_def(build),
        ["fed:0", "unused:0", "fed_0:0"],
        ["parts:1", "fed:0", "fed_1:0", "parts:1", "fed_0:0"],
    )
    given = tf.constant([1, 2, 3])
    found = run(given, tf.constant("a"), tf.constant(7))
    assert [tensor.numpy().tolist() for tensor in found] == [[2, 3], [1, 2, 3], [2], [2, 3], 7]


@pytest.mark.parametrize(("feed", "fetch"), [("x:0", "none:0"), ("none:0", "z:0"), ("x:0", "z:3")])
def test_a_name_that_is_not_in_the_graph(feed, fetch):
    def build():
        tf.identity(tf1.placeholder(tf.int32, [], name="x"), name="z")

    with pytest.raises(GraphLoadError):
        load_function(graph_def(build), [feed], [fetch])


def test_bytes_that_are_no_graph():
    with pytest.raises(GraphLoadError):
        load_function(b"none", [], [])
