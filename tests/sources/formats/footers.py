"""Make Parquet files whose footer does not fit their pages."""

from __future__ import annotations

import re
import struct

import pyarrow.parquet as pq


def write_with_counts(table, path, counts):
    """Write a table in one row group, and change the numbers of rows in its footer.

    `counts` has them by their order in the footer: first of the file, then of each column (of scalars),
    last of the row group.
    """
    pq.write_table(
        table, path, use_dictionary=False, compression=None, write_statistics=False, store_schema=False,
        data_page_size=8, write_batch_size=2,
    )  # fmt: skip
    whole = path.read_bytes()
    (size,) = struct.unpack("<I", whole[-8:-4])
    footer = bytearray(whole[-8 - size : -8])
    places = [found.start() for found in re.finditer(re.escape(_thrift(table.num_rows)), footer)]
    for place, count in counts.items():
        footer[places[place] : places[place] + 2] = _thrift(count)
    path.write_bytes(whole[: -8 - size] + bytes(footer) + whole[-8:])
    return path


def _thrift(number):
    """A field of 64 bits in Thrift's compact protocol, which follows upon another one."""
    assert 0 <= number < 64
    return bytes([0x16, number << 1])
