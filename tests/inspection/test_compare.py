"""`tfs.compare` against NumPy, and what it says of two graphs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import tfspark_magic as tfs
from tfspark_magic.errors import FetchNotFoundError, OptionError, PlaceholderNotFoundError
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.inspection.difference import difference

ROWS = 30
TABLE = pa.table({"x": np.arange(ROWS) - 2.0, "n": np.arange(ROWS), "t": ["a", "b", "c"] * 10})


def score(factor=3.0, *, inner="mul", last=lambda m: m + 1.0, block=False):
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float64, [None] if block else [], name="x")
        with tf.name_scope("dense"):
            product = tf.multiply(x, tf.constant(factor, tf.float64, name="factor"), name=inner)
        return freeze([tf.identity(last(product), name="z")], "score")


@pytest.fixture(params=["arrow", "pandas", "classic", "connect"])
def df(request):
    if request.param in ("classic", "connect"):
        spark = request.getfixturevalue(request.param)
        return spark.createDataFrame(TABLE).repartitionByRange(3, "n").sortWithinPartitions("n")
    return TABLE if request.param == "arrow" else TABLE.to_pandas()


def test_the_first_node_from_which_the_values_part(df):
    found = tfs.compare(score(), score(4.0), df, rows=10, seed=1)
    x = found.new["x"]
    assert sorted(found.old["x"]) == sorted(x)
    assert found.parted == "dense/factor"
    assert (found.came, found.went, found.renamed) == ((), (), {})
    assert found.changed == ("dense/factor",)
    assert found["x"].parting == 0
    z = found.outputs["z"]
    assert z is found["z"]
    np.testing.assert_allclose(z.most, np.abs(x).max())
    assert (z.count, z.parting) == (10, np.count_nonzero(x))
    assert z.first_row == np.flatnonzero(x)[0]
    assert "first at 'dense/factor'" in str(found)


def test_nothing_parts_within_the_tolerance():
    found = tfs.compare(score(), score(3.0 + 1e-9), TABLE)
    assert found.parted is None
    assert not any(one.parts for one in found.differences.values())
    assert "the values of none part beyond 1e-08 + 1e-05 * |old|." in str(found)
    assert tfs.compare(score(), score(3.0 + 1e-9), TABLE, rtol=0, atol=0).parted == "dense/factor"


def test_what_came_went_and_was_renamed():
    old, new = score(), score(inner="product", last=lambda m: tf.nn.relu(m + 1.0, name="relu"))
    found = tfs.compare(old, new, TABLE)
    assert found.renamed == {"dense/mul": "dense/product"}
    assert found.came == ("relu",)
    assert found.went == ()
    # The names of what it takes are other ones, but not what it computes.
    assert found.changed == ("z",)
    assert found["dense/mul"] is found["dense/product"]
    assert found.parted == "z"
    assert found["z"].parting == 2
    assert found["z"].first_row == 0
    with pytest.raises(FetchNotFoundError):
        found["relu"]


def test_alike_operations_have_no_pair_of_their_own():
    def twice(first, second):
        with tf.Graph().as_default():
            x = tf1.placeholder(tf.float64, [], name="x")
            a, b = tf.square(x, name=first), tf.square(x, name=second)
            return freeze([tf.add(a, b, name="z")], "twice")

    found = tfs.compare(twice("a", "b"), twice("c", "d"), TABLE)
    assert (found.renamed, found.came, found.went) == ({}, ("c", "d"), ("a", "b"))
    assert found.parted is None


def test_blocks_and_rows():
    rows, block = score(), score(block=True)
    found = tfs.compare(block, score(4.0, block=True), TABLE)
    assert found["z"].first_row == 0
    assert found["z"].parting == 19
    # A graph for rows becomes one for blocks.
    assert tfs.compare(rows, block, TABLE, atol=0).parted is None

    def total(factor):
        with tf.Graph().as_default():
            x = tf1.placeholder(tf.float64, [None], name="x")
            return freeze([tf.reduce_sum(x * factor, name="sum")], "total")

    found = tfs.compare(total(1.0), total(2.0), TABLE, verb="reduce_blocks")
    assert (found["sum"].count, found["sum"].first_row) == (1, None)
    assert found["sum"].most == sum(range(-2, 18))


def test_placeholders_of_one_graph_alone():
    def with_text():
        with tf.Graph().as_default():
            x, t = tf1.placeholder(tf.float64, [], "x"), tf1.placeholder(tf.string, [], "text")
            length = tf.cast(tf.strings.length(t), tf.float64)
            return freeze([tf.add(x * 3.0, length, name="z")], "score")

    feeds, table = {"text": "t", "x": "n"}, TABLE.set_column(1, "n", TABLE["x"])
    found = tfs.compare(score(), with_text(), table, feeds, nulls={"text": "", "x": 0.0})
    assert "text" in found.came
    np.testing.assert_array_equal(found.old["x"], np.arange(20) - 2.0)
    with pytest.raises(PlaceholderNotFoundError, match="no placeholder 'tex'"):
        tfs.compare(score(), with_text(), table, {"tex": "t"})


def test_shapes_kinds_and_failures():
    def made(make, name="y"):
        with tf.Graph().as_default():
            x = tf1.placeholder(tf.float64, [], name="x")
            return freeze([tf.identity(make(x), name=name)], "made")

    pair = tfs.compare(made(lambda x: tf.stack([x])), made(lambda x: tf.stack([x, x])), TABLE)
    assert pair["y"].why == "the shapes are [1] and [2]"
    text = tfs.compare(made(lambda x: x), made(tf.strings.as_string), TABLE)
    assert text["y"].why == "one is text, the other is not"
    assert text.parted == "y"

    def failing(x):
        return tf.gather(tf.constant([1.0, 2.0], tf.float64), tf.cast(x, tf.int64), name="fails")

    with_rest = made(lambda x: failing(x + 100.0))
    found = tfs.compare(made(failing), with_rest, TABLE.slice(2, 2))
    assert found["fails"].why == "it fails in the new graph"
    assert tfs.compare(with_rest, with_rest, TABLE).parted is None
    small = tfs.compare(score(), score(), TABLE, max_bytes=10)
    assert "need more memory" in small["z"].why


def test_it_is_shown_as_text_and_as_html():
    found = tfs.compare(score(), score(4.0), TABLE, rows=2)
    assert str(found).split("\n") == [
        "6 nodes on 2 rows: the values of 4 part beyond 1e-08 + 1e-05 * |old|, first at 'dense/factor'.",
        "Changed: dense/factor.",
        "",
        "node          operation  compared  part  most by  first row",
        "dense/factor  Const      2         2     1        0          here they part first",
        "dense/mul     Mul        2         2     2        0",
        "add           AddV2      2         2     2        0",
        "z             Identity   2         2     2        0",
    ]
    page = found._repr_html_()
    assert "<td" in page
    assert "&#x27;dense/factor&#x27;" in page


def test_what_is_refused():
    for options, text in (
        ({"rtol": -1}, "rtol is a number from 0, got -1."),
        ({"atol": float("nan")}, "atol is a number from 0, got nan."),
        ({"rows": 0}, "rows is a whole number from 1 to 1000, got 0."),
        ({"nulls": "null"}, "nulls='null' leaves rows out"),
        ({"nulls": {"x": "null"}}, "nulls='null' leaves rows out"),
    ):
        with pytest.raises(OptionError, match=text):
            tfs.compare(score(), score(), TABLE, **options)
    with pytest.raises(tfs.TfSparkError, match="Placeholder 'x'"):
        tfs.compare(score(), score(), pd.DataFrame({"y": [1.0]}))


numbers = arrays.arrays(
    st.sampled_from([np.float32, np.float64, np.int64, np.uint8, np.bool_]), st.integers(0, 5)
)


@given(numbers, st.data())
def test_a_difference_is_what_numpy_says(old, data):
    new = data.draw(arrays.arrays(old.dtype, old.shape))
    found = difference(list(old), list(new), 1e-3, 1e-6)
    if old.dtype.kind == "f":
        with np.errstate(all="ignore"):
            close = np.isclose(new.astype(float), old.astype(float), 1e-3, 1e-6, equal_nan=True)
    else:
        close = old == new
    assert (found.count, found.parting) == (old.size, int((~close).sum()))
    assert found.first_row == (None if close.all() else int(np.argmin(close)))
    pairs = [(a, b) for a, b in zip(old.tolist(), new.tolist(), strict=True)]
    finite = [abs(a - b) for a, b in pairs if np.isfinite(a) and np.isfinite(b)]
    assert found.most == (max(map(float, finite)) if finite else None)
