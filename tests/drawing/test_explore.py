"""Test exploring: open, close, reveal and find groups and operations."""

from __future__ import annotations

import random

import pytest

from tests.drawing.test_collapse import chain, flat, scoped
from tfspark_magic.drawing.explore import MOST_NODES, Explorer
from tfspark_magic.drawing.view import Cluster, View
from tfspark_magic.errors import OptionError, PlaceholderNotFoundError
from tfspark_magic.graph.attributes import graph_text

import tensorflow as tf

tf1 = tf.compat.v1


def clusters(view: View) -> list[Cluster]:
    found = [member for member in view.members if isinstance(member, Cluster)]
    for cluster in found:
        found += [member for member in cluster.members if isinstance(member, Cluster)]
    return found


def ids(explorer: Explorer) -> list[str]:
    return [v.id for v in explorer.view.vertices()] + [c.id for c in clusters(explorer.view)]


def check(explorer: Explorer, operations: int) -> None:
    """Check rules that hold for any open and closed groups."""
    shown = ids(explorer)
    assert len(shown) == len(set(shown))
    ends = {end for link in explorer.view.links for end in (link.source, link.target)}
    assert ends <= {v.id for v in explorer.view.vertices()}
    assert sum(v.operations for v in explorer.view.vertices()) == operations
    assert len(explorer.view.vertices()) <= MOST_NODES
    assert explorer.openable <= {v.id for v in explorer.view.vertices()}
    assert explorer.closable <= {c.id for c in clusters(explorer.view)}


def test_a_scope_closes_and_opens(dense):
    explorer = Explorer(dense)
    before = explorer.view
    assert explorer.closable == {"scope:hidden", "scope:output"}
    assert explorer.openable == frozenset()
    explorer.close("scope:hidden")
    assert "scope:hidden" in [v.id for v in explorer.view.vertices()]
    assert "op:hidden/MatMul" not in ids(explorer)
    assert explorer.openable == {"scope:hidden"}
    explorer.open("scope:hidden")
    assert explorer.view == before


def test_what_was_open_inside_is_open_again(make):
    def build():
        h = tf1.placeholder(tf.float32, [None], name="x")
        with tf1.name_scope("outer"), tf1.name_scope("inner"):
            h = tf.exp(tf.tanh(h))
        with tf1.name_scope("outer/"):
            h = tf.sin(tf.cos(h))
        return tf.identity(h, name="z")

    explorer = Explorer(make(build))
    explorer.close("scope:outer/inner")
    explorer.close("scope:outer")
    explorer.open("scope:outer")
    assert explorer.openable == {"scope:outer/inner"}


def test_the_rest_of_a_series_opens_in_a_box_that_closes(layers):
    explorer = Explorer(layers)
    (rest,) = [name for name in explorer.openable if name.startswith("series:")]
    before = explorer.view
    explorer.open(rest)
    check(explorer, 402)
    assert "scope:layer_50" in ids(explorer)
    assert rest in explorer.closable
    explorer.open("scope:layer_50")
    assert any(name.startswith("op:layer_50/") for name in ids(explorer))
    explorer.close(rest)
    assert explorer.view == before


def test_all_closes_and_all_opens(dense):
    explorer = Explorer(dense)
    explorer.close_all()
    assert explorer.closable == frozenset()
    assert {"scope:hidden", "scope:output"} == explorer.openable
    assert explorer.open_all() == ""
    assert explorer.openable == frozenset()


def test_opening_all_ends_where_there_is_room_for_no_more(layers):
    explorer = Explorer(layers)
    said = explorer.open_all()
    check(explorer, 402)
    assert len(explorer.view.vertices()) > 40
    assert said.endswith(f"closed: a drawing shows at most {MOST_NODES} nodes at once.")


