from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfspark_magic.errors import FetchError, ShapeMismatchError
from tfspark_magic.schema.arrow import arrow_from_cell
from tfspark_magic.schema.spec import DTYPES, CellSpec
from tfspark_magic.worker import tensors_to_columns
from tfspark_magic.worker.tensors_to_columns import to_column, to_varying_column

import tensorflow as tf

TEXTS = ["", "a", "zürich", "\x00", "東京"]


def values_of(dtype, shape):
    count = int(np.prod(shape, dtype=int))
    if dtype in ("string", "binary"):
        flat = [TEXTS[i % len(TEXTS)].encode() for i in range(count)]
        if dtype == "binary":
            flat = [value + b"\xff" for value in flat]
        return np.array([*flat, None], object)[:-1].reshape(shape)
    return (np.arange(count) % 7).astype(dtype).reshape(shape)


def plain(values, dtype):
    """Return what a column's `to_pylist` should give."""
    if dtype == "string":
        decode = lambda v: v.decode() if isinstance(v, bytes) else [decode(w) for w in v]
        return [decode(value) for value in values.tolist()]
    return values.tolist()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "shape",
    [(5,), (1,), (0,), (4, 3), (0, 3), (4, 0), (2, 3, 2), (2, 0, 3), (2, 3, 0), (2, 1, 2, 3)],
)
def test_a_tensor_is_a_column_of_its_rows(dtype, shape):
    values = values_of(dtype, shape)
    tensor = tf.constant(values, tf.string if values.dtype == object else dtype)
    cell = CellSpec(dtype, (None,) * (len(shape) - 1))
    column = to_column(tensor, cell, "z", shape[0])
    column.validate(full=True)
    assert column.type == arrow_from_cell(cell)
    assert column.to_pylist() == plain(values, dtype)


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(DTYPES),
    st.integers(0, 3).flatmap(
        lambda rank: st.lists(
            st.lists(st.integers(0, 3), min_size=rank, max_size=rank), max_size=5
        ).map(lambda sizes: (rank, sizes))
    ),
)
def test_cells_of_unequal_shape_are_a_column_of_them(dtype, ranked):
    rank, sizes = ranked
    cells = [values_of(dtype, tuple(size)) for size in sizes]
    flat = [value for cell in cells for value in cell.reshape(-1).tolist()]
    values = tf.constant(flat, tf.string if dtype in ("string", "binary") else dtype)
    shapes = tf.constant(np.array(sizes, "int32").reshape(len(sizes), rank))
    cell = CellSpec(dtype, (None,) * rank)
    column = to_varying_column(values, shapes, cell, "z")
    column.validate(full=True)
    assert column.type == arrow_from_cell(cell)
    expected = [c.tolist() for c in cells]
    if dtype == "string":
        decode = lambda v: v.decode() if isinstance(v, bytes) else [decode(w) for w in v]
        expected = [decode(value) for value in expected]
    assert column.to_pylist() == expected


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_nan_and_infinities_are_values(dtype):
    values = np.array([np.nan, np.inf, -np.inf, -0.0], dtype)
    column = to_column(tf.constant(values), CellSpec(dtype), "z", 4)
    assert column.null_count == 0
    np.testing.assert_array_equal(np.array(column.to_pylist()), values)


def test_the_values_of_a_column_are_the_tensors_own_memory():
    tensor = tf.range(1000)
    column = to_column(tensor, CellSpec("int32"), "z", 1000)
    assert column.buffers()[1].address == np.asarray(tensor).ctypes.data


def test_text_that_is_not_utf_8_is_an_error_that_says_what_to_write():
    with pytest.raises(FetchError) as caught:
        to_column(tf.constant([b"a", b"\xff"]), CellSpec("string"), "z", 2)
    assert str(caught.value) == (
        "Fetch 'z' gave bytes that are not UTF-8 text: encode them in the graph, for example with "
        "tf.io.encode_base64."
    )


@pytest.mark.parametrize(
    ("shape", "cell", "rows", "expected", "found"),
    [
        ((4,), (), 5, "[5]", "[4]"),
        ((5, 2), (3,), 5, "[5,3]", "[5,2]"),
        ((5,), (None,), 5, "[5,?]", "[5]"),
        ((), (), 1, "[1]", "a scalar"),
        ((), (), None, "[?]", "a scalar"),
    ],
)
def test_a_tensor_of_another_shape_is_an_error_that_names_the_fetch(
    shape, cell, rows, expected, found
):
    with pytest.raises(ShapeMismatchError) as caught:
        to_column(tf.zeros(shape), CellSpec("float32", cell), "z", rows)
    assert str(caught.value) == (
        f"Fetch 'z': expected a block of shape {expected}, found {found}; compute one cell for "
        f"each row of the block."
    )


def test_any_number_of_rows_will_do_where_none_is_asked_for():
    assert len(to_column(tf.zeros([7]), CellSpec("float32"), "z", None)) == 7


def test_a_cell_of_another_size_among_unequal_ones_is_an_error():
    with pytest.raises(ShapeMismatchError) as caught:
        to_varying_column(
            tf.range(7), tf.constant([[1, 3], [2, 2]]), CellSpec("int32", (None, 3)), "z"
        )
    assert str(caught.value).startswith("Fetch 'z': expected cells of shape [?,3], found [2,2]; ")


def test_more_values_than_an_arrow_column_counts_are_an_error(monkeypatch):
    monkeypatch.setattr(tensors_to_columns, "_MAX_OFFSET", 5)
    text = "Fetch 'z' gave 6 values in one block, more than an Arrow column can count: pass a"
    with pytest.raises(FetchError, match=text):
        to_column(tf.zeros([2, 3]), CellSpec("float32", (3,)), "z", 2)
    with pytest.raises(FetchError, match=text):
        to_column(tf.constant(["abc", "def"]), CellSpec("string"), "z", 2)
    with pytest.raises(FetchError, match=text):
        to_varying_column(tf.zeros([6]), tf.constant([[2], [4]]), CellSpec("float32", (None,)), "z")
