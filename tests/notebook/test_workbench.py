"""Test the widgets below a cell: requests of the form are run, kept and shown."""

from __future__ import annotations

import re
import time
from html import unescape

import ipywidgets
import keras
import numpy as np
import pytest

from tfspark_magic.notebook.jupyter import Jupyter
from tfspark_magic.notebook.workbench import Workbench

GRAPH = """\
%%tfgraph score {options}
x = tf.placeholder(tf.int32, name='x')
y = tf.placeholder(tf.int32, name='y')
output = tf.add(x, y * 3, name='z')"""
SUM = """\
%%tfgraph total
x_input = tf.placeholder(tf.int32, [None], name='x_input')
x = tf.reduce_sum(x_input, axis=0, name='x')"""


def make(notebook, spark, options: str = "") -> Workbench:
    numbers = spark.range(6, numPartitions=2)
    notebook.names["df"] = numbers.selectExpr("cast(id as int) x", "cast(id * 10 as int) y")
    notebook.ok(GRAPH.format(options=options))
    return notebook.benches[-1]


def ended(bench: Workbench) -> str:
    """Wait for the end of the job, and return the text of the panel."""
    bench.panel.job.wait(60)
    text = unescape(re.sub(r"<[^>]*>", " ", bench.panel.status.value))
    return re.sub(r"\s+", " ", text).strip()


def peeked(graph, ask: str, **facts) -> dict:
    """Ask as the page does, wait until the values are there, and return the answer."""
    told = []
    graph.send = lambda content, buffers=None: told.append(content)
    graph._handle_custom_msg({"id": 1, "ask": ask, **facts}, [])
    deadline = time.monotonic() + 120
    while graph.peeking["state"] == "busy":
        assert time.monotonic() < deadline, graph.peeking
        time.sleep(0.01)
    return told[0]


def cells(bench: Workbench) -> list[list[str]]:
    """Return the texts of the rows on show."""
    return [[cell[0] for cell in line] for line in bench.rows.table.start["cells"]]


def click_more(bench: Workbench) -> None:
    """Ask for more rows, as the page does, and wait until they are there."""
    table = bench.rows.table
    table._handle_custom_msg({"id": 1, "ask": "more"}, [])
    ended(bench)


def html(widget) -> str:
    return "".join(html(child) for child in getattr(widget, "children", ())) + (
        widget.value if isinstance(widget, ipywidgets.HTML) else ""
    )


