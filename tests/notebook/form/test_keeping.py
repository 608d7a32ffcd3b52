"""Test that the choices of a form are kept while its cell is edited and run again."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from tests.notebook.form.test_state import host_of, program
from tfspark_magic.notebook.call import Call
from tfspark_magic.notebook.form.keeping import changes, line_fields, restore
from tfspark_magic.notebook.form.state import FormState


def graph(*placeholders, outputs=("z",)):
    """A sum of scalars, under several names."""

    def build(tf, placeholder):
        fed = [placeholder(tf.int32, [], name=name) for name in placeholders]
        total = tf.add_n(fed, name="total")
        return [tf.identity(total, name=name) for name in outputs]

    return program("score", build)


@pytest.fixture(scope="module")
def score():
    return graph("x", "y")


@pytest.fixture
def names(score):
    df = pd.DataFrame({"x": np.int32([1]), "a": np.int32([2]), "b": np.int32([3]), "s": ["t"]})
    return {"score": score, "df": df}


def state_of(names, call=None, made=None):
    return FormState(made or names["score"], host_of(names), call or Call())


def again(state, names, made=None, was=None, call=None):
    """Make the form of the next run, with what is kept of this one."""
    kept = json.loads(json.dumps(changes(state)))
    if made is not None:
        names["score"] = made
    new = state_of(names, call, made)
    lost = restore(new, kept, line_fields(was or Call()), line_fields(call or Call()))
    return new, lost


CHOICES = {
    "df": "df", "bind:y": "a", "op": "map_rows", "nulls": "each", "nulls:y": "value", "fill:y": "7",
    "errors": "null", "rows_per_block": "3", "device": "cpu", "out": "kept", "then": "collect", "preview_rows": "2",
}  # fmt: skip


def test_all_choices_are_as_they_were(names):
    state = state_of(names)
    assert changes(state) == {}
    for field, value in CHOICES.items():
        state.set(field, value)
    state.set("fetch", ["z", "total"])
    new, lost = again(state, names)
    assert lost == []
    assert new.choices.values() == state.choices.values()
    assert new.line == state.line
    assert new.runnable
    new.reset()
    assert changes(new) == {}
    assert new.line == state_of(names).line


def test_the_dataframe_that_was_the_only_one(names):
    state = state_of(names)
    state.set("bind:y", "b")
    names["other"] = names["df"].copy()
    assert state_of(names).choices.df is None
    new, _ = again(state, names)
    assert new.choices.df == "df"


def test_what_the_graph_no_longer_has_is_said_and_the_rest_stays(names):
    state = state_of(names)
    for field, value in {**CHOICES, "bind:x": "b"}.items():
        state.set(field, value)
    state.set("fetch", ["z", "total"])

    def without_total(tf, placeholder):
        x = placeholder(tf.int32, [], name="x")
        return [tf.identity(x, name="z"), tf.identity(x, name="new")]

    new, lost = again(state, names, program("score", without_total))
    assert lost == ["placeholder y, which a fed", "operation total, which was computed"]
    assert new.bindings == {"x": "b"}
    # What the cell computes now is computed.
    assert new.choices.fetch == ("z", "new")
    assert new.choices.out == "kept"
    assert new.runnable


def test_an_output_that_is_left_out_stays_out(names):
    two = names["score"] = graph("x", outputs=("z", "w"))
    state = state_of(names)
    state.set("fetch", ["w"])
    new, _ = again(state, names, two)
    assert new.choices.fetch == ("w",)
    # Without any other, there is nothing that it could be left out for.
    new, _ = again(state, names, graph("x", outputs=("z",)))
    assert new.choices.fetch == ("z",)


def test_a_column_that_does_not_fit_any_more_is_shown_as_wrong(names):
    state = state_of(names)
    state.set("bind:y", "a")
    names["df"] = names["df"].assign(a="text")
    new, lost = again(state, names)
    assert lost == []
    assert "string" in new.errors["bind:y"]
    del names["df"]
    new, _ = again(state, names)
    assert new.errors["df"].startswith("There is no DataFrame df any more")


@pytest.mark.parametrize(
    ("was", "now", "field", "chosen", "expected"),
    [
        # A line that says something else than before counts.
        (Call(bind={"y": "a"}), Call(bind={"y": "b"}), "bind:y", "x", ("bind:y", "b")),
        (Call(bind={"y": "a"}), Call(bind={"y": "a"}), "bind:y", "b", ("bind:y", "b")),
        (Call(bind={"y": "a"}), Call(bind={"y": "a"}), "bind:y", "", ("bind:y", None)),
        (Call(), Call(nulls=4), "nulls", "null", ("fill", "4")),
        (Call(), Call(nulls="null"), "fill", "4", ("nulls", "null")),
        (Call(out="o"), Call(out="p"), "out", "mine", ("out", "p")),
        (Call(out="o"), Call(out="o"), "out", "mine", ("out", "mine")),
        (Call(), Call(by=("s",)), "op", "map_rows", ("op", "aggregate")),
    ],
)
def test_the_line_counts_where_it_was_edited(names, was, now, field, chosen, expected):
    state = state_of(names, was)
    state.set(field, chosen)
    new, _ = again(state, names, was=was, call=now)
    name, value = expected
    assert new.choices.values().get(name) == value


def test_what_a_notebook_holds_may_be_anything(names):
    state = state_of(names)
    stored = {"device": "moon", "then": 3, "nothing": 1, "fetch": 5, "bind:y": 2, "trim": "yes",
              "out": "kept", "fetch:not": 1, "by": "s", "bind": "x", "op": ["map_rows"]}  # fmt: skip
    assert restore(state, stored, {}, {}) == []
    assert changes(state) == {"df": "df", "out": "kept"}
