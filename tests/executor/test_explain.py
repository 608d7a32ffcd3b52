"""Test `explain`, which describes a verb without running it."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import tfspark_magic as tfs
from tests.executor.test_files import SUM
from tests.executor.test_mapping import SEED, program
from tfspark_magic import errors
from tfspark_magic.executor import shipping
from tfspark_magic.executor.session import is_connect
from tfspark_magic.verbs.explanation import Explanation

pytestmark = pytest.mark.both


@pytest.fixture(autouse=True)
def same_on_every_spark(monkeypatch):
    monkeypatch.setattr("tfspark_magic.frames.spark.is_older", lambda version, than: False)


@pytest.fixture
def df(spark):
    """A frame whose evaluation fails, so that `explain` cannot run it."""
    return spark.sql(
        "select cast(raise_error('it ran') as int) x, 2 y, 's' t, array(1D, 2D) v, true b, "
        "cast(1 as smallint) u, X'00' img, date'2020-01-01' d, "
        "named_struct('a', 1, 'b', 2F) s, 1D w"
    )


def text(explanation):
    # The size of a graph differs between versions of TensorFlow.
    return re.sub(r"(?m)^(graph +)\S+ (bytes|KiB)", r"\1SIZE", str(explanation))


def test_a_map_of_rows_in_words(df):
    widening = SEED.replace("tf.int32, name='x'", "tf.int64, name='x'").replace(
        "tf.add(x, y * 3", "tf.add(x, tf.cast(y, tf.int64) * 3"
    )
    assert text(tfs.explain(program(widening), df.drop("w"))) == (
        "map_rows of program score; nothing has run.\n"
        "\n"
        "placeholder  takes  column  Spark type  cells  nulls     fed\n"
        "x            int64  x       int         int32  an error  widened from int32\n"
        "y            int32  y       int         int32  an error  as it is\n"
        "\n"
        "output  cells  Spark type\n"
        "z       int64  bigint\n"
        "\n"
        "run            vectorized (mapped where a block cannot be)\n"
        "blocks         chosen by bytes: about 65,536 rows of 64 bytes\n"
        "leave the JVM  x, y\n"
        "pass through   t, v, b, u, img, d, s\n"
        "device         auto\n"
        "graph          SIZE, inside each task\n"
        "small rows     tfs.tune(spark, small_rows=True): rows of 8 bytes reach Python two to three "
        "times as fast"
    )


def test_a_trimmed_map_of_blocks_in_words(df):
    total = program(
        "v = tf.placeholder(tf.float64, [None, 2], name='v')\n"
        "tf.reduce_sum(v, 0, keepdims=True, name='total')"
    )
    explained = tfs.explain(total, df, trim=True, whole_partition=True, nulls=0.5, device="cpu")
    assert text(explained) == (
        "map_blocks of program score; nothing has run.\n"
        "\n"
        "placeholder  takes       column  Spark type     cells       nulls       fed\n"
        "v            float64[2]  v       array<double>  float64[?]  become 0.5  as it is\n"
        "\n"
        "output  cells       Spark type\n"
        "total   float64[2]  array<double>\n"
        "\n"
        "run            block by block\n"
        "blocks         the whole partition\n"
        "leave the JVM  v\n"
        "pass through   no columns\n"
        "device         cpu\n"
        "graph          SIZE, inside each task\n"
        "small rows     tfs.tune(spark, small_rows=True): rows of 20 bytes reach Python two to three "
        "times as fast"
    )


@pytest.mark.parametrize(
    ("placeholder", "column", "fed"),
    [
        ("tf.int32, []", "y", "as it is"),
        ("tf.float64, []", "y", "widened from int32"),
        ("tf.string, []", "t", "copied"),
        ("tf.bool, []", "b", "copied"),
        ("tf.uint8, []", "u", "narrowed from int16, each value checked"),
        ("tf.uint8, [None]", "img", "as its bytes"),
        ("tf.int64, []", "d", "as days since 1970-01-01"),
        ("tf.float64, [2]", "s.*", "side by side, as it is"),
        ("tf.float64, [2]", ["w", "w"], "side by side, as it is"),
    ],
)
def test_how_a_column_gets_into_a_tensor(df, placeholder, column, fed):
    same = program(f"p = tf.placeholder({placeholder}, name='p')\ntf.identity(p, name='out')")
    (binding,) = tfs.explain(same, df, {"p": column}).bindings
    assert binding.fed == fed


def test_the_columns_that_leave_and_those_that_do_not(df):
    both = program(
        "p = tf.placeholder(tf.float64, [2], name='p')\n"
        "q = tf.placeholder(tf.int32, [2], name='q')\n"
        "tf.add(p, tf.cast(q, tf.float64), name='out')"
    )
    explained = tfs.explain(both, df, {"p": "s.*", "q": ["x", "y"]})
    assert explained.leaving == ("s.*", "x", "y")
    assert explained.passing == ("t", "v", "b", "u", "img", "d", "w")


@pytest.mark.parametrize(
    ("rows_per_block", "column", "blocks"),
    [
        (None, "array(array(1, 2, 3))", "chosen by bytes: about 65,536 rows of 64 bytes"),
        (None, "array_repeat(array(1), 300000)", "chosen by bytes: about 1 row of 2.29 MiB"),
        (2500, "array(array(1))", "2,500 rows at most"),
        (0, "array(array(1))", "the whole partition"),
    ],
)
def test_how_many_rows_make_a_block(classic, rows_per_block, column, blocks):
    frame = tfs.analyze(classic.sql(f"select {column} m"))
    first = program("m = tf.placeholder(tf.int32, name='m')\ntf.identity(m, name='out')")
    explained = tfs.explain(first, frame, verb="map_rows", rows_per_block=rows_per_block)
    assert explained.blocks == blocks


def test_rows_of_numbers_come_in_larger_blocks(spark):
    numbers = spark.range(3).selectExpr("cast(id as int) x", "id", "cast(id as double) w")
    first = program("x = tf.placeholder(tf.int32, name='x')\ntf.identity(x, name='out')")
    assert tfs.explain(first, numbers).blocks == "chosen by bytes: about 524,288 rows of 4 bytes"


def test_cells_of_unknown_size_make_blocks_when_they_are_seen(df):
    lower = program("t = tf.placeholder(tf.string, name='t')\ntf.strings.lower(t, name='l')")
    assert tfs.explain(lower, df).blocks == (
        "chosen by the bytes of the cells: 4 MiB, 65,536 rows at most"
    )


def test_the_verb_is_what_the_shapes_say_unless_it_is_named(df):
    blocks = program("x = tf.placeholder(tf.int32, [None], name='x')\ntf.identity(x, name='z')")
    assert tfs.explain(blocks, df).verb == "map_blocks"
    assert tfs.explain(program(SEED), df).verb == "map_rows"
    either = program("x = tf.placeholder(tf.int32, name='x')\ntf.identity(x, name='z')")
    assert tfs.explain(either, df, verb="map_blocks").run == "block by block"
    with pytest.raises(errors.ShapeMismatchError, match="use map_blocks"):
        tfs.explain(blocks, df, verb="map_rows")
    neither = program("x = tf.placeholder(tf.int32, [None, 3], name='x')\ntf.identity(x, name='z')")
    with pytest.raises(errors.ShapeMismatchError, match="in map_rows"):
        tfs.explain(neither, df)


def test_why_rows_are_not_vectorized(df):
    explained = tfs.explain(program(SEED), df, vectorize=False)
    assert explained.run == "mapped row by row inside the graph: vectorize=False"


def test_a_large_graph_goes_to_connect_as_a_file_and_not_before_it_runs(spark, df, monkeypatch):
    monkeypatch.setattr(shipping, "_CONNECT_INLINE_BYTES", 0)
    monkeypatch.setattr(shipping, "shipped", lambda *_: pytest.fail("shipped"))
    shipped = tfs.explain(program(SEED), df).shipped
    way = "as a file of the session, sent once" if is_connect(spark) else "inside each task"
    assert shipped.endswith(way)


def test_what_the_verb_would_refuse_is_refused(df):
    with pytest.raises(errors.OptionError) as caught:
        tfs.explain(program(SEED), df, verb="map_column")
    assert str(caught.value) == (
        "explain knows the verbs map_rows, map_blocks, reduce_rows, reduce_blocks, aggregate; "
        "got verb='map_column'."
    )
    with pytest.raises(errors.OptionError, match="go with map_blocks, not with map_rows"):
        tfs.explain(program(SEED), df, verb="map_rows", trim=True)
    with pytest.raises(errors.OptionError, match="leave rows_per_block out"):
        tfs.explain(program(SEED), df, whole_partition=True, rows_per_block=3)
    with pytest.raises(errors.ColumnNotFoundError):
        tfs.explain(program(SEED), df.drop("y"))
    with pytest.raises(errors.NotADataFrameError) as caught:
        tfs.explain(program(SEED), 5)
    assert str(caught.value) == (
        "explain needs a DataFrame or the path of files, got int: write tfs.explain(fetches, df)."
    )


def test_other_frames_are_explained_in_their_words():
    columns = {"x": np.array([1, 2], np.int32), "y": np.array([3, 4], np.int32), "z0": ["a", "b"]}
    pandas = tfs.explain(program(SEED), pd.DataFrame(columns))
    assert pandas.bindings[0].type == "int32"
    assert (pandas.types, pandas.leaving, pandas.passing) == ("pandas", ("x", "y"), ("z0",))
    assert pandas.facts["feed the graph"] == "x, y"
    assert "in this process" in pandas.shipped
    assert "pandas type" in str(pandas)
    arrow = tfs.explain(program(SEED), pa.table(columns))
    assert (arrow.types, arrow.leaving, arrow.passing) == ("Arrow", ("x", "y"), ("z0",))
    grouped = tfs.explain(program(SUM), pd.DataFrame({"x": [1], "k": ["a"]}).groupby("k"))
    assert (grouped.verb, grouped.leaving) == ("aggregate", ("k", "x"))


def test_as_html_it_says_the_same_and_escapes_names(classic):
    frame = classic.sql("select 1 as `<b>`")
    same = program("x = tf.placeholder(tf.int32, name='x')\ntf.identity(x, name='z')")
    explained = tfs.explain(same, frame, {"x": "<b>"})
    html = explained._repr_html_()
    assert ">&lt;b&gt;</td>" in html
    assert "><b></td>" not in html
    for word in [*explained.facts, *dataclasses.astuple(explained.bindings[0])]:
        assert word.replace("<", "&lt;").replace(">", "&gt;") in html


def test_an_explanation_does_not_change(df):
    explained = tfs.explain(program(SEED), df)
    assert isinstance(explained, Explanation)
    assert repr(explained) == str(explained)
    with pytest.raises(dataclasses.FrozenInstanceError):
        explained.verb = "map_blocks"


def test_reductions_in_words(df):
    source = (
        "x_input = tf.placeholder(tf.int32, [None], name='x_input')\n"
        "w_input = tf.placeholder(tf.float64, [None], name='w_input')\n"
        "[tf.reduce_sum(x_input, axis=0, name='x'), "
        "tf.identity(tf.reduce_logsumexp(w_input, axis=0), name='w')]"
    )
    found = tfs.explain(program(source), df, verb="reduce_blocks", nulls="null")
    assert found.verb == "reduce_blocks"
    assert found.run == "x is a sum; w by its graph, block by block"
    assert found.leaving == ("x", "w")
    assert found.passing == ()
    assert {binding.nulls for binding in found.bindings} == {"left out with their rows"}
    grouped = tfs.explain(program(source), df.groupBy("t", "y"))
    assert grouped.verb == "aggregate"
    assert grouped.run == "x is a sum; w by its graph, vectorized (mapped where a block cannot be)"
    assert grouped.leaving == ("t", "y", "x", "w")
    total = program(
        source.replace(", tf.identity(tf.reduce_logsumexp(w_input, axis=0), name='w')", "")
    )
    assert tfs.explain(total, df, verb="reduce_blocks").shipped == "none is needed"
    with pytest.raises(errors.OptionError, match=r"aggregate. does not fit .* needs df\.groupBy"):
        tfs.explain(total, df, verb="aggregate")
    with pytest.raises(
        errors.OptionError, match="reduce_blocks. does not fit .* needs a DataFrame"
    ):
        tfs.explain(total, df.groupBy("t"), verb="reduce_blocks")
    with pytest.raises(errors.ReductionError):
        tfs.explain(program(SEED), df, verb="reduce_rows")


def test_what_spark_4_1_runs_again(df, monkeypatch):
    monkeypatch.setattr("tfspark_magic.frames.spark.is_older", lambda version, than: than == "4.2")
    again = f"Spark {df.sparkSession.version} runs it again on the rows that a filter on its results keeps"
    run = tfs.explain(program(SEED), df).run
    assert run.endswith(f"; {again}: cache() the result before such a filter")
    assert again not in tfs.explain(program(SEED), df, trim=True).run
