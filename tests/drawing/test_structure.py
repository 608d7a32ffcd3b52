"""Structure: what a program consists of."""

from __future__ import annotations

import numpy as np
import pytest

from tfspark_magic.drawing.explore import Explorer
from tfspark_magic.errors import GraphLoadError
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.short_constant import quote
from tfspark_magic.graph.structure import CONTROL, Edge, Node, structure
from tfspark_magic.graph.tensor_types import Types
from tfspark_magic.schema.spec import CellSpec

import tensorflow as tf

tf1 = tf.compat.v1


def by_name(program: Program) -> dict[str, Node]:
    return {node.name: node for node in structure(program)}


def test_roles_and_edges(seed):
    nodes = by_name(seed)
    roles = {name: node.role for name, node in nodes.items()}
    assert roles == {
        "x": "placeholder",
        "y": "placeholder",
        "mul/y": "constant",
        "mul": "op",
        "z": "fetch",
    }
    assert nodes["mul/y"].value == "3"
    assert nodes["mul/y"].scope == "mul"
    assert nodes["z"].inputs == (Edge("x", 0), Edge("mul", 0))
    assert [edge.type for edge in nodes["z"].inputs] == [CellSpec("int32", ())] * 2
    assert nodes["z"].outputs == (CellSpec("int32", ()),)
    assert str(nodes["z"].inputs[1]) == "mul:0 int32"


def test_shapes_are_inferred(dense):
    nodes = by_name(dense)
    assert nodes["hidden/kernel"].role == "variable"
    assert nodes["output/MatMul"].outputs == (CellSpec("float32", (None, 10)),)
    assert nodes["label"].role == nodes["probabilities"].role == "fetch"
    assert nodes["label"].outputs == (CellSpec("int64", (None,)),)


def test_control_edges_are_marked(make):
    def build():
        x = tf1.placeholder(tf.float32, [], name="x")
        with tf.control_dependencies([tf.exp(x, name="first")]):
            return tf.identity(x, name="then")

    edges = by_name(make(build))["then"].inputs
    assert [(edge.source, edge.output) for edge in edges] == [("x", 0), ("first", CONTROL)]
    assert [edge.is_control for edge in edges] == [False, True]
    assert str(edges[1]) == "^first"


def test_a_later_output_has_its_own_type(make):
    def build():
        values, indices = tf.math.top_k(tf1.placeholder(tf.float32, [None, 9], name="x"), k=2)
        return [tf.identity(values, name="values"), tf.identity(indices, name="indices")]

    nodes = by_name(make(build))
    assert str(nodes["indices"].inputs[0]) == "TopKV2:1 int32[?,2]"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (3, "3"),
        (0.1, "0.1"),
        (True, "True"),
        ([1, 2], "[1, 2]"),
        ([[1, 2], [3, 4]], "[[1, 2], [3, 4]]"),
        ([], "[]"),
        (list(range(9)), ""),
        ([123456.0, 234567.0, 345678.0], ""),
        ("naïve", '"naïve"'),
        (["a", 'b"'], r'["a", "b\""]'),
    ],
)
def test_values_of_short_constants(make, value, written):
    program = make(lambda: tf.identity(tf.constant(value, name="c"), name="z"))
    assert by_name(program)["c"].value == written


def test_quote_keeps_text_on_one_line():
    assert quote(b'a\nb\x00\\"\xff') == r'"a\nb\x00\\\"\\xff"'
    assert quote("\u202e".encode()) == r'"\u202e"'
    assert quote(b"x" * 100, limit=5) == '"xxxx…"'
    assert quote("é".encode() * 1000, limit=3) == '"éé…"'


def test_large_constants_are_not_needed(make):
    """Their content is dropped before the import, their types are not."""
    values = np.arange(10_000)
    program = make(lambda: tf.identity(tf.constant(values, name="c"), name="z"))
    before = program.graph_def
    nodes = by_name(program)
    assert nodes["c"].value == ""
    assert nodes["z"].outputs == (CellSpec("int64", (10_000,)),)
    assert program.graph_def == before


def test_unknown_operations_are_listed(make_of_nodes):
    program = make_of_nodes(
        {"x": ("Placeholder", []), "a:b": ("NoSuchOp", ["x:3"]), "z": ("NoSuchOp", ["a:b"])}, "z"
    )
    nodes = by_name(program)
    assert nodes["x"].outputs == (CellSpec("float32", None),)
    assert nodes["a:b"].inputs == (Edge("x", 3),)
    assert nodes["z"].inputs[0].source == "a:b"


def test_the_lean_import_infers_what_the_whole_one_does(dense, layers):
    for program in (dense, layers):
        graph = tf.Graph()
        with graph.as_default():
            tf.graph_util.import_graph_def(tf1.GraphDef.FromString(program.graph_def), name="")
        for node in structure(program):
            shapes = [t.shape.as_list() for t in graph.get_operation_by_name(node.name).outputs]
            assert [list(spec.shape) for spec in node.outputs] == shapes


def test_types_are_read_only_of_what_is_on_show(make, monkeypatch):
    """Of tens of thousands of operations, each takes a while in Python."""

    def build():
        h = tf1.placeholder(tf.float32, [None], name="x")
        for _ in range(300):
            h = tf.tanh(h * 2.0 + 1.0)
        return tf.identity(h, name="z")

    of, read = Types.of, []
    monkeypatch.setattr(Types, "of", lambda types, name: read.append(name) or of(types, name))
    explorer = Explorer(make(build))
    assert "op:Tanh" in explorer.drawing().dot
    assert explorer.search("mul").total == 600
    assert 0 < len(set(read)) < 100


def test_bytes_that_are_no_graph():
    with pytest.raises(GraphLoadError, match="'broken' does not hold a TensorFlow graph"):
        structure(Program("broken", b"\xff\xff\xff", (), ()))
