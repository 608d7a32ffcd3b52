"""Verbs that take files, in this process: without a session of Spark."""

from __future__ import annotations

import datetime as dt
import threading

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tfspark_magic as tfs
from tests.executor.test_mapping import SEED, program
from tfspark_magic import errors
from tfspark_magic.frames.file_tasks import TASK_BYTES, grouped
from tfspark_magic.sources.files import Fragment

SUM = """
x_input = tf.placeholder(tf.int64, [None], name='x_input')
x = tf.reduce_sum(x_input, axis=0, name='x')
"""
PLUS = "v = tf.placeholder(tf.float32, [None, 3], name='v')\nw = tf.add(v, 1, name='w')"


def columns(start, rows):
    at = np.arange(start, start + rows)
    vectors = pa.array(np.repeat(at, 3).astype(np.float32))
    return pa.table(
        {
            "id": at,
            "x": at.astype(np.int32),
            "y": (2 * at).astype(np.int32),
            "s": pa.array([f"s{i}" for i in at], pa.string()),
            "v": pa.FixedSizeListArray.from_arrays(vectors, 3),
        }
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """1,000 rows in four files of several row groups, one of them without rows."""
    path = tmp_path_factory.mktemp("rows")
    for number, (start, rows) in enumerate([(0, 300), (300, 0), (300, 699), (999, 1)]):
        pq.write_table(columns(start, rows), path / f"part-{number}.parquet", row_group_size=64)
    return path


def test_a_map_has_the_rows_in_order_and_their_output(folder):
    table = tfs.map_rows(program(SEED), folder)
    assert str(table).startswith("LazyTable[id: int64, x: int32, y: int32, s: string, v:")
    whole = table.to_arrow()
    assert whole.num_rows == 1000
    assert whole.drop_columns(["v", "z"]).equals(columns(0, 1000).drop_columns("v"))
    np.testing.assert_array_equal(whole["z"], 7 * np.arange(1000))
    assert whole.schema.equals(table.schema)
    # Each iteration computes anew.
    assert sum(batch.num_rows for batch in table) == 1000
    frame = table.to_pandas()
    assert frame.z.dtype == np.int32
    np.testing.assert_array_equal(np.stack(frame.v)[:, 1], np.arange(1000))


@pytest.mark.parametrize(
    "as_path", [str, lambda p: [str(p)], lambda p: sorted(p.glob("*")), tfs.files]
)
def test_a_path_is_whatever_names_files(folder, as_path):
    source = as_path(folder)
    out = tfs.map_rows(program(SEED), source, columns=["id"]).to_arrow()
    assert out.column_names == ["id", "z"]
    assert out["z"].to_pylist() == [7 * i for i in out["id"].to_pylist()] == list(range(0, 7000, 7))


def test_blocks_vectors_and_trim(folder):
    whole = tfs.map_blocks(program(PLUS), folder, columns=["id"], rows_per_block=100)
    assert [batch.num_rows for batch in whole][:2] == [64, 36]
    values = whole.to_arrow()["w"].combine_chunks().flatten().to_numpy()
    np.testing.assert_array_equal(values.reshape(-1, 3)[:, 2], 1 + np.arange(1000))
    top = program(
        "x = tf.placeholder(tf.int32, [None], name='x')\ntf.reduce_max(x, keepdims=True, name='top')"
    )
    tops = tfs.map_blocks(top, folder, trim=True, rows_per_block=300).to_pandas()
    assert tops.top.tolist() == [299, 599, 899, 999]
    assert tfs.map_blocks(top, folder, trim=True, whole_partition=True).to_arrow().num_rows == 1
    # The name of a column that does not pass through is free.
    assert tfs.map_rows(program(SEED.replace("'z'", "'id'")), folder, columns=["x"]).to_arrow()[
        "id"
    ].to_pylist()[:2] == [0, 7]
    with pytest.raises(errors.NameConflictError):
        tfs.map_rows(program(SEED.replace("'z'", "'id'")), folder)


@pytest.mark.parametrize("output", ["pandas", "arrow", "batches"])
def test_run_local_gives_what_it_gives_of_dataframes(folder, output):
    out = tfs.run_local(program(SEED), folder, columns=["s"], output=output)
    out = pa.Table.from_batches(out) if output == "batches" else out
    out = out if output == "pandas" else out.to_pandas()
    assert list(out.columns) == ["s", "z"]
    assert out.z.tolist() == list(range(0, 7000, 7))


def test_sums_are_exact_and_the_same_bits_on_each_run(folder, tmp_path):
    assert tfs.reduce_blocks(program(SUM), folder, {"x_input": "id"}) == sum(range(1000))
    large = np.array([2**62, 2**61 + 1, 1], np.int64)
    pq.write_table(pa.table({"x": large}), tmp_path / "large.parquet", row_group_size=1)
    assert tfs.reduce_blocks(program(SUM), tmp_path / "large.parquet") == int(large.sum())
    values = np.random.default_rng(0).standard_normal(200_000)
    pq.write_table(pa.table({"x": values}), tmp_path / "f.parquet", row_group_size=7_000)
    floats = program(SUM.replace("int64", "float64"))
    totals = {tfs.reduce_blocks(floats, tmp_path / "f.parquet").hex() for _ in range(3)}
    assert len(totals) == 1
    assert float.fromhex(totals.pop()) == pytest.approx(values.sum())


def test_pairs_strings_and_graphs_reduce_too(folder):
    largest = program(
        "x_1 = tf.placeholder(tf.int32, [], name='x_1')\nx_2 = tf.placeholder(tf.int32, [], name='x_2')\n"
        "x = tf.maximum(x_1, x_2, name='x')"
    )
    assert tfs.reduce_rows(largest, folder) == 999
    joined = program(
        "s_input = tf.placeholder(tf.string, [None], name='s_input')\n"
        "s = tf.identity(tf.strings.reduce_join(s_input, axis=0), name='s')"
    )
    assert tfs.reduce_blocks(joined, folder) == "".join(f"s{i}" for i in range(1000))
    mean = program(
        "v_input = tf.placeholder(tf.float32, [None, 3], name='v_input')\n"
        "v = tf.reduce_mean(v_input, axis=0, name='v')"
    )
    np.testing.assert_allclose(tfs.reduce_blocks(mean, folder), [499.5] * 3)


def test_filters_and_columns_of_folders(folder, tmp_path):
    some = tfs.files(folder, filters=[("id", ">=", 100), ("id", "<", 110)])
    assert tfs.map_rows(program(SEED), some, columns=[]).to_arrow()["z"].to_pylist() == [
        7 * i for i in range(100, 110)
    ]
    assert tfs.reduce_blocks(program(SUM), some, {"x_input": "id"}) == sum(range(100, 110))
    with pytest.raises(errors.ReductionError, match="found no rows"):
        none = tfs.files(folder, filters=[("id", "<", 0)])
        tfs.reduce_blocks(program(SUM), none, {"x_input": "id"})
    for day in (1, 2):
        (tmp_path / f"day={day}").mkdir()
        pq.write_table(columns(10 * day, 2), tmp_path / f"day={day}" / "rows.parquet")
    out = tfs.map_rows(program(SEED), tmp_path, {"y": "day"}, columns=["day", "id"]).to_arrow()
    assert out.to_pydict() == {"day": [1, 1, 2, 2], "id": [10, 11, 20, 21], "z": [13, 14, 26, 27]}


def test_nulls_as_in_the_maps_and_the_error_names_the_file(tmp_path):
    for number, xs in enumerate([[1, 2], [3, None]]):
        table = pa.table({"x": pa.array(xs, pa.int32()), "y": pa.array([1, 1], pa.int32())})
        pq.write_table(table, tmp_path / f"part-{number}.parquet")
    with pytest.raises(errors.NullValuesError) as caught:
        tfs.map_rows(program(SEED), tmp_path).to_arrow()
    text = str(caught.value)
    assert text.startswith(f"In {tmp_path / 'part-1.parquet'}: Column 'x' holds 1 null in a block")
    assert caught.value.args[:4] == ("x", 1, 4, 3)
    assert tfs.map_rows(program(SEED), tmp_path, nulls="null").to_arrow()["z"].to_pylist() == [
        4, 5, 6, None,
    ]  # fmt: skip
    assert tfs.run_local(program(SEED), tmp_path, nulls=0).z.tolist() == [4, 5, 6, 3]
    total = program(SUM.replace("int64", "int32"))
    assert tfs.reduce_blocks(total, tmp_path, nulls="null") == 6
    assert tfs.reduce_blocks(total, tmp_path, nulls=10) == 16
    with pytest.raises(errors.NullValuesError, match="part-1.parquet: Column 'x' holds"):
        tfs.reduce_blocks(total, tmp_path)


def test_an_error_of_a_block_names_all_of_its_files(tmp_path):
    for number, size in enumerate([2, 3]):
        table = pa.table({"v": pa.array([[1.0] * size], pa.list_(pa.float32()))})
        pq.write_table(table, tmp_path / f"part-{number}.parquet")
    # Rows that depend on each other: others are sorted by their shapes.
    sums = program("v = tf.placeholder(tf.float32, [None, None], name='v')\ntf.cumsum(v, name='w')")
    with pytest.raises(errors.ShapeMismatchError) as caught:
        tfs.map_blocks(sums, tmp_path).to_arrow()
    first, last = (tmp_path / f"part-{number}.parquet" for number in range(2))
    assert str(caught.value).startswith(f"In {first} to {last}: Column 'v'")


def test_what_the_schema_tells_is_told_at_once(folder):
    with pytest.raises(errors.ColumnNotFoundError, match="'nope', which the files do not have"):
        tfs.map_rows(program(SEED), folder, {"x": "nope"})
    with pytest.raises(
        errors.DtypeMismatchError, match="again as int32, or make the placeholder tf.int64."
    ):
        tfs.map_rows(program(SEED), folder, {"x": "id"})
    with pytest.raises(
        errors.OptionError, match=r"columns names 'ids', which .* Did you mean 'id'"
    ):
        tfs.map_rows(program(SEED), folder, columns=["ids"])
    with pytest.raises(errors.OptionError, match=r"columns=\['id'\]"):
        tfs.map_rows(program(SEED), folder, columns="id")
    with pytest.raises(errors.OptionError, match="leave columns= out"):
        tfs.map_blocks(program(PLUS), folder, trim=True, columns=["id"])
    with pytest.raises(errors.PathNotFoundError):
        tfs.map_rows(program(SEED), folder / "nothing")
    with pytest.raises(errors.NotADataFrameError, match="got str"):
        tfs.aggregate(program(SUM), str(folder))
    frame = pd.DataFrame({"x": np.zeros(1, np.int32), "y": np.zeros(1, np.int32)})
    with pytest.raises(errors.OptionError, match="columns= goes with files"):
        tfs.map_rows(program(SEED), frame, columns=["x"])
    with pytest.raises(errors.OptionError, match="spark= goes with files"):
        tfs.reduce_blocks(program(SUM.replace("int64", "int32")), frame, spark=object())


def test_a_file_with_another_schema_is_named(tmp_path):
    pq.write_table(pa.table({"x": [1, 2]}), tmp_path / "part-0.parquet")
    pq.write_table(pa.table({"x": [0.5]}), tmp_path / "part-1.parquet")
    pq.write_table(pa.table({"x": [3]}), tmp_path / "part-2.parquet")
    with pytest.raises(errors.FileContentError, match=r"part-1.parquet.*'x'.*int64.*double"):
        tfs.reduce_blocks(program(SUM), tmp_path)


def test_vectors_of_columns_fields_of_structs_and_times(tmp_path):
    day, second = dt.date(2020, 1, 2), dt.datetime(2020, 1, 2, 3, 4, 5)  # noqa: DTZ001
    table = pa.table(
        {
            "a": pa.array([1, 2], pa.int32()),
            "b": pa.array([0.5, 1.5]),
            "st": [{"p": 1.0, "q": 2.0}, {"p": 3.0, "q": 4.0}],
            "d": [day, day],
            "t": pa.array([second, second], pa.timestamp("us", "UTC")),
        }
    )
    path = tmp_path / "kinds.parquet"
    pq.write_table(table, path)
    pair = program("p = tf.placeholder(tf.float64, [2], name='p')\ntf.reduce_sum(p, name='sum')")
    assert tfs.run_local(pair, path, {"p": ["a", "b"]})["sum"].tolist() == [1.5, 3.5]
    assert tfs.run_local(pair, path, {"p": "st.*"})["sum"].tolist() == [3, 7]
    times = program(
        "d = tf.placeholder(tf.int64, name='d')\nt = tf.placeholder(tf.int64, name='t')\n"
        "n = tf.subtract(t, d * 86_400_000_000, name='n')"
    )
    of_day = (3 * 3600 + 4 * 60 + 5) * 1_000_000
    assert tfs.run_local(times, path).n.tolist() == [of_day] * 2


def test_leaving_early_leaves_no_thread(folder):
    before = set(threading.enumerate())
    batches = iter(tfs.map_rows(program(SEED), folder, rows_per_block=10))
    assert next(batches).num_rows == 10
    batches.close()
    assert set(threading.enumerate()) <= before
    failing = program(
        "x = tf.placeholder(tf.int32, name='x')\ntf.ensure_shape(x // (x - 70), [], name='z')"
    )
    with pytest.raises(errors.WorkerFailedError, match=r"part-0.parquet: Program 'score' failed"):
        tfs.map_rows(failing, folder, rows_per_block=10).to_arrow()
    assert set(threading.enumerate()) <= before


def test_whatever_takes_streams_of_arrow_takes_the_table(folder):
    table = tfs.map_rows(program(SEED), folder, columns=["id"])
    assert pa.table(table).equals(table.to_arrow())


def test_it_is_explained_before_anything_is_read(folder):
    told = tfs.explain(program(SEED), folder, columns=["s"])
    assert (told.leaving, told.passing) == (("x", "y"), ("s",))
    assert told.read.startswith("3 columns of 5, in 17 fragments of 4 files, ")
    assert told.read.endswith("of this process")
    text = str(told)
    assert "leave the JVM" not in text
    assert "placeholder  takes  column  Arrow type" in text
    reduced = tfs.explain(program(SUM), folder, {"x_input": "id"}, verb="reduce_blocks")
    assert reduced.read.startswith("1 column of 5, in 17 fragments of 4 files, ")


@given(st.lists(st.none() | st.integers(0, 3 * TASK_BYTES), max_size=40), st.integers(1, 9))
def test_each_fragment_is_in_one_group(sizes, cores):
    fragments = [Fragment(str(n), "parquet", bytes=size) for n, size in enumerate(sizes)]
    groups = grouped(fragments, cores)
    assert all(groups)
    assert [fragment for group in groups for fragment in group] == fragments
    # A group has no more than its share, but for the fragments that it is cut at.
    known = [max(size or 0, 1) for size in sizes]
    share = sum(known) / max(cores, -(-sum(known) // TASK_BYTES)) if known else 0
    for group in groups:
        inner = [max(fragment.bytes or 0, 1) for fragment in group]
        assert sum(inner) <= share + (inner[0] + inner[-1]) / 2 + 1


def test_fragments_are_grouped_by_their_bytes_in_order():
    fragments = [Fragment(str(n), "parquet", bytes=10 if n else 500) for n in range(51)]
    groups = grouped(fragments, 2)
    assert [len(group) for group in groups] == [1, 50]
    assert [fragment for group in groups for fragment in group] == fragments
    large = [Fragment(str(n), "parquet", bytes=TASK_BYTES) for n in range(5)]
    assert [len(group) for group in grouped(large, 2)] == [1] * 5
    assert grouped([], 2) == []
    assert len(grouped([Fragment("unknown", "text")], 8)) == 1
