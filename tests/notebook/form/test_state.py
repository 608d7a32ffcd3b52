"""Test the form without a front end: its offers, its refusals, and its code."""

from __future__ import annotations

import gc
import shlex
import weakref
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tfspark_magic as tfs
from tfspark_magic.binding.feeds import NULL_POLICIES
from tfspark_magic.errors import OptionError, TfSparkError
from tfspark_magic.notebook.action import Action
from tfspark_magic.notebook.binding import bind
from tfspark_magic.notebook.call import VERBS, Call
from tfspark_magic.notebook.form.fields import MISFITS, fields
from tfspark_magic.notebook.form.state import AFTER_PREVIEW, SIDE_BY_SIDE, FormState
from tfspark_magic.notebook.magics import TFGraphMagics
from tfspark_magic.notebook.options import parse

PARSER = TFGraphMagics.tfrun.parser
DEFAULTS = {"nulls": "error", "device": "auto", "rows_per_block": None, "preview_rows": 5}


def program(name, build):
    from tfspark_magic.graph.fetches import freeze_fetches
    from tfspark_magic.graph.runtime import tf

    with tf.Graph().as_default():
        return freeze_fetches(build(tf, tf.compat.v1.placeholder), name=name)


@pytest.fixture(scope="module")
def score():
    """z = x + 3 y."""

    def build(tf, placeholder):
        x = placeholder(tf.int32, [], name="x")
        y = placeholder(tf.int32, [], name="y")
        return [tf.add(x, y * 3, name="z")]

    return program("score", build)


@pytest.fixture(scope="module")
def soft():
    """Blocks of vectors of 4, with two fetches."""

    def build(tf, placeholder):
        v = placeholder(tf.float32, [None, 4], name="v")
        p = tf.nn.softmax(v, name="p")
        return [p, tf.reduce_max(p, 1, name="top")]

    return program("soft", build)


@pytest.fixture(scope="module")
def total():
    def build(tf, placeholder):
        x = placeholder(tf.float64, [None], name="x_input")
        return [tf.reduce_sum(x, 0, name="x")]

    return program("total", build)


@pytest.fixture(scope="module")
def largest():
    def build(tf, placeholder):
        left = placeholder(tf.float64, [], name="x_1")
        return [tf.maximum(left, placeholder(tf.float64, [], name="x_2"), name="x")]

    return program("largest", build)


def frame(**columns):
    return pd.DataFrame(columns)


def ints(*values):
    return np.array(values or (1, 2), np.int32)


def vectors(size, rows=2):
    return [np.ones(size, np.float32)] * rows


def host_of(names, **defaults):
    return SimpleNamespace(
        namespace=lambda: names, results=list, has_magics=True, **{**DEFAULTS, **defaults}
    )


def state_of(program, call=None, defaults=None, **names):
    names.setdefault(program.name, program)
    return FormState(program, host_of(names, **(defaults or {})), call), names


def reasons(state, placeholder):
    row = next(row for row in state.rows if placeholder in row.names)
    return {fit.column: fit.reason for fit in row.fits}


def field_of(state, name):
    return next(field for field in fields(state) if field["id"] == name)


