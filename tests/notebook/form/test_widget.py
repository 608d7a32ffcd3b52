"""Test the form as a widget: its messages to the page, and its reactions to the page."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("ipywidgets")
pytest.importorskip("anywidget")

import ipywidgets

from tests.notebook.form.test_state import host_of, program
from tfspark_magic.notebook.call import Call
from tfspark_magic.notebook.form.widget import Form


def add(tf, placeholder):
    x = placeholder(tf.int32, [], name="x")
    return [tf.add(x, placeholder(tf.int32, [], name="y"), name="z")]


@pytest.fixture
def made():
    score = program("score", add)
    df = pd.DataFrame({"x": np.int32([1]), "note": ["a"], "y": np.int32([2])})
    names = {"score": score, "df": df}
    heard = SimpleNamespace(previews=[], runs=[], bindings=[])
    form = Form(
        score, host_of(names), on_preview=heard.previews.append, on_run=heard.runs.append,
        on_bindings=heard.bindings.append,
    )  # fmt: skip
    return SimpleNamespace(form=form, names=names, heard=heard)


def say(form, **content):
    """Answer as the page does."""
    form.view._handle_custom_msg(content, [])


def field(form, name):
    return next(field for field in form.view.fields if field["id"] == name)


def test_it_is_a_widget_with_a_stable_repr(made):
    assert isinstance(made.form, ipywidgets.VBox)
    assert repr(made.form) == "Form(score over df)"
    bundle = made.form._repr_mimebundle_()
    assert bundle["text/plain"] == "Form(score over df)"
    del made.names["df"]
    made.form.refresh()
    assert repr(made.form) == "Form(score over df)"


def test_guesses_are_taken_by_one_button(made):
    made.names["df"] = made.names["df"].rename(columns={"x": "X", "y": "Y"})
    made.form.refresh()
    actions = made.form.view.actions
    assert actions["accept"] == "Use the 2 guesses"
    assert actions["run"] == "Use the guesses first, or choose the columns."
    say(made.form, kind="accept")
    assert made.form.view.actions["accept"] == made.form.view.actions["run"] == ""
    assert made.heard.bindings[-1] == {"x": "X", "y": "Y"}


def test_a_column_that_does_not_fit_is_offered_with_the_reason(made):
    choices = {choice["value"]: choice for choice in field(made.form, "bind:x")["choices"]}
    assert choices["x"]["label"] == "x · int32"
    assert choices["note"] == {"value": "note", "label": "note", "reason": "string, takes int32"}


def test_run_and_preview_ask_for_what_is_shown(made):
    say(made.form, kind="set", field="bind:y", value="x")
    say(made.form, kind="set", field="preview_rows", value="3")
    say(made.form, kind="preview")
    say(made.form, kind="run")
    call = Call(program="score", frame="df", bind={"y": "x"}, out="result")
    assert made.heard.runs == [call]
    assert made.heard.previews == [replace(call, out=None, preview=3)]
    assert made.form.view.line == "%tfrun score --df df --bind y=x --out result"
    assert made.form.view.code == "result = tfs.map_rows(score, df, {'y': 'x'})"


def test_what_is_not_legal_cannot_run(made):
    say(made.form, kind="set", field="bind:y", value="note")
    view = made.form.view
    assert field(made.form, "bind:y")["error"].startswith("Placeholder 'y' takes int32")
    assert view.actions["run"] == view.actions["preview"] == "To correct first: y."
    assert view.actions["first"] == "bind:y"
    assert (view.line, view.code) == ("", "")
    say(made.form, kind="run")
    say(made.form, kind="preview")
    assert made.heard.runs == made.heard.previews == []


def test_a_preview_needs_no_name(made):
    say(made.form, kind="set", field="out", value="1st")
    assert made.form.view.actions["preview"] == ""
    assert made.form.view.actions["run"] == "To correct first: Result."
    assert not made.form.press("run")
    assert made.form.press("preview")


def test_a_dataframe_that_went_since_is_noticed_when_the_button_is_pressed(made):
    del made.names["df"]
    assert not made.form.press("run")
    assert "no DataFrame df any more" in field(made.form, "df")["error"]
    assert field(made.form, "df")["choices"] == [{"value": "df", "label": "df", "reason": "gone"}]


def test_busy(made):
    made.form.busy(True)
    assert made.form.view.actions["busy"]
    assert not made.form.press("run")
    made.form.busy(False)
    assert made.form.press("run")


def test_bindings_are_told_when_they_change(made):
    assert made.heard.bindings == [{"x": "x", "y": "y"}]
    made.form.set("out", "other")
    made.form.set("bind:x", "y")
    assert made.heard.bindings[1:] == [{"x": "y", "y": "y"}]


def test_it_folds(made):
    made.form.opened = False
    assert not made.form.view.opened
    made.form.view.opened = True
    assert made.form.opened


@pytest.mark.parametrize(
    "content",
    [
        {}, {"kind": "other"}, {"kind": "set"}, {"kind": "set", "field": "out", "value": 3},
        {"kind": "set", "field": "__class__", "value": "x"},
        {"kind": "set", "field": ["out"], "value": {}},
    ],
)  # fmt: skip
def test_nonsense_changes_nothing(made, content):
    before = made.form.state.line
    say(made.form, **content)
    assert made.form.state.line == before


def test_what_is_stored_is_small_and_holds_no_data(made):
    made.names["df"].loc[0, "note"] = "a secret cell"
    made.form.refresh()
    stored = json.dumps(made.form.view.get_state())
    assert "secret" not in stored
    assert len(stored) < 40_000


def test_fields_stand_in_the_order_of_their_places(made):
    # Tab meets them as the eye does: the front end keeps this order within each part.
    parts = [field["part"] for field in made.form.view.fields]
    assert parts == sorted(parts, key=["columns", "how", "more"].index)
