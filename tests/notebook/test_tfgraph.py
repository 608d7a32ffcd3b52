from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
import pytest

from tfspark_magic.graph.program import Program

SEED = """\
import tensorflow as tf
x=tf.placeholder(tf.int32, name='x')
y=tf.placeholder(tf.int32, name='y')
output=tf.add(x, y*3, name='z')
session= tf.Session()
output_value=session.run(output, {x:3, y:4})
"""
LINE = "Program score: x int32, y int32 -> z int32"


def test_the_seed_cell_as_it_stands(notebook) -> None:
    ran = notebook.ok("%%tfgraph score\n" + SEED)
    assert notebook.names["output_value"] == 15
    score = notebook.names["score"]
    assert isinstance(score, Program)
    assert score.run(x=3, y=4) == 15
    assert ran.plain == [LINE]
    assert ran.text == ""


@pytest.mark.parametrize(
    "body",
    [
        "import tensorflow\nx = tensorflow.placeholder(tensorflow.int32, name='x')\nx * 2",
        "import tensorflow as X\nx = X.placeholder(X.int32, name='x')\nx * 2",
        "from tensorflow import placeholder, int32\nx = placeholder(int32, name='x')\nx * 2",
        "x = tf.placeholder(tf.int32, name='x')\nx * 2",
    ],
)
def test_forms_of_import(notebook, body: str) -> None:
    notebook.ok("%%tfgraph double\n" + body)
    assert notebook.names["double"].run(x=4) == 8


def test_the_name_defaults_to_graph(notebook) -> None:
    ran = notebook.ok("%%tfgraph\nx = tf.placeholder(tf.int32, name='x')\ntf.identity(x, name='y')")
    assert ran.plain == ["Program graph: x int32 -> y int32"]


def test_a_session_opened_in_a_later_cell(notebook) -> None:
    notebook.ok("%%tfgraph score\n" + SEED)
    notebook.ok("import tensorflow\nlater = tensorflow.compat.v1.Session(graph=output.graph)")
    notebook.ok("again = later.run(output, {x: 1, y: 1})")
    assert notebook.names["again"] == 4


def test_a_model_or_function_of_an_earlier_cell(notebook) -> None:
    notebook.ok(
        "import keras, numpy as np, tensorflow\nlayer = keras.layers.Dense(1, name='out')\n"
        "model = keras.Sequential([keras.Input((2,), name='v'), layer])\n"
        "take = [tensorflow.TensorSpec([None], tensorflow.float32, name='a')]\n"
        "twice = tensorflow.function(lambda a: {'b': a * 2}, input_signature=take)"
    )
    assert notebook.ok("%%tfgraph net\nmodel").plain == [
        "Program net: v float32[?,2] -> out float32[?,1]"
    ]
    notebook.ok(
        "rows = np.ones((3, 2), 'f4')\nsame = np.allclose(net.run(v=rows), model.predict(rows, verbose=0))"
    )
    assert notebook.names["same"]
    assert notebook.ok("%%tfgraph two\ntwice").plain == [
        "Program two: a float32[?] -> b float32[?]"
    ]


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("{layers}keras.Model(v, y)", "v float32[?,2] -> out float32[?,1]"),
        ("{layers}y", "v float32[?,2] -> out float32[?,1]"),
        ("{layers}[y, h]", "v float32[?,2] -> out float32[?,1], first float32[?,3]"),
        ("{layers}", "v float32[?,2] -> out float32[?,1]"),
        ("{layers}m = keras.Model(v, y)", "v float32[?,2] -> out float32[?,1]"),
        ("m = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, name='out')])",
         "input float32[?,2] -> out float32[?,1]"),
        ("t = keras.Input((), dtype='string', name='t')\n"
         "keras.layers.StringLookup(vocabulary=['a'], name='place')(t)",
         "t string[?] -> place int64[?]"),
    ],
)  # fmt: skip
def test_a_model_that_the_cell_makes(notebook, cell, says) -> None:
    layers = (
        "v = keras.Input((2,), name='v')\nh = keras.layers.Dense(3, name='first')(v)\n"
        "y = keras.layers.Dense(1, name='out')(h)\n"
    )
    notebook.ok("import keras, numpy as np")
    ran = notebook.ok("%%tfgraph net\n" + cell.format(layers=layers))
    assert ran.plain == [f"Program net: {says}"]
    assert ran.result.result is None  # The program is on show, and nothing below it.
    assert notebook.names["net"].is_batched


