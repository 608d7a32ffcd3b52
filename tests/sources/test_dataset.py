from __future__ import annotations

import itertools
import json
import os
import threading

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tfspark_magic as tfs
from tests.sources.tables import READS_NULL_LISTS, plain, rows_of, tables, write
from tfspark_magic.errors import (
    FileContentError,
    OptionError,
    PathNotFoundError,
    UnsupportedTypeError,
)

import tensorflow as tf

few = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def numbers(tmp_path_factory):
    """0 to 99 in five files of row groups of 7, with their vectors."""
    root = tmp_path_factory.mktemp("numbers")
    for first in range(0, 100, 20):
        x = np.arange(first, first + 20)
        v = pa.FixedSizeListArray.from_arrays(pa.array(np.repeat(x, 3).astype("f4")), 3)
        write(pa.table({"x": x, "v": v, "y": x / 2}), root / f"{first:02}.parquet")
    return str(root)


def xs(dataset):
    return [n for batch in dataset for n in np.ravel(batch.numpy()).tolist()]


@few
@given(data=st.data(), batch_size=st.one_of(st.none(), st.integers(1, 12)))
def test_rows_of_files_are_rows_of_the_dataset(tmp_path, data, batch_size):
    table = data.draw(tables())
    path = write(table, tmp_path / "a.parquet", row_group_size=data.draw(st.integers(1, 9)))
    dataset = tfs.dataset(path, batch_size=batch_size)
    if batch_size is None:
        rows = [{name: plain(value) for name, value in row.items()} for row in dataset]
    else:
        rows = rows_of(dataset)
        sizes = [len(batch["b"]) for batch in dataset]
        assert sizes == [min(batch_size, len(table) - n) for n in range(0, len(table), batch_size)]
    assert rows == table.to_pylist()
    assert int(dataset.cardinality()) == len(list(dataset))


def test_specs_are_exact(numbers):
    spec = tf.TensorSpec
    made = tfs.dataset(numbers, batch_size=8)
    assert made.element_spec == {
        "x": spec((None,), tf.int64), "v": spec((None, 3), tf.float32), "y": spec((None,), tf.float64),
    }  # fmt: skip
    fixed = tfs.dataset(numbers, ["v"], 8, drop_remainder=True)
    assert fixed.element_spec == {"v": spec((8, 3), tf.float32)}
    assert [batch["v"].shape[0] for batch in fixed] == [8] * 12
    assert tfs.dataset(numbers, "v").element_spec == spec((3,), tf.float32)
    labelled = tfs.dataset(numbers, "v", 8, label="y", positions=True)
    assert labelled.element_spec == (
        (spec((None, 3), tf.float32), spec((None,), tf.float64)), spec((5,), tf.int64),
    )  # fmt: skip
    assert set(tfs.dataset(numbers, batch_size=8, label="y").element_spec[0]) == {"x", "v"}


def test_columns_of_unknown_size_are_ragged(tmp_path):
    deep = pa.list_(pa.list_(pa.list_(pa.int16(), 2)))
    cells = [[[[1, 2]], [[3, 4], [5, 6]]], [], [[]]]
    table = pa.table(
        {"r": pa.array([[1], [], [2, 3]], pa.list_(pa.int32())), "d": pa.array(cells, deep)}
    )
    write(table, tmp_path / "a.parquet")
    made = tfs.dataset(tmp_path, batch_size=2)
    assert made.element_spec == {
        "r": tf.RaggedTensorSpec((None, None), tf.int32, 1, tf.int64),
        "d": tf.RaggedTensorSpec((None, None, None, 2), tf.int16, 2, tf.int64),
    }
    assert [row["d"] for row in rows_of(made)] == cells
    fixed = tfs.dataset(tmp_path, batch_size=2, drop_remainder=True, label="d")
    assert len(list(fixed)) == 1
    single = tfs.dataset(tmp_path)
    assert single.element_spec == {
        "r": tf.TensorSpec((None,), tf.int32),
        "d": tf.RaggedTensorSpec((None, None, 2), tf.int16, 1, tf.int64),
    }
    assert [plain(row["d"]) for row in single] == cells


