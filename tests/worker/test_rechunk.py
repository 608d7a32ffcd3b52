from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfspark_magic.worker.rechunk import (
    BLOCK_BYTES,
    MAX_RAGGED_ROWS,
    MAX_ROWS,
    RAGGED_BLOCKS,
    is_ragged,
    rechunk,
    rows_for,
)

batches_of = st.lists(st.lists(st.integers(0, 99) | st.none(), max_size=9), max_size=8)


def columns(rows):
    lists = [None if row is None else [row] for row in rows]
    return (pa.array(rows, pa.int64()), pa.array(lists, pa.list_(pa.int64())))


@settings(max_examples=100, deadline=None)
@given(batches_of, st.integers(0, 12), st.integers(0, 3))
def test_blocks_hold_the_rows_in_order_and_have_the_size_asked_for(batches, size, cut):
    given_columns = [columns([0] * cut + rows) for rows in batches]
    sliced = [tuple(column.slice(cut) for column in batch) for batch in given_columns]
    blocks = list(rechunk(iter(sliced), size))
    rows = [row for batch in batches for row in batch]
    assert [row for block in blocks for row in block[0].to_pylist()] == rows
    lists = [None if row is None else [row] for row in rows]
    assert [row for block in blocks for row in block[1].to_pylist()] == lists
    lengths = [len(block[0]) for block in blocks]
    if size:
        assert lengths[:-1] == [size] * (len(lengths) - 1)
        assert all(0 < length <= size for length in lengths)
    else:
        assert len(blocks) == bool(rows)


@pytest.mark.parametrize("size", [None, 0, 2])
def test_inner_lists_may_come_without_offsets(size):
    """As Spark 4.1 sends them, where all rows of a batch are null."""
    kind = pa.list_(pa.list_(pa.int64()))
    bare = pa.ListArray.from_buffers(
        kind.value_type, 0, [None, None], children=[pa.array([], pa.int64())]
    )
    nothing, offsets = pa.py_buffer(b"\0"), pa.py_buffer(bytes(8))
    null = pa.ListArray.from_buffers(kind, 1, [nothing, offsets], children=[bare])
    deep = pa.ListArray.from_buffers(pa.list_(kind), 1, [nothing, offsets], children=[null[:0]])
    deeper = pa.ListArray.from_arrays(pa.array([0, 1], pa.int32()), null)
    rows, deep_rows = pa.array([[[1], [2]]], kind), pa.array([[[[3]]]], pa.list_(kind))
    batches = [(null, deep), (null, deeper), (rows, deep_rows), (null, deep)]
    blocks = list(rechunk(iter(batches), size))
    found = [[row for block in blocks for row in block[at].to_pylist()] for at in (0, 1)]
    assert found == [[None, None, [[1], [2]], None], [None, [None], [[[3]]], None]]


def test_no_size_lets_the_first_batch_choose():
    wide = pa.array([b"x" * (BLOCK_BYTES // 4)] * 9)
    assert [len(block[0]) for block in rechunk([(wide,)], None)] == [3, 3, 3]


@pytest.mark.parametrize(
    ("column", "rows"),
    [
        (pa.array([1] * 10, pa.int64()), MAX_ROWS),
        (pa.array([b"x" * (2 * BLOCK_BYTES)]), 1),
        (pa.nulls(5), MAX_ROWS),
    ],
    ids=["narrow", "wider than a block", "nothing in it"],
)
def test_rows_are_chosen_by_bytes_within_bounds(column, rows):
    assert rows_for((column,)) == rows


def test_rows_are_chosen_by_the_bytes_of_a_slice_alone():
    column = pa.array([b"x" * (BLOCK_BYTES // 100)] * 500)
    assert 90 <= rows_for((column.slice(5, 10),)) <= 100


def test_rows_are_few_where_the_graph_makes_much_of_each():
    column = pa.array([1] * 1000, pa.int64())
    assert rows_for((column,), row_bytes=40_000) == BLOCK_BYTES // 40_000
    assert rows_for((column,), row_bytes=10 * BLOCK_BYTES) == 1
    assert rows_for((column,), row_bytes=1) == MAX_ROWS
    blocks = rechunk([(column,)], None, BLOCK_BYTES // 300)
    assert [len(block[0]) for block in blocks] == [300, 300, 300, 100]


def test_rows_asked_for_are_not_made_fewer():
    column = pa.array([1] * 1000, pa.int64())
    assert [len(block[0]) for block in rechunk([(column,)], 1000, BLOCK_BYTES)] == [1000]


def test_ragged_rows_make_larger_blocks():
    even, ragged = pa.array([[1, 2]] * 10), pa.array([[1, 2]] * 9 + [[1, 2, 3]])
    assert rows_for((ragged,), 10 * BLOCK_BYTES) == MAX_RAGGED_ROWS
    assert rows_for((even,)) == BLOCK_BYTES // 20
    wide = pa.array([[0] * (BLOCK_BYTES // 8), [0]])
    assert 2 * RAGGED_BLOCKS >= rows_for((wide,)) >= RAGGED_BLOCKS


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([[1, 2], [3, 4]], False),
        ([[1, 2], None], False),
        ([[1, 2], [3]], True),
        ([[[1, 2]], [[3]]], True),
        ([[[1, 2]], [[3, 4], [5, 6]]], True),
        ([[[1, 2]], [[3, 4]]], False),
        ([1, 2], False),
        ([[], []], False),
    ],
)
@pytest.mark.parametrize("cut", [0, 1])
def test_ragged_rows_are_known(rows, expected, cut):
    column = pa.array(rows[:1] * cut + rows)
    assert is_ragged(column.slice(cut)) is expected
    if pa.types.is_list(column.type):
        kind = pa.large_list(column.type.value_type)
        assert is_ragged(column.cast(kind)) is expected


def test_batches_are_read_only_as_blocks_are_asked_for():
    read = []

    def batches():
        for i in range(5):
            read.append(i)
            yield (pa.array([i, i]),)

    blocks = rechunk(batches(), 2)
    next(blocks)
    assert read == [0]


def test_blocks_stay_small_where_cells_grow():
    small = pa.array([b""] * 100)
    large = pa.array([b"x" * 100_000] * 200)
    blocks = list(rechunk([(small,), (large,), (small,)], None))
    assert sum(len(block[0]) for block in blocks) == 400
    assert max(block[0].nbytes for block in blocks) <= BLOCK_BYTES