class TestDefaults:
    def test_columns_of_their_own_names(self, score):
        state, _ = state_of(score, df=frame(x=ints(), y=ints(), w=ints()))
        assert state.bindings == {"x": "x", "y": "y"}
        assert state.runnable
        assert state.line == "%tfrun score --df df --out result"
        assert state.code == "result = tfs.map_rows(score, df)"
        assert state.verb == "map_rows"

    def test_the_only_column_that_fits_is_a_guess(self, soft):
        state, _ = state_of(soft, df=frame(features=vectors(4), note=["a", "b"]))
        assert state.guesses == {"v": "features"}
        assert (state.bindings, state.runnable) == ({}, False)
        shown = field_of(state, "bind:v")
        assert (shown["value"], shown["note"], shown["error"]) == ("", "Guess: features", "")
        state.accept()
        assert (state.bindings, state.guesses) == ({"v": "features"}, {})
        assert field_of(state, "bind:v")["note"] == ""
        assert state.line == "%tfrun soft --df df --bind v=features --out result"
        assert state.code == "result = tfs.map_blocks(soft, df, {'v': 'features'})"

    def test_one_of_several_is_not_chosen(self, score):
        state, _ = state_of(score, df=frame(x=ints(), a=ints(), b=ints()))
        assert state.bindings == {"x": "x"}
        assert state.errors == {"bind:y": "Choose a column: y takes int32."}
        assert not state.runnable

    def test_a_column_that_another_placeholder_has_is_not_chosen(self, score):
        state, _ = state_of(score, df=frame(x=ints()))
        assert state.bindings == {"x": "x"}

    def test_nor_one_for_two(self, score):
        state, _ = state_of(score, df=frame(a=ints()))
        assert state.bindings == state.guesses == {}

    def test_names_that_differ_are_accepted_together(self):
        names = [f"{kind}_{what}" for kind in ("mean", "worst") for what in "abcdef"]

        def build(tf, placeholder):
            return [tf.add_n([placeholder(tf.float64, [], name=name) for name in names], name="z")]

        columns = {name.replace("_", " ").title(): [1.5, 2.5] for name in names}
        state, _ = state_of(program("total", build), df=frame(**columns, other=[0.5, 0.5]))
        assert (state.bindings, len(state.errors)) == ({}, 12)
        state.accept()
        assert state.bindings == dict(zip(names, columns, strict=True))
        assert state.runnable

    def test_what_was_said_in_the_cell(self, soft):
        call = Call(
            verb="map_blocks", program="soft", frame="df", bind={"v": "b"}, fetch=("top",),
            trim=True, nulls=0.5, rows_per_block=100, device="cpu", out="best", preview=3,
        )  # fmt: skip
        state, _ = state_of(soft, call, df=frame(a=vectors(4), b=vectors(4)))
        assert state.call == replace(call, preview=None)
        assert state.preview_call == replace(call, out=None)
        assert state.code == (
            "best = tfs.map_blocks(soft.fetch('top'), df, {'v': 'b'}, trim=True, nulls=0.5, "
            "rows_per_block=100, device='cpu')"
        )

    def test_the_magics_own_defaults_are_not_repeated(self, score):
        defaults = {"nulls": 7, "device": "cpu", "rows_per_block": 3, "preview_rows": 9}
        state, _ = state_of(score, defaults=defaults, df=frame(x=ints(), y=ints()))
        assert (state.choices.nulls, state.choices.fill) == ("value", "7")
        assert state.line == "%tfrun score --df df --out result"
        assert "nulls=7, rows_per_block=3, device='cpu'" in state.code
        assert state.preview_call.preview == 9
        state.set("nulls", "error")
        assert "--nulls error" in state.line

    def test_a_reduction_is_told_by_its_names(self, total, largest):
        assert state_of(total, df=frame(x=[1.5]))[0].verb == "reduce_blocks"
        assert state_of(largest, df=frame(x=[1.5]))[0].verb == "reduce_rows"