def test_a_size_that_is_told_makes_them_dense_and_is_checked(tmp_path):
    write(pa.table({"v": [[1, 2], [3, 4]]}), tmp_path / "a.parquet")
    made = tfs.dataset(tmp_path, "v", 2, shapes={"v": 2})
    assert next(iter(made)).numpy().tolist() == [[1, 2], [3, 4]]
    path = write(pa.table({"v": [[1, 2], [3]]}), tmp_path / "b.parquet")
    seen = []
    with pytest.raises(FileContentError) as error:
        for row in tfs.dataset(tmp_path, "v", shapes={"v": 2}, prefetch=0):
            seen.append(row.numpy().tolist())  # noqa: PERF401  (kept when it raises)
    assert str(error.value) == (
        f"File '{path}': expected cells of shape [2] in column 'v', found an axis of size 1 where 2 "
        f"belongs; pass shapes={{'v': [None]}}, by which an axis varies."
    )
    assert seen == [[1, 2], [3, 4]][: len(seen)]


def test_dates_times_and_bytes_are_as_everywhere(tmp_path):
    day = pa.array([1, 2], pa.int32()).cast(pa.date32())
    time = pa.array([5, 7], pa.int64()).cast(pa.timestamp("ms"))
    write(pa.table({"d": day, "t": time, "b": [b"\0", b"x"]}), tmp_path / "a.parquet")
    batch = next(iter(tfs.dataset(tmp_path, batch_size=2)))
    assert batch["d"].numpy().tolist() == [1, 2]
    assert batch["t"].numpy().tolist() == [5000, 7000]
    assert batch["b"].numpy().tolist() == [b"\0", b"x"]


def test_nulls_are_an_error_or_filled(tmp_path):
    cells = [[1.0], [None], None if READS_NULL_LISTS else [None]]
    table = pa.table({"x": [1, None, 3], "v": pa.array(cells, pa.list_(pa.float32(), 1))})
    path = write(table, tmp_path / "a.parquet")
    with pytest.raises(FileContentError) as error:
        list(tfs.dataset(path, batch_size=2))
    assert str(error.value) == (
        f"File '{path}': expected no null in column 'x', found 1 null in 3 rows, the first 1 rows "
        f"on; pass a value for them, such as nulls={{'x': 0}}, or "
        f"filters=pyarrow.compute.field('x').is_valid() to leave them out."
    )
    filled = tfs.dataset(path, batch_size=3, nulls={"x": -1, "v": 0.5})
    assert rows_of(filled) == [{"x": 1, "v": [1.0]}, {"x": -1, "v": [0.5]}, {"x": 3, "v": [0.5]}]
    with pytest.raises(OptionError) as refused:
        tfs.dataset(path, nulls="null")
    assert "nulls='null' cannot replace a null of column 'x', which is int64" in str(refused.value)


def test_null_lists_of_a_fixed_size_may_need_a_newer_pyarrow(tmp_path):
    table = pa.table({"v": pa.array([[1.0], None], pa.list_(pa.float32(), 1))})
    path = write(table, tmp_path / "a.parquet")
    if READS_NULL_LISTS:
        assert rows_of(tfs.dataset(path, batch_size=2, nulls=0)) == [{"v": [1.0]}, {"v": [0.0]}]
        return
    with pytest.raises(FileContentError, match="column 'v' .*; install pyarrow 26 or later"):
        list(tfs.dataset(path, batch_size=2, nulls=0))


def test_filters_and_partitions_reach_the_dataset(numbers):
    found = tfs.files(numbers, filters=[("x", ">", 95)])
    assert xs(tfs.dataset(found, "x", 3)) == [96, 97, 98, 99]
    assert xs(tfs.dataset(numbers, "x", 3, filters=[("y", "<", 1)])) == [0, 1]


@few
@given(data=st.data())
def test_a_shuffle_is_a_permutation_that_the_seed_and_the_pass_decide(numbers, data):
    options = {
        "batch_size": data.draw(st.integers(1, 40)),
        "shuffle": True,
        "seed": data.draw(st.integers(0, 9)),
        "shuffle_rows": data.draw(st.integers(1, 120)),
        "threads": data.draw(st.integers(1, 4)),
    }
    dataset = tfs.dataset(numbers, "x", **options)
    first, second = xs(dataset), xs(dataset)
    assert sorted(first) == sorted(second) == list(range(100))
    assert first != second
    again = tfs.dataset(numbers, "x", **(options | {"batch_size": 7, "threads": 2}))
    assert [xs(again), xs(again)] == [first, second]


