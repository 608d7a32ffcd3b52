from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfspark_magic.errors import ShapeMismatchError
from tfspark_magic.worker.nulls import fill, null_rows, widen

quick = settings(max_examples=100, deadline=None)


def cells(rank):
    leaf = st.none() | st.integers(0, 9)
    for _ in range(rank):
        leaf = st.none() | st.lists(leaf, max_size=3)
    return leaf


def arrow(rank):
    kind = pa.int32()
    for _ in range(rank):
        kind = pa.list_(kind)
    return kind


@st.composite
def columns(draw):
    """A column and its rows: sliced, and with values left under its nulls."""
    rank = draw(st.integers(0, 3))
    rows = draw(st.lists(cells(rank), max_size=8))
    array = pa.array(rows, arrow(rank))
    if rank and draw(st.booleans()):
        hidden = draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
        rows = [None if hide else row for row, hide in zip(rows, hidden, strict=True)]
        buffers = pa.array([row is not None for row in rows], pa.bool_()).buffers()[1]
        array = pa.Array.from_buffers(
            array.type, len(rows), [buffers, array.buffers()[1]], children=[array.values]
        )
    start = draw(st.integers(0, len(rows)))
    length = draw(st.integers(0, len(rows) - start))
    return array.slice(start, length), rows[start : start + length], rank


def holds_null(cell):
    return cell is None or (isinstance(cell, list) and any(map(holds_null, cell)))


@quick
@given(columns())
def test_a_row_that_is_null_or_holds_one_is_found(column):
    array, rows, _ = column
    assert array.to_pylist() == rows
    mask = null_rows(array)
    expected = [holds_null(row) for row in rows]
    assert (mask.tolist() if mask is not None else [False] * len(rows)) == expected
    assert (mask is None) or any(expected)


def filled(cell, shape):
    if not shape:
        return 7 if cell is None else cell
    if cell is None:
        return [filled(None, shape[1:]) for _ in range(shape[0])]
    return [filled(inner, shape[1:]) for inner in cell]


@quick
@given(columns())
def test_each_null_is_filled_with_a_whole_cell(column):
    array, rows, rank = column
    shape = (2,) * rank
    assert fill(array, 7, shape, "c").to_pylist() == [filled(row, shape) for row in rows]


def test_a_null_array_of_unknown_size_cannot_be_filled():
    with pytest.raises(ShapeMismatchError) as caught:
        fill(pa.array([[1], None]), 0, (None,), "c")
    assert str(caught.value) == (
        "Nulls in column 'c': expected a known cell shape to fill whole arrays, found arrays of "
        "any length; filter them, or give the placeholder its shape."
    )
    assert fill(pa.array([[1, None]]), 0, (None,), "c").to_pylist() == [[1, 0]]


@pytest.mark.parametrize(
    ("array", "value", "expected"),
    [
        (pa.array(["a", None]), "", ["a", ""]),
        (pa.array([b"a", None]), "b", [b"a", b"b"]),
        (pa.array(["a", None]), b"b", ["a", "b"]),
        (pa.array([True, None]), False, [True, False]),
        (pa.array([1.5, None], pa.float32()), 2, [1.5, 2.0]),
        (pa.array([1, None], pa.int8()), 3.0, [1, 3]),
    ],
    ids=str,
)
def test_a_column_of_any_type_is_filled(array, value, expected):
    assert fill(array, value, (), "c").to_pylist() == expected


@pytest.mark.parametrize(
    ("array", "dtype", "value", "expected"),
    [
        (pa.array([1, None], pa.int32()), "float64", 0.5, [1, 0.5]),
        (pa.array([1, None], pa.int32()), "int64", 2**40, [1, 2**40]),
        (pa.array([[1, None], None], pa.list_(pa.int8())), "float16", 0.5, [[1, 0.5], [0.5, 0.5]]),
        (pa.array([b"\xff", None]), "string", b"", [b"\xff", b""]),
    ],
    ids=str,
)
def test_a_value_that_only_the_placeholder_can_hold_fills_too(array, dtype, value, expected):
    shape = (2,) if pa.types.is_list(array.type) else ()
    assert fill(widen(array, dtype), value, shape, "c").to_pylist() == expected
