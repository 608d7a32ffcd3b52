from __future__ import annotations

import pyarrow as pa
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