class TestReasons:
    def test_dtype_and_shape_in_a_few_words(self, soft):
        df = frame(a=vectors(4), b=vectors(3), c=["u", "v"], d=[1.5, 2.5], e=[1j, 2j])
        state, _ = state_of(soft, df=df.assign(f=np.float32([1, 2])))
        found = reasons(state, "v")
        assert found["a"] == found["b"] == ""  # pandas keeps no sizes: the rows will tell
        assert found["c"] == "string, takes float32"
        assert found["d"] == "float64, takes float32"
        assert found["f"] == "float32, takes a vector of 4"
        assert found["e"] == "complex128, which no tensor holds"

    def test_they_follow_the_operation(self, soft):
        state, _ = state_of(soft, df=frame(a=vectors(4)))
        state.set("op", "map_rows")
        assert reasons(state, "v") == {"a": "float32[?], takes arrays of shape [?,4]"}
        assert state.errors["bind:v"] == (
            "No column of df fits: v takes float32, arrays of shape [?,4]."
        )
        state.set("op", "map_blocks")
        assert reasons(state, "v") == {"a": ""}
        assert state.guesses == {"v": "a"}

    def test_a_name_twice(self, score):
        df = pd.DataFrame([[1, 2, 3]], columns=["x", "x", "y"]).astype("int32")
        state, _ = state_of(score, df=df)
        assert reasons(state, "x")["x"] == "a name of several columns"
        assert "several columns 'x'" in state.errors["bind:x"]

    def test_a_wrong_binding_is_explained(self, score):
        state, _ = state_of(score, prices=frame(x=["a"], y=ints(1)))
        assert state.errors["bind:x"].startswith(
            "Placeholder 'x' takes int32, column 'x' is string"
        )
        state, _ = state_of(score, prices=frame(x=[1.5], y=ints(1)))
        assert "write prices.assign(**{'x': prices['x'].astype('int32')})" in state.errors["bind:x"]

    def test_each_field_has_its_own(self, score):
        state, _ = state_of(score, df=frame(x=["a"], y=["b"]))
        state.set("out", "a b")
        state.set("rows_per_block", "many")
        state.set("preview_rows", "0")
        assert set(state.errors) == {"bind:x", "bind:y", "out", "rows_per_block", "preview_rows"}
        assert state.errors["out"] == "'a b' is not a valid name in Python."
        assert state.errors["rows_per_block"] == "This is a number of rows, got 'many'."

    def test_a_column_that_is_not_there(self, score):
        df = frame(x=ints(), colour=ints())
        state, _ = state_of(score, Call(bind={"y": "color"}), df=df)
        assert state.errors["bind:y"] == "df has no column 'color'. Did you mean 'colour'?"
        (row,) = [field for field in fields(state) if field["id"] == "bind:y"]
        assert row["choices"][0] == {"value": "color", "label": "color", "reason": "not in df"}

    def test_operations_that_cannot_apply(self, score, total, largest):
        state, _ = state_of(score, df=frame(x=ints(), y=ints()))
        assert state.operations == {
            "map_rows": "",
            "map_blocks": "x takes no block of rows",
            "reduce_rows": "needs placeholder z_1 for fetch z",
            "reduce_blocks": "needs placeholder z_input for fetch z",
            "aggregate": "needs placeholder z_input for fetch z",
            "local": "",
            "fit": "no Keras model has these inputs",
        }
        assert state_of(total)[0].operations["map_blocks"] == "x has no value for each row"
        assert state_of(largest)[0].operations["reduce_rows"] == ""

    def test_an_operation_that_cannot_apply_cannot_run(self, score, soft, total, largest):
        # The short reasons agree with the code that binds.
        df = frame(x=[1.5], y=[2.5], v=vectors(4, 1))
        for one in (score, soft, total, largest):
            state, _ = state_of(one, df=df)
            for op in VERBS:
                if state.operations[op]:
                    fed = {spec.name: state.rows[0].column or "x" for spec in one.inputs}
                    by = ("y",) if op == "aggregate" else ()
                    with pytest.raises(TfSparkError):
                        bind(Call(op, frame="df", bind=fed, by=by), one, state.host)

    def test_an_output_with_a_name_that_is_taken(self, score):
        state, _ = state_of(score, df=frame(x=ints(), y=ints(), z=ints()))
        assert "Output 'z' has the name of a column" in state.errors["fetch"]


