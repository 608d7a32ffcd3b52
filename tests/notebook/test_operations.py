"""Test the magics without maps over Spark: reductions, groups, pandas, and local runs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.notebook.test_tfgraph import LINE, SEED
from tfspark_magic.errors import OptionError
from tfspark_magic.notebook.namespace import find_dataframe

TOTAL = """\
import tensorflow as tf
x_input = tf.placeholder(tf.int32, [None], name='x_input')
tf.reduce_sum(x_input, axis=0, name='x')
"""
TOTAL_LINE = "Program total: x_input int32[?] -> x int32"
LARGEST = """\
a = tf.placeholder(tf.int32, name='x_1')
b = tf.placeholder(tf.int32, name='x_2')
tf.maximum(a, b, name='x')
"""


@pytest.fixture
def total(notebook, df):
    notebook.ok("%%tfgraph total\n" + TOTAL)


@pytest.fixture
def prices(notebook):
    frame = pd.DataFrame({"k": ["b", "a", "b"], "x": np.int32([1, 2, 3]), "y": np.int32([0, 1, 0])})
    notebook.names["prices"] = frame
    return frame


class TestReductions:
    def test_the_value_is_the_value(self, notebook, total) -> None:
        ran = notebook.ok("value = %tfrun total --op reduce_blocks")
        assert ran.outputs == []
        value = notebook.names["value"]
        assert value == 45
        assert value.dtype == np.int32

    def test_shown_as_the_value_of_the_cell(self, notebook, total) -> None:
        assert notebook.ok("%tfrun total --op reduce_blocks").text.endswith("np.int32(45)\n")

    def test_out_shows_it(self, notebook, total) -> None:
        ran = notebook.ok("%tfrun total --op reduce_blocks --rows-per-block 3 --out value")
        assert ran.plain == [
            "fetch  type   value\n"
            "-----  -----  -----\n"
            "x      int32  45\n"
            "value = tfs.reduce_blocks(total, df, rows_per_block=3)"
        ]
        assert "<style" not in ran.html[0]
        assert notebook.names["value"] == 45

    def test_preview_shows_it_and_it_is_the_value_too(self, notebook, total) -> None:
        ran = notebook.ok("value = %tfrun total --op reduce_blocks --preview")
        assert ran.plain[0].endswith("x      int32  45\ntfs.reduce_blocks(total, df)")
        assert notebook.names["value"] == 45

    def test_rows(self, notebook, df) -> None:
        notebook.ok("%%tfgraph largest\n" + LARGEST)
        ran = notebook.ok("%tfrun largest --op reduce_rows --bind x_2=y --out value")
        assert ran.plain[0].endswith("value = tfs.reduce_rows(largest, df, {'x_2': 'y'})")
        assert notebook.names["value"] == 90

    def test_several_fetches_in_their_order(self, notebook, df) -> None:
        notebook.ok(
            "%%tfgraph both\n"
            "y_input = tf.placeholder(tf.int32, [None], name='y_input')\n"
            "x_input = tf.placeholder(tf.int32, [None], name='x_input')\n"
            "[tf.reduce_max(y_input, 0, name='y'), tf.reduce_sum(x_input, 0, name='x')]"
        )
        ran = notebook.ok("%tfrun both --op reduce_blocks --out pair")
        assert notebook.names["pair"] == [90, 45]
        assert ran.plain[0].splitlines()[2:4] == ["y      int32  90", "x      int32  45"]
        code = "v = tfs.reduce_blocks(both.fetch('x'), df)"
        ran = notebook.ok("%tfrun both --op reduce_blocks --fetch x --out v")
        assert ran.plain[0].splitlines()[-1] == code

    def test_arrays(self, notebook, spark) -> None:
        notebook.names["v"] = spark.createDataFrame(
            [([1.5, 2.5],), ([3.0, 4.0],)], "x array<double>"
        )
        notebook.ok("%%tfgraph total\n" + TOTAL.replace("int32, [None]", "float64, [None, None]"))
        ran = notebook.ok("%tfrun total --op reduce_blocks --out s")
        assert "x      float64[2]  [4.5, 6.5]" in ran.plain[0]

    def test_what_does_not_fit_is_said_at_once(self, notebook, df) -> None:
        notebook.ok("%%tfgraph score\n" + SEED)
        text = notebook.fails("%tfrun score --op reduce_blocks")
        assert "In reduce_blocks, fetch 'z' is made from 'z_input'" in text


class TestInTheCellMagic:
    def test_it_is_bound_and_does_not_run(self, notebook, df) -> None:
        notebook.names["df"] = df.selectExpr("cast(raise_error('It ran.') as int) x")
        ran = notebook.ok("%%tfgraph total --op reduce_blocks\n" + TOTAL)
        assert ran.plain == [f"{TOTAL_LINE}\ntfs.reduce_blocks(total, df)"]
        assert "It ran." in notebook.fails("%tfrun total --op reduce_blocks")

    def test_out_and_preview_run_it(self, notebook, df) -> None:
        ran = notebook.ok("%%tfgraph total --op reduce_blocks --out value\n" + TOTAL)
        assert ran.plain == [
            f"{TOTAL_LINE}\nvalue = tfs.reduce_blocks(total, df)",
            "fetch  type   value\n-----  -----  -----\nx      int32  45",
        ]
        assert notebook.names["value"] == 45
        ran = notebook.ok("%%tfgraph total --op reduce_blocks --preview\n" + TOTAL)
        assert len(ran.plain) == 2

    def test_a_binding_that_fails_still_shows_the_program(self, notebook, df) -> None:
        ran = notebook.run("%%tfgraph score --op reduce_blocks --out value\n" + SEED)
        assert ran.plain == [LINE]
        assert "is made from 'z_input'" in ran.text
        assert "value" not in notebook.names


class TestHint:
    def test_blocks(self, notebook, total) -> None:
        text = notebook.fails("%tfrun total")
        assert text.startswith("ReductionError: Placeholder 'x_input' needs a column 'x_input'")
        assert text.endswith("This looks like a reduction: --op reduce_blocks.")

    def test_rows(self, notebook, df) -> None:
        notebook.ok("%%tfgraph largest\n" + LARGEST)
        text = notebook.fails("%tfrun largest --bind x_1=x x_2=y")
        assert text.endswith("This looks like a reduction: --op reduce_rows.")

    def test_not_where_the_map_was_asked_for(self, notebook, total) -> None:
        text = notebook.fails("%tfrun total --op map_blocks")
        assert text.startswith("ColumnNotFoundError")
        assert "looks like" not in text

    def test_not_for_other_names(self, notebook, df) -> None:
        notebook.ok("%%tfgraph score\n" + SEED.replace("name='y'", "name='w'"))
        assert "looks like" not in notebook.fails("%tfrun score")


class TestAggregate:
    @pytest.fixture
    def groups(self, notebook, spark):
        rows = [("a", i % 2, i) for i in range(6)] + [("b", 0, 100)]
        frame = spark.createDataFrame(rows, "k string, `a.b` int, x int").repartition(3)
        notebook.names["groups"] = frame
        notebook.ok("%%tfgraph total\n" + TOTAL)

    def test_the_result_is_lazy(self, notebook, groups) -> None:
        ran = notebook.ok("%tfrun total --op aggregate --by k --rows-per-block 2 --out r")
        code = "r = tfs.aggregate(total, groups, by=['k'], rows_per_block=2)"
        assert ran.plain == [code]
        result = notebook.names["r"]
        assert result.columns == ["k", "x"]
        assert dict(result.collect()) == {"a": 15, "b": 100}
        notebook.ok("import tfspark_magic as tfs\n" + code)
        assert dict(notebook.names["r"].collect()) == {"a": 15, "b": 100}

    def test_by_alone_means_aggregate_and_may_name_several(self, notebook, groups) -> None:
        ran = notebook.ok("%tfrun total --by k a.b --out r")
        assert ran.plain == ["r = tfs.aggregate(total, groups, by=['k', 'a.b'])"]
        found = {tuple(row) for row in notebook.names["r"].collect()}
        assert found == {("a", 0, 6), ("a", 1, 9), ("b", 0, 100)}

    def test_preview_is_of_the_true_result(self, notebook, groups) -> None:
        (text,) = notebook.ok("%tfrun total --by k --preview 2 --out r").plain
        lines = text.splitlines()
        assert lines[0].split() == ["k", "x"]
        assert lines[1].split() == ["string", "int32"]
        assert {tuple(line.split()) for line in lines[4:-1]} == {("a", "15"), ("b", "100")}
        assert lines[-1] == "All 2 rows of r = tfs.aggregate(total, groups, by=['k'])"
        (text,) = notebook.ok("%tfrun total --by k --preview 1 --out r").plain
        assert text.splitlines()[4].split() in (["a", "15"], ["b", "100"])

    def test_in_the_cell_magic(self, notebook, groups) -> None:
        ran = notebook.ok("%%tfgraph total --by k\n" + TOTAL)
        assert ran.plain == [f"{TOTAL_LINE}\ntfs.aggregate(total, groups, by=['k'])"]

    def test_a_key_that_is_no_column(self, notebook, groups) -> None:
        text = notebook.fails("%tfrun total --by ab")
        assert text == ("OptionError: There is no column 'ab' to group by. Did you mean 'a.b'?")

    def test_a_fetch_with_the_name_of_a_key(self, notebook, groups) -> None:
        assert "has the name of a key" in notebook.fails("%tfrun total --by x")


class TestOptionsThatDoNotGoTogether:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (
                "--op aggregate",
                "--op aggregate needs the columns to group by: name them with --by.",
            ),
            ("--op reduce_blocks --by x", "--by goes with --op aggregate, not with --op reduce_b"),
            ("--op map_rows --by x", "--by goes with --op aggregate, not with --op map_rows."),
            ("--op local --by x", "--by goes with --op aggregate, not with --op local."),
            ("--op reduce_rows --trim", "--trim goes with --op map_blocks: the result of reduce_"),
            ("--by x --trim", "--trim goes with --op map_blocks: the result of aggregate"),
            ("--by x x", "Column 'x' is twice among those to group by: name it once."),
        ],
    )
    def test_what_is_wrong_is_said(self, notebook, total, options: str, message: str) -> None:
        text = notebook.fails(f"%tfrun total {options}")
        assert text.startswith(f"OptionError: {message}")


class TestDefaults:
    def test_config_is_for_every_operation(self, notebook, total) -> None:
        notebook.ok("%config TFGraphMagics.nulls = 'null'")
        notebook.ok("%config TFGraphMagics.rows_per_block = 7")
        ran = notebook.ok("%tfrun total --op reduce_blocks --device cpu --out r")
        code = "r = tfs.reduce_blocks(total, df, nulls='null', rows_per_block=7, device='cpu')"
        assert ran.plain[0].endswith(code)


class TestLocal:
    @pytest.fixture
    def score(self, notebook, df):
        notebook.ok("%%tfgraph score\n" + SEED)

    def test_the_value_is_a_pandas_frame(self, notebook, score) -> None:
        notebook.ok("result = %tfrun score --op local")
        result = notebook.names["result"]
        assert isinstance(result, pd.DataFrame)
        assert result["z"].tolist() == [31 * i for i in range(10)]

    def test_out_and_preview(self, notebook, score) -> None:
        ran = notebook.ok("%tfrun score --op local --out r")
        assert ran.plain == ["r = tfs.run_local(score, df)"]
        ran = notebook.ok("%tfrun score --op local --preview 2 --out r")
        lines = ran.plain[0].splitlines()
        assert lines[0].split() == ["z", "x", "y", "note"]
        assert lines[5].split() == ["31", "1", "10", "row", "1"]
        assert lines[-1] == "The first 2 rows of r = tfs.run_local(score, df)"
        assert len(notebook.names["r"]) == 10

    def test_in_the_cell_magic_it_runs_if_asked(self, notebook, df) -> None:
        ran = notebook.ok("%%tfgraph score --op local\n" + SEED)
        assert ran.plain == [f"{LINE}\ntfs.run_local(score, df)"]
        ran = notebook.ok("%%tfgraph score --op local --preview 1\n" + SEED)
        assert ran.plain[1].endswith("The first 1 row")

    def test_what_does_not_fit_is_said_at_once(self, notebook, df) -> None:
        text = notebook.fails("%%tfgraph score --op local --bind x=note\n" + SEED)
        assert "Placeholder 'x' takes int32, column 'note' is string" in text


class TestPandas:
    @pytest.fixture
    def score(self, notebook, prices):
        notebook.ok("%%tfgraph score\n" + SEED)

    def test_a_map_gives_a_pandas_frame(self, notebook, score) -> None:
        ran = notebook.ok("%tfrun score --out r --preview 2")
        assert notebook.names["r"]["z"].tolist() == [1, 5, 3]
        assert ran.plain == [
            "       z      x      y  k\n"
            "   int32  int32  int32  string\n"
            "computed   -> x   -> y\n"
            "--------  -----  -----  ------\n"
            "       1      1      0  b\n"
            "       5      2      1  a\n"
            "The first 2 rows of r = tfs.map_rows(score, prices)"
        ]

    def test_blocks_where_the_shapes_say_so(self, notebook, prices) -> None:
        notebook.ok(
            "%%tfgraph block\nx = tf.placeholder(tf.int32, [None], name='x')\n"
            "z = tf.subtract(x, x[0], name='z')"
        )
        ran = notebook.ok("%tfrun block --out r")
        assert ran.plain == ["r = tfs.map_blocks(block, prices)"]
        assert notebook.names["r"]["z"].tolist() == [0, 1, 2]

    def test_reductions(self, notebook, prices) -> None:
        ran = notebook.ok("%%tfgraph total --op reduce_blocks --out s\n" + TOTAL)
        assert ran.plain[0].endswith("s = tfs.reduce_blocks(total, prices)")
        assert notebook.names["s"] == 6

    def test_groups(self, notebook, prices) -> None:
        notebook.ok("%%tfgraph total\n" + TOTAL)
        ran = notebook.ok("%tfrun total --by k --out s")
        assert ran.plain == ["s = tfs.aggregate(total, prices, by=['k'])"]
        assert sorted(notebook.names["s"]["x"].tolist()) == [2, 4]

    def test_what_does_not_fit_is_said_at_once(self, notebook, score) -> None:
        text = notebook.fails("%%tfgraph score --bind x=k\n" + SEED)
        assert "Placeholder 'x' takes int32, column 'k' is string" in text


class TestWhichDataFrame:
    def test_that_of_spark_before_that_of_pandas(self, prices, df) -> None:
        names = {"prices": prices, "df": df}
        assert find_dataframe(names, None) == ("df", df)
        assert find_dataframe(names, "prices")[1] is prices
        assert find_dataframe({"prices": prices}, None)[0] == "prices"

    def test_several_of_pandas(self, prices) -> None:
        names = {"prices": prices, "other": prices.copy()}
        with pytest.raises(OptionError, match="Say --df with one of: prices, other"):
            find_dataframe(names, None)
        assert find_dataframe(names, None, [names["other"]])[0] == "prices"
