"""Test the graph view in the kernel: its traits, and its answers to requests."""

from __future__ import annotations

import json
import re

import pytest

from tests.drawing.conftest import program_of, program_of_nodes
from tfspark_magic.errors import OptionError, PlaceholderNotFoundError
from tfspark_magic.notebook.graph_view import GraphView

import tensorflow as tf

tf1 = tf.compat.v1

HOSTILE = '<img src=x onerror="alert(1)">'


def two_layers():
    def build():
        h = tf1.placeholder(tf.float32, [None, 4], name="x")
        for name in ("first", "second"):
            with tf1.name_scope(name):
                h = tf.nn.relu(tf.matmul(h, h, transpose_b=True, name="mm"), name="relu")
        return tf.identity(h, name="z")

    return program_of(build, "layers")


@pytest.fixture
def graph():
    return GraphView(two_layers())


@pytest.fixture
def ask(graph, monkeypatch):
    """Ask as the page does; return the one message that comes back."""
    return asking(graph, monkeypatch)


def asking(graph, monkeypatch):
    sent = []
    monkeypatch.setattr(graph, "send", lambda content, buffers=None: sent.append(content))

    def ask(question, **facts):
        sent.clear()
        graph._handle_custom_msg({"id": 7, "ask": question, **facts}, [])
        (message,) = json.loads(json.dumps(sent))
        assert message.pop("id") == 7
        return message

    return ask


def nodes(graph):
    return [node["name"] for node in graph.view["nodes"]]


def test_the_state_holds_what_is_on_show_and_no_more(graph):
    state = {key: value for key, value in graph.get_state().items() if not key.startswith("_")}
    own = {"uid", "title", "svg", "view", "at", "selected", "bindings", "peeking", "cost"}
    own |= {"direction", "room", "viewport"}
    assert own <= set(state)
    assert set(state) - own <= {"layout", "tabbable", "tooltip"}
    assert state["uid"] == graph.program.digest[:16]
    assert state["svg"].startswith("<svg")
    assert len(json.dumps(state["view"])) < 4_000


def test_its_repr_is_the_words_of_the_picture(graph):
    assert repr(graph) == (
        "GraphView(TensorFlow graph layers: 6 operations; placeholders x float32[?,4]; "
        f"fetches {graph.program.outputs[0]})"
    )
    bundle, _ = graph._repr_mimebundle_()
    assert bundle["text/plain"] == repr(graph)
    assert bundle["image/svg+xml"].startswith("<svg ")


def test_ids_are_those_of_the_drawing(graph):
    shown = [part["id"] for part in graph.view["nodes"] + graph.view["boxes"]]
    assert len(shown) == len(set(shown))
    assert all(f'id="{name}"' in graph.svg for name in shown)
    assert {end for link in graph.view["links"] for end in link} <= set(shown)


def test_every_question_is_answered(ask):
    questions = [
        ("search", {"text": "mm"}),
        ("details", {"node": "op:first/mm"}),
        ("details", {"node": "scope:first"}),
        ("size", {"node": "scope:first"}),
        ("close", {"node": "scope:first"}),
        ("open", {"node": "scope:first"}),
        ("close_all", {}),
        ("reveal", {"name": "second/mm"}),
        ("open_all", {}),
        ("export", {"format": "dot"}),
        ("export", {"format": "pbtxt"}),
    ]
    for question, facts in questions:
        assert list(ask(question, **facts)) == ["answer"], question


@pytest.mark.parametrize(
    ("question", "facts", "says"),
    [
        ("open", {"node": "scope:none"}, "cannot be opened or closed"),
        ("details", {"node": "op:none"}, "has no operation"),
        ("size", {"node": "op:none"}, "has no operation"),
        ("reveal", {"name": "none"}, "has no operation or scope 'none'"),
        ("export", {"format": "exe"}, "is no format of text"),
        ("dance", {}, "is not a known request"),
        ("search", {}, "text"),
        (None, {}, "is not a known request"),
    ],
)
def test_what_cannot_be_answered_is_said(ask, question, facts, says):
    message = ask(question, **facts)
    assert list(message) == ["error"]
    assert says in message["error"]


def test_opening_and_closing_change_what_is_on_show(graph, ask):
    assert "first/mm" in nodes(graph)
    ask("close", node="scope:first")
    assert "first/mm" not in nodes(graph)
    (closed,) = [node for node in graph.view["nodes"] if node["name"] == "first"]
    assert closed["openable"]
    assert 'id="scope:first"' in graph.svg
    ask("open", node="scope:first")
    assert "first/mm" in nodes(graph)


def test_the_answers(ask):
    answer = ask("search", text="op:MatMul first")["answer"]
    assert answer["total"] == 1
    assert answer["findings"][0]["name"] == "first/mm"
    details = ask("details", node="op:first/mm")["answer"]
    assert details["op"] == "MatMul"
    assert ["transpose_b", "True"] in details["attributes"]
    assert ask("export", format="dot")["answer"]["text"].startswith("digraph")
    assert 'op: "MatMul"' in ask("export", format="pbtxt")["answer"]["text"]


def test_selecting_in_python_reveals(graph):
    graph.collapse_all()
    assert "second/mm" not in nodes(graph)
    graph.selected = "second/mm"
    assert "second/mm" in nodes(graph)
    assert graph.at == ["second/mm", "op:second/mm"]
    graph.selected = ""
    assert graph.at == ["", ""]