class TestChoices:
    def test_nulls(self, score):
        state, _ = state_of(score, df=frame(x=ints(), y=ints()))
        state.set("nulls", "value")
        assert state.errors == {"fill": "Write the value that replaces a null."}
        state.set("fill", "-1")
        assert "--nulls -1" not in state.line
        assert "--nulls=-1" in state.line
        assert "nulls=-1" in state.code
        state.set("fill", "0.5")
        assert "nulls=0.5 cannot replace a null of placeholder 'x'" in state.errors["fill"]
        state.set("nulls", "null")
        assert "--nulls null" in state.line
        assert state.choices.fill == "0.5"

    def test_nulls_of_each_placeholder(self, score):
        state, _ = state_of(score, df=frame(x=ints(), y=ints()))
        state.set("nulls", "each")
        assert state.line == "%tfrun score --df df --out result"
        state.set("nulls:x", "value")
        assert state.errors == {"fill:x": "Write the value that replaces a null."}
        state.set("fill:x", "0.5")
        assert "nulls=0.5 cannot replace a null" in state.errors["fill:x"]
        state.set("fill:x", "-1")
        state.set("nulls:y", "null")
        assert state.runnable
        assert state.line == "%tfrun score --df df --nulls x=-1 y=null --out result"
        assert state.code == "result = tfs.map_rows(score, df, nulls={'x': -1, 'y': 'null'})"
        shown = [field["id"] for field in fields(state)]
        at = shown.index("nulls")
        assert shown[at : at + 4] == ["nulls", "nulls:x", "fill:x", "nulls:y"]
        again, _ = state_of(score, Call(nulls=state.call.nulls), df=frame(x=ints(), y=ints()))
        assert again.line == state.line

    def test_nulls_of_a_pair_are_one(self, largest):
        state, _ = state_of(largest, df=frame(x=[1.5]))
        assert "each" not in {choice["value"] for choice in field_of(state, "nulls")["choices"]}
        state.set("nulls", "each")
        state.set("nulls:x_1", "value")
        state.set("fill:x_1", "0")
        assert state.runnable
        assert "nulls={'x_1': 0}" in state.code

    def test_columns_side_by_side(self):
        def build(tf, placeholder):
            v = placeholder(tf.float64, [2], name="v")
            return [tf.reduce_sum(v, name="s")]

        one = program("one", build)
        df = frame(a=[1.5], b=[2.5], c=[3.5], note=["u"])
        state, _ = state_of(one, df=df)
        assert state.errors["bind:v"] == (
            "No column of df fits, but several side by side may: v takes float64, a vector of 2."
        )
        state.set("bind:v", SIDE_BY_SIDE)
        assert state.errors["bind:v"] == (
            "Choose the columns in their order: v takes float64, a vector of 2."
        )
        parts = field_of(state, "bind:v:parts")
        assert [choice["value"] for choice in parts["choices"]] == ["a", "b", "c"]
        state.set("bind:v:parts", ["c"])
        assert "float64[1]" in state.errors["bind:v"]
        state.set("bind:v:parts", ["c", "a"])
        assert state.runnable
        assert state.bindings == {"v": ["c", "a"]}
        assert state.line == "%tfrun one --df df --bind v=c,a --out result"
        assert state.code == "result = tfs.map_rows(one, df, {'v': ['c', 'a']})"
        state.set("bind:v", "")
        assert "bind:v:parts" not in {field["id"] for field in fields(state)}

    def test_all_columns_side_by_side_where_they_are_as_many(self):
        def build(tf, placeholder):
            v = placeholder(tf.float64, [2], name="v")
            return [tf.multiply(v, placeholder(tf.float64, [], name="w"), name="s")]

        one = program("one", build)
        state, _ = state_of(one, df=frame(a=[1.5], w=[2.5], c=[3.5]))
        state.set("bind:v", SIDE_BY_SIDE)
        assert state.bindings == {"v": ["a", "c"], "w": "w"}
        assert state.runnable

    def test_fetches_decide_what_is_fed(self):
        def build(tf, placeholder):
            a = placeholder(tf.int32, [], name="a")
            b = placeholder(tf.int32, [], name="b")
            return [tf.add(a, 1, name="p"), tf.add(b, 1, name="q")]

        both = program("both", build)
        state, _ = state_of(both, df=frame(a=ints()))
        assert set(state.errors) == {"bind:b"}
        state.set("fetch", ["p"])
        assert [row.names for row in state.rows] == [("a",)]
        assert state.runnable
        assert state.code == "result = tfs.map_rows(both.fetch('p'), df)"
        assert state.line == "%tfrun both --df df --fetch p --out result"
        state.set("fetch", [])
        assert "fetch" in state.errors
        state.set("fetch", ["q", "p"])
        assert "--fetch" not in state.line

    def test_a_pair_is_one_row(self, largest):
        state, _ = state_of(largest, df=frame(x=[1.5], y=[2.5]))
        (row,) = state.rows
        assert (row.names, row.column) == (("x_1", "x_2"), "x")
        state.set("bind:x_1", "y")
        assert state.bindings == {"x_1": "y", "x_2": "y"}
        assert state.code == "result = tfs.reduce_rows(largest, df, {'x_1': 'y'})"
        state, _ = state_of(largest, Call(bind={"x_2": "y"}), df=frame(x=[1.5], y=[2.5]))
        assert state.runnable
        state.set("bind:x_1", "x")
        assert "--bind" not in state.line

    def test_groups(self, total):
        state, _ = state_of(total, df=frame(k=["a"], x=[1.5]))
        state.set("op", "aggregate")
        assert state.errors == {"by": "Choose the columns to group by."}
        state.set("by", ["k"])
        assert state.runnable
        assert state.code == "result = tfs.aggregate(total, df, by=['k'])"
        state.set("by", ["x"])
        assert "has the name of a key" in state.errors["by"]
        state.set("by", ["gone"])
        assert state.errors["by"].startswith("There is no column 'gone' to group by.")
        state.set("op", "reduce_blocks")
        assert state.runnable
        assert "--by" not in state.line

    def test_trim_is_only_said_where_it_means_something(self, soft):
        state, _ = state_of(soft, df=frame(v=vectors(4)))
        state.set("trim", True)
        assert "trim=True" in state.code
        state.set("op", "map_rows")
        assert "--trim" not in state.line
        state.set("op", "local")
        assert "--trim" in state.line

    def test_what_cannot_be_chosen_at_all(self, score):
        state, _ = state_of(score)
        for field, value in [("device", "tpu"), ("colour", "red"), ("op", "map"), ("df", 3),
                             ("trim", "yes"), ("fetch", "z")]:  # fmt: skip
            with pytest.raises(OptionError):
                state.set(field, value)

    def test_the_result_is_not_the_program(self, score):
        state, _ = state_of(score, df=frame(x=ints(), y=ints()))
        state.set("out", "score")
        assert state.errors == {"out": "score is the program: give the result another name."}
        assert set(state.errors) <= set(AFTER_PREVIEW)
        state.set("out", "class")
        assert "is not a valid name" in state.errors["out"]
        state.set("out", "")
        assert state.runnable  # of pandas there is a value to show
        assert state.code == "tfs.map_rows(score, df)"

    def test_many_columns_that_do_not_fit_are_counted(self, score):
        df = frame(x=ints(), y=ints(), **{f"note_{i}": ["a", "b"] for i in range(MISFITS + 7)})
        state, _ = state_of(score, df=df)
        (row,) = [field for field in fields(state) if field["id"] == "bind:x"]
        assert len(row["choices"]) == 2 + MISFITS + 1
        assert row["choices"][-1]["label"] == "7 more"


