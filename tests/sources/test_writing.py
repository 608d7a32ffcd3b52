"""Test that Parquet files are written completely or not at all."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import tfspark_magic as tfs
from tfspark_magic import errors
from tfspark_magic.sources import writing

TABLE = pa.table(
    {
        "n": pa.array([1, None, 3], pa.int64()),
        "u": pa.array([1, 2, 255], pa.uint8()),
        "h": pa.array(np.array([0.5, 1, 2], np.float16)),
        "v": pa.array([[1.0], [], None], pa.list_(pa.float32())),
        "s": ["a", "ä", None],
    }
)


@pytest.mark.parametrize(
    "rows",
    [
        lambda: TABLE,
        lambda: TABLE.to_batches()[0],
        lambda: TABLE.to_batches(max_chunksize=1),
        lambda: (batch for batch in TABLE.to_batches(max_chunksize=2)),
        TABLE.to_reader,
    ],
    ids=["table", "batch", "list", "generator", "reader"],
)
def test_what_is_written_is_read(tmp_path, rows):
    path = tmp_path / "new" / "folder" / "rows.parquet"
    tfs.write_parquet(rows(), path)
    assert pq.read_table(path).equals(TABLE)
    assert [file.name for file in path.parent.iterdir()] == ["rows.parquet"]


def test_pandas_frames_and_tables_without_rows_too(tmp_path):
    tfs.write_parquet(pd.DataFrame({"x": [1, 2]}), str(tmp_path / "x.parquet"))
    assert pq.read_table(tmp_path / "x.parquet")["x"].to_pylist() == [1, 2]
    tfs.write_parquet(TABLE.slice(0, 0), tmp_path / "none.parquet")
    assert pq.read_table(tmp_path / "none.parquet").schema.names == TABLE.schema.names
    with pytest.raises(errors.OptionError, match="without a batch"):
        tfs.write_parquet([], tmp_path / "y.parquet")
    with pytest.raises(errors.OptionError, match=r"takes a table or batches of Arrow, got int"):
        tfs.write_parquet(5, tmp_path / "y.parquet")


def test_nanoseconds_are_written_as_microseconds_or_named(tmp_path):
    whole = pa.array([1_000, None], pa.timestamp("ns", "UTC"))
    table = pa.table(
        {"t": whole, "l": [[{"t": t}] for t in whole], "s": pa.array([1, 2], pa.timestamp("s"))}
    )
    tfs.write_parquet(table, tmp_path / "a.parquet")
    written = pq.ParquetFile(tmp_path / "a.parquet")
    assert "nanoseconds" not in str(written.schema)
    assert written.read().to_pylist() == table.to_pylist()
    tfs.write_parquet(pd.DataFrame({"t": whole.to_pandas()}), tmp_path / "b.parquet")
    assert "nanoseconds" not in str(pq.ParquetFile(tmp_path / "b.parquet").schema)
    finer = pa.table({"n": [0], "t": pa.array([1_001], pa.timestamp("ns"))})
    with pytest.raises(errors.InexactValueError) as error:
        tfs.write_parquet(finer, tmp_path / "c.parquet")
    assert str(error.value) == (
        "Column 't' holds the timestamp[ns] 1001, which timestamp[us], the finest time of Spark, "
        "cannot hold exactly: round its times to microseconds."
    )
    assert not (tmp_path / "c.parquet").exists()
    rounded = finer.set_column(1, "t", pc.floor_temporal(finer["t"], unit="microsecond"))
    tfs.write_parquet(rounded, tmp_path / "c.parquet")
    assert pq.read_table(tmp_path / "c.parquet")["t"].cast(pa.int64()).to_pylist() == [1]


def test_types_of_arrow_alone_are_written_as_those_that_spark_reads(tmp_path):
    views = pa.ListViewArray.from_arrays([2, 0, 3], [2, 2, 0], pa.array([1, 2, 3, 4]))
    runs = pa.RunEndEncodedArray.from_arrays([1, 3], ["a", "b"])
    times = [dt.time(1, 2, 3), None, dt.time(4)]
    table = pa.table(
        {
            "views": views, "runs": runs, "s": pa.array(times, pa.time32("s")),
            "ms": pa.array([[t] for t in times], pa.list_(pa.time32("ms"))),
        }
    )  # fmt: skip
    tfs.write_parquet(table, tmp_path / "a.parquet")
    written = pq.read_table(tmp_path / "a.parquet")
    assert written.to_pydict() == {
        "views": [[3, 4], [1, 2], []], "runs": ["a", "b", "b"], "s": times,
        "ms": [[t] for t in times],
    }  # fmt: skip
    # Spark reads no times of day in milliseconds.
    assert (written.schema.field("s").type, written["ms"].type.value_type) == (pa.time64("us"),) * 2


@pytest.mark.parametrize("arrow", [pa.month_day_nano_interval(), pa.struct([])])
def test_a_type_that_parquet_lacks_is_named(tmp_path, arrow):
    table = pa.table({"x": [1], "t": pa.nulls(1, arrow)})
    with pytest.raises(errors.UnsupportedTypeError) as error:
        tfs.write_parquet(table, tmp_path / "a.parquet")
    assert str(error.value) == (
        f"Column 't' is {arrow}, which cannot be used here: leave it out, since Parquet has no such "
        f"type."
    )
    assert not [*tmp_path.iterdir()]
    tfs.write_parquet(table.drop_columns("t"), tmp_path / "a.parquet")


def test_row_groups_hold_many_batches_and_no_more_than_their_bytes(tmp_path, monkeypatch):
    batches = pa.table({"x": np.arange(1000)}).to_batches(max_chunksize=10)
    tfs.write_parquet(batches, tmp_path / "one.parquet")
    assert pq.read_metadata(tmp_path / "one.parquet").num_row_groups == 1
    monkeypatch.setattr(writing, "GROUP_BYTES", 2000)
    tfs.write_parquet(batches, tmp_path / "four.parquet")
    assert pq.read_metadata(tmp_path / "four.parquet").num_row_groups == 4
    assert pq.read_table(tmp_path / "four.parquet")["x"].to_pylist() == list(range(1000))


def test_a_failure_on_the_way_leaves_what_was_there(tmp_path):
    def failing():
        yield from TABLE.to_batches()
        raise errors.NullValuesError("n", 1, 3, 1)

    path = tmp_path / "rows.parquet"
    with pytest.raises(errors.NullValuesError):
        tfs.write_parquet(failing(), path)
    assert list(tmp_path.iterdir()) == []
    tfs.write_parquet(TABLE, path)
    with pytest.raises(errors.OptionError, match=r"is there already: pass overwrite=True"):
        tfs.write_parquet(TABLE, path)
    with pytest.raises(errors.NullValuesError):
        tfs.write_parquet(failing(), path, overwrite=True)
    assert pq.read_table(path).equals(TABLE)
    # Also if it replaces the file from which the rows are read.
    tfs.write_parquet(pq.ParquetFile(path).iter_batches(), path, overwrite=True)
    tfs.write_parquet(TABLE.slice(1), path, overwrite=True)
    assert pq.read_table(path).equals(TABLE.slice(1))
    assert [file.name for file in tmp_path.iterdir()] == ["rows.parquet"]


def test_a_folder_is_no_file_and_a_file_no_folder(tmp_path):
    with pytest.raises(errors.OptionError, match="is a folder: name a file in it"):
        tfs.write_parquet(TABLE, tmp_path)
    tfs.write_parquet(TABLE, tmp_path / "file")
    with pytest.raises(errors.TfSparkError):
        tfs.write_parquet(TABLE, tmp_path / "file" / "rows.parquet")
