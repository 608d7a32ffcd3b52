"""Test blocks with a fixed number of rows, or with cells of several shapes, of independent rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tfspark_magic as tfs
from tfspark_magic import errors
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.graph.runtime import tf, tf1


def program(shape, compute, dtype=tf.float32):
    with tf.Graph().as_default():
        x = tf1.placeholder(dtype, shape, name="x")
        return freeze([tf.identity(compute(x), name="z")], "exact")


def doubled(x):
    return x * 2 + 1


def frame(rows, shape=()):
    values = np.arange(rows * int(np.prod(shape)), dtype=np.float32).reshape(rows, *shape)
    return pd.DataFrame({"x": [*values]}).astype({"x": np.float32} if not shape else {})


DEPENDENT = {
    "of others before": tf.cumsum,
    "of all others": lambda x: x - tf.reduce_mean(x, 0),
    "of their place": lambda x: x + tf.range(4, dtype=tf.float32),
}


@pytest.mark.parametrize("rows", [1, 2, 4, 5, 8, 11])
@pytest.mark.parametrize("verb", [tfs.map_rows, tfs.map_blocks])
def test_blocks_of_exactly_so_many_rows_are_filled_up_and_cut(rows, verb):
    for shape, cell in (([4], ()), ([4, 2, 3], (2, 3)), ([4, 2, 3, 1], (2, 3)), ([4, None], (3,))):
        df = frame(rows, cell)
        found = verb(program(shape, doubled), df)["z"].tolist()
        cells = [np.reshape(x, (2, 3, 1) if len(shape) == 4 else cell) for x in df["x"]]
        assert len(found) == rows
        for z, x in zip(found, cells, strict=True):
            np.testing.assert_array_equal(z, x * 2 + 1)


def test_a_model_of_one_row_at_once_gives_cells_of_blocks():
    df = frame(3, (2,))
    found = tfs.map_blocks(program([1, 2], doubled), df)["z"].tolist()
    assert [z.tolist() for z in found] == [[1, 3], [5, 7], [9, 11]]
    # In map_rows the axis is one of the cell.
    assert [z.tolist() for z in tfs.map_rows(program([1, 2], doubled), df)["z"]] == [
        [[1, 3]],
        [[5, 7]],
        [[9, 11]],
    ]


@pytest.mark.parametrize("kind", DEPENDENT)
def test_rows_that_depend_on_each_other_fill_up_nothing(kind):
    graph = program([4], DEPENDENT[kind])
    with pytest.raises(errors.ShapeMismatchError) as caught:
        tfs.map_blocks(graph, frame(6))
    assert str(caught.value).startswith(
        "Program 'exact': expected blocks of exactly 4 rows, found a block of 2, and the rows of "
        "fetch 'z' depend on each other in rows 0 to 5; give each partition a multiple of 4 rows, "
        "none of them with a null."
    )
    # Following the advice: complete blocks are not filled up.
    found = tfs.map_blocks(graph, frame(8), rows_per_block=4)["z"]
    expected = [*graph.run(x=np.float32([0, 1, 2, 3])), *graph.run(x=np.float32([4, 5, 6, 7]))]
    np.testing.assert_array_equal(found, expected)
    # Rows stand alone in map_rows, whatever their number.
    with pytest.raises(errors.ShapeMismatchError, match="rows that are not neighbours"):
        tfs.map_rows(graph, frame(8))


@pytest.mark.parametrize("first", [np.zeros(20), np.arange(12)])
def test_rows_that_depend_on_each_other_are_found_after_batches_that_do_not_show_it(first):
    df = pd.DataFrame({"x": np.float32([*first, 93, 91, 92, 90, 99, 98])})
    with pytest.raises(errors.ShapeMismatchError, match="depend on each other"):
        tfs.map_rows(program([4], tf.sort), df)


def test_trimmed_blocks_are_exact_or_refused():
    graph = program([4], lambda x: tf.reduce_sum(x, keepdims=True))
    assert tfs.map_blocks(graph, frame(8), trim=True)["z"].tolist() == [6, 22]
    with pytest.raises(errors.ShapeMismatchError, match="found a block of 1, and rows are added"):
        tfs.map_blocks(graph, frame(5), trim=True)
    with pytest.raises(errors.ShapeMismatchError, match="pass trim=True"):
        tfs.map_blocks(graph, frame(4))


def test_rows_left_out_for_nulls_leave_blocks_to_fill_up():
    df = pd.DataFrame({"x": pd.array([0, None, 2, 3, 4], "Float32")})
    found = tfs.map_blocks(program([4], doubled), df, nulls="null")["z"]
    assert found.isna().tolist() == [False, True, False, False, False]
    assert found.dropna().tolist() == [1, 5, 7, 9]


def test_sizes_that_cannot_be_are_refused():
    with pytest.raises(errors.OptionError, match=r"make it rows_per_block=8\."):
        tfs.map_blocks(program([4], doubled), frame(5), rows_per_block=6)
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [4], name="x")
        y = tf1.placeholder(tf.float32, [3], name="y")
        two = freeze([tf.concat([x, y], 0, name="z")], "two")
    with pytest.raises(errors.ShapeMismatchError):
        tfs.map_blocks(two, frame(4).assign(y=np.float32(1)))


RAGGED = [[1.0, 2.0], [3.0], [4.0, 5.0], [6.0, 7.0, 8.0], [9.0]]


def ragged(cells=RAGGED):
    return pd.DataFrame({"x": [np.array(c, np.float32) for c in cells]})


def test_blocks_take_cells_of_several_shapes_where_rows_stand_alone():
    found = tfs.map_blocks(program([None, None], doubled), ragged())["z"]
    assert [z.tolist() for z in found] == [[2 * x + 1 for x in row] for row in RAGGED]
    sums = tfs.map_blocks(program([None, None], lambda x: tf.reduce_sum(x, 1)), ragged())["z"]
    assert sums.tolist() == [sum(row) for row in RAGGED]
    exact = tfs.map_blocks(program([4, None], doubled), ragged())["z"]
    assert [z.tolist() for z in exact] == [[2 * x + 1 for x in row] for row in RAGGED]


@pytest.mark.parametrize(
    "compute",
    [lambda x: x - tf.reduce_mean(x, 0), lambda x: tf.cumsum(x, 0), lambda x: tf.reverse(x, [0])],
)
def test_blocks_of_several_shapes_whose_rows_depend_on_each_other_are_refused(compute):
    graph = program([None, None], compute)
    with pytest.raises(errors.ShapeMismatchError) as caught:
        tfs.map_blocks(graph, ragged())
    text = str(caught.value)
    assert "found cells of several shapes, and rows of fetch 'z' depend on each other" in text
    assert text.endswith("pad the column, or filter it to cells of one shape.")
    # Following the advice.
    df = ragged()
    same = df[df["x"].map(len) == 2]
    np.testing.assert_array_equal(
        np.stack(tfs.map_blocks(graph, same)["z"]), graph.run(x=np.stack(same["x"]))
    )


def test_trimmed_blocks_take_cells_of_one_shape():
    with pytest.raises(errors.ShapeMismatchError, match="several shapes with trim=True"):
        tfs.map_blocks(program([None, None], doubled), ragged(), trim=True)