class TestNamespace:
    def test_it_is_followed(self, score):
        state, names = state_of(score)
        assert state.errors["df"].startswith("There is no DataFrame yet")
        names["df"] = frame(x=ints(), y=ints())
        state.refresh()
        assert state.runnable
        names["other"] = frame(x=["a"], y=ints(1))
        state.refresh()
        assert (state.choices.df, set(state.frames)) == ("df", {"df", "other"})
        state.set("df", "other")
        assert set(state.errors) == {"bind:x"}

    def test_several_are_not_guessed(self, score):
        state, _ = state_of(score, a=frame(x=ints(), y=ints()), b=frame(x=ints(), y=ints()))
        assert state.errors == {"df": "Choose a DataFrame."}

    def test_one_that_is_gone(self, score):
        state, names = state_of(score, df=frame(x=ints(), y=ints()))
        state.set("bind:y", "x")
        df = names.pop("df")
        state.refresh()
        assert state.errors["df"].startswith("There is no DataFrame df any more")
        assert not state.runnable
        names["df"] = df.rename(columns={"x": "w"})
        state.refresh()
        assert "no column 'x'" in state.errors["bind:y"]
        names["df"] = df
        state.refresh()
        assert state.runnable
        assert state.bindings["y"] == "x"

    def test_one_that_changes_where_it_is(self, score):
        state, names = state_of(score, df=frame(x=ints()))
        assert not state.runnable
        names["df"]["y"] = ints()
        state.refresh()
        assert state.runnable

    def test_another_program_of_the_name(self, score, soft):
        state, names = state_of(score, df=frame(x=ints(), y=ints()))
        names["score"] = soft
        state.refresh()
        assert "score is not this program any more" in state.errors["run"]
        assert set(state.errors) - set(AFTER_PREVIEW)
        del names["score"]
        state.refresh()
        assert not state.runnable

    def test_no_data_is_held(self, score):
        state, names = state_of(score, df=frame(x=ints(), y=ints()))
        assert state.runnable
        gone = weakref.ref(names.pop("df"))
        state.refresh()
        gc.collect()
        assert gone() is None


