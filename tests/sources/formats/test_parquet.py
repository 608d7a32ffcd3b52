from __future__ import annotations

import base64
import datetime as dt

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import tfspark_magic as tfs
from tests.sources.formats.footers import write_with_counts
from tests.sources.test_files import table_of
from tfspark_magic.errors import FileContentError

ROWS = 20
SCALARS = pa.table({"x": range(ROWS), "y": range(ROWS)})
NESTED = pa.table(
    {
        "l": [[n, n] for n in range(ROWS)],
        "s": [{"a": n, "b": [n]} for n in range(ROWS)],
        "y": range(ROWS),
    }
)
FILE, X, Y, GROUP = range(4)


@pytest.mark.parametrize("batch_rows", [3, 4, 100])
@pytest.mark.parametrize(
    ("table", "counts", "column", "found"),
    [
        (SCALARS, {X: 6}, "x", "6"),
        (SCALARS, {Y: 6}, "y", "6"),
        (SCALARS, {X: 30}, "x", "30"),
        (SCALARS, {FILE: 30, GROUP: 30}, "x", "20"),
        (SCALARS, {FILE: 6, GROUP: 6}, "x", "20"),
        (NESTED, {1: 6}, "s", ""),
        (NESTED, {2: 6}, "s", ""),
    ],
)
def test_a_column_with_fewer_or_more_values_than_rows_is_named(
    tmp_path, table, counts, column, found, batch_rows
):
    path = write_with_counts(table, tmp_path / "a.parquet", counts)
    with pytest.raises(FileContentError) as error:
        table_of(tfs.files(path), batch_rows=batch_rows)
    rows = counts.get(FILE, ROWS)
    assert str(error.value).startswith(
        f"File '{path}': expected {rows} rows of column '{column}' in row group 0, found {found}"
    )
    assert str(error.value).endswith("; write it again, or leave the column out.")
    if FILE not in counts:
        # Following the advice: without this file, all rows of the others are read.
        names = [name for name in table.column_names if name != column]
        assert table_of(tfs.files(path), names, batch_rows).equals(table.select(names))
        batches = tfs.dataset(path, "y" if column == "x" else names[0], 7)
        assert sum(int(batch.shape[0]) for batch in batches) == ROWS


def test_a_file_whose_row_groups_are_not_all_its_rows_is_named(tmp_path):
    path = write_with_counts(SCALARS, tmp_path / "a.parquet", {FILE: 30})
    with pytest.raises(FileContentError) as error:
        tfs.files(path).fragments()
    assert "expected row groups of 30 rows, as its footer says, found 20 rows;" in str(error.value)
    pq.write_table(SCALARS, tmp_path / "b.parquet")
    # Following the advice: the file is left out of the path.
    assert table_of(tfs.files(tmp_path / "b.parquet")).num_rows == ROWS


def test_no_bit_of_a_page_with_a_checksum_may_differ(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(
        pa.table({"x": pa.array(range(1000), pa.int64())}), path, compression=None,
        use_dictionary=False, write_page_checksum=True,
    )  # fmt: skip
    content = bytearray(path.read_bytes())
    place = content.index((777).to_bytes(8, "little"))
    content[place] ^= 4
    path.write_bytes(content)
    with pytest.raises(FileContentError, match=r"rows of column 'x' in row group 0, found .*CRC"):
        table_of(tfs.files(path))


def test_times_of_96_bits_are_of_utc_at_any_depth(tmp_path):
    times = pa.array([None, 1_000, 2_000], pa.timestamp("ns"))
    lists = pa.ListArray.from_arrays([0, 1, 2, 3], times)
    table = pa.table({"t": times, "l": lists, "n": pa.array([1, 2, 3], pa.timestamp("us"))})
    path = tmp_path / "a.parquet"
    pq.write_table(table, path, use_deprecated_int96_timestamps=True)
    utc = pa.timestamp("us", "UTC")
    found = tfs.files(path)
    assert [column.type for column in found.schema] == [
        utc, pa.list_(pa.field("element", utc)), utc,
    ]  # fmt: skip
    assert dict(found.columns())["t"].kind == "timestamp"
    assert table_of(found)["t"].cast(pa.int64()).to_pylist() == [None, 1, 2]
    pq.write_table(pa.table({"t": pa.array([0], utc)}), path)
    pq.write_table(
        pa.table({"t": pa.array([5_000], pa.timestamp("ns"))}), tmp_path / "b.parquet",
        use_deprecated_int96_timestamps=True,
    )  # fmt: skip
    # One file may have the old form and another the new form; filters work for both.
    later = tfs.files(tmp_path, filters=[("t", ">", dt.datetime(1970, 1, 1, tzinfo=dt.UTC))])
    assert table_of(later)["t"].cast(pa.int64()).to_pylist() == [5]


OLD_FILE = (
    "UEFSMRUEFUgVWkwVBhUAEgAAKLUv/SAkIQEAGPz///////+MPSUAR0tMAAAAAACMPSUAeOz///////+JPSUAFQAVFB"
    "UmLBUIFRAVBhUGHAAAACi1L/0gClEAAAIAAAADDQIDJAAVBBVIFVpMFQYVABIAACi1L/0gJCEBABj8////////jD0l"
    "AEdLTAAAAAAAjD0lAHjs////////iT0lABUAFSIVNCwVCBUQFQYVBhwAAAAotS/9IBGJAAACAAAACAADAAAAA/sAAg"
    "MkABUEGVw1ABgGc2NoZW1hFQQAFQYlAhgBdAA1AhgBbBUCFQZMPAAAADUEGARsaXN0FQIAFQYlAhgHZWxlbWVudAAW"
    "CBkcGSwmABwVBhk1AAYQGRgBdBUMFggWngEWwgEmfiYIKSwVBBUAFQIAFQAVEBUCADwpBhkmAgYAAAAmABwVBhk1AA"
    "YQGTgBbARsaXN0B2VsZW1lbnQVDBYIFqwBFtABJsACJsoBKSwVBBUAFQIAFQAVEBUCADwpJggAGUYAAAIGAAAAFsoC"
    "FggmCBaSAwAoIHBhcnF1ZXQtY3BwLWFycm93IHZlcnNpb24gMjAuMC4wGSwcAAAcAAAA+wAAAFBBUjE="
)
"""Times in 96 bits that PyArrow 20 wrote: those before 1970 are a whole day and a negative rest."""


def test_times_of_96_bits_before_1970_as_old_versions_of_arrow_wrote_them(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(base64.b64decode(OLD_FILE))
    found = table_of(tfs.files(path))
    micros = [-1, None, 5000, -3 * 86_400_000_000 - 5]
    assert found["t"].cast(pa.int64()).to_pylist() == micros
    assert pc.list_flatten(found["l"]).cast(pa.int64()).to_pylist() == micros
