"""Test collapsing: folding, grouping, opening, and the limits of each."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tfspark_magic.drawing import Drawing, draw
from tfspark_magic.drawing.plumbing import fold
from tfspark_magic.drawing.scopes import stem
from tfspark_magic.drawing.view import Cluster, Vertex, View
from tfspark_magic.graph.structure import structure

import tensorflow as tf

tf1 = tf.compat.v1


def titles(drawing: Drawing) -> list[str]:
    return [vertex.title for vertex in drawing.view.vertices()]


def vertex(drawing: Drawing, identity: str) -> Vertex:
    return next(v for v in drawing.view.vertices() if v.id == identity)


def clusters(view: View) -> list[Cluster]:
    found: list[Cluster] = []
    stack = list(view.members)
    while stack:
        member = stack.pop(0)
        if isinstance(member, Cluster):
            found.append(member)
            stack = [*member.members, *stack]
    return found


def check(drawing: Drawing, max_nodes: int) -> None:
    """Check rules that hold for every view."""
    vertices = drawing.view.vertices()
    ids = [v.id for v in vertices] + [c.id for c in clusters(drawing.view)]
    assert len(vertices) <= max_nodes
    assert len(ids) == len(set(ids))
    ends = [(link.source, link.target) for link in drawing.view.links]
    assert len(ends) == len(set(ends))
    assert {end for link in ends for end in link} <= set(ids)
    assert all(source != target for source, target in ends)


def test_a_small_graph_is_shown_as_it_is(seed):
    drawing = draw(seed)
    assert [(v.id, v.kind) for v in drawing.view.vertices()] == [
        ("op:x", "placeholder"),
        ("op:y", "placeholder"),
        ("op:mul/y", "constant"),
        ("op:mul", "op"),
        ("op:z", "fetch"),
    ]
    assert [(link.source, link.target, link.label) for link in drawing.view.links] == [
        ("op:y", "op:mul", "int32"),
        ("op:mul/y", "op:mul", "int32"),
        ("op:x", "op:z", "int32"),
        ("op:mul", "op:z", "int32"),
    ]


def test_readers_of_variables_and_settings_are_folded(dense):
    drawing = draw(dense)
    assert not any("ReadVariableOp" in title for title in titles(drawing))
    assert vertex(drawing, "op:hidden/kernel").operations == 2
    assert vertex(drawing, "op:label").lines == ("ArgMax", "axis = 1")
    assert [cluster.title for cluster in clusters(drawing.view)] == ["hidden", "output"]
    assert sum(v.operations for v in drawing.view.vertices()) == len(structure(dense))


def test_an_operation_and_a_scope_of_one_name(make):
    """The operation is drawn in the scope, and their ids differ."""

    def build():
        x = tf1.placeholder(tf.float32, [None], name="x")
        with tf1.name_scope("norm"):
            centred = tf.subtract(x, tf.exp(x, name="exp"), name="centred")
        return tf.negative(tf.tanh(centred, name="norm/"), name="z")

    view = draw(make(build)).view
    (cluster,) = clusters(view)
    assert cluster.id == "scope:norm"
    assert [member.id for member in cluster.members] == [
        "op:norm/exp",
        "op:norm/centred",
        "op:norm",
    ]
    assert [member.title for member in cluster.members] == ["exp", "centred", "norm"]


def test_of_alike_layers_the_first_is_opened(layers):
    drawing = draw(layers)
    assert [cluster.title for cluster in clusters(drawing.view)] == ["layer_1"]
    rest = vertex(drawing, "series:layer_2")
    assert (rest.kind, rest.title) == ("series", "layer_2 … layer_50")
    assert rest.lines == ("49 alike, 392 operations",)
    assert sum(v.operations for v in drawing.view.vertices()) == len(structure(layers))


def test_repeated_operations_without_scopes_are_steps(make):
    def build():
        x = tf1.placeholder(tf.float32, [None], name="x")
        h = x
        for _ in range(100):
            h = tf.nn.relu(tf.add(tf.multiply(h, x), x))
        return tf.identity(h, name="z")

    drawing = draw(make(build))
    (cluster,) = clusters(drawing.view)
    assert cluster.title == "1 of 100"
    assert [member.title for member in cluster.members] == ["Mul", "Add", "Relu"]
    rest = vertex(drawing, "series:Mul_1")
    assert rest.title == "2 … 100 of 100"
    assert rest.lines == ("99 × (Mul, AddV2, Relu)",)


def test_alike_scopes_are_opened_once(make):
    def block(h, name, activation):
        with tf1.name_scope(name):
            for _ in range(6):
                h = activation(tf.add(tf.multiply(h, h), h))
            return h

    def build():
        x = tf1.placeholder(tf.float32, [None], name="x")
        h = block(block(x, "encoder", tf.tanh), "decoder", tf.tanh)
        return tf.identity(block(h, "head", tf.nn.relu), name="z")

    drawing = draw(make(build), max_nodes=30)
    assert vertex(drawing, "scope:decoder").lines == ("18 operations", "like encoder")
    assert vertex(drawing, "op:z").kind == "fetch"


def test_a_fetch_in_a_closed_scope_is_seen(make):
    def build():
        h = tf1.placeholder(tf.float32, [None], name="x")
        fetches = []
        for number in range(20):
            with tf1.name_scope(f"layer_{number}"):
                h = tf.tanh(tf.exp(h * h) + h)
                if number == 11:
                    fetches.append(tf.negative(h, name="middle"))
        return [*fetches, tf.identity(h, name="z")]

    drawing = draw(make(build))
    check(drawing, 40)
    middle = vertex(drawing, "op:layer_11/middle")
    assert middle.is_fetched
    assert middle.kind == "fetch"


def test_many_placeholders_are_one(make):
    def build():
        names = [f"{a}{b}" for a in "abcdefgh" for b in "stuvwxyz"]
        columns = [tf1.placeholder(tf.float32, [None], name=name) for name in names]
        return tf.reduce_sum(tf.stack(columns, axis=1), axis=1, name="total")

    drawing = draw(make(build))
    series = drawing.view.vertices()[1]
    assert (series.kind, series.title, series.operations) == ("placeholder", "as … hz", 64)
    assert series.lines == ("64 placeholders",)
    assert drawing.view.links[0].label == "64 × float32[?]"


def test_tensors_that_differ_are_counted(make):
    def build():
        x = tf1.placeholder(tf.float32, [None, 4], name="x")
        with tf1.name_scope("inside"):
            h = x
            for _ in range(12):
                h = tf.tanh(tf.exp(h) + h)
            parts = [tf.reduce_sum(h, axis=1), h]
        with tf1.name_scope("outside"):
            h = tf.expand_dims(parts[0], 1) + parts[1]
            for _ in range(12):
                h = tf.nn.relu(tf.sin(h) * h)
        return tf.identity(h, name="z")

    drawing = draw(make(build), max_nodes=4)
    labels = {(link.source, link.target): link.label for link in drawing.view.links}
    assert labels["scope:inside", "scope:outside"] == "2 tensors"
    assert labels["scope:outside", "op:z"] == "float32[?,4]"


def test_loops_of_the_graph_are_drawn(make_of_nodes):
    nodes = {
        "x": ("Placeholder", []),
        "merge": ("NoSuchMerge", ["x", "next"]),
        "body": ("NoSuchOp", ["merge"]),
        "next": ("NoSuchNext", ["body", "^x"]),
        "z": ("NoSuchOp", ["body"]),
    }
    view = draw(make_of_nodes(nodes, "z")).view
    assert ("op:next", "op:merge") in [(link.source, link.target) for link in view.links]
    (control,) = [link for link in view.links if link.is_control]
    assert (control.source, control.target, control.label) == ("op:x", "op:next", "")


def test_items_follow_their_inputs(make_of_nodes):
    nodes = {
        "z": ("AddV2", ["b", "a"]),
        "b": ("Relu", ["a"]),
        "a": ("Relu", ["x"]),
        "x": ("Placeholder", []),
    }
    program = make_of_nodes(nodes, "z")
    items = fold(structure(program), frozenset({"x", "z"}), operands=False)
    assert [item.name for item in items] == ["x", "a", "b", "z"]


def test_stem():
    names = ["layer", "layer_1", "a/layer_12", "layer_1_2", "block3_conv", "7"]
    assert [stem(name) for name in names] == [
        "layer",
        "layer",
        "layer",
        "layer",
        "block#_conv",
        "#",
    ]


def flat(count: int) -> dict[str, tuple[str, list[str]]]:
    """Operations of all kinds of names, each taking two earlier ones."""
    rng = random.Random(count)
    nodes: dict[str, tuple[str, list[str]]] = {"x": ("Placeholder", [])}
    names = ["x"]
    for index in range(count - 1):
        name = f"{rng.choice(['up', 'down', 'left', 'right'])}{rng.randrange(26):c}_{index}"
        name = "".join(c if c.isalnum() or c == "_" else "q" for c in name)
        kind = rng.choice(["Relu", "AddV2"])
        taken = [rng.choice(names[-9:]) for _ in range(1 + (kind == "AddV2"))]
        nodes[name] = (kind, taken)
        names.append(name)
    return nodes


def scoped(count: int) -> dict[str, tuple[str, list[str]]]:
    """Scopes in scopes, no two alike."""
    rng = random.Random(count)
    nodes: dict[str, tuple[str, list[str]]] = {"x": ("Placeholder", [])}
    names = ["x"]
    while len(nodes) < count:
        path = "/".join(f"s{rng.randrange(9)}" for _ in range(rng.randrange(5)))
        name = f"{path}/op_{len(nodes)}".lstrip("/")
        nodes[name] = ("AddV2", [rng.choice(names[-30:]), names[-1]])
        names.append(name)
    return nodes


def chain(count: int) -> dict[str, tuple[str, list[str]]]:
    """Alike layers of five operations in alike blocks of ten layers."""
    nodes: dict[str, tuple[str, list[str]]] = {"x": ("Placeholder", [])}
    last = "x"
    for index in range(count - 1):
        layer, op = divmod(index, 5)
        name = f"block_{layer // 10}/layer_{layer % 10}/op{op}"
        nodes[name] = ("Relu", [last])
        last = name
    return nodes


@pytest.mark.parametrize("kind", [flat, scoped, chain])
@pytest.mark.parametrize("count", [300, 1_000, 10_000])
def test_large_graphs_stay_small(make_of_nodes, kind, count):
    nodes = kind(count)
    drawing = draw(make_of_nodes(nodes, list(nodes)[-1]))
    check(drawing, 40)
    assert len(drawing.view.vertices()) >= 4
    assert sum(v.operations for v in drawing.view.vertices()) == count
    assert drawing.operations == count
    assert len(drawing.view.links) <= 120


@pytest.mark.parametrize("max_nodes", [2, 3, 5, 10, 39, 10_000])
def test_any_limit_is_kept(make_of_nodes, dense, layers, max_nodes):
    for program in (dense, layers, make_of_nodes(scoped(300), "x"), make_of_nodes(flat(90), "x")):
        check(draw(program, max_nodes=max_nodes), max_nodes)


def test_a_scope_can_be_very_deep(make_of_nodes):
    path = "s"
    nodes = {"x": ("Placeholder", [])}
    for index in range(1_200):
        nodes[f"{path}/op"] = ("Relu", [list(nodes)[-1]])
        path += f"/s{index % 3}"
    drawing = draw(make_of_nodes(nodes, "x"))
    check(drawing, 40)
    assert drawing.svg is not None


def test_a_scope_that_begins_with_a_placeholder_is_joined_with_others(make_of_nodes):
    nodes = {"a": ("Placeholder", []), "a/b": ("NoSuchOp", []), "c": ("NoSuchOp", [])}
    check(draw(make_of_nodes(nodes, "c"), max_nodes=2), 2)


NAMES = st.lists(st.text("ab1_/:", min_size=1, max_size=8), min_size=1, max_size=70, unique=True)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(names=NAMES, max_nodes=st.integers(2, 20), data=st.data())
def test_any_graph_can_be_drawn(make_of_nodes, names, max_nodes, data):
    """Names, edges and operations of all kinds, loops included."""
    kinds = st.sampled_from(["NoSuchOp", "Identity", "Placeholder", "Other"])
    references = st.sampled_from(names).flatmap(lambda name: st.sampled_from([name, f"^{name}"]))
    nodes = {
        name: (data.draw(kinds), data.draw(st.lists(references, max_size=3))) for name in names
    }
    program = make_of_nodes(nodes, names[-1])
    drawing = draw(program, max_nodes=max_nodes)
    check(drawing, max_nodes)
    assert drawing.text
    assert draw(program, max_nodes=max_nodes).dot == drawing.dot
