"""`tfs.peek` against NumPy, on every kind of frame."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import tfspark_magic as tfs
from tfspark_magic.errors import (
    FetchNotFoundError,
    NotAvailableError,
    NullValuesError,
    OptionError,
    ShapeMismatchError,
    WorkerFailedError,
)
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.inspection.statistics import Statistics

ROWS = 30
TABLE = pa.table(
    {
        "x": pa.array(np.arange(ROWS) - 2.0),
        "n": pa.array(np.arange(ROWS), pa.int32()),
        "v": pa.array([[i, 2.0 * i] for i in range(ROWS)], pa.list_(pa.float32())),
        "t": [f"t{i % 3}" for i in range(ROWS)],
        "ragged": [[1.0] * (i % 3) for i in range(ROWS)],
    }
)


def of_rows():
    with tf.Graph().as_default():
        x, n = tf1.placeholder(tf.float64, [], name="x"), tf1.placeholder(tf.int32, [], name="n")
        v, t = tf1.placeholder(tf.float32, [2], name="v"), tf1.placeholder(tf.string, [], name="t")
        with tf.name_scope("dense"):
            log = tf.math.log(x, name="log")
            tf.add(log, 1.0, name="more")
        one, other = tf.split(v, 2, name="split")
        looped = tf.while_loop(lambda i, s: i < n, lambda i, s: (i + 1, s + x), [0, x])[1]
        z = tf.add_n([log, tf.cast(one[0] + other[0], tf.float64), looped], name="z")
        return freeze([z, tf.strings.join([t, "!"], name="said")], "score")


FRAMES = {
    "arrow": lambda folder: TABLE,
    "pandas": lambda folder: TABLE.to_pandas(),
    "polars": lambda folder: pl.from_arrow(TABLE),
    "files": lambda folder: pq.write_table(TABLE, folder / "a.parquet", 7) or str(folder),
}


@pytest.fixture(params=["classic", "connect", *FRAMES])
def df(request, tmp_path):
    if request.param in FRAMES:
        return FRAMES[request.param](tmp_path)
    spark = request.getfixturevalue(request.param)
    return spark.createDataFrame(TABLE).repartitionByRange(3, "n").sortWithinPartitions("n")


def test_every_node_is_what_numpy_says(df):
    seen = tfs.peek(of_rows(), df)
    x, n = np.arange(20) - 2.0, np.arange(20)
    assert seen.rows == 20
    with np.errstate(all="ignore"):
        log = np.log(x)
    np.testing.assert_array_equal(seen["x"], x)
    np.testing.assert_allclose(seen["dense/log"], log)
    np.testing.assert_array_equal(seen["split"], n[:, None])
    np.testing.assert_array_equal(seen["split:1"], 2 * n[:, None])
    np.testing.assert_allclose(seen["z"], log + 3 * n + x * (n + 1))
    assert seen["said"].tolist() == [f"t{i % 3}!".encode() for i in range(20)]
    found = seen.statistics["dense/log"]
    assert (found.count, found.nan, found.infinite, found.zero) == (20, 2, 1, 1)
    assert (found.least, found.most) == (0.0, np.log(17.0))
    np.testing.assert_allclose(found.mean, np.log(x[3:]).mean())
    assert seen.not_finite == "dense/log"
    assert seen.failures == {}
    assert "dense/more" not in seen.nodes  # No fetch needs it.


def test_rows_drawn_from_all_are_rows_of_the_table(df):
    program = of_rows()
    seen = tfs.peek(program, df, nodes=["n", "x"], rows=8, seed=3)
    assert seen.nodes == ("x", "n")
    rows = seen["n"].tolist()
    assert len(set(rows)) == 8
    assert set(rows) <= set(range(ROWS))
    assert rows != list(range(8))
    np.testing.assert_array_equal(seen["x"], np.array(rows) - 2.0)
    assert tfs.peek(program, df, nodes="n", rows=8, seed=3)["n"].tolist() == rows
    assert sorted(tfs.peek(program, df, nodes="n", rows=1000, seed=3)["n"]) == list(range(ROWS))


def test_a_block_is_one_block():
    with tf.Graph().as_default():
        v = tf1.placeholder(tf.float32, [None, 2], name="v")
        means = tf.reduce_mean(v, 0, name="means")
        program = freeze([tf.subtract(v, means, name="centred")])
    seen = tfs.peek(program, TABLE, rows=5)
    given = np.stack([np.arange(5), 2 * np.arange(5)], 1).astype("float32")
    np.testing.assert_array_equal(seen["v"], given)
    np.testing.assert_array_equal(seen["means"], given.mean(0))
    np.testing.assert_array_equal(seen["centred"], given - given.mean(0))
    assert str(seen).startswith("4 nodes on 5 rows, as one block.\n\nnode")


def test_a_graph_of_batches():
    with tf.Graph().as_default():
        v = tf1.placeholder(tf.float32, [4, 2], name="v")
        program = freeze([tf.multiply(v, 2.0, name="twice")])
    seen = tfs.peek(program, TABLE, verb="map_blocks")
    assert (seen.rows, seen["twice"].tolist()) == (4, [[2.0 * i, 4.0 * i] for i in range(4)])
    assert tfs.peek(program, TABLE, rows=3, verb="map_blocks")["twice"].shape == (4, 2)
    model = tf.keras.Sequential([tf.keras.Input((2,), name="v"), tf.keras.layers.Dense(1)])
    expected = model.predict(np.array(TABLE["v"].to_pylist()[:5]), verbose=0)
    last = tfs.load(model).outputs[-1].name
    np.testing.assert_allclose(tfs.peek(model, TABLE, rows=5)[last], expected, 1e-5)
    alone = tfs.peek(model, TABLE, rows=5, verb="map_rows")
    assert alone.in_rows
    np.testing.assert_allclose(alone[last], expected[:, None], 1e-5)


def test_cells_that_differ_in_shape():
    with tf.Graph().as_default():
        ragged = tf1.placeholder(tf.float64, [None], name="ragged")
        program = freeze([tf.reduce_sum(tf.multiply(ragged, 2.0, name="twice"), name="z")])
    with tf.Graph().as_default():
        block = tf1.placeholder(tf.float64, [None, None], name="ragged_block")
        blocks = freeze([tf.reduce_sum(block, 1, name="z")])
    seen = tfs.peek(program, TABLE, rows=4)
    assert [value.tolist() for value in seen["twice"]] == [[], [2.0], [2.0, 2.0], []]
    assert seen["z"].tolist() == [0.0, 2.0, 4.0, 0.0]
    with pytest.raises(ShapeMismatchError, match="look at one row: rows=1"):
        tfs.peek(blocks, TABLE, {"ragged_block": "ragged"})
    assert tfs.peek(blocks, TABLE, {"ragged_block": "ragged"}, rows=1)["z"].tolist() == [0.0]


def test_a_node_that_fails_and_what_is_made_of_it():
    with tf.Graph().as_default():
        n = tf1.placeholder(tf.int32, [], name="n")
        table = tf.gather([5, 6, 7], n, name="looked_up")
        program = freeze([tf.add(table, tf.negative(n, name="minus"), name="z")])
    seen = tfs.peek(program, TABLE, rows=4)
    assert list(seen.failures) == ["looked_up", "z"]
    assert "3 is not in [0, 3)" in seen.failures["looked_up"]
    assert seen["minus"].tolist() == [0, -1, -2, -3]
    with pytest.raises(NotAvailableError, match=r"not in \[0, 3\)"):
        seen["z"]
    assert "not in [0, 3)" in seen._repr_html_()


def test_values_beyond_the_memory_are_left_out_and_said():
    with tf.Graph().as_default():
        n = tf1.placeholder(tf.int32, [], name="n")
        wide = tf.fill([1000], n, name="wide")
        program = freeze([tf.reduce_sum(wide, name="z")])
    seen = tfs.peek(program, TABLE, rows=5, max_bytes=10_000)
    assert seen.left_out == ("wide",)
    assert seen.statistics["wide"].most == 4
    assert seen.statistics["wide"].count == 5000
    assert seen["z"].tolist() == [0, 1000, 2000, 3000, 4000]
    assert "wide" not in seen.values  # noqa: PD011
    with pytest.raises(NotAvailableError, match=r"nodes=\['wide'\]"):
        seen["wide"]
    assert tfs.peek(program, TABLE, nodes=["wide"], rows=2, max_bytes=10_000)["wide"].shape == (
        2,
        1000,
    )


def test_a_table_of_many_nodes_is_short_and_names_what_matters():
    with tf.Graph().as_default():
        x = made = tf1.placeholder(tf.float64, [], name="x")
        for _ in range(100):
            made = tf.negative(made)
        program = freeze([tf.divide(made, x * 0, name="z")])
    seen = tfs.peek(program, TABLE, rows=1)
    lines = str(seen).splitlines()
    assert lines[0].endswith("on 1 row, each alone. The first NaN or infinity is made by 'z'.")
    assert len(lines) == 1 + 2 + 60 + 1 + 1
    assert lines[-2].split()[:2] == ["z", "RealDiv"]
    assert lines[-1] == f"... and {len(seen) - 61} more: peek.nodes names them, nodes= chooses."
    assert lines[-1] in seen._repr_html_()


def test_branches_and_loops_of_tensorflow_1_are_left_out():
    with tf.Graph().as_default():
        tf1.disable_control_flow_v2()
        try:
            x = tf1.placeholder(tf.float64, [None], name="x")
            chosen = tf1.cond(tf.reduce_sum(x) > 0, lambda: x * 2, lambda: -x)
            looped = tf1.while_loop(
                lambda i: tf.reduce_max(i) < 3.0, lambda i: i + tf.reduce_mean(x) + 1, [chosen]
            )
            program = freeze([tf.identity(looped, name="z")])
        finally:
            tf1.enable_control_flow_v2()
    seen = tfs.peek(program, TABLE, rows=4)
    assert seen.failures == {}
    assert seen["cond/Merge"].tolist() == [2.0, 1.0, 0.0, -1.0]
    assert seen["z"].tolist() == [3.0, 2.0, 1.0, 0.0]
    with pytest.raises(OptionError, match="loops of TensorFlow 1"):
        tfs.peek(program, TABLE, nodes=["while/Switch"])


def test_a_node_fails_in_words_that_are_no_text():
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.string, [], name="x")
        program = freeze([tf.strings.to_number(x, name="z")])
    table = pa.table({"x": [b"1", b"\xff"]})
    assert r"convert string: \xff" in tfs.peek(program, table).failures["z"]
    with pytest.raises(WorkerFailedError, match=r"convert string: \\xff"):
        tfs.peek(program, table, cost=True)


def test_a_row_with_a_null_has_no_values():
    program = of_rows()
    holed = TABLE.set_column(0, "x", pa.array([None, 3.0, None] + [1.0] * (ROWS - 3)))
    seen = tfs.peek(program, holed, nulls="null", rows=4, cost=True)
    assert seen["x"] == [None, 3.0, None, 1.0]
    # As `map_rows` gives them.
    assert seen["z"] == tfs.map_rows(program, holed.slice(0, 4), nulls="null")["z"].to_pylist()
    assert seen.statistics["x"].count == 2
    assert seen.cost.rows == 2
    assert "ran on 2 of 4 rows" in str(seen)
    nothing = tfs.peek(program, holed.slice(0, 1), nulls="null")
    with pytest.raises(NotAvailableError, match="or all rows have nulls"):
        nothing["z"]
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float64, [None], name="x")
        of_blocks = freeze([tf.identity(x[:2], name="z")])
    for nulls in ("null", {"x": "null"}):
        with pytest.raises(OptionError, match="leaves rows out of the block that is shown: filter"):
            tfs.peek(of_blocks, holed, nulls=nulls, trim=True)
    same = tfs.peek(program, holed, nulls={"x": "null"}, rows=4)
    assert same["x"] == [None, 3.0, None, 1.0]


def test_nulls_and_options():
    program = of_rows()
    holed = TABLE.set_column(0, "x", pa.array([None] + [1.0] * (ROWS - 1)))
    with pytest.raises(NullValuesError, match="Column 'x' holds 1 null"):
        tfs.peek(program, holed)
    assert tfs.peek(program, holed, nulls={"x": 2.0}, nodes="x", rows=2)["x"].tolist() == [2.0, 1.0]
    for wrong, sentence in [
        ({"rows": 0}, "rows is a whole number from 1 to 1000, got 0."),
        ({"nulls": np.zeros(2)}, "nulls=array([0., 0.]) cannot replace a null of placeholder 'x'"),
        ({"rows": True}, "rows is a whole number"),
        (
            {"nodes": "dens"},
            "nodes names 'dens', which is no operation and no scope of the graph. Did you mean 'dense",
        ),
    ]:
        with pytest.raises(OptionError) as caught:
            tfs.peek(program, TABLE, **wrong)
        assert sentence in str(caught.value)
    with pytest.raises(FetchNotFoundError, match="Did you mean 'said'"):
        tfs.peek(program, TABLE)["sayd"]
    assert tfs.peek(program, TABLE.slice(0, 0)).rows == 0


def test_a_program_without_placeholders():
    with tf.Graph().as_default():
        program = freeze([tf.multiply(tf.constant(3), 2, name="z")])
    assert tfs.peek(program, TABLE, rows=2)["z"].tolist() == [6, 6]


def test_constants_of_any_dtype_are_what_tensorflow_has():
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float64, [], name="x")
        constants = [
            tf.constant([b"a\0", b""], name="text"),
            tf.constant(b"one\0", name="one"),
            tf.constant(1.5, tf.bfloat16, name="small"),
            tf.constant([1 + 2j], name="complex"),
            tf.zeros([0, 3], name="empty"),
        ]
        with tf.control_dependencies([tf.identity(one) for one in constants]):
            program = freeze([tf.add(x, 1.0, name="z")])
    seen = tfs.peek(program, TABLE, rows=2)
    assert seen["text"].tolist() == [[b"a\0", b""]] * 2
    assert seen["one"].tolist() == [b"one\0"] * 2
    assert seen["small"].astype(float).tolist() == [1.5] * 2
    assert seen["complex"].tolist() == [[1 + 2j]] * 2
    assert seen["empty"].shape == (2, 0, 3)


def test_any_operation_is_a_fetch():
    program = of_rows()
    inside = program.fetch("dense/log", "split:1", "said")
    assert [str(spec) for spec in inside.outputs] == [
        "dense/log float64", "split:1 float32[1]", "said string",
    ]  # fmt: skip
    out = tfs.map_rows(program.fetch("dense/log"), TABLE.slice(3, 2)).to_pandas()
    np.testing.assert_allclose(out["dense/log"], np.log([1.0, 2.0]))
    with pytest.raises(FetchNotFoundError, match="Did you mean 'dense/log'"):
        program.fetch("dense/lok")


@given(
    arrays.arrays(
        st.sampled_from(["float32", "float64", "int8", "int64", "uint8", "bool"]),
        arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    ),
    st.integers(1, 3),
)
@settings(max_examples=60)
def test_statistics_are_those_of_numpy(values, times):
    found = Statistics()
    for _ in range(times):
        found.add(values)
    finite = values[np.isfinite(values)]
    assert found.count == times * values.size
    assert found.nan == times * np.isnan(values).sum()
    assert found.infinite == times * np.isinf(values).sum()
    assert found.zero == times * (values == 0).sum()
    assert found.is_finite == np.isfinite(values).all()
    if not finite.size:
        assert (found.least, found.most, found.mean) == (None, None, None)
        return
    assert (found.least, found.most) == (finite.min(), finite.max())
    exact = sum(map(Fraction, finite.tolist())) / finite.size
    largest = max(abs(Fraction(value)) for value in finite.tolist())
    assert abs(Fraction(found.mean) - exact) <= max(largest * Fraction(1e-12), Fraction(1e-300))


def test_the_mean_of_numbers_whose_sum_is_infinite():
    found = Statistics()
    for values in ([1e308, 1.2e308], [1.4e308, -1.7e308], [1.7e308]):
        found.add(np.array(values))
    assert found.mean == pytest.approx(0.72e308)


def test_a_table_for_a_notebook_holds_no_code_of_names():
    df = pd.DataFrame({"x": [1.0]})
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float64, [], name="x")
        program = freeze([tf.identity(x, name="a.b")])
    html = tfs.peek(program, df)._repr_html_()
    assert "<table" in html
    assert "a.b" in html