@pytest.mark.parametrize("kind", [flat, scoped, chain])
@pytest.mark.parametrize("count", [300, 5_000])
def test_a_walk_through_a_large_graph(make_of_nodes, kind, count):
    nodes = kind(count)
    explorer = Explorer(make_of_nodes(nodes, list(nodes)[-1]))
    rng = random.Random(count)
    refused = 0
    for _ in range(30):
        choice = rng.random()
        before = explorer.view
        if choice < 0.7 and explorer.openable:
            identity = rng.choice(sorted(explorer.openable))
            try:
                explorer.open(identity)
            except OptionError:
                assert explorer.view == before
                refused += 1
            else:
                assert identity not in explorer.openable
        elif explorer.closable:
            identity = rng.choice(sorted(explorer.closable))
            explorer.close(identity)
            assert identity in explorer.openable
        check(explorer, count)
    assert refused < 25


@pytest.mark.parametrize("kind", [flat, scoped, chain])
def test_any_operation_is_revealed(make_of_nodes, kind):
    nodes = kind(2_000)
    explorer = Explorer(make_of_nodes(nodes, list(nodes)[-1]))
    for name in random.Random(0).sample(list(nodes), 12):
        identity, _ = explorer.reveal(name)
        assert explorer.names[identity] == name
        assert identity in [v.id for v in explorer.view.vertices()]
        check(explorer, 2_000)


def test_what_does_not_fit_is_refused_in_words(make_of_nodes, monkeypatch):
    monkeypatch.setattr("tfspark_magic.drawing.explore.MOST_NODES", 20)
    nodes = chain(300)
    explorer = Explorer(make_of_nodes(nodes, list(nodes)[-1]), max_nodes=20)
    with pytest.raises(OptionError, match=r"at most 20 .*: close something first\."):
        while explorer.openable:
            explorer.open(min(explorer.openable))


def test_every_operation_of_a_flat_graph_can_be_opened_by_hand(make_of_nodes):
    """Bands open into bands, and in the end into operations."""
    nodes = flat(3_000)
    explorer = Explorer(make_of_nodes(nodes, list(nodes)[-1]))
    steps = 0
    while explorer.openable and steps < 8:
        try:
            explorer.open(min(explorer.openable))
        except OptionError:
            break
        steps += 1
    assert any(v.kind == "op" for v in explorer.view.vertices())


def test_a_scope_is_revealed_and_stays_as_it_is(dense):
    explorer = Explorer(dense)
    explorer.close_all()
    assert explorer.reveal("hidden") == ("scope:hidden", "")
    assert "scope:hidden" in explorer.openable


def test_an_operation_that_is_folded_is_shown_by_what_it_is_part_of(dense):
    explorer = Explorer(dense)
    explorer.close_all()
    name = "hidden/MatMul/ReadVariableOp"
    assert explorer.reveal(name)[0] == "op:hidden/kernel"
    details = explorer.details(f"op:{name}")
    assert (details.op, details.part_of) == ("Identity", "hidden/kernel")


def test_what_is_not_there_is_said(seed):
    explorer = Explorer(seed)
    with pytest.raises(OptionError, match="has no operation or scope 'nothing'"):
        explorer.reveal("nothing")
    with pytest.raises(OptionError, match="'scope:no' cannot be opened or closed"):
        explorer.open("scope:no")
    with pytest.raises(OptionError, match="'scope:no' cannot be opened or closed"):
        explorer.close("scope:no")
    with pytest.raises(OptionError, match="has no operation 'op:no'"):
        explorer.details("op:no")
    with pytest.raises(PlaceholderNotFoundError):
        Explorer(seed, {"w": "price"})
    with pytest.raises(PlaceholderNotFoundError):
        explorer.bind({"w": "price"})


def found(explorer: Explorer, text: str) -> list[str]:
    return [entry.name for entry in explorer.search(text).findings]


def test_search_finds_names_ops_and_dtypes(dense):
    explorer = Explorer(dense)
    assert found(explorer, "label") == ["label", "label/dimension"]
    assert found(explorer, "op:matmul") == ["hidden/MatMul", "output/MatMul"]
    assert found(explorer, "dtype:int64") == ["label"]
    assert "output/MatMul" in found(explorer, "MATMUL output")
    assert found(explorer, "softmax") == ["probabilities"]
    assert found(explorer, "no such thing") == found(explorer, "  ") == []
    assert "hidden/MatMul/ReadVariableOp" in found(explorer, "readvariable")