def test_the_weights_of_a_model_are_those_of_its_cell(notebook) -> None:
    notebook.ok("import keras, numpy as np")
    notebook.ok(
        "%%tfgraph net\nv = keras.Input((2,), name='v')\n"
        "h = keras.layers.BatchNormalization(moving_mean_initializer='ones')(v)\n"
        "keras.layers.Dense(1, kernel_initializer='ones', name='out')(keras.layers.Dropout(0.5)(h))"
    )
    notebook.ok("got = net.run(v=np.array([[3.0, 4.0], [1.0, 1.0]], 'f4'))")
    expected = np.array([[5.0], [0.0]]) / np.sqrt(1.001)
    np.testing.assert_allclose(notebook.names["got"], expected, 1e-6)


class TestFetches:
    BODY = (
        "x = tf.placeholder(tf.float32, [None], name='x')\n"
        "double = tf.multiply(x, 2, name='d')\n"
        "total = tf.reduce_sum(double, name='t')\n"
        "lone = tf.identity(x, name='l')\n"
    )

    def outputs(self, notebook, line: str, last: str = "") -> list[str]:
        notebook.ok(f"%%tfgraph p {line}\n{self.BODY}{last}")
        return [spec.name for spec in notebook.names["p"].outputs]

    def test_loose_ends(self, notebook) -> None:
        assert self.outputs(notebook, "") == ["t", "l"]

    def test_loose_ends_without_those_that_no_column_holds(self, notebook) -> None:
        last = "c = tf.cast(x, tf.complex64)\nq = 3"
        assert self.outputs(notebook, "", last) == ["t", "l"]

    def test_python_names_where_the_cell_gives_no_other(self, notebook) -> None:
        assert self.outputs(notebook, "", "y = double + 1\ny") == ["y"]
        assert self.outputs(notebook, "", "y = double + 1\n_ = y * 2\n[y, y * 2]") == ["y", "mul_1"]
        assert self.outputs(notebook, "", "a, b = tf.split(x[:4], 2)\n[b, a]") == ["b", "a"]
        assert self.outputs(notebook, "", "y = tf.add(x, 1, name=f'n_{2}')\ny") == ["n_2"]
        assert self.outputs(notebook, "", "with tf.name_scope('s'):\n  y = x + 1\ny") == ["y"]
        # The name of a placeholder is not that of another tensor.
        assert self.outputs(notebook, "", "x = x + 1\nx") == ["add"]
        assert self.outputs(notebook, "--fetch y add_1", "y = x + 1\nx + 2") == ["y", "add_1"]

    def test_the_name_in_python_serves_wherever_a_node_is_named(self, notebook) -> None:
        assert self.outputs(notebook, "", "risk = also = x * 3\nrisk") == ["risk"]
        notebook.ok(
            "import pandas as pd, tfspark_magic as tfs\ndf = pd.DataFrame({'x': [1.0, 2.0]}, dtype='f4')"
        )
        notebook.ok(
            "peeked = tfs.peek(p, df, nodes=['risk'])\nview = tfs.GraphView(p)\nview.selected = 'risk'"
        )
        names = notebook.names
        assert names["peeked"]["risk"].tolist() == names["peeked"]["mul"].tolist() == [3.0, 6.0]
        assert names["view"].selected == "mul"
        found = names["view"]._explorer.search("risk").findings
        assert [one.name for one in found] == ["mul"]
        for fetch in ("risk", "also"):
            assert "risk" in notebook.ok(f"%tfrun p --df df --fetch {fetch} --preview").plain[0]

    def test_a_name_that_differs_in_case_from_a_placeholder_is_not_used(self, notebook) -> None:
        # A column of it would have the name of the column that feeds the placeholder.
        assert self.outputs(notebook, "", "X = x + 1\nX") == ["add"]

    def test_names_of_layers(self, notebook) -> None:
        notebook.ok(
            "import keras\nlayers = [keras.Input(()), keras.layers.Reshape((1,)), keras.layers.Dense(2, name='out')]\n"
            "net = keras.Sequential(layers)"
        )
        assert self.outputs(notebook, "", "net(x)") == ["out"]
        assert self.outputs(notebook, "", "y = net(x)\ny") == ["y"]
        assert self.outputs(notebook, "", "[net(x), net(2 * x)]")[0].endswith("/BiasAdd")

    def test_last_expression(self, notebook) -> None:
        assert self.outputs(notebook, "", "double") == ["d"]

    def test_last_expression_is_a_list(self, notebook) -> None:
        assert self.outputs(notebook, "", "[total, double]") == ["t", "d"]

    def test_names_of_tensors_and_of_python(self, notebook) -> None:
        assert self.outputs(notebook, "--fetch d t:0") == ["d", "t"]
        assert self.outputs(notebook, "--fetch double lone", "total") == ["d", "l"]

    def test_a_name_that_is_not_there(self, notebook) -> None:
        text = notebook.fails(f"%%tfgraph p --fetch doubel\n{self.BODY}")
        assert text.startswith("FetchNotFoundError: Fetch 'doubel' is not in the graph.")

    def test_nothing_to_fetch(self, notebook) -> None:
        text = notebook.fails("%%tfgraph p\nn = 1")
        assert text == (
            "FetchError: The cell leaves no tensor to compute: end it with the tensor, or a list "
            "of tensors, or name them with --fetch."
        )


