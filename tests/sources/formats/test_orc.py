from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.orc
import pytest

import tfspark_magic as tfs
from tests.sources.tables import write
from tests.sources.test_files import table_of
from tfspark_magic.errors import FileContentError


def test_a_stripe_of_another_number_of_rows_than_the_footer_has_is_an_error(tmp_path):
    table = pa.table({"x": range(77)})
    path = tmp_path / "a.orc"
    write(table, path)
    content = path.read_bytes()
    # Field 5 of a stripe, and field 6 of the footer: 77 rows.
    for mark in (b"\x28\x4d", b"\x30\x4d"):
        place = content.rindex(mark)
        path.write_bytes(content[: place + 1] + b"\x32" + content[place + 2 :])
        with pytest.raises(FileContentError, match=r"rows, as its footer says, found "):
            table_of(tfs.files(path))
    path.write_bytes(content)
    assert table_of(tfs.files(path)).equals(table)


@pytest.mark.parametrize(
    ("compression", "rows"), [("uncompressed", 5000), ("zlib", 90_000), ("zstd", 90_000)]
)
def test_stripes_know_their_rows_and_none_is_lost(tmp_path, compression, rows):
    rng = np.random.default_rng(0)
    table = pa.table({"x": rng.integers(0, 2**62, rows), "y": range(rows)})
    path = tmp_path / "a.orc"
    options = {"stripe_size": 100, "batch_size": 1100, "compression": compression}
    pyarrow.orc.write_table(table, path, **options)
    files = tfs.files(path)
    known = [fragment.rows for fragment in files.fragments()]
    assert sum(known) == rows
    assert len(known) > 3
    assert table_of(files).equals(table)
    assert int(tfs.dataset(path, "x", batch_size=100).cardinality()) == rows // 100
    if compression != "uncompressed":
        return
    content = path.read_bytes()
    # The rows of a stripe, the last one, and the file.
    for mark in (b"\x28\xcc\x08", b"\x28\xd8\x04", b"\x30\x88\x27"):
        place = content.rindex(mark)
        for byte in (mark[1] - 1, mark[1] + 1):
            path.write_bytes(content[: place + 1] + bytes([byte]) + content[place + 2 :])
            with pytest.raises(FileContentError, match=r"rows, as its footer says, found "):
                table_of(tfs.files(path))


def test_no_damage_to_stripes_loses_rows(tmp_path):
    table = pa.table({"x": [n * 7919 % 100_003 for n in range(3000)]})
    path = tmp_path / "a.orc"
    pyarrow.orc.write_table(table, path, stripe_size=100, batch_size=1000, compression="zstd")
    content = path.read_bytes()
    for place in range(5, len(content), len(content) // 150):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        try:
            found = table_of(tfs.files(path))
        except FileContentError:
            continue
        # ORC has no checksums: values may be others.
        assert found.num_rows == 3000
