from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfspark_magic.binding import Feed
from tfspark_magic.errors import InexactValueError, ShapeMismatchError
from tfspark_magic.schema.arrow import CARRIERS, arrow_from_cell, leaf_of
from tfspark_magic.schema.arrow import nested as nested_type
from tfspark_magic.schema.spec import CellSpec
from tfspark_magic.worker.columns_to_tensors import (
    RaggedTensors,
    buckets,
    cells_of,
    side_by_side,
    to_tensor,
    unify,
)
from tfspark_magic.worker.tensors_to_columns import to_scattered_column

import tensorflow as tf

quick = settings(max_examples=100, deadline=None)
finite = {"allow_nan": True, "allow_infinity": True}
LEAVES = {
    "bool": st.booleans(),
    "int8": st.integers(-128, 127),
    "int16": st.integers(-(2**15), 2**15 - 1),
    "int32": st.integers(-(2**31), 2**31 - 1),
    "int64": st.integers(-(2**63), 2**63 - 1),
    "uint8": st.integers(0, 255),
    "float16": st.floats(width=16, **finite),
    "float32": st.floats(width=32, **finite),
    "float64": st.floats(width=64, **finite),
    "string": st.text(max_size=4),
    "binary": st.binary(max_size=4),
}


def feed_of(dtype, shape, source=None):
    fed = "string" if dtype == "binary" else dtype
    source = source or CellSpec(CARRIERS.get(dtype, dtype), (None,) * len(shape))
    return Feed("x", "c", source, CellSpec(fed, shape))


def tensor_of(array, feed):
    return to_tensor(unify(array, feed), feed)


def nested(leaves, shape):
    for size in reversed(shape):
        leaves = [leaves[i : i + size] for i in range(0, len(leaves), size)] if size else None
    return leaves


@st.composite
def dense_columns(draw):
    """A dtype, rows of one cell shape, and a slice of their column, its buffers anywhere."""
    dtype = draw(st.sampled_from(sorted(LEAVES)))
    shape = tuple(draw(st.lists(st.integers(1, 3), max_size=3)))
    rows = draw(st.integers(1, 5))
    count = rows * int(np.prod(shape, dtype=int))
    leaves = draw(st.lists(LEAVES[dtype], min_size=count, max_size=count))
    cells = nested(leaves, shape) if shape else leaves
    array = pa.array(cells, arrow_from_cell(CellSpec(dtype, shape)))
    start = draw(st.integers(0, rows - 1))
    length = draw(st.integers(1, rows - start))
    if draw(st.booleans()) and shape:
        # Rows that were null and are gone leave their values behind.
        array = array.take(pa.array([*range(start, start + length)]))
        return dtype, shape, cells[start : start + length], array
    return dtype, shape, cells[start : start + length], array.slice(start, length)


@quick
@given(dense_columns())
def test_a_column_is_the_tensor_of_its_cells(column):
    dtype, shape, cells, array = column
    tensor = tensor_of(array, feed_of(dtype, shape))
    assert tensor.shape == (len(cells), *shape)
    if dtype in ("string", "binary"):
        assert tensor.dtype == tf.string
        expected = np.array(cells, object).reshape(-1)
        expected = [v.encode() if isinstance(v, str) else v for v in expected]
        assert tensor.numpy().reshape(-1).tolist() == expected
    else:
        assert tensor.dtype.name == dtype
        np.testing.assert_array_equal(tensor.numpy(), np.array(cells, dtype))


@quick
@given(st.lists(st.binary(min_size=3, max_size=3), min_size=1, max_size=5), st.integers(0, 4))
def test_bytes_are_vectors_of_unsigned_integers(values, start):
    start %= len(values)
    feed = feed_of("uint8", (None,), CellSpec("binary"))
    tensor = tensor_of(pa.array(values).slice(start), feed)
    assert tensor.dtype == tf.uint8
    assert tensor.numpy().tolist() == [list(value) for value in values[start:]]


@pytest.mark.parametrize("start", [0, 1, 2])
@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary()], ids=str)
def test_arrays_of_bytes_are_matrices_of_unsigned_integers(kind, start):
    rows = [[b"ab", b"cd"], [b"ef", b"gh"], [b"ij", b"kl"]]
    feed = feed_of("uint8", (None, None), CellSpec("binary", (None,)))
    tensor = tensor_of(pa.array(rows, pa.list_(kind)).slice(start), feed)
    assert tensor.numpy().tolist() == [[list(b) for b in row] for row in rows[start:]]


