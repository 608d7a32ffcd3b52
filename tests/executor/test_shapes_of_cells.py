"""Test cells that are reshaped for a placeholder: axes of size 1, and flat vectors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tfspark_magic as tfs
from tfspark_magic import errors
from tfspark_magic.binding import bind_by_shape
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.schema.spec import CellSpec


def program(shape, dtype=tf.float32):
    """A program that shows what it is fed: the cells times 2, or twice the text."""
    with tf.Graph().as_default():
        x = tf1.placeholder(dtype, shape, name="x")
        z = tf.strings.join([x, x]) if dtype == tf.string else x + x
        return freeze([tf.identity(z, name="z")], "doubled")


def frame(cells):
    column = pd.Series([*cells], dtype=None if np.isscalar(cells[0]) else object)
    return pd.DataFrame({"x": column})


def cells(count, shape, dtype=np.float32):
    return [np.arange(n, n + np.prod(shape), dtype=dtype).reshape(shape) for n in range(count)]


FIT = [
    # The shape of a cell, the shape of the placeholder in map_rows, and the fed shape.
    ((), [1], (1,)),
    ((), [1, 1], (1, 1)),
    ((5,), [None, 1], (5, 1)),
    ((5,), [1, None], (1, 5)),
    ((1,), [None, 1], (1, 1)),
    ((7, 3), [None, 1, 3], (7, 1, 3)),
    ((28, 28), [28, 28, 1], (28, 28, 1)),
    ((784,), [28, 28, 1], (28, 28, 1)),
    ((12,), [3, 4], (3, 4)),
    ((43844,), [43844, 1], (43844, 1)),
]


@pytest.mark.parametrize(("cell", "wanted", "fed"), FIT, ids=str)
def test_cells_feed_rows_and_blocks_in_the_shape_that_is_meant(cell, wanted, fed):
    values = cells(3, cell)
    df = frame([v.item() for v in values] if cell == () else values)
    df = df.astype({"x": np.float32}) if cell == () else df
    for out in (
        tfs.map_rows(program(wanted), df),
        tfs.map_blocks(program([None, *wanted]), df),
        tfs.map_rows(program(wanted), df, vectorize=False),
    ):
        found = out["z"].tolist()
        expected = [2 * v.reshape(fed) for v in values]
        assert [np.shape(f) for f in found] == [e.shape for e in expected]
        assert all(np.array_equal(f, e) for f, e in zip(found, expected, strict=True))


MISFIT = [
    ((), [None]),  # No axis is made of an unknown size.
    ((2,), []),
    ((1,), []),  # What is known of a column of pandas are its axes, not their sizes.
    ((6,), [None, 3]),
    ((12,), [None, None]),
    ((2, 6), [3, 4]),
    ((3, 4), [12]),
    ((4, 3), [3, 4]),
    ((783,), [28, 28, 1]),
    ((1,), [None, None]),
]


@pytest.mark.parametrize(("cell", "wanted"), MISFIT, ids=str)
def test_what_could_be_meant_in_two_ways_or_in_none_is_refused(cell, wanted):
    df = frame([v.item() for v in cells(2, cell)] if cell == () else cells(2, cell))
    df = df.astype({"x": np.float32}) if cell == () else df
    with pytest.raises(errors.ShapeMismatchError):
        tfs.map_rows(program(wanted), df)


def test_text_and_bytes_are_reshaped_alike():
    df = pd.DataFrame({"x": ["a", "b"]})
    assert [z.tolist() for z in tfs.map_rows(program([1, 1], tf.string), df)["z"]] == [
        [["aa"]],
        [["bb"]],
    ]
    pixels = pd.DataFrame({"x": [bytes(range(6)), bytes(range(6, 12))]})
    found = tfs.map_rows(program([2, 3], tf.uint8), pixels)["z"]
    assert found[1].tolist() == [[12, 14, 16], [18, 20, 22]]


def test_rows_of_a_wrong_length_are_named_and_never_glued_together():
    # As many values as five rows have, in rows of other lengths.
    lengths = [6, 6, 5, 7, 6]
    df = frame([np.zeros(n, np.float32) for n in lengths])
    for verb, wanted in ((tfs.map_rows, [2, 3]), (tfs.map_blocks, [None, 2, 3])):
        with pytest.raises(errors.ShapeMismatchError) as caught:
            verb(program(wanted), df)
        text = str(caught.value)
        assert text.startswith(
            "Row 2 of a block of column 'x' for placeholder 'x': expected cells "
        )
        assert "of shape [2,3], fed by [6], found [5]" in text
    twice = frame([np.zeros(12, np.float32)] * 2)
    with pytest.raises(errors.ShapeMismatchError, match=r"\[2,3\], fed by \[6\], found \[12\]"):
        tfs.map_rows(program([2, 3]), twice)


def test_rows_of_several_lengths_keep_theirs_with_an_axis_more():
    df = frame([np.arange(n, dtype=np.float32) for n in (3, 0, 1, 3)])
    found = tfs.map_rows(program([None, 1]), df)["z"]
    assert [z.tolist() for z in found] == [[[0], [2], [4]], [], [[0]], [[0], [2], [4]]]


def test_nulls_are_filled_in_the_shape_that_the_column_has():
    df = frame([np.ones(6, np.float32), None])
    found = tfs.map_rows(program([2, 3]), df, nulls=4)["z"]
    assert [z.tolist() for z in found] == [[[2] * 3] * 2, [[8] * 3] * 2]
    scalars = pd.DataFrame({"x": pd.array([1.0, None], "Float32")})
    assert [z.tolist() for z in tfs.map_rows(program([1]), scalars, nulls=4)["z"]] == [[2], [8]]
    assert tfs.map_rows(program([1]), scalars, nulls="null")["z"][1] is None


def verb_of(shape, *cell):
    columns = [("x", CellSpec("float32", cell))]
    return (
        "map_rows" if bind_by_shape(program(shape), columns, None, None).per_row else "map_blocks"
    )


def test_the_verb_is_that_of_cells_as_they_are_before_others():
    assert verb_of([None, 1]) == "map_blocks"  # As models of tables are.
    assert verb_of([None, 1], None) == "map_blocks"  # It takes vectors of 1 as they are.
    assert verb_of([None, 1], 5) == "map_rows"
    assert verb_of([1]) == "map_rows"
    assert verb_of([28, 28, 1], 784) == "map_rows"
    assert verb_of([None, 28, 28, 1], None) == "map_blocks"
    assert verb_of([None, 784, 1], 784) == "map_blocks"


def test_reductions_take_cells_as_they_are():
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, 1], name="x_input")
        total = freeze([tf.reduce_sum(x, 0, name="x")], "total")
    with pytest.raises(errors.ShapeMismatchError):
        tfs.reduce_blocks(total, pd.DataFrame({"x": np.zeros(2, np.float32)}))


def test_spark_files_and_functions_reshape_too(spark, tmp_path):
    df = spark.range(0, 4, 1, 2).selectExpr(
        "id", "cast(id as float) x", "transform(sequence(0, 5), i -> cast(i + id as float)) v"
    )
    table, image = program([None, 1]), program([None, 2, 3])
    assert [r["z"] for r in tfs.map_blocks(table, df).collect()] == [[2.0 * i] for i in range(4)]
    of_v = {"x": "v"}
    expected = [[[2.0 * (i + j) for j in js] for js in ((0, 1, 2), (3, 4, 5))] for i in range(4)]
    assert [r["z"] for r in tfs.map_blocks(image, df, of_v, trim=True).collect()] == expected
    assert [r["z"] for r in tfs.map_rows(program([2, 3]), df, of_v).collect()] == expected
    score = tfs.udf(image, verb="map_blocks")
    assert [r["z"] for r in df.select(score(df.v)).collect()] == expected
    assert "as [2,3]" in str(tfs.explain(image, df, of_v))
    assert "as [1]" in str(tfs.explain(table, df))
    ones = df.selectExpr("array(array(x)) as x")
    for shaped in (tfs.analyze(ones), tfs.append_shape(ones, "x", [1, 1])):
        assert [r["z"] for r in tfs.map_rows(program([]), shaped).collect()] == [0, 2, 4, 6]
        assert [r["z"] for r in tfs.map_blocks(program([None]), shaped).collect()] == [0, 2, 4, 6]
    rows = df.collect()
    columns = {"x": pa.array([r["x"] for r in rows], pa.float32()), "v": [r["v"] for r in rows]}
    columns["v"] = pa.array(columns["v"], pa.list_(pa.float32()))
    pq.write_table(pa.table(columns), tmp_path / "f.parquet")
    out = tfs.map_files(image, str(tmp_path), of_v, spark=spark)
    assert [r["z"] for r in out.collect()] == expected
    assert tfs.map_blocks(table, str(tmp_path)).to_arrow()["z"].to_pylist() == [[0], [2], [4], [6]]