@pytest.mark.parametrize("kind", ["classic", "connect"])
class TestSpark:
    @pytest.fixture
    def session(self, kind, request):
        return request.getfixturevalue(kind)

    def test_a_lazy_result_and_what_then(self, session, score):
        df = session.range(3).selectExpr("cast(id as int) x", "cast(id as int) y")
        state, _ = state_of(score, df=df)
        code = "result = tfs.map_rows(score, df)"
        line = "%tfrun score --df df --out result"
        assert (state.line, state.code, state.is_lazy) == (line, code, True)
        state.set("then", "count")
        assert state.code == f"{code}\nresult.count()"
        assert state.line == f"{line}\nresult.count()"
        state.set("then", "collect")
        assert state.code == f"{code}\nresult = result.toPandas()"
        state.set("then", "write")
        assert "path" in state.errors
        assert set(state.errors) <= set(AFTER_PREVIEW)
        state.set("path", "a b.parquet")
        assert state.code == f"{code}\nresult.write.parquet('a b.parquet')"
        state.set("mode", "overwrite")
        assert state.code.endswith("result.write.mode('overwrite').parquet('a b.parquet')")
        assert state.call.action == Action("write", "a b.parquet", "overwrite")
        assert state.preview_call.action == Action()
        state.set("out", "")
        assert state.errors["out"] == "Give the result a name, such as result."
        state.set("out", "result")
        state.set("op", "local")
        assert (state.call.action, state.runnable) == (Action(), True)
        assert state.code == "result = tfs.run_local(score, df)"

    def test_what_columns_hold(self, session, score, soft):
        df = session.range(1).selectExpr(
            "cast(id as int) x", "cast(1.5 as decimal(4,2)) price", "map('a', 1) m",
            "array(1f, 2f, 3f) three", "named_struct('a', 1f, 'b', 2f) s", "current_date() day",
        )  # fmt: skip
        df = tfs.append_shape(df, "three", [3])
        state, _ = state_of(soft, df=df)
        found = reasons(state, "v")
        assert found["price"] == "decimal(4,2), which no tensor holds"
        assert found["m"] == "map<string,int>, which no tensor holds"
        assert found["three"] == "float32[3], takes a vector of 4"
        assert found["s.*"] == "float32[2], takes a vector of 4"
        assert found["day"] == "date, takes float32"
        state.set("bind:v", "price")
        assert "decimal" in state.errors["bind:v"]

    def test_a_column_made_of_a_failing_expression_is_not_computed(self, session, score):
        df = session.range(3).selectExpr("cast(raise_error('It ran.') as int) x", "1 y")
        state, _ = state_of(score, df=df)
        assert state.runnable

    def test_groups(self, session, total):
        df = session.range(3).selectExpr("id % 2 k", "cast(id as double) x", "id `a.b`")
        state, _ = state_of(total, df=df)
        state.set("op", "aggregate")
        state.set("by", ["k", "a.b"])
        assert state.runnable
        assert state.is_lazy
        assert state.code == "result = tfs.aggregate(total, df, by=['k', 'a.b'])"

    def test_a_stream_has_no_end(self, session, total):
        stream = session.readStream.format("rate").load().selectExpr("cast(value as double) x")
        state, _ = state_of(total, df=stream)
        assert state.operations["reduce_blocks"] == "a stream has no last row"
        assert state.errors == {"op": "reduce_blocks cannot run here: a stream has no last row."}