@pytest.mark.parametrize("hole", [None, [None]], ids=["null", "holds null"])
def test_nulls_among_arrays_of_bytes_stay_nulls(hole):
    feed = feed_of("uint8", (None, None), CellSpec("binary", (None,)))
    column = pa.array([[b"ab"], hole, [b"ij"]], pa.list_(pa.binary()))
    assert unify(column.slice(1), feed).to_pylist() == [hole, [list(b"ij")]]


@pytest.mark.parametrize("size", [1, 2, 4, 8])
@pytest.mark.parametrize("offset", range(0, 72, 4))
def test_memory_that_begins_anywhere_does_no_harm(size, offset):
    dtype = {1: "int8", 2: "int16", 4: "float32", 8: "int64"}[size]
    memory = pa.py_buffer(np.arange(200, dtype="uint8").tobytes())
    array = pa.Array.from_buffers(
        pa.from_numpy_dtype(dtype), 5, [None, memory.slice(offset, 5 * size)]
    )
    tensor = tensor_of(array, feed_of(dtype, ()))
    expected = np.frombuffer(memory, np.uint8)[offset : offset + 5 * size].view(dtype)
    np.testing.assert_array_equal((tensor + 0).numpy(), expected)


def test_memory_that_begins_right_is_not_copied():
    room = np.empty(64 * 4 + 64, np.uint8)
    start = -room.ctypes.data % 64
    aligned = room[start : start + 256].view("float32")
    aligned[:] = 1
    array = pa.array(aligned)
    assert array.buffers()[1].address == aligned.ctypes.data
    tensor = tensor_of(array, feed_of("float32", ()))
    aligned[0] = 5
    assert tensor.numpy()[0] == 5


def test_a_tensor_outlives_its_column():
    feed = feed_of("int64", ())
    tensor = tensor_of(pa.concat_arrays([pa.array(range(1000)), pa.array(range(1000))]), feed)
    junk = [pa.array([7] * 2000) for _ in range(20)]
    assert int(tf.reduce_sum(tensor)) == 999_000
    assert len(junk) == 20


@pytest.mark.parametrize(
    ("dtype", "values", "text"),
    [
        (
            "uint8",
            [1, 300],
            "Column 'c' for placeholder 'x' holds 300, which uint8 cannot hold exactly: make the "
            "placeholder tf.int16 and cast in the graph.",
        ),
        ("uint8", [-1], "Column 'c' for placeholder 'x' holds -1, which uint8"),
        ("float16", [0.5, 0.1], "Column 'c' for placeholder 'x' holds 0.1, which float16"),
        ("float16", [70000.0], "Column 'c' for placeholder 'x' holds 70000.0, which float16"),
    ],
)
@pytest.mark.parametrize("marked", [True, False], ids=["marked", "not marked"])
def test_a_value_that_a_carried_dtype_does_not_hold_is_an_error(dtype, values, text, marked):
    array = pa.array(values, getattr(pa, CARRIERS[dtype])())
    source = CellSpec(dtype if marked else CARRIERS[dtype])
    with pytest.raises(InexactValueError) as caught:
        tensor_of(array, feed_of(dtype, (), source))
    assert str(caught.value).startswith(text)


@pytest.mark.parametrize(
    ("source", "target", "values"),
    [
        ("int32", "int64", [-(2**31), 2**31 - 1]),
        ("int32", "float64", [-(2**31), 2**31 - 1]),
        ("float32", "float64", [0.1, float("inf")]),
        ("int8", "float16", [-128, 127]),
        ("int16", "float32", [-(2**15), 2**15 - 1]),
    ],
)
def test_a_value_is_widened_exactly(source, target, values):
    array = pa.array(values, pa.from_numpy_dtype(source))
    tensor = tensor_of(array, feed_of(target, (), CellSpec(source)))
    assert tensor.dtype.name == target
    assert tensor.numpy().tolist() == array.to_pylist()


@pytest.mark.parametrize(
    "kind",
    [
        pa.list_(pa.int32(), 2),
        pa.large_list(pa.int32()),
        pa.list_(pa.int32()),
    ],
    ids=str,
)
@pytest.mark.parametrize("deep", [False, True], ids=["vectors", "matrices"])
@pytest.mark.parametrize("start", [0, 1])
def test_each_list_type_of_arrow_will_do(kind, deep, start):
    rows = [[1, 2], [3, 4], [5, 6]]
    array = pa.array(rows, kind)
    if deep:
        rows = [[row, row] for row in rows]
        array = pa.array(rows, pa.list_(kind))
    shape = (None, None) if deep else (None,)
    tensor = tensor_of(array.slice(start), feed_of("int32", shape))
    assert tensor.numpy().tolist() == rows[start:]


@pytest.mark.parametrize("kind", [pa.large_string(), pa.large_binary()], ids=str)
def test_large_text_will_do(kind):
    tensor = tensor_of(pa.array(["a", "é"], kind), feed_of("string", ()))
    assert tensor.numpy().tolist() == [b"a", "é".encode()]


