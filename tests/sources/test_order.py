"""Test that orders are uniform, by chi-square over many fixed seeds."""

from __future__ import annotations

import itertools
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tfspark_magic as tfs
from tfspark_magic.sources.formats import Fragment
from tfspark_magic.sources.order import Order, Position

SEEDS = 1200


def fragments(count, rows=1):
    return tuple(Fragment(f"{n}", "parquet", (n,), (), rows) for n in range(count))


def assert_uniform(found, choices):
    """Check the chi-square value; a uniform order would fail once in some ten thousand times."""
    expected = sum(found.values()) / choices
    square = sum((found[one] - expected) ** 2 / expected for one in found)
    square += expected * (choices - len(found))
    assert square < (choices - 1) + 4 * (2 * (choices - 1)) ** 0.5 + 6, found


def rows_of_a_pass(order, epoch):
    """The rows of fragments with one row, or with two, in their order."""
    for number, fragment in enumerate(order.fragments_of(epoch)):
        for row in order.rows_of(Position(epoch, number, 0), fragment.rows):
            yield fragment.uri, int(row)


@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize("epoch", [0, 1, 5])
def test_fragments_and_windows(count, epoch):
    orders = [Order(fragments(count, count), seed, 10, 0) for seed in range(SEEDS)]
    choices = len(list(itertools.permutations(range(count))))
    of_fragments = [tuple(p.uri for p in order.fragments_of(epoch)) for order in orders]
    assert_uniform(Counter(of_fragments), choices)
    for number in (0, 1):
        place = Position(epoch, number, 0)
        of_rows = [tuple(order.rows_of(place, count).tolist()) for order in orders]
        assert_uniform(Counter(of_rows), choices)
        # The order of the fragments does not depend on the order of the rows.
        assert_uniform(Counter(zip(of_fragments, of_rows, strict=True)), choices**2)


def test_passes_and_windows_say_nothing_of_each_other():
    orders = [Order(fragments(3, 3), seed, 3, 0) for seed in range(SEEDS)]
    for one, other in [(0, 1), (1, 2), (0, 2)]:
        both = [(tuple(p.uri for p in o.fragments_of(one)), tuple(p.uri for p in o.fragments_of(other))) for o in orders]  # fmt: skip
        assert_uniform(Counter(both), 36)
    places = [Position(0, 0, 0), Position(0, 0, 3), Position(0, 1, 0), Position(1, 0, 0), Position(0, 0, 2**40)]  # fmt: skip
    for one, other in itertools.combinations(places, 2):
        both = [(tuple(o.rows_of(one, 3).tolist()), tuple(o.rows_of(other, 3).tolist())) for o in orders]  # fmt: skip
        assert_uniform(Counter(both), 36)


def test_where_a_row_comes_and_in_which_shard():
    orders = [Order(fragments(6, 2), seed, 2, 0) for seed in range(SEEDS)]
    first = Counter(next(rows_of_a_pass(order, 0)) for order in orders)
    assert_uniform(first, 12)
    last = Counter(list(rows_of_a_pass(order, 2))[-1] for order in orders)
    assert_uniform(last, 12)


def test_of_two_files_of_a_row_each_comes_first_in_half_of_the_seeds(tmp_path):
    for number in range(2):
        pq.write_table(pa.table({"x": [number]}), tmp_path / f"{number}.parquet")
    first = Counter(
        int(next(iter(tfs.dataset(tmp_path, "x", shuffle=True, seed=seed)))) for seed in range(40)
    )
    assert min(first[0], first[1]) > 8