def test_search_puts_the_name_itself_first_and_counts_all(make_of_nodes):
    nodes = {"x": ("Placeholder", [])}
    nodes |= {f"a/xx{n}": ("Relu", ["x"]) for n in range(100)}
    explorer = Explorer(make_of_nodes(nodes, "a/xx1"))
    finding = explorer.search("x", limit=5)
    assert (finding.total, len(finding.findings)) == (101, 5)
    assert finding.findings[0].name == "x"
    assert finding.findings[0].spec == "float32"


def test_details_of_an_operation(dense):
    details = Explorer(dense, {"features": "pixels"}).details("op:hidden/MatMul")
    assert (details.name, details.kind, details.op) == ("hidden/MatMul", "op", "MatMul")
    assert details.outputs == ("float32[?,256]",)
    assert ("transpose_a", "False") in details.attributes
    assert ("T", "float32") in details.attributes
    assert [(end.name, end.spec) for end in details.inputs] == [
        ("features", "float32[?,128]"),
        ("hidden/MatMul/ReadVariableOp", "float32[128,256]"),
    ]
    assert [end.name for end in details.consumers] == ["hidden/BiasAdd"]
    assert Explorer(dense, {"features": "pixels"}).details("op:features").column == "pixels"


def test_details_say_why_an_operation_has_no_values(make):
    def build():
        x = tf1.placeholder(tf.float32, [3, 2], name="x")
        listed = tf.raw_ops.TensorListFromTensor(tensor=x, element_shape=[2], name="listed")
        shape = tf.constant([2], tf.int32)
        return tf.raw_ops.TensorListStack(
            input_handle=listed, element_shape=shape, element_dtype=tf.float32, name="stacked"
        )

    explorer = Explorer(make(build))
    assert "no values to show" in explorer.details("op:listed").note
    assert explorer.details("op:stacked").note == ""


def test_details_of_a_scope_count_what_is_in_it(dense):
    details = Explorer(dense).details("scope:hidden")
    assert (details.kind, details.name, details.operations) == ("scope", "hidden", 6)
    assert dict(details.attributes) == {
        "Const": "2",
        "Identity": "2",
        "MatMul": "1",
        "BiasAdd": "1",
    }


def test_long_lists_and_values_are_cut(make):
    def build():
        x = tf1.placeholder(tf.float32, [], name="x")
        users = [tf.negative(x, name=f"n{index}") for index in range(100)]
        text = tf.constant("<b>" + "long " * 1_000, name="text")
        return [tf.add_n(users, name="z"), tf.identity(text, name="t")]

    explorer = Explorer(make(build))
    details = explorer.details("op:x")
    assert len(details.consumers) + details.more_consumers == 100
    assert details.more_consumers > 0
    attributes = dict(explorer.details("op:text").attributes)
    assert all(len(text) <= 220 for text in attributes.values())


def test_bindings_change_what_is_shown(seed):
    explorer = Explorer(seed, {"x": "price"})
    assert [v.column for v in explorer.view.vertices()][:2] == ["price", ""]
    explorer.bind({"y": "count"})
    assert [v.column for v in explorer.view.vertices()][:2] == ["", "count"]
    assert "column count" in explorer.drawing().dot


def test_pbtxt_is_the_whole_graph(seed):
    from google.protobuf import text_format

    parsed = text_format.Parse(graph_text(seed), tf1.GraphDef())
    assert parsed == tf1.GraphDef.FromString(seed.graph_def)


def test_hostile_text_is_only_text(make_of_nodes):
    name = '<img src=x onerror="alert(1)">'
    program = make_of_nodes({"x": ("Placeholder", []), name: ("NoSuchOp", ["x"])}, name)
    explorer = Explorer(program)
    assert found(explorer, "onerror") == [name]
    assert explorer.details(f"op:{name}").name == name
    assert "<img" not in explorer.drawing().svg