def test_a_last_expression_that_is_no_tensor_is_displayed(notebook) -> None:
    ran = notebook.ok("%%tfgraph score\n" + SEED + "int(output_value)")
    assert ran.plain == [LINE]
    assert ran.text == "Out[1]: 15\n"
    assert notebook.ok("%%tfgraph score\n" + SEED + "int(output_value);").text == ""


def test_magics_and_shell_lines_work_in_the_cell(notebook) -> None:
    notebook.ok("%%tfgraph score\nwhere = %pwd\n" + SEED)
    assert isinstance(notebook.names["where"], str)


class TestErrors:
    def test_an_error_is_shown_at_its_own_line_from_the_cell_on(self, notebook) -> None:
        text = notebook.fails("%%tfgraph score --no-draw\n\n# comment\n" + SEED + "1 / 0\n")
        assert "Cell In[1], line 10" in text, text
        assert "---> 10 1 / 0" in text
        assert "ZeroDivisionError: division by zero" in text
        assert "magics.py" not in text
        assert "run_cell" not in text

    def test_an_error_in_a_function_of_the_cell(self, notebook) -> None:
        text = notebook.fails("%%tfgraph score\ndef f():\n    return [][1]\n\nf()\n")
        assert "line 5" in text
        assert "line 3, in f()" in text
        assert "capture.py" not in text

    def test_a_syntax_error(self, notebook) -> None:
        ran = notebook.run("%%tfgraph score\nx = 1\ny = (2\n")
        assert "line 3" in ran.text
        assert "y = (2" in ran.text
        assert "SyntaxError: '(' was never closed" in ran.text
        assert "magics.py" not in ran.text
        assert ran.error is not None

    def test_our_own_error_names_the_line(self, notebook) -> None:
        notebook.ok("import tensorflow\nv = tensorflow.Variable(1.0)")
        text = notebook.fails("%%tfgraph score\nx = 1\ny = v.assign(2.0)\n")
        assert text.splitlines() == [
            (
                "CaptureError: A variable made in an earlier cell is frozen at its value here and "
                "cannot be assigned: make the variable in this cell to train it."
            ),
            "  line 3: y = v.assign(2.0)",
        ]

    def test_an_earlier_program_stays(self, notebook) -> None:
        notebook.ok("%%tfgraph score\n" + SEED)
        before = notebook.names["score"]
        notebook.fails("%%tfgraph score\n" + SEED + "1 / 0\n")
        notebook.fails("%%tfgraph score\n(\n")
        notebook.fails("%%tfgraph score --fetch nothing\n" + SEED)
        notebook.fails("%%tfgraph score --perview\n" + SEED)
        assert notebook.names["score"] is before

    def test_a_wrong_option_runs_nothing(self, notebook) -> None:
        text = notebook.fails("%%tfgraph score --perview\nran = True\n")
        assert "has no option --perview. Did you mean --preview?" in text
        assert len(text.splitlines()) == 1
        assert "ran" not in notebook.names