def test_a_late_message_of_the_page_opens_nothing(graph):
    """Else a group that is closed right after its node is selected opens again."""
    graph.collapse_all()
    graph.set_state({"selected": "second/mm"})
    assert graph.selected == "second/mm"
    assert "second/mm" not in nodes(graph)


def test_who_is_told_of_a_selection_may_select_what_is_not_on_show(graph):
    graph.collapse_all()
    graph.on_select(lambda name: setattr(graph, "selected", "second/mm"))
    graph.set_state({"selected": "z"})
    assert "second/mm" in nodes(graph)
    assert graph.at == ["second/mm", "op:second/mm"]


def test_selecting_what_is_not_there(graph):
    graph.selected = "first/mm"
    with pytest.raises(OptionError, match="has no operation or scope 'none'"):
        graph.selected = "none"
    assert graph.selected == "first/mm"


def test_selections_are_told(graph):
    told = []
    end = graph.on_select(told.append)
    graph.selected = "first/mm"
    # As a message from the page sets it.
    graph.set_state({"selected": "z"})
    graph.selected = ""
    end()
    graph.selected = "x"
    assert told == ["first/mm", "z", ""]


def test_bindings_are_drawn_anew(graph):
    before = graph.svg
    graph.bindings = {"x": "pixels"}
    assert "pixels" in graph.svg
    assert graph.svg != before
    with pytest.raises(PlaceholderNotFoundError):
        graph.bindings = {"nothing": "pixels"}
    with pytest.raises(PlaceholderNotFoundError):
        GraphView(graph.program, {"nothing": "pixels"})


@pytest.mark.parametrize(
    ("name", "begins"),
    [("g.svg", b"<svg"), ("g.PNG", b"\x89PNG"), ("g.dot", b"digraph"), ("g.pbtxt", b"node {")],
)
def test_exports(graph, tmp_path, name, begins):
    path = graph.export(tmp_path / name)
    assert path.read_bytes().startswith(begins)


def test_an_export_needs_a_format(graph, tmp_path):
    with pytest.raises(OptionError, match=r"'graph.pdf' has no known ending: end it in one of"):
        graph.export(tmp_path / "graph.pdf")


def test_names_from_files_are_text(monkeypatch):
    program = program_of_nodes({"x": ("Placeholder", []), HOSTILE: ("NoSuchOp", ["x"])}, HOSTILE)
    graph = GraphView(program)
    ask = asking(graph, monkeypatch)
    assert "<img" not in graph.svg
    assert nodes(graph) == ["x", HOSTILE]
    identity = graph.view["nodes"][1]["id"]
    assert ask("details", node=identity)["answer"]["name"] == HOSTILE
    assert ask("search", text="onerror")["answer"]["findings"][0]["name"] == HOSTILE
    graph.selected = HOSTILE
    assert graph.at == [HOSTILE, identity]


def test_without_an_engine_there_is_text(monkeypatch):
    from tfspark_magic.drawing import picture

    monkeypatch.setattr(picture, "render", lambda *_: None)
    graph = GraphView(two_layers())
    assert graph.svg == ""
    assert graph.view["text"].startswith("layers: 6 operations")


def of_many(count, *, apart):
    """Many placeholders that one operation takes, or as many operations in between."""

    def build():
        taken = [
            tf1.placeholder(tf.float32, [None], name=f"worst_smoothness_{n}") for n in range(count)
        ]
        if apart:
            taken = [tf.math.exp(x, name=f"e{n}") for n, x in enumerate(taken)]
        return tf.stack(taken, name="z")

    return program_of(build, "many")


def size(graph):
    width, height = re.search(
        r'viewBox="0(?:\.0+)? 0(?:\.0+)? ([\d.]+) ([\d.]+)"', graph.svg
    ).groups()
    return float(width), float(height)


def test_inputs_stand_in_as_many_rows_as_the_page_needs():
    graph = GraphView(of_many(12, apart=False))
    wide = size(graph)
    graph.room = 320
    narrow = size(graph)
    assert narrow[0] <= 320 < wide[0]
    assert narrow[1] > wide[1]
    graph.bindings = {f"worst_smoothness_{n}": "a column of that name" for n in range(12)}
    assert size(graph)[0] <= 320
    assert graph.direction == "down"
    assert len(graph.view["links"]) == 12
    assert graph.svg.count('class="edge tfg-edge"') == 1


@pytest.mark.parametrize("count", [3, 12])
def test_inputs_stand_in_the_order_of_the_cell_from_left_to_right_too(count):
    graph = GraphView(of_many(count, apart=False))
    for direction, axis in (("down", 0), ("right", 1)):
        graph.direction = direction
        found = re.findall(
            r'<text[^>]*? x="([-\d.]+)" y="([-\d.]+)"[^>]*>worst_smoothness_(\d+)<', graph.svg
        )
        places = {int(name): (float(x), float(y)) for x, y, name in found}
        first = [places[number][axis] for number in range(3)]
        assert first == sorted(first), direction


def test_a_wide_graph_flows_to_the_right_if_only_so_it_fits():
    graph = GraphView(of_many(8, apart=True))
    assert size(graph)[0] > 700
    graph.room = 700
    assert graph.direction == "right"
    assert size(graph)[0] <= 700
    graph.direction = "down"
    assert size(graph)[0] > 700
    graph.room = 600
    assert graph.direction == "down"
