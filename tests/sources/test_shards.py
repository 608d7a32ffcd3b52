"""Compare equal shards with a plain model: the list of a pass's rows, cut into equal runs."""

from __future__ import annotations

import itertools
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tfspark_magic as tfs
from tests.sources.tables import write
from tests.sources.test_dataset import few, xs
from tests.sources.test_order import SEEDS, assert_uniform
from tfspark_magic.errors import FileContentError, OptionError
from tfspark_magic.sources.formats import Fragment
from tfspark_magic.sources.order import Order, order_of
from tfspark_magic.sources.reading import read_part
from tfspark_magic.sources.shards import parts_between

FORMATS = ("parquet", "orc", "arrow", "arrows", "csv", "csv.gz", "jsonl", "tfrecord")
SCHEMA = pa.schema([("x", pa.int64())])


@pytest.fixture(
    scope="module",
    params=[FORMATS[0], *(pytest.param(f, marks=pytest.mark.long) for f in FORMATS[1:])],
)
def folder(request, tmp_path_factory):
    """0 to 28 in three files of 12, 0 and 17 rows."""
    root = tmp_path_factory.mktemp("shards")
    for number, rows in enumerate([range(12), range(0), range(12, 29)]):
        if len(rows) or request.param not in ("csv", "csv.gz", "jsonl", "tfrecord"):
            write(
                pa.table({"x": pa.array(rows, pa.int64())}), root / f"{number}.{request.param}", 5
            )
    return str(root)


def shards(path, count, **options):
    made = [
        tfs.dataset(path, "x", shard=(n, count), even_shards=True, schema=SCHEMA, **options)
        for n in range(count)
    ]
    for one in made:
        assert int(one.cardinality()) == int(made[0].cardinality()) > 0
    return made


def rows_of_pass(files, order, epoch):
    """The rows that a shard reads, before they are shuffled with their neighbours."""
    batches = (b for part in order.parts_of(epoch) for b in read_part(files, part, ["x"], 4))
    return [row for batch in batches for row in batch.column("x").to_pylist()]


@few
@given(data=st.data())
def test_each_shard_has_as_many_rows_and_no_row_comes_twice(folder, data):
    rows, filters = list(range(29)), None
    if data.draw(st.booleans()):
        rows, filters = rows[5:], [("x", ">", 4)]
    files = tfs.files(folder, schema=SCHEMA, filters=filters)
    seed = data.draw(st.none() | st.integers(0, 9))
    count = data.draw(st.integers(1, len(rows)))
    each = len(rows) // count
    orders = [order_of(files, (n, count), seed, 7, even=True) for n in range(count)]
    for epoch in (0, 3):
        parts = [rows_of_pass(files, order, epoch) for order in orders]
        if seed is None:
            assert parts == [rows[n * each : (n + 1) * each] for n in range(count)]
        assert [len(part) for part in parts] == [each] * count
        found = list(itertools.chain(*parts))
        assert len(set(found)) == len(found)
        assert set(found) <= set(rows)


@pytest.mark.parametrize("options", [{}, {"shuffle": True, "seed": 4, "shuffle_rows": 5}])
def test_datasets_of_equal_shards(folder, options):
    made = shards(folder, 3, batch_size=4, **options)
    passes = [[xs(one) for one in made] for _ in range(2)]
    for parts in passes:
        assert [len(part) for part in parts] == [9, 9, 9]
        assert len(set(itertools.chain(*parts))) == 27
    assert (passes[0] == passes[1]) == (not options)
    # For any batches and threads.
    again = shards(folder, 3, batch_size=2, threads=1, **options)
    assert [xs(one) for one in again] == passes[0]


@few
@given(data=st.data())
def test_runs_of_rows_are_those_of_a_list(data):
    sizes = data.draw(st.lists(st.integers(0, 5), min_size=1, max_size=6).filter(sum))
    fragments = [Fragment(str(n), "csv", rows=size) for n, size in enumerate(sizes)]
    rows = [(str(n), row) for n, size in enumerate(sizes) for row in range(size)] * 3
    first = data.draw(st.integers(0, 2 * sum(sizes) - 1))
    count = data.draw(st.integers(1, sum(sizes)))
    parts = parts_between(fragments, first, count)
    found = [(part.fragment.uri, row) for part in parts for row in range(part.first, part.stop)]
    assert found == rows[first : first + count]


def test_which_rows_are_left_out_and_where_the_others_go():
    fragments = tuple(Fragment(str(n), "csv", rows=rows) for n, rows in enumerate([1, 2, 4]))
    left, went = Counter(), Counter()
    for seed in range(SEEDS):
        orders = [Order(fragments, seed, 1, 0, (index, 3)) for index in range(3)]
        for epoch in (0, 3):
            rows = {(n, row) for n, rows in enumerate([1, 2, 4]) for row in range(rows)}
            for index, order in enumerate(orders):
                for part in order.parts_of(epoch):
                    for row in range(part.first, part.stop):
                        rows.remove((int(part.fragment.uri), row))
                        went[int(part.fragment.uri), row, index] += 1
            left.update(rows)
    assert_uniform(left, 7)
    assert_uniform(went, 21)


def test_shards_of_one_file_leave_out_other_rows_in_each_pass(tmp_path):
    path = write(pa.table({"x": range(10)}), tmp_path / "a.csv")
    made = shards(path, 4, shuffle=True, seed=3)
    left = [set(range(10)).difference(*(xs(one) for one in made)) for _ in range(12)]
    assert {len(rows) for rows in left} == {2}
    assert len(set().union(*left)) > 5


@pytest.mark.parametrize("extension", ["parquet", "orc", "csv"])
def test_a_file_that_has_fewer_rows_meanwhile_is_named(tmp_path, extension):
    path = tmp_path / f"a.{extension}"
    # Fewer row groups or stripes, and the same number with fewer rows.
    for rows, fewer in ((2000, 700), (6, 4)):
        write(pa.table({"x": range(rows)}), path, 1000)
        made = shards(path, 2, batch_size=rows)
        write(pa.table({"x": range(fewer)}), path, 1000)
        with pytest.raises(FileContentError) as error:
            list(made[1])
        assert str(error.value).startswith(f"File '{path}': expected ")
        assert str(error.value).endswith("it was written since: read it again.")
        assert xs(shards(path, 2, batch_size=rows)[1]) == list(range(fewer))[fewer // 2 :]


def test_what_cannot_be_cut_equally_is_refused(folder):
    with pytest.raises(OptionError, match="There are 29 rows for 30 shards, and each needs one"):
        shards(folder, 30)
    with pytest.raises(OptionError, match="There are 0 rows for 2 shards"):
        shards(folder, 2, filters=[("x", "<", 0)])
    with pytest.raises(OptionError, match="pass shard="):
        tfs.dataset(folder, "x", even_shards=True, schema=SCHEMA)
    # Each worker would take another seed, and read rows of another worker.
    with pytest.raises(OptionError, match="pass the same seed= to each"):
        shards(folder, 2, shuffle=True)


def test_more_shards_than_fragments_are_cut(folder):
    with pytest.raises(OptionError, match=r"for 20 shards: .* pass even_shards=True, which cuts"):
        tfs.dataset(folder, "x", shard=(19, 20), schema=SCHEMA)
    last = tfs.dataset(folder, "x", shard=(19, 20), even_shards=True, schema=SCHEMA)
    assert xs(last) == [19]