class TestList:
    def test_no_program(self, notebook) -> None:
        text = "There is no program yet: write %%tfgraph NAME above a cell that builds a graph."
        assert notebook.ok("%tfgraph").plain == [text]

    def test_list_and_show_again(self, notebook) -> None:
        notebook.ok("%%tfgraph score\n" + SEED)
        notebook.ok(
            "%%tfgraph b\nx = tf.placeholder(tf.string, name='t')\ntf.identity(x, name='y')"
        )
        ran = notebook.ok("%tfgraph")
        assert ran.plain == ["score  x int32, y int32 -> z int32\nb      t string -> y string"]
        assert "<b>score</b>" in ran.html[0]
        assert notebook.ok("%tfgraph score").plain == [LINE]

    def test_one_that_is_not_there(self, notebook) -> None:
        notebook.ok("%%tfgraph score\n" + SEED)
        text = notebook.fails("%tfgraph scor")
        assert "There is no program 'scor'. Did you mean 'score'?" in text
        assert "'x' is a SymbolicTensor, not a program." in notebook.fails("%tfgraph x")


def test_help_runs_nothing(notebook) -> None:
    ran = notebook.ok("%%tfgraph score --help\nran = True")
    assert ran.text.startswith("Usage: %tfgraph")
    assert "--rows-per-block" in ran.text
    assert "ran" not in notebook.names


def test_the_drawing_is_shown_unless_it_is_not_wanted(notebook) -> None:
    notebook.ok("%config TFGraphMagics.draw = True")
    (output,) = notebook.ok("%%tfgraph score\n" + SEED).outputs
    assert output.data["text/plain"] == LINE
    assert "<img" in output.data["text/html"]
    assert "Program <b>score</b>: x int32, y int32 → z int32" in output.data["text/html"]
    (output,) = notebook.ok("%tfgraph score --no-draw").outputs
    assert "<img" not in output.data["text/html"]


class TestConfig:
    def test_traits_and_their_help(self, notebook) -> None:
        text = notebook.ok("%config TFGraphMagics").text
        for name in ("preview_rows", "draw", "device", "rows_per_block", "nulls"):
            assert f"TFGraphMagics.{name}" in text

    @pytest.mark.parametrize(
        "line",
        ["preview_rows = 0", "device = 'tpu'", "draw = 7", "rows_per_block = -1", "nulls = []"],
    )
    def test_values_are_checked(self, notebook, line: str) -> None:
        magics = notebook.shell.magics_manager.registry["TFGraphMagics"]
        before = magics.trait_values()
        notebook.run(f"%config TFGraphMagics.{line}")
        assert magics.trait_values() == before


@pytest.mark.parametrize(
    ("line", "names", "text"),
    [
        ("df --df df", {}, "'df' is a DataFrame, which the program would replace: write %%tfgraph df_graph."),
        ("frame", {}, "'frame' is a DataFrame, which the program would replace: write %%tfgraph frame_graph."),
        ("math", {"math": math}, "'math' is a module, which the program would replace: write %%tfgraph math_graph."),
        ("spark", {}, "'spark' is a "),
        ("f", {"f": lambda: 1}, "'f' is a function, which the program would replace: write %%tfgraph f_graph."),
        ("p --df df --out p", {}, "--out p would replace the program 'p': write --out p_result."),
        ("p --df y", {}, "The cell assigns 'y', which is the DataFrame that --df names: call its own 'y' "),
    ],
)  # fmt: skip
def test_nothing_of_the_user_is_lost(notebook, spark, line, names, text):
    df = spark.createDataFrame([(1, 2)], "x int, y int")
    given = {"df": df, "y": df, "frame": pd.DataFrame({"x": [1]}), "spark": spark, **names}
    notebook.names.update(given)
    assert text in notebook.fails(f"%%tfgraph {line}\n" + SEED)
    for name, value in given.items():
        assert notebook.names[name] is value
    remedy = re.search(r"write (%%tfgraph \w+|--out \w+)", text)
    if remedy and "%%" in remedy[1]:
        notebook.ok(f"{remedy[1]} --df df\n" + SEED)
        assert notebook.names["df"] is df
    # A value that is no more than that, and a program, are replaced as by any assignment.
    notebook.names["score"] = 3
    notebook.ok("%%tfgraph score\n" + SEED)
    notebook.ok("%%tfgraph score\n" + SEED)
