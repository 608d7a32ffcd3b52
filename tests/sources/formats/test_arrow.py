from __future__ import annotations

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import ipc

import tfspark_magic as tfs
from tests.sources.tables import write
from tests.sources.test_files import table_of
from tfspark_magic.errors import FileContentError


@pytest.mark.parametrize("extension", ["arrow", "arrows"])
def test_a_column_that_points_beyond_its_values_is_named(tmp_path, extension):
    path = tmp_path / f"a.{extension}"
    table = pa.table({"x": range(9), "s": ["text"] * 9})
    write(table, path, 9)
    content = bytearray(path.read_bytes())
    place = content.index(np.arange(0, 40, 4, np.int32).tobytes())
    content[place + 16 : place + 20] = (2**30).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(
        FileContentError, match=r"expected whole values in column 's', found .*offset"
    ):
        table_of(tfs.files(path))
    assert table_of(tfs.files(path), ["x"]).equals(table.select(["x"]))


def test_integers_of_128_bits_are_told_as_such(tmp_path):
    path = tmp_path / "a.arrows"
    write(pa.table({"x": [1, 2]}), path)
    content = path.read_bytes()
    bits = (64).to_bytes(4, "little")
    path.write_bytes(content.replace(bits, (128).to_bytes(4, "little"), 1))
    with pytest.raises(
        FileContentError, match="64 bits .*; write its integers of 128 bits as int64, or as string"
    ):
        tfs.files(path)


# A mapped file would end the process by a signal where it is cut.
CUT = """
import sys
import tfspark_magic as tfs
from tfspark_magic.sources.reading import read_fragment
path = sys.argv[1]
files = tfs.files(path)
batches = read_fragment(files, files.fragments()[0])
print(next(batches).num_rows)
with open(path, "r+b") as file:
    file.truncate(4096)
try:
    print(sum(sum(batch.column(0).to_pylist()) for batch in batches))
except tfs.errors.FileContentError as error:
    print(type(error).__name__)
"""


def test_a_file_that_is_cut_while_it_is_read_is_an_error(tmp_path):
    path = tmp_path / "a.arrow"
    batch = pa.record_batch({"x": np.arange(100_000)})
    with ipc.new_file(path, batch.schema) as file:
        for _ in range(50):
            file.write_batch(batch)
    run = subprocess.run(
        [sys.executable, "-c", CUT, str(path)], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout.split()) == (0, ["65536", "FileContentError"]), run.stderr
