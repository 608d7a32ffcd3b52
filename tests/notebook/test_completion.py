from __future__ import annotations

import pandas as pd
import pytest
from IPython.core.completer import provisionalcompleter

from tests.notebook.test_tfgraph import SEED

CELL = (
    "\ninp = tf.placeholder(tf.int32, name='inp')\nkey = tf.placeholder(tf.string, name='key')\n"
    "out = tf.add(inp, 1, name='total')\n"
)


@pytest.fixture
def complete(notebook, spark):
    notebook.names["flights"] = spark.createDataFrame(
        [("a", 1, 2, 1.0)], "name string, `air time` int, x int, distance double"
    )
    notebook.names["weather"] = spark.range(1)
    notebook.names["nested"] = spark.range(1).selectExpr("struct(id, id as other) as s")
    notebook.names["_hidden"] = spark.range(1)
    notebook.ok("%%tfgraph score\n" + SEED)

    def offered(text: str, *, jedi: bool = False) -> list[str]:
        before, _, after = text.partition("|")
        notebook.shell.Completer.use_jedi = jedi
        with provisionalcompleter():
            return [
                found.text
                for found in notebook.shell.Completer.completions(before + after, len(before))
            ]

    return offered


def test_options_come_from_the_parser(complete) -> None:
    offered = complete("%tfrun score --|")
    assert offered[:3] == ["--df", "--bind", "--op"]
    assert {"--rows-per-block", "--preview", "--help"} <= set(offered)
    assert complete("%tfrun score --no|") == ["--no-draw", "--no-form"]
    assert complete("%%tfgraph new --pre|" + CELL) == ["--preview"]


def test_an_option_is_offered_once_unless_it_repeats(complete) -> None:
    offered = complete("%tfrun score --df flights --bind x=x --|")
    assert "--df" not in offered
    assert "--bind" in offered


@pytest.mark.parametrize("jedi", [False, True])
def test_dataframes(complete, jedi: bool) -> None:
    assert complete("%tfrun score --df |", jedi=jedi) == ["flights", "weather", "nested"]
    assert complete("%tfrun score -d fl|", jedi=jedi) == ["flights"]
    assert complete("%%tfgraph new --df w|" + CELL, jedi=jedi) == ["weather"]


def test_programs(complete) -> None:
    assert complete("%tfrun |")[0] == "score"
    assert complete("%tfgraph sc|") == ["score"]
    assert complete("result = %tfrun s|") == ["score"]


def test_placeholders_then_columns_that_fit_first(complete) -> None:
    assert complete("%tfrun score --df flights --bind |") == ["x=", "y="]
    assert complete("%tfrun score --df flights --bind x=x |") == ["y="]
    assert complete("%tfrun score --df flights --bind y=|") == [
        "'air time'", "x", "name", "distance",
    ]  # fmt: skip
    assert complete("%tfrun score --df flights --bind x=di|") == ["distance"]
    assert complete("%tfrun score --df flights --nulls x=0 --bind |") == ["x=", "y="]
    assert complete("%tfrun score --df flights --bind 'x=air time' |") == ["y="]
    assert complete("%tfrun score --df weather --rows-per-block many --bind x=|") == ["id"]


def test_lists_of_columns(complete) -> None:
    assert complete("%tfrun score --df flights --bind x=x,|") == ["'air time'", "name", "distance"]
    assert complete("%tfrun score --df flights --bind x=name,x,di|") == ["distance"]


def test_placeholders_of_the_cell_below(complete) -> None:
    assert complete("%%tfgraph new --df flights --bind |" + CELL) == ["inp=", "key="]
    assert complete("%%tfgraph new --df flights -b key=na|" + CELL) == ["name"]


def test_values(complete) -> None:
    assert complete("%tfrun score --op map|") == ["map_rows", "map_blocks"]
    assert complete("%tfrun score --op |")[2:] == [
        "reduce_rows", "reduce_blocks", "aggregate", "local", "fit",
    ]  # fmt: skip
    assert complete("%tfrun score --device |") == ["auto", "cpu", "gpu"]
    assert complete("%tfrun score --nulls |") == ["error", "null", "x=", "y="]
    assert complete("%tfrun score --nulls x=|") == ["error", "null"]
    assert complete("%tfrun score --nulls x=0 |") == ["y="]
    assert complete("%tfrun score --nulls 0 |")[:2] == ["--df", "--bind"]
    assert complete("%tfrun score --fetch |") == ["z"]
    assert complete("%%tfgraph new --fetch |" + CELL) == ["inp", "key", "total", "out"]


def test_keys(complete) -> None:
    assert complete("%tfrun score --df flights --by d|") == ["distance"]
    assert complete("%tfrun score --df flights --by |") == ["name", "'air time'", "x", "distance"]
    assert complete("%tfrun score --df flights --by distance |") == ["name", "'air time'", "x"]
    assert complete("%tfrun score --df nested --by |") == ["s"]


def test_pandas_frames_and_their_columns(complete, notebook) -> None:
    notebook.names["prices"] = pd.DataFrame({"k": ["a"], "x": [1.5], "y": [1]})
    assert complete("%tfrun score --df |") == ["flights", "weather", "nested", "prices"]
    assert complete("%tfrun score --df prices --by |") == ["k", "x", "y"]
    assert complete("%tfrun score --df prices --bind y=|") == ["k", "x", "y"]


def test_other_lines_are_left_alone(complete) -> None:
    assert "--df" not in complete("%%tfgraph new" + CELL + "--|")
    assert complete("flig|") == ["flights"]


def test_in_a_kernel(notebook, monkeypatch) -> None:
    ipykernel = pytest.importorskip("ipykernel.ipkernel")
    kernel = ipykernel.IPythonKernel.__new__(ipykernel.IPythonKernel)
    monkeypatch.setattr(ipykernel.IPythonKernel, "shell", notebook.shell, raising=False)
    reply = kernel._experimental_do_complete("%tfrun --pre", 12)
    assert reply["matches"] == ["--preview"]
    assert (reply["cursor_start"], reply["cursor_end"]) == (7, 12)