def test_the_schema_is_read_once_for_each_dataframe(classic, score, monkeypatch):
    from tfspark_magic.frames import spark

    read = []
    real = spark.columns_of
    monkeypatch.setattr(spark, "columns_of", lambda df: read.append(df) or real(df))
    df = classic.range(3).selectExpr("cast(id as int) x", "cast(id as int) y")
    state, names = state_of(score, df=df)
    for _ in range(3):
        state.refresh()
        state.set("out", "other")
    assert len(read) == 1
    names["df"] = df.select("x")
    state.refresh()
    assert len(read) == 2


COLUMNS = ["x", "y", "a b", "-w", "text", "vector"]


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_what_is_runnable_is_what_binds(data, score):
    """Whatever is chosen: the form and the magic agree, and the line says the choices."""
    df = frame(
        x=ints(), y=ints(), text=["a", "b"], vector=vectors(2), **{"a b": ints(), "-w": ints()}
    )
    state, _ = state_of(score, Call(frame="df"), df=df)
    for placeholder in ("x", "y"):
        state.set(f"bind:{placeholder}", data.draw(st.sampled_from(COLUMNS)))
    state.set("op", data.draw(st.sampled_from(["", *VERBS])))
    state.set("by", data.draw(st.lists(st.sampled_from(COLUMNS), unique=True, max_size=2)))
    state.set("nulls", data.draw(st.sampled_from([*NULL_POLICIES, "value", "each"])))
    for placeholder in data.draw(st.lists(st.sampled_from(["x", "y"]), unique=True)):
        state.set(f"nulls:{placeholder}", "value")
        state.set(f"fill:{placeholder}", data.draw(st.sampled_from(["0", "-1", "1.5", ""])))
    state.set("fill", data.draw(st.sampled_from(["0", "-1", "1.5", "some", "True", ""])))
    state.set("trim", data.draw(st.booleans()))
    state.set("rows_per_block", data.draw(st.sampled_from(["", "0", "10"])))
    read = parse(PARSER, state.line.removeprefix("%tfrun"))
    assert read == state.call
    assert shlex.split(state.line)[0] == "%tfrun"
    filled = state.choices.nulls == "value" and state.choices.fill == ""
    if filled or (state.choices.nulls == "each" and "" in state.choices.fill_of.values()):
        assert not state.runnable
        return
    try:
        bound = bind(read, score, state.host)
    except TfSparkError:
        assert not state.runnable
    else:
        assert state.errors == {}
        assert state.code == bound.python()
        assert state.bindings == bound.fed
