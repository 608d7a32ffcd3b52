"""Test how a task cuts its rows into files and folders."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import fs

from tfspark_magic.errors import OptionError
from tfspark_magic.sources import part_files
from tfspark_magic.sources.files import files
from tfspark_magic.sources.part_files import PartFiles, by_partition, folder_text

LOCAL = fs.LocalFileSystem()


def write(folder, batches, partition_by=()):
    with PartFiles(LOCAL, str(folder), batches[0].schema, partition_by) as files:
        for batch in batches:
            files.write(batch)
    return files.written


@given(
    st.lists(st.tuples(st.none() | st.integers(-2, 2), st.sampled_from([None, "", "a", "b/c"]))),
    st.sampled_from([pa.string(), pa.large_string()]),
)
def test_each_row_goes_to_the_folder_of_its_values_in_order(keys, text):
    kinds = pa.schema([("k", pa.int32()), ("s", text), ("n", pa.int64())])
    columns = [[k for k, _ in keys], [s for _, s in keys], range(len(keys))]
    batch = pa.record_batch(
        [pa.array(c, t) for c, t in zip(columns, kinds.types, strict=True)], schema=kinds
    )
    found = {folder: rows["n"].to_pylist() for folder, rows in by_partition(batch, ["k", "s"])}
    expected: dict[str, list[int]] = {}
    for n, (k, s) in enumerate(keys):
        expected.setdefault(f"k={folder_text(k)}/s={folder_text(s)}", []).append(n)
    assert found == expected


def test_no_folder_is_hidden_from_readers(tmp_path):
    values = ["a._COPYING_", ".b", None]
    table = pa.table({".x": values, "n": range(3)})
    for number, file in enumerate(write(tmp_path / "parts", table.to_batches(), [".x"])):
        folder = tmp_path / "there" / file.partition
        folder.mkdir(parents=True)
        Path(file.path).rename(folder / f"{number}.parquet")
    found = files(str(tmp_path / "there"))
    assert found.schema.names == ["n", ".x"]
    assert {dict(known)[".x"] for known in found.partitions} == set(values)


def test_a_date_that_names_no_folder_is_said():
    batch = pa.record_batch({"day": pa.array([0, 10**7], pa.date32()), "n": [1, 2]})
    with pytest.raises(OptionError, match="'day' has a date that is not in the years 1 to 9999"):
        list(by_partition(batch, ["day"]))


def test_files_and_row_groups_have_the_rows_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr(part_files, "GROUP_BYTES", 4_000)
    monkeypatch.setattr(part_files, "FILE_BYTES", 10_000)
    values = np.random.default_rng(1).integers(0, 2**60, 20_000)
    batches = pa.table({"x": values}).to_batches(max_chunksize=100)
    files = write(tmp_path, batches)
    assert len(files) > 5
    assert [file.number for file in files] == list(range(len(files)))
    read = [pq.ParquetFile(file.path) for file in files]
    assert [file.metadata.num_rows for file in read] == [file.rows for file in files]
    np.testing.assert_array_equal(np.concatenate([file.read()["x"] for file in read]), values)


@pytest.mark.parametrize("limit", ["_OPEN_FILES", "_HELD_BYTES"])
def test_more_partitions_than_files_or_memory_allow(tmp_path, monkeypatch, limit):
    monkeypatch.setattr(part_files, limit, 3)
    days = [dt.date(2020, 1, 1 + n % 7) for n in range(70)]
    table = pa.table({"day": days, "n": range(70)})
    files = write(tmp_path, table.to_batches(max_chunksize=10), ["day"])
    found = {
        folder: [n for file in own for n in pq.read_table(file.path)["n"].to_pylist()]
        for folder, own in itertools.groupby(
            sorted(files, key=lambda f: (f.partition, f.number)), key=lambda file: file.partition
        )
    }
    assert found == {f"day=2020-01-0{1 + d}": list(range(d, 70, 7)) for d in range(7)}