@pytest.mark.parametrize("dtype", sorted(LEAVES))
@pytest.mark.parametrize(
    ("rows", "wanted", "shape"),
    [
        ([[], []], (None,), (2, 0)),
        ([[], []], (None, 3), (2, 0, 3)),
        ([[[], []]], (None, None), (1, 2, 0)),
        ([[]], (None, None, 4), (1, 0, 0, 4)),
    ],
    ids=str,
)
def test_cells_without_values_are_tensors_without_values(dtype, rows, wanted, shape):
    array = pa.array(rows, arrow_from_cell(CellSpec(dtype, wanted)))
    tensor = tensor_of(array, feed_of(dtype, wanted))
    assert tensor.shape == shape
    assert tensor.dtype == tf.as_dtype("string" if dtype == "binary" else dtype)


def test_cells_of_several_shapes_are_no_tensor():
    feed = feed_of("int64", (None,))
    assert tensor_of(pa.array([[1], [1, 2]]), feed) is None
    assert tensor_of(pa.array([[[1]], [[1, 2]]]), feed_of("int64", (None, None))) is None


@pytest.mark.parametrize(
    ("rows", "shape", "text"),
    [
        ([[1, 2]], (3,), "expected cells of shape [3], found [2]; filter such rows, or change"),
        ([[[1, 2]]], (None, 3), "expected cells of shape [?,3], found [1,2]; filter such rows"),
    ],
)
def test_cells_of_another_size_are_an_error_that_names_the_column(rows, shape, text):
    with pytest.raises(ShapeMismatchError) as caught:
        tensor_of(pa.array(rows), feed_of("int64", shape))
    assert str(caught.value).startswith(f"Column 'c' for placeholder 'x': {text}")


@st.composite
def ragged_columns(draw):
    rank = draw(st.integers(1, 3))
    rows = []
    for _ in range(draw(st.integers(1, 6))):
        shape = draw(st.lists(st.integers(0, 3), min_size=rank, max_size=rank))
        rows.append(np.zeros(shape, int).tolist())
    kind = pa.int64()
    for _ in range(rank):
        kind = pa.list_(kind)
    start = draw(st.integers(0, len(rows) - 1))
    return pa.array(rows, kind).slice(start), rows[start:], rank


def shape_of(cell, rank):
    if not rank:
        return ()
    inner = [shape_of(value, rank - 1) for value in cell]
    return (len(cell), *(inner[0] if inner else (0,) * (rank - 1)))


@quick
@given(ragged_columns())
def test_the_shape_of_each_cell_is_found(column):
    array, rows, rank = column
    expected = [shape_of(row, rank) for row in rows]
    assert [tuple(shape) for shape in cells_of(array, "c").shapes.tolist()] == expected


@quick
@given(ragged_columns())
def test_rows_are_put_into_buckets_of_one_shape_in_their_own_order(column):
    array, rows, _ = column
    shapes = cells_of(array, "c").shapes
    groups = buckets(shapes)
    assert sorted(row for group in groups for row in group) == list(range(len(rows)))
    seen = set()
    for group in groups:
        assert group.tolist() == sorted(group)
        (shape,) = {tuple(shapes[row]) for row in group}
        assert shape not in seen
        seen.add(shape)


def test_a_cell_that_is_ragged_itself_is_an_error_that_names_the_row():
    array = pa.array([[[9]], [[1, 2], [3, 4]], [[1], [2, 3]]]).slice(1)
    with pytest.raises(ShapeMismatchError) as caught:
        cells_of(array, "c")
    assert str(caught.value) == (
        "Row 1 of a block of column 'c': expected inner arrays of one length, found lengths "
        "[1, 2]; pad them, or flatten the column."
    )


TIMES = {
    pa.date32(): (lambda n: n, 20_000),
    pa.date64(): (lambda n: n * 86_400_000, 20_000),
    pa.timestamp("us"): (lambda n: n, 2**62),
    pa.timestamp("us", "America/New_York"): (lambda n: n, 2**62),
}


@st.composite
def times(draw):
    """A type, the integers that a column of it stands for, and a slice of the column."""
    kind = draw(st.sampled_from(sorted(TIMES, key=str)))
    stored, limit = TIMES[kind]
    rank = draw(st.integers(0, 2))
    cell = st.none() | st.integers(-limit, limit)
    for _ in range(rank):
        cell = st.none() | st.lists(cell, max_size=3)
    rows = draw(st.lists(cell, min_size=1, max_size=5))
    number = pa.int32() if pa.types.is_date32(kind) else pa.int64()

    def store(value):
        if isinstance(value, list):
            return [store(inner) for inner in value]
        return None if value is None else stored(value)

    array = pa.array([store(row) for row in rows], nested_type(number, rank))
    start = draw(st.integers(0, len(rows) - 1))
    return rows[start:], array.cast(nested_type(kind, rank)).slice(start)