class TestShown:
    def test_a_terminal_has_none(self, notebook, spark):
        assert not Jupyter(notebook.shell).shows_widgets
        notebook.names["df"] = spark.range(2).selectExpr("cast(id as int) x", "cast(id as int) y")
        (shown,) = notebook.ok(GRAPH.format(options="--df df")).plain
        assert shown.startswith("Program score")

    def test_below_the_static_view(self, jupyter, spark):
        bench = make(jupyter, spark)
        view, last = jupyter.shown
        assert last is bench
        assert 'data-tfs-program="score"' in view._repr_mimebundle_()["text/html"]
        assert bench.form.opened
        # Those who see no widgets read the output above it.
        assert bench._repr_mimebundle_()["text/plain"] == ""

    def test_a_page_or_file_made_of_the_notebook_has_the_picture_and_no_dead_words(
        self, jupyter, spark
    ):
        jupyter.ok("%config TFGraphMagics.draw = True")
        bench = make(jupyter, spark)
        view, _ = jupyter.shown
        bundle = bench._repr_mimebundle_()
        assert bundle["image/svg+xml"].startswith(f'<svg class="tfg-static-{bench.graph.uid}"')
        assert set(bundle) == {
            "text/plain",
            "image/svg+xml",
            "application/vnd.jupyter.widget-view+json",
        }
        assert "Run this cell" not in re.sub(
            "<style>.*?</style>", "", view._repr_mimebundle_()["text/html"]
        )
        assert bench.panel._repr_mimebundle_()["text/plain"] == ""

    def test_folded_where_the_cell_says_what_to_do(self, jupyter, spark):
        bench = make(jupyter, spark, "--df df --out scored")
        assert not bench.form.opened
        assert "--out scored" in bench.form.state.line

    @pytest.mark.parametrize("switch", ["option", "config"])
    def test_switched_off(self, jupyter, spark, switch):
        if switch == "config":
            jupyter.ok("%config TFGraphMagics.form = False")
        jupyter.names["df"] = spark.range(2).selectExpr("cast(id as int) x", "cast(id as int) y")
        jupyter.ok("%config TFGraphMagics.draw = True")
        jupyter.ok(GRAPH.format(options="--no-form" if switch == "option" else ""))
        picture, view = jupyter.shown
        assert "image/svg+xml" in picture._repr_mimebundle_()
        assert not re.search("<(style|img)", view._repr_mimebundle_()["text/html"])

    def test_a_wrong_binding_still_shows_the_form_with_the_error(self, jupyter, spark):
        jupyter.names["df"] = spark.range(2).selectExpr("cast(id as int) x", "id y")
        jupyter.fails(GRAPH.format(options="--df df"))
        (bench,) = jupyter.benches
        assert not bench.form.state.runnable
        assert bench.form.opened

    def test_a_column_that_is_not_found_is_asked_for_by_the_form(self, jupyter, spark):
        frame = spark.range(2).selectExpr("cast(id as int) x", "cast(id as int) `Y (m)`")
        jupyter.names["df"] = frame
        jupyter.ok(GRAPH.format(options="--df df"))
        (bench,) = jupyter.benches
        assert bench.form.view.actions["accept"] == "Use the guess"
        # What the line names itself, or asks for, cannot wait for the form.
        for options in ("--df df --bind y=nope", "--df df --out scored", "--df df --preview"):
            assert "needs a column" in jupyter.fails(GRAPH.format(options=options))

    def test_the_graph_shows_the_bindings_of_the_form(self, jupyter, spark):
        jupyter.ok("%config TFGraphMagics.draw = True")
        bench = make(jupyter, spark)
        assert bench.graph.bindings == {"x": "x", "y": "y"}
        bench.form.set("bind:x", "y")
        assert bench.graph.bindings == {"x": "y", "y": "y"}

    def test_rows_flow_through_the_graph_as_the_form_binds_them(self, jupyter, spark):
        jupyter.ok("%config TFGraphMagics.draw = True")
        graph, form = (bench := make(jupyter, spark)).graph, bench.form
        form.set("bind:x", "y")
        peeked(graph, "peek", rows=4, drawn=False)
        assert graph.peeking["says"] == "4 rows of df, each alone"
        assert graph.values["z"].tolist() == [0, 40, 80, 120]
        peeked(graph, "peek", rows=1000, drawn=True)
        assert sorted(graph.values["z"].tolist()) == [0, 40, 80, 120, 160, 200]
        # Rows of other columns are not those.
        form.set("bind:x", "x")
        assert graph.peeking["state"] == ""
        df = jupyter.names.pop("df")
        refused = peeked(graph, "peek", rows=4, drawn=False)["error"]
        assert refused == "There is no DataFrame df any more: choose another, or make it again."
        jupyter.names["df"] = df
        jupyter.ok(SUM)
        total = jupyter.benches[-1].graph
        jupyter.benches[-1].form.set("op", "reduce_blocks")
        jupyter.benches[-1].form.set("df", "df")
        peeked(total, "peek", rows=3, drawn=False)
        assert total.peeking["says"] == "3 rows of df, as one block"
        assert total.values["x"].tolist() == 3

    def test_any_operation_in_the_graph_is_computed_too(self, jupyter, spark):
        jupyter.ok("%config TFGraphMagics.draw = True")
        graph, form = (bench := make(jupyter, spark)).graph, bench.form
        peeked(graph, "fetch", node="op:mul", on=True)
        assert form.state.line == "%tfrun score --df df --fetch z mul --out result"
        (field,) = (field for field in form.view.fields if field["id"] == "fetch")
        assert [choice["label"] for choice in field["choices"]] == ["z  int32", "mul  int32"]
        assert field["value"] == ["z", "mul"]
        assert peeked(graph, "details", node="op:mul")["answer"]["fetched"] is True
        form.press("preview")
        assert "Preview" in ended(bench)
        assert [column["name"] for column in bench.rows.table.columns] == ["z", "mul", "x", "y"]
        peeked(graph, "fetch", node="op:z", on=False)
        assert form.state.program.outputs[0].name == "mul"
        peeked(graph, "fetch", node="op:mul", on=False)
        assert form.state.errors["fetch"] == "Choose at least one tensor to compute."
        assert "no operation" in peeked(graph, "fetch", node="op:none", on=True)["error"]
        assert peeked(graph, "details", node="op:mul")["answer"]["fetched"] is False
        jupyter.ok("%tfgraph score --df df --fetch mul")
        assert jupyter.benches[-1].form.state.choices.fetch == ("mul",)
        # The name in Python is that of the fetch, and not that of its operation.
        jupyter.ok("%%tfgraph twice\nx = tf.placeholder(tf.int32, [], name='x')\ndouble = x * 2")
        named = jupyter.benches[-1]
        assert peeked(named.graph, "details", node="op:mul")["answer"]["fetched"] is True
        peeked(named.graph, "fetch", node="op:mul", on=False)
        assert named.form.state.choices.fetch == ()

    def test_a_cell_that_runs_again_replaces_its_own(self, jupyter, spark):
        jupyter.cell = "one"
        first = make(jupyter, spark)
        second = make(jupyter, spark)
        assert first.comm is None
        assert second.comm is not None

    def test_a_later_cell_is_followed(self, jupyter, spark):
        bench = make(jupyter, spark)
        jupyter.ok("other = df.filter('x > 2')")
        assert "other" in bench.form.state.frames


