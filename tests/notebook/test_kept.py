"""Test that what a user did below a cell is there when the cell runs again."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

from tests.notebook.test_workbench import GRAPH
from tfspark_magic.notebook.kept import Kept

LAYERS = """\
%%tfgraph score
x = tf.placeholder(tf.float32, [], name='x')
y = tf.placeholder(tf.float32, [], name='y')
total = x * y
for layer in LAYERS:
    with tf.name_scope(layer):
        for n in range(30):
            total = tf.sin(total) if n % 2 else tf.tanh(total)
z = tf.identity(total, name='z')"""


@pytest.fixture
def rows(jupyter):
    frame = pd.DataFrame({"x": np.int32([0, 1]), "y": np.int32([0, 10]), "a": np.int32([5, 6])})
    jupyter.names["df"] = frame
    jupyter.cell = "one"
    return jupyter


def score(jupyter, line=""):
    jupyter.ok(GRAPH.format(options=line))
    return jupyter.benches[-1]


def test_a_cell_that_runs_again(rows):
    first = score(rows)
    first.form.set("bind:x", "a")
    first.form.set("out", "mine")
    first.form.opened = False
    second = score(rows)
    assert first.comm is None
    assert second.form.state.line == "%tfrun score --df df --bind x=a --out mine"
    assert not second.form.opened
    assert second.form.view.notice == ""
    # The cell's line says something else of x.
    third = score(rows, "--df df --bind x=y")
    assert third.form.state.line == "%tfrun score --df df --bind x=y --out mine"
    # A cell that fails in between loses nothing.
    rows.fails("%%tfgraph score\n1 +")
    fourth = score(rows, "--df df --bind x=y")
    assert fourth.form.state.choices.out == "mine"


def test_a_program_that_is_renamed(rows):
    score(rows).form.set("bind:x", "a")
    rows.ok(GRAPH.format(options="").replace("score", "better"))
    assert rows.benches[-1].form.state.line == "%tfrun better --df df --bind x=a --out result"


def test_what_no_longer_fits_is_said_until_something_is_done(rows):
    first = score(rows)
    first.form.set("bind:y", "a")
    rows.ok("%%tfgraph score\nx = tf.placeholder(tf.int32, name='x')\nz = tf.identity(x, name='z')")
    form = rows.benches[-1].form
    assert form.view.notice == (
        "Gone from the graph: placeholder y, which a fed. All else is as you left it."
    )
    say(rows.benches[-1], kind="last")
    assert form.view.notice, "the page asks this by itself"
    say(rows.benches[-1], kind="set", field="out", value="o")
    assert form.view.notice == ""


def test_several_in_one_cell(rows):
    score(rows)
    rows.cell = "two"
    both = "%tfgraph score --no-draw\n%tfgraph other --no-draw"
    rows.names["other"] = rows.names["score"]
    rows.ok(both)
    for bench, out in zip(rows.benches[-2:], ("p", "q"), strict=True):
        assert bench.comm is not None
        bench.form.set("out", out)
    rows.ok(both)
    assert [bench.form.state.choices.out for bench in rows.benches[-2:]] == ["p", "q"]
    assert [bench.comm is None for bench in rows.benches] == [False, True, True, False, False]


def test_the_notebook_stores_it_for_another_kernel(rows):
    first = score(rows)
    assert not first.kept
    first.form.set("bind:x", "a")
    stored = json.loads(json.dumps({"score": first.kept.written()}))
    # A copy of the cell, or the same cell in a new kernel.
    rows.cell, rows.stored = "copy", stored
    assert score(rows).form.state.line == "%tfrun score --df df --bind x=a --out result"
    # What this kernel knows is newer.
    rows.benches[-1].form.reset()
    assert score(rows).form.state.line == "%tfrun score --df df --out result"
    for damaged in ("text", {"score": 3}, {"score": {"choices": [1], "opened": 4, "line": None}}):
        rows.cell, rows.stored = f"damaged {damaged}", damaged
        assert score(rows).form.state.line == "%tfrun score --df df --out result"


def test_the_groups_of_the_graph(rows):
    rows.ok("%config TFGraphMagics.draw = True")
    rows.names["LAYERS"] = ["one", "two", "three", "four"]
    rows.ok(LAYERS)
    graph = rows.benches[-1].graph
    closed = sorted(graph.by_hand._explorer.openable)
    assert closed, "the test needs groups that are closed at first"
    assert not rows.benches[-1].kept
    graph.expand("two")
    graph.direction = "right"
    # As the page tells.
    graph.set_state({"selected": graph.view["nodes"][-1]["name"], "viewport": [120.5, 80, 1.2]})
    kept = rows.benches[-1].kept
    assert kept.opened
    assert kept.turned == "right"
    assert (kept.selected, kept.viewport) == (graph.selected, (120.5, 80.0, 1.2))
    assert Kept.read(kept.written() | {"viewport": [1, 2, float("nan")]}).viewport == ()
    assert Kept.read(kept.written()) == kept
    rows.ok(LAYERS)
    again = rows.benches[-1]
    assert again.kept == kept
    assert again.graph.view == graph.view
    assert (again.graph.selected, again.graph.at) == (graph.selected, graph.at)
    rows.names["LAYERS"] = ["one", "three", "four", "five"]
    rows.ok(LAYERS)
    assert rows.benches[-1].form.view.notice.startswith("Gone from the graph: group two")


def test_what_is_on_show_for_a_notebook_that_is_opened_again(rows):
    bench = score(rows)
    heard = []
    bench.form.view.send = lambda content, buffers=None: heard.append(content)
    stored = bench.form.view.kept
    assert (stored["cell"], stored["name"], stored["kept"]) == ("one", "score", {})
    rows.ok("other = 3")
    assert bench.form.view.kept == stored, "what is the same is not written again"
    bench.form.set("bind:x", "a")
    assert bench.form.view.kept["kept"]["choices"] == {"df": "df", "bind:x": "a"}
    bench.form.press("preview")
    bench.panel.job.wait(60)
    say(bench, kind="last")
    (answer,) = heard
    assert answer["version"] == bench.form.view.kept["version"] > stored["version"]
    html = answer["data"]["text/html"]
    assert "%tfrun score --df df --bind x=a --out result" in html
    assert "<table" in html
    # What a script or a form would do is not in it.
    assert not re.search("<(script|input|button)", html)


def test_a_long_line_is_whole(rows):
    bench = score(rows)
    rows.names["a_very_long_name_of_a_dataframe" * 5] = rows.names["df"]
    bench.form.set("df", "a_very_long_name_of_a_dataframe" * 5)
    bench.form.set("out", "a_very_long_name_of_a_result" * 5)
    line = bench.form.state.line
    assert len(line) > 250
    assert line in bench.last._repr_mimebundle_()["text/html"]


def say(bench, **content):
    """Ask as the page does."""
    bench.form.view._handle_custom_msg(content, [])