@quick
@given(times())
def test_times_are_integers_and_nulls_stay_nulls(column):
    rows, array = column
    found = unify(array, feed_of("int64", ()))
    assert leaf_of(found.type)[0] == pa.int64()
    assert found.to_pylist() == rows


def test_times_in_microseconds_are_not_copied():
    array = pa.array([1, 2], pa.timestamp("us", "UTC"))
    assert unify(array, feed_of("int64", ())).buffers()[1].address == array.buffers()[1].address


@pytest.mark.parametrize(("unit", "factor"), [("s", 10**6), ("ms", 10**3)])
def test_times_of_coarser_units_are_exact(unit, factor):
    array = pa.array([1, None, -3], pa.timestamp(unit))
    expected = [factor, None, -3 * factor]
    assert unify(array, feed_of("int64", ())).to_pylist() == expected


@pytest.mark.parametrize(
    "array",
    [pa.array([1001], pa.timestamp("ns")), pa.array([2**60], pa.timestamp("s"))],
    ids=["too fine", "too far"],
)
def test_a_time_that_microseconds_do_not_hold_is_an_error(array):
    exact = pa.array([3000], pa.timestamp("ns"))
    assert unify(exact, feed_of("int64", ())).to_pylist() == [3]
    with pytest.raises(InexactValueError) as caught:
        unify(array, feed_of("int64", ()))
    assert str(caught.value) == (
        "Column 'c' for placeholder 'x' holds a time finer than microseconds, or too far from "
        "1970, which int64 cannot hold exactly: round its times to microseconds."
    )


@quick
@given(
    st.lists(st.tuples(st.none() | st.integers(-9, 9), st.none() | st.integers(-9, 9)), max_size=6)
)
def test_columns_side_by_side_are_vectors(rows):
    left, right = (pa.array([row[i] for row in rows], pa.int8()) for i in (0, 1))
    column = side_by_side([left, right, left], CellSpec("int32", (3,)))
    column.validate(full=True)
    assert column.type == pa.list_(pa.int32())
    assert column.to_pylist() == [[a, b, a] for a, b in rows]


def test_times_stand_side_by_side_too():
    days = pa.array([1, 2], pa.date32())
    column = side_by_side([days, days], CellSpec("int64", (2,), "date"))
    assert unify(column, feed_of("int64", (None,))).to_pylist() == [[1, 1], [2, 2]]


@st.composite
def ragged_of_any_dtype(draw):
    dtype = draw(st.sampled_from(sorted(set(LEAVES) - {"binary"})))
    rank = draw(st.integers(1, 3))
    cells = []
    for _ in range(draw(st.integers(1, 6))):
        shape = tuple(draw(st.lists(st.integers(0, 2), min_size=rank, max_size=rank)))
        shape = (
            shape[: shape.index(0) + 1] + (0,) * (rank - shape.index(0) - 1)
            if 0 in shape
            else shape
        )
        count = int(np.prod(shape, dtype=int))
        leaves = draw(st.lists(LEAVES[dtype], min_size=count, max_size=count))
        values = np.empty(count, object if dtype == "string" else dtype)
        values[:] = leaves
        cells.append(values.reshape(shape))
    start = draw(st.integers(0, len(cells) - 1))
    rows = [cell.tolist() for cell in cells]
    kind = arrow_from_cell(CellSpec(dtype, (None,) * rank))
    return dtype, rank, cells[start:], pa.array(rows, kind).slice(start)


@quick
@given(ragged_of_any_dtype())
def test_ragged_cells_go_to_tensors_and_come_back_in_their_places(column):
    dtype, rank, cells, array = column
    feed = feed_of(dtype, (None,) * rank)
    taken = cells_of(unify(array, feed), "c")
    tensors = RaggedTensors(taken, feed)
    blocks = [(rows, tensors(rows)) for rows in buckets(taken.shapes)]
    for rows, tensor in blocks:
        for row, value in zip(rows, tensor.numpy(), strict=True):
            expected = cells[row]
            if dtype == "string":
                assert [v.decode() for v in value.reshape(-1)] == expected.reshape(-1).tolist()
            else:
                np.testing.assert_array_equal(value, expected)
    back = to_scattered_column(blocks, CellSpec(dtype, (None,) * rank), "z")
    back.validate(full=True)
    assert back.equals(array) or repr(back.to_pylist()) == repr(array.to_pylist())
