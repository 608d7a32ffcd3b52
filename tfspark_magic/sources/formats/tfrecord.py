"""TFRecord files of `tf.train.Example`, compressed or not: a piece is a file.

TensorFlow reads and parses them. It knows neither HDFS nor most object stores, so a file that is not
local, or compressed, is copied to a temporary one first.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tfspark_magic.errors import FileContentError, OptionError, UnsupportedTypeError
from tfspark_magic.schema.arrow import is_list
from tfspark_magic.sources.filesystem import open_filesystem, scheme_of, shown, shown_errors
from tfspark_magic.sources.formats import Piece, Values, extension_of, open_stream

if TYPE_CHECKING:
    from tfspark_magic.sources.files import Files

_BLOCK_BYTES = 4 << 20
_MAX_RECORDS = 1 << 13
_READ_BUFFER = 1 << 20


def schema(files: Files, uri: str) -> pa.Schema:
    """Refuse: a record does not say which features others have."""
    del files
    raise OptionError(
        f"TFRecord files such as {shown(uri)!r} do not say what they hold: pass schema=, such as "
        f"pa.schema([('x', pa.int64()), ('v', pa.list_(pa.float32()))])."
    )


def pieces(files: Files, uri: str, partition: Values, size: int | None) -> list[Piece]:
    """Return the file."""
    for column in files.file_schema:
        _example_type(column)
    return [Piece(uri, "tfrecord", None, partition, None, size)]


def read(
    files: Files, piece: Piece, columns: Sequence[str], batch_rows: int
) -> Iterator[pa.RecordBatch]:
    """Yield batches of records; a feature that one lacks is a null, or an empty list."""
    from tfspark_magic.graph.runtime import tf

    fields = [files.file_schema.field(name) for name in columns]
    features = {
        field.name: tf.io.RaggedFeature(_example_type(field), row_splits_dtype=tf.int64)
        for field in fields
    }
    rows = min(batch_rows, _MAX_RECORDS)
    with _local(piece.uri) as path:
        records = tf.data.TFRecordDataset(path, "", _READ_BUFFER).batch(rows)
        try:
            for batch in records:
                with tf.device("CPU:0"):
                    parsed = tf.io.parse_example(batch, features)
                arrays = [_array(parsed[field.name], field, piece.uri) for field in fields]
                yield pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))
        except tf.errors.DataLossError as error:
            raise _broken(piece.uri, "a whole tfrecord file", error) from None
        except tf.errors.InvalidArgumentError as error:
            expected = "tf.train.Example records with the features of the schema"
            raise _broken(piece.uri, expected, error) from None


def _broken(uri: str, expected: str, error: Any) -> FileContentError:
    reason = str(error.message).partition("[Op:")[0].rpartition("}} ")[2].splitlines()[0].strip()
    reason = reason.replace("; ", ", ").rstrip(" .")
    return FileContentError(shown(uri), expected, reason, "write it again, or leave it out")


def _example_type(field: pa.Field) -> Any:
    """Return which of the three types of a feature holds a column's values."""
    from tfspark_magic.graph.runtime import tf

    leaf = field.type.value_type if is_list(field.type) else field.type
    if pa.types.is_integer(leaf) or pa.types.is_boolean(leaf):
        return tf.int64
    if leaf in (pa.float16(), pa.float32()):
        return tf.float32
    if leaf in (pa.string(), pa.binary(), pa.large_string(), pa.large_binary()):
        return tf.string
    advice = "features are int64, float32 or bytes, single or in a list"
    raise UnsupportedTypeError(f"Column {field.name!r} of a TFRecord", str(field.type), advice)


def _array(ragged: Any, field: pa.Field, uri: str) -> pa.Array:
    values = ragged.values.numpy()
    splits = ragged.row_splits.numpy()
    leaf = field.type.value_type if is_list(field.type) else field.type
    expected = f"feature {field.name!r} as {field.type}"
    try:
        flat = pa.array(values, pa.binary() if values.dtype == object else None).cast(leaf)
    except pa.ArrowInvalid as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise FileContentError(shown(uri), expected, reason, "pass another schema=") from None
    lengths = np.diff(splits)
    if is_list(field.type):
        if pa.types.is_fixed_size_list(field.type):
            size = field.type.list_size
            if (lengths != size).any():
                found = f"{lengths[lengths != size][0]} values in a record"
                raise FileContentError(shown(uri), expected, found, "pass another schema=")
            return pa.FixedSizeListArray.from_arrays(flat, type=field.type)
        return pa.LargeListArray.from_arrays(splits, flat).cast(field.type)
    if (lengths > 1).any():
        found = f"{lengths.max()} values in a record"
        raise FileContentError(shown(uri), expected, found, "make it a list in schema=")
    return flat.take(pa.array(splits[:-1], mask=lengths == 0))


@contextmanager
def _local(uri: str) -> Iterator[str]:
    compressed = extension_of(uri)[1] is not None
    if scheme_of(uri) in ("", "file") and not compressed:
        filesystem, inside = open_filesystem(uri)
        with shown_errors(uri):
            filesystem.open_input_file(inside).close()
        yield inside
        return
    with tempfile.TemporaryDirectory(prefix="tfspark_magic_") as folder:
        path = Path(folder, "records")
        # Decompressed here: TensorFlow takes the end of a truncated gzip file for that of the records.
        with open_stream(uri) as source, path.open("wb") as target:
            while block := source.read(_BLOCK_BYTES):
                target.write(block)
        yield str(path)
