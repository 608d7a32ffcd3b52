"""Reductions of pandas frames mean what they mean on Spark."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import tfspark_magic as tfs
from tests.executor.test_aggregating import BY_HAND
from tests.executor.test_mapping import program
from tests.executor.test_reducing import BAD, FIRST_BYTE, LARGEST, LOGSUMEXP, SUM
from tfspark_magic import errors
from tfspark_magic.graph.runtime import tf, tf1


def test_values_are_those_of_numpy_and_the_frame_is_untouched():
    df = pd.DataFrame({"x": np.arange(100_000), "other": "text"})
    before = df.copy(deep=True)
    assert tfs.reduce_blocks(program(SUM), df) == 99_999 * 50_000
    assert tfs.reduce_rows(program(LARGEST), df) == 99_999
    pd.testing.assert_frame_equal(df, before)


def test_live_tensors_in_an_open_graph():
    df = pd.DataFrame({"x": [1.0, 2.0, 6.0], "k": ["a", "b", "a"]})
    with tf.Graph().as_default():
        block = tf1.placeholder(tf.float64, [None], name="x_input")
        mean = tf.reduce_mean(block, axis=0, name="x")
        assert tfs.reduce_blocks(mean, df) == 3.0
        out = tfs.aggregate(mean, df.groupby("k"))
    assert out.to_dict("list") == {"k": ["a", "b"], "x": [3.5, 2.0]}


@pytest.mark.parametrize("source", [SUM, BY_HAND], ids=["plain", "graph"])
def test_groups_are_those_of_pandas(source):
    rng = np.random.default_rng(0)
    df = pd.DataFrame(
        {
            "x": rng.integers(0, 100, 5_000),
            "k": rng.integers(0, 40, 5_000),
            "c": pd.Categorical(rng.choice(list("ab"), 5_000)),
        }
    )
    out = tfs.aggregate(program(source), df.groupby(["k", "c"], observed=True))
    assert out.columns.tolist() == ["k", "c", "x"]
    assert out.dtypes.tolist() == [df.k.dtype, df.c.dtype, np.dtype("int64")]
    expected = df.groupby(["k", "c"], observed=True).x.sum().reset_index()
    found = out.sort_values(["k", "c"]).reset_index(drop=True)
    pd.testing.assert_frame_equal(found, expected)


def test_keys_hold_no_minus_zero_at_any_depth():
    cells = [-0.0, 0.0, math.nan, -1.5]
    x = [1, 2, 4, 8]
    for deep in (
        lambda k: k,
        lambda k: [1.5, k],
        lambda k: np.array([k, 2.0]),
        lambda k: {"a": [{"b": k}], "c": "text"},
        lambda k: [{"a": np.array([k])}, None],
    ):
        df = pd.DataFrame({"x": x, "k": [deep(k) for k in cells]})
        before = repr(df.k.tolist())
        out = tfs.aggregate(program(SUM), df.groupby("k"))
        assert out.x.tolist() == [3, 4, 8]
        assert "-0." not in repr(out.k.tolist())
        assert "-1.5" in repr(out.k.tolist())
        assert repr(df.k.tolist()) == before
    typed = df.assign(k=pd.array([-0.0, 0.0, None, -1.5], pd.ArrowDtype(pa.float64())))
    assert repr(tfs.aggregate(program(SUM), typed.groupby("k")).k[0]) == "0.0"


def test_null_and_nan_keys_are_groups_as_on_spark():
    df = pd.DataFrame(
        {"x": [1, 2, 4, 8], "k": [math.nan, 1.0, math.nan, 1.0], "s": ["a", None, "a", None]}
    )
    assert tfs.aggregate(program(SUM), df.groupby("k")).x.tolist() == [5, 10]
    assert tfs.aggregate(program(SUM), df.groupby("s")).x.tolist() == [5, 10]
    assert tfs.aggregate(program(SUM), df.groupby(df.k * 2)).k.tolist()[1] == 2.0


def test_matrices_texts_and_empty_frames():
    df = pd.DataFrame({"x": [np.full((2, 2), float(i)) for i in range(5)]})
    source = LOGSUMEXP.replace("[None]", "[None, 2, 2]")
    expected = np.logaddexp.reduce(np.arange(5.0))
    np.testing.assert_allclose(tfs.reduce_blocks(program(source), df), np.full((2, 2), expected))
    with pytest.raises(errors.ReductionError, match="found no rows"):
        tfs.reduce_blocks(program(SUM), pd.DataFrame({"x": np.array([], np.int64)}))
    none = pd.DataFrame({"x": np.array([], np.int64), "k": np.array([], np.int64)})
    out = tfs.aggregate(program(SUM), none.groupby("k"))
    assert out.columns.tolist() == ["k", "x"]
    assert len(out) == 0


def test_the_three_null_policies():
    df = pd.DataFrame({"x": pd.array([1, None, 4], "Int64"), "k": ["a", "b", "a"]})
    with pytest.raises(errors.NullValuesError, match="'x' holds 1 null in a block of 3 rows"):
        tfs.reduce_blocks(program(SUM), df)
    assert tfs.reduce_blocks(program(SUM), df, nulls="null") == 5
    assert tfs.reduce_blocks(program(SUM), df, nulls=10) == 15
    out = tfs.aggregate(program(SUM), df.groupby("k"), nulls="null")
    assert out.x.tolist() == [5, pd.NA]
    assert out.x.dtype == "Int64"


@pytest.mark.parametrize(("source", "verb", "kind", "text"), BAD)
def test_rules_are_those_of_spark(source, verb, kind, text):
    with pytest.raises(kind) as caught:
        getattr(tfs, verb)(program(source), pd.DataFrame({"x": [1, 2]}))
    assert text in str(caught.value)


def test_what_is_not_grouped_by_columns_is_refused():
    df = pd.DataFrame({"x": [1, 2], "k": [1, 2]})
    for grouped in (df.groupby(lambda row: row % 2), df.groupby(level=0)):
        with pytest.raises(errors.ReductionError, match="grouped by its columns"):
            tfs.aggregate(program(SUM), grouped)
    with pytest.raises(errors.NameConflictError):
        tfs.aggregate(program(SUM), df.groupby("x"))
    for other, found in (
        (df, "frame.DataFrame"), (df.groupby("k").x, "groupby.generic.SeriesGroupBy")
    ):  # fmt: skip
        with pytest.raises(errors.NotADataFrameError) as caught:
            tfs.aggregate(program(SUM), other)
        assert str(caught.value) == (
            f"aggregate needs a grouped DataFrame, got pandas.core.{found}: write "
            f"tfs.aggregate(fetches, df.groupby('key'))."
        )


@pytest.mark.parametrize("index", [[5, 6, 7], [2, 1, 0]])
def test_a_series_of_another_index_is_refused_and_the_advice_works(index):
    df = pd.DataFrame({"x": [1, 2, 4], "k": ["a", "b", "b"]})
    series = pd.Series([10, 20, 20], index, name="s")
    for by in (series, ["k", series]):
        with pytest.raises(errors.ReductionError) as caught:
            tfs.aggregate(program(SUM), df.groupby(by))
        assert str(caught.value) == (
            "aggregate takes a pandas frame grouped by Series of its own index, and Series 's' has "
            "another one: write df.groupby(series.reindex(df.index))."
        )
    out = tfs.aggregate(program(SUM), df.groupby(series.reindex(df.index)))
    assert out.x.tolist() == ([7] if index[0] == 5 else [3, 4])


@pytest.mark.parametrize("source", [SUM, BY_HAND], ids=["plain", "graph"])
def test_float16_keys_are_groups_of_equal_values(source):
    keys = np.array([0.1, 65504.0, -0.0, np.nan, 0.1, np.nan, 0.0, np.inf, 6e-8, 0.0], np.float16)
    df = pd.DataFrame({"x": 2 ** np.arange(10), "h": keys, "k": np.arange(10) % 2})
    for by in (["h"], ["k", "h"]):
        out = tfs.aggregate(program(source), df.groupby(by))
        assert out.h.dtype == np.float16
        # pandas itself has no groups of them.
        wide = df.astype({"h": np.float32}).groupby(by, dropna=False, sort=False)
        expected = wide.x.sum().reset_index().astype({"h": np.float16})
        pd.testing.assert_frame_equal(out, expected)
    arrays = pd.DataFrame({"x": [1, 2, 4], "h": [keys[:3], None, keys[[0, 1, 6]]]})
    assert tfs.aggregate(program(source), arrays.groupby("h")).x.tolist() == [5, 2]


def test_bytes_that_are_no_text_are_refused_where_text_belongs():
    df = pd.DataFrame({"s": ["é", "é", "é"], "k": [1, 2, 1]})
    as_bytes = df.assign(s=df.s.str.encode("utf-8"))
    with pytest.raises(errors.FetchError, match="Fetch 's' gave bytes that are not UTF-8 text"):
        tfs.reduce_blocks(program(FIRST_BYTE), df)
    with pytest.raises(errors.FetchError, match="Fetch 's' gave bytes that are not UTF-8 text"):
        tfs.aggregate(program(FIRST_BYTE), df.groupby("k"))
    assert tfs.reduce_blocks(program(FIRST_BYTE), as_bytes) == b"\xc3"
    out = tfs.aggregate(program(FIRST_BYTE), as_bytes.groupby("k"))
    assert out.s.tolist() == [b"\xc3", b"\xc3"]