def test_rows_of_several_row_groups_are_mixed(numbers):
    first = xs(tfs.dataset(numbers, "x", 10, shuffle=True, seed=1))[:10]
    assert len({n // 20 for n in first}) > 1


@settings(few, max_examples=3)
@given(count=st.sampled_from([1, 2, 4, 15]), shuffle=st.booleans())
def test_shards_part_the_rows(numbers, count, shuffle):
    options = {"shuffle": shuffle, "seed": 5} if shuffle else {}
    parts = [xs(tfs.dataset(numbers, "x", 9, shard=(n, count), **options)) for n in range(count)]
    assert sorted(itertools.chain(*parts)) == list(range(100))


@few
@given(data=st.data())
def test_a_position_resumes_with_exactly_the_rest(numbers, data):
    options = {"batch_size": data.draw(st.one_of(st.none(), st.integers(1, 30)))}
    if data.draw(st.booleans()):
        window = data.draw(st.integers(1, 60))
        options |= {"shuffle": True, "seed": data.draw(st.integers(0, 3)), "shuffle_rows": window}
    if data.draw(st.booleans()):
        options["filters"] = [("x", ">=", data.draw(st.integers(0, 99)))]
    if data.draw(st.booleans()):
        options["shard"] = (data.draw(st.integers(0, 2)), 3)
        if "filters" not in options or options["filters"][0][2] < 97:
            options["even_shards"] = data.draw(st.booleans())
    dataset = tfs.dataset(numbers, "x", positions=True, **options)
    list(itertools.islice(dataset, 1))  # a pass that was begun
    seen = [(np.ravel(x.numpy()).tolist(), position.numpy().tolist()) for x, position in dataset]
    if not seen:
        return
    stop = data.draw(st.integers(0, len(seen) - 1))
    saved = json.loads(json.dumps(seen[stop][1]))
    other = {} if options["batch_size"] is None else {"batch_size": data.draw(st.integers(1, 30))}
    rest = tfs.dataset(numbers, "x", start=saved, **(options | other))
    assert xs(rest) == [n for x, _ in seen[stop + 1 :] for n in x]
    assert xs(rest) == xs(dataset.map(lambda x, position: x))  # the next pass is whole


def test_rows_may_be_left_out_by_their_number(numbers):
    for options in (
        {},
        {"filters": [("x", ">", 3)]},
        {"filters": [("x", ">", 3)], "shard": (1, 2), "even_shards": True},
        {"shuffle": True, "seed": 2, "shuffle_rows": 30},
    ):
        whole = xs(tfs.dataset(numbers, "x", 8, **options))
        for start in (0, 1, 33, len(whole)):
            assert xs(tfs.dataset(numbers, "x", 8, start=start, **options)) == whole[start:]
    with pytest.raises(OptionError, match="start=101 is beyond the last of 100 rows"):
        tfs.dataset(numbers, "x", start=101)


def test_a_position_in_other_rows_is_refused(numbers):
    (_, position), *_ = tfs.dataset(numbers, "x", 8, positions=True, shuffle=True, seed=1)
    for other in (
        {"seed": 2},
        {"seed": 1, "shard": (0, 2)},
        {"seed": 1, "shard": (0, 1), "even_shards": True},
        {"seed": 1, "filters": [("x", ">", 1)]},
    ):
        with pytest.raises(
            OptionError, match="start is a position in other files or another order"
        ):
            tfs.dataset(numbers, "x", 8, shuffle=True, start=position, **other)
    with pytest.raises(OptionError, match="start is a number of rows, or a position"):
        tfs.dataset(numbers, "x", 8, start="now")
    with pytest.raises(OptionError, match="needs a seed"):
        tfs.dataset(numbers, "x", 8, shuffle=True, positions=True)


@pytest.mark.parametrize("extension", ["csv", "parquet"])
def test_a_position_in_a_file_that_was_written_since_is_refused(tmp_path, extension):
    path = tmp_path / f"a.{extension}"
    write(pa.table({"x": [1, 2, 3]}), path)
    (_, position), *_ = tfs.dataset(tmp_path, "x", 1, positions=True)
    assert xs(tfs.dataset(tmp_path, "x", 1, start=position)) == [2, 3]
    times, content = path.stat(), path.read_bytes()
    write(pa.table({"x": [4, 5, 6]}), path)
    assert path.stat().st_size == times.st_size
    with pytest.raises(OptionError, match="and no file written since"):
        tfs.dataset(tmp_path, "x", 1, start=position)
    # A file that is restored together with its time is the same file.
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert xs(tfs.dataset(tmp_path, "x", 1, start=position)) == [2, 3]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"columns": ["nope"]}, "The files have no column 'nope'. There are: x, v, y."),
        ({"label": "yy"}, "The files have no column 'yy'. Did you mean"),
        ({"batch_size": 0}, "batch_size is a number of rows, at least 1, got 0."),
        ({"threads": True}, "threads is a number of threads, at least 1, got True."),
        ({"shard": (3, 3)}, "shard is (index, count) with 0 <= index < count, got (3, 3)."),
        ({"shard": (0, 16)}, "There are 15 fragments (row groups, stripes or files) for 16 shards"),
        ({"columns": []}, "No columns are left to read"),
        ({"nulls": {"z": 0}}, "nulls: no column 'z' is read."),
    ],
)
def test_options_that_cannot_be_are_refused(numbers, options, message):
    with pytest.raises(OptionError) as error:
        tfs.dataset(numbers, **options)
    assert message in str(error.value)


