"""Two graphs that are drawn once for both: what each lacks, what became of nodes, their values."""

from __future__ import annotations

import base64
import re
from html import unescape

import numpy as np
import pyarrow as pa
import pytest
from IPython.core.interactiveshell import InteractiveShell

import tfspark_magic as tfs
from tfspark_magic import notebook
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.notebook.comparison_view import ComparisonView

TABLE = pa.table({"x": np.arange(4.0)})


def program(activation, deeper):
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float64, [], name="x")
        with tf.name_scope("dense"):
            h = activation(x * (2.0 if deeper else 1.5), name="act")
        with tf.name_scope("head"):
            h = tf.add(h, 1.0, name="shift")
            h = tf.sqrt(h, name="root") if deeper else tf.exp(h, name="grown")
        return freeze([tf.identity(h, name="z")], "deeper" if deeper else "flat")


@pytest.fixture(scope="module")
def comparison():
    return tfs.compare(program(tf.nn.relu, False), program(tf.tanh, True), TABLE)


@pytest.fixture
def view(comparison):
    return ComparisonView(comparison)


def says(view, name):
    return next(node["says"] for node in view.view["nodes"] if node["name"] == name)


def test_each_graph_lacks_what_the_other_alone_has(view):
    assert {"op:head/root", "edge:op:head/root->op:z"} <= set(view.sides["old"])
    assert {"op:head/grown", "edge:op:head/grown->op:z"} <= set(view.sides["new"])
    assert not set(view.sides["old"]) & set(view.sides["new"])
    assert "op:head/shift" not in view.sides["old"] + view.sides["new"]


def test_the_old_graph_has_its_own_words():
    def named(activation, name):
        with tf.Graph().as_default():
            x = tf1.placeholder(tf.float64, [], name="x")
            h = activation(tf.multiply(x, 2.0, name=name), name="act")
            return freeze([tf.identity(h, name="z")], "named")

    comparison = tfs.compare(named(tf.nn.relu, "doubled"), named(tf.tanh, "twice"), TABLE)
    old, new = (
        base64.b64decode(data).decode()
        for data in re.findall(r"base64,([^\"]+)", ComparisonView(comparison).still())
    )
    changed = "Relu \u2192 Tanh"
    for words, picture in (({"doubled", "Relu"}, old), ({"twice", changed}, new)):
        said = set(re.findall(r"<[^<]*text[^>]*>([^<]*)<", unescape(picture)))
        assert said & {"doubled", "twice", "Relu", "Tanh", changed} == words


def test_nodes_say_what_became_of_them(view):
    assert "+ came" in says(view, "head/root")
    assert "\u2212 went" in says(view, "head/grown")
    assert "\u2260 changed, part: 4 of 4" in says(view, "dense/mul/y")
    assert "here they part first" in says(view, "dense/mul/y")
    assert says(view, "dense/mul") == "float64, part: 3 of 4, by 1.5"
    assert "\u2260 changed" in says(view, "dense/act")
    assert "Relu \u2192 Tanh" in view.svg
    assert "1.5 \u2192 2.0" in view.svg
    view.collapse("head")
    assert "+ 1 came, \u2212 1 went" in says(view, "head")
    assert "1 node parts" in says(view, "head")


def test_the_button_leads_to_the_first_node_that_parts(view, comparison):
    assert view.peeking["compared"]
    assert view.peeking["first"] == comparison.parted
    view._answer({"ask": "first"})
    assert view.selected == comparison.parted
    old, new = view._answer({"ask": "values", "node": "op:z", "row": 2})["pages"]
    assert (old["name"], new["name"]) == ("old: z", "new: z")
    assert old["cells"] != new["cells"]
    assert "part: 4 of 4" in new["note"]
    (gone,) = view._answer({"ask": "values", "node": "op:head/grown", "row": 0})["pages"]
    assert gone["name"] == "old: head/grown"


def test_a_graph_compared_with_itself_is_not_marked():
    one = program(tf.tanh, True)
    view = ComparisonView(tfs.compare(one, one, TABLE))
    assert view.sides == {"old": [], "new": []}
    assert view.peeking["first"] == ""
    assert "tfg-badge" not in view.svg


def test_a_notebook_keeps_two_pictures_and_the_table(comparison, monkeypatch):
    shell = InteractiveShell()
    notebook.load(shell)
    told = []
    monkeypatch.setattr("IPython.display.display", lambda *shown: told.extend(shown))
    data, _ = shell.display_formatter.format(comparison)
    still, widget = told
    assert isinstance(widget, ComparisonView)
    old, new = re.findall(r"base64,([^\"]+)", still.data)
    assert b"opacity" in base64.b64decode(old)
    assert base64.b64decode(old) != base64.b64decode(new)
    assert "here they part first" in data["text/html"]
    assert data["text/plain"] == str(comparison)