class TestRuns:
    def test_a_preview_is_a_table_and_names_nothing(self, jupyter, spark):
        bench = make(jupyter, spark)
        before = set(jupyter.names)
        assert bench.form.press("preview")
        assert "Preview" in ended(bench)
        assert cells(bench)[:2] == [["0", "0", "0"], ["31", "1", "10"]]
        assert set(jupyter.names) == before

    def test_the_preview_of_the_cell_itself(self, jupyter, spark):
        bench = make(jupyter, spark, "--df df --preview 3")
        still = jupyter.shown[-1]
        assert still.count == 3
        assert bench.rows.table.table == still
        click_more(bench)
        assert bench.rows.table.state["caption"] == "All 6 rows"

    def test_the_preview_of_a_line(self, jupyter, spark):
        make(jupyter, spark)
        jupyter.ok("%tfrun score --df df --out scored --preview 3")
        below, still = jupyter.shown[-2:]
        assert below.rows.table.table.count == 3
        assert "done in" in below.panel.status.value
        assert below._repr_mimebundle_()["text/plain"] == ""
        # What a saved notebook keeps, and a style that hides the widgets, which are dead there.
        bundle = still._repr_mimebundle_()
        assert "tfs-rows" in bundle["text/html"]
        assert "jupyter-widgets" in bundle["text/html"]
        assert bundle["text/plain"] == repr(below.rows.table.table)
        jupyter.fails("%tfrun score --df df --bind x=nothing --preview 3")
        jupyter.names["df"] = df = spark.range(3).selectExpr("nullif(1, id)", "cast(id as int) y")
        jupyter.names["df"] = df.toDF("x", "y").selectExpr("cast(x as int) x", "y")
        assert "null" in jupyter.fails("%tfrun score --df df --preview 3")
        assert jupyter.shown[-1].panel.status.value == "", "the error is the cell's"

    def test_more_rows_by_one_click(self, jupyter, spark):
        bench = make(jupyter, spark)
        jupyter.names["df"] = spark.range(40).selectExpr("cast(id as int) x", "cast(id as int) y")
        bench.form.press("preview")
        ended(bench)
        table = bench.rows.table
        assert (table.state["rows"], table.state["more"]) == (5, "95 more rows")
        click_more(bench)
        assert (table.state["rows"], table.state["more"], table.state["busy"]) == (40, "", "")
        assert bench.rows.table is table
        assert table.state["caption"] == "All 40 rows of tfs.map_rows(score, df)"
        assert cells(bench)[-1] == [str(4 * 39), "39", "39"]
        assert not bench.form.view.actions["busy"]

    def test_more_rows_that_fail_are_said_and_leave_the_first_ones(self, jupyter, spark):
        bench = make(jupyter, spark)
        jupyter.names["df"] = spark.range(0, 40, 1, 1).selectExpr(
            "cast(if(id = 20, null, id) as int) x", "cast(id as int) y"
        )
        bench.form.press("preview")
        ended(bench)
        click_more(bench)
        state = bench.rows.table.state
        assert (state["rows"], state["more"], state["busy"]) == (5, "", "")
        assert "Column 'x' holds 1 null" in state["note"]

    def test_a_run_does_not_erase_the_preview(self, jupyter, spark):
        bench = make(jupyter, spark)
        bench.form.press("preview")
        ended(bench)
        table = bench.rows.table
        bench.form.set("then", "count")
        bench.form.press("run")
        assert "6 rows" in ended(bench)
        assert bench.rows.children == (table,)
        # What is collected takes its place.
        bench.form.set("then", "collect")
        bench.form.press("run")
        assert "6 rows in pandas" in ended(bench)
        assert bench.rows.table.state["caption"] == "All 6 rows of result = tfs.map_rows(score, df)"

    def test_a_lazy_result(self, jupyter, spark):
        bench = make(jupyter, spark)
        bench.form.set("out", "scored")
        assert bench.form.press("define")
        assert "nothing has run yet" in ended(bench)
        assert bench.rows.table is None
        assert jupyter.names.pop("scored").columns == ["x", "y", "z"]
        # Run always computes something.
        assert bench.form.press("run")
        assert "a lazy DataFrame, and its first rows" in ended(bench)
        assert cells(bench)[:2] == [["0", "0", "0"], ["31", "1", "10"]]
        assert jupyter.names["scored"].count() == 6
        # What is written is written once, and Define writes nothing.
        bench.form.set("then", "count")
        assert bench.form.press("define")
        assert "nothing has run yet" in ended(bench)

    def test_count(self, jupyter, spark):
        bench = make(jupyter, spark)
        bench.form.set("then", "count")
        assert bench.form.press("run")
        assert "6 rows" in ended(bench)

    def test_collect(self, jupyter, spark):
        bench = make(jupyter, spark)
        bench.form.set("then", "collect")
        assert bench.form.press("run")
        assert "6 rows in pandas" in ended(bench)
        assert jupyter.names["result"].z.tolist() == [31 * n for n in range(6)]

    def test_write(self, jupyter, spark, tmp_path):
        bench = make(jupyter, spark)
        bench.form.set("then", "write")
        bench.form.set("path", str(tmp_path / "out"))
        assert bench.form.press("run")
        assert "written to" in ended(bench)
        written = spark.read.parquet(str(tmp_path / "out"))
        assert sorted(row.z for row in written.collect()) == [31 * n for n in range(6)]

    def test_what_is_there_is_not_overwritten_unasked(self, jupyter, spark, tmp_path):
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "theirs").touch()
        bench = make(jupyter, spark)
        bench.form.set("then", "write")
        bench.form.set("path", str(tmp_path / "out"))
        bench.form.press("run")
        assert "already: choose another path" in ended(bench)
        assert [one.name for one in (tmp_path / "out").iterdir()] == ["theirs"]

    def test_a_reduction_shows_its_value(self, jupyter, spark):
        jupyter.names["df"] = spark.range(6).selectExpr("cast(id as int) x")
        jupyter.ok(SUM)
        bench = jupyter.benches[-1]
        bench.form.set("op", "reduce_blocks")
        bench.form.set("out", "answer")
        assert bench.form.press("run"), bench.form.state.errors
        ended(bench)
        assert "15" in html(bench.rows)
        assert jupyter.names["answer"] == 15

    def test_a_failing_worker_is_one_sentence(self, jupyter, spark):
        jupyter.names["df"] = spark.sql("select 1 x, 2 y union all select cast(null as int), 3")
        jupyter.ok(GRAPH.format(options=""))
        (bench,) = jupyter.benches
        bench.form.press("preview")
        assert "Column 'x' holds 1 null" in ended(bench)
        assert not bench.form.view.actions["preview"]