def test_a_column_without_tensors_is_refused_if_it_is_read(tmp_path):
    table = pa.table({"x": [1], "s": [{"a": 1}]})
    pq.write_table(table, tmp_path / "a.parquet")
    assert xs(tfs.dataset(tmp_path, "x", 1)) == [1]
    with pytest.raises(UnsupportedTypeError, match="Column 's' is struct<a: int64>"):
        tfs.dataset(tmp_path)


def test_a_file_that_is_gone_or_changed_meanwhile_is_named(tmp_path):
    for name in "ab":
        write(pa.table({"x": [1, 2]}), tmp_path / f"{name}.parquet")
    dataset = tfs.dataset(tmp_path, "x", 2, threads=1)
    (tmp_path / "b.parquet").unlink()
    with pytest.raises(PathNotFoundError, match=r"b\.parquet': no such file"):
        list(dataset)
    write(pa.table({"x": ["one"]}), tmp_path / "b.parquet")
    with pytest.raises(FileContentError, match=r"b\.parquet': expected"):
        list(dataset)


def test_an_error_behind_other_transformations_holds_the_sentence(tmp_path):
    path = write(pa.table({"x": [1, None]}), tmp_path / "a.parquet")
    with pytest.raises(tf.errors.OpError, match="expected no null in column 'x'"):
        list(tfs.dataset(path, "x", 2).map(lambda x: x + 1))


def test_keras_fits_it(numbers):
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    dataset = tfs.dataset(numbers, "v", 10, label="y", shuffle=True, seed=1)
    history = model.fit(dataset.map(lambda v, y: (v / 100, y / 100)), epochs=3, verbose=0)
    assert len(history.history["loss"]) == 3
    assert model.predict(tfs.dataset(numbers, "v", 10), verbose=0).shape == (100, 1)


def test_it_is_a_dataset_like_any_other(numbers):
    dataset = tfs.dataset(numbers, "x", 10)
    assert xs(dataset.repeat(2)) == [*range(100)] * 2
    assert xs(dataset.unbatch().skip(95)) == [95, 96, 97, 98, 99]
    assert [len(b) for b in dataset.take(2).as_numpy_iterator()] == [10, 10]

    @tf.function
    def total(data):
        return data.reduce(tf.constant(0, tf.int64), lambda sum_, x: sum_ + tf.reduce_sum(x))

    assert int(total(dataset)) == 4950


def reading():
    return [t for t in threading.enumerate() if t.name == "tfspark_magic-read"]


def test_a_loop_that_is_left_stops_reading(numbers):
    before = set(reading())
    for _ in tfs.dataset(numbers, "x", 1, prefetch=0):
        break
    for thread in set(reading()) - before:
        thread.join(30)
        assert not thread.is_alive()


def test_two_loops_at_once_do_not_disturb_each_other(numbers):
    dataset = tfs.dataset(numbers, "x", 10)
    pairs = list(zip(dataset, dataset, strict=True))
    assert all((a.numpy() == b.numpy()).all() for a, b in pairs)
    assert len(pairs) == 10
