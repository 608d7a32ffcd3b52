"""Tables for the tests, and files of every format that hold them."""

from __future__ import annotations

import gzip
import json

import pyarrow as pa
import pyarrow.csv
import pyarrow.orc
import pyarrow.parquet as pq
from hypothesis import strategies as st
from pyarrow import ipc

from tfspark_magic.versions import is_older

import tensorflow as tf

READS_NULL_LISTS = not is_older(pa.__version__, "26")
"""Whether this pyarrow reads null lists of a fixed size from Parquet."""
PARQUET_HAS_VIEWS = not is_older(pa.__version__, "26")
"""Whether this pyarrow writes views of text to Parquet, and reads them as such: 20 does not."""
COLUMNS = {
    "b": (pa.bool_(), st.booleans()),
    "i": (pa.int32(), st.integers(-(2**31), 2**31 - 1)),
    "n": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "f": (pa.float32(), st.floats(width=32, allow_nan=False)),
    "d": (pa.float64(), st.floats(allow_nan=False, allow_infinity=False)),
    "s": (pa.string(), st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=5)),
    "v": (pa.list_(pa.float32(), 3), st.lists(st.floats(width=32, allow_nan=False), min_size=3, max_size=3)),
    "r": (pa.list_(pa.int64()), st.lists(st.integers(-9, 9), max_size=4)),
}  # fmt: skip


@st.composite
def tables(draw, names=tuple(COLUMNS), min_rows=0, max_rows=30):
    rows = draw(st.integers(min_rows, max_rows))
    return pa.table(
        {
            name: pa.array(
                draw(st.lists(COLUMNS[name][1], min_size=rows, max_size=rows)), COLUMNS[name][0]
            )
            for name in names
        }
    )


def write(table, path, row_group_size=7):
    """Write a table in the format of the path's extension."""
    name = path.name
    if name.endswith(".gz"):
        plain = path.with_name("plain_" + name.removesuffix(".gz"))
        write(table, plain)
        path.write_bytes(gzip.compress(plain.read_bytes()))
        plain.unlink()
    elif name.endswith(".parquet"):
        pq.write_table(table, path, row_group_size=row_group_size)
    elif name.endswith(".orc"):
        pyarrow.orc.write_table(table, path)
    elif name.endswith(".csv"):
        pyarrow.csv.write_csv(table, path)
    elif name.endswith(".jsonl"):
        path.write_text("".join(json.dumps(row) + "\n" for row in table.to_pylist()), "utf-8")
    elif name.endswith((".arrow", ".arrows")):
        open_new = ipc.new_file if name.endswith(".arrow") else ipc.new_stream
        with open_new(path, table.schema) as file:
            file.write_table(table, max_chunksize=row_group_size)
    elif name.endswith(".tfrecord"):
        with tf.io.TFRecordWriter(str(path)) as file:
            for row in table.to_pylist():
                file.write(example(row, table.schema))
    else:
        raise AssertionError(name)
    return str(path)


def example(row, schema):
    features = {}
    for column in schema:
        value = row[column.name]
        values = value if isinstance(value, list) else [] if value is None else [value]
        leaf = getattr(column.type, "value_type", column.type)
        if pa.types.is_floating(leaf):
            feature = tf.train.Feature(float_list=tf.train.FloatList(value=values))
        elif pa.types.is_string(leaf):
            encoded = [text.encode() for text in values]
            feature = tf.train.Feature(bytes_list=tf.train.BytesList(value=encoded))
        else:
            whole = [int(n) for n in values]
            feature = tf.train.Feature(int64_list=tf.train.Int64List(value=whole))
        features[column.name] = feature
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


def plain(value):
    """Return a tensor's values as Python's, text as text."""
    if isinstance(value, tf.RaggedTensor):
        return value.to_list()
    array = value.numpy()
    listed = array.tolist() if hasattr(array, "tolist") else array
    return _decoded(listed)


def _decoded(value):
    if isinstance(value, list):
        return [_decoded(one) for one in value]
    return value.decode() if isinstance(value, bytes) else value


def rows_of(dataset):
    """Return all rows of a dataset of batches (dicts of columns), as dicts."""
    rows = []
    for batch in dataset:
        columns = {name: plain(value) for name, value in batch.items()}
        rows += [
            dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)
        ]
    return rows