def test_a_model_is_trained_below_its_form(jupyter):
    jupyter.ok(
        "import keras, numpy as np, pandas as pd\n"
        "rows = pd.DataFrame({'x': np.arange(40, dtype='f4') / 40, 'y': np.arange(40.) % 3})\n"
        "model = keras.Sequential([keras.Input((1,), name='x'), keras.layers.Dense(1)], name='m')\n"
        "model.compile('sgd', 'mse')"
    )
    jupyter.ok("%%tfgraph net --df rows\nmodel")
    bench = jupyter.benches[-1]
    for field, value in {"op": "fit", "label": "y", "epochs": "3", "out": "trained"}.items():
        bench.form.set(field, value)
    assert not bench.form.press("preview")
    assert bench.form.press("run")
    trained(bench)
    loss = jupyter.names["trained"].history.history["loss"]
    assert f"m: 3 epochs, loss {loss[-1]:.4g} in " in ended(bench)
    (curve,) = bench.panel.result.children
    assert curve.panels[0]["training"] == loss
    jupyter.names["rows"]["y"] = np.inf
    assert bench.form.press("run")
    trained(bench)
    assert "The loss became" in ended(bench)
    # What fails before the training begins is shown, too.
    jupyter.names["model"].compile("sgd", "categorical_crossentropy")
    jupyter.names["rows"]["y"] = 1j
    assert not bench.form.press("run")
    jupyter.names["model"].compile("sgd", lambda y, predicted: keras.ops.reshape(y, (7, 7)))
    jupyter.names["rows"]["y"] = 1.0
    assert bench.form.press("run")
    trained(bench)
    assert "failed after" in ended(bench)
    assert "does not take these columns" in ended(bench)


def trained(bench):
    """Wait until the form may be used again."""
    end = time.monotonic() + 120
    while bench.form.view.actions["busy"]:
        assert time.monotonic() < end
        time.sleep(0.05)
