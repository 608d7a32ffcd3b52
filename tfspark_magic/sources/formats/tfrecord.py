"""Read TFRecord files of `tf.train.Example` or `SequenceExample`; a fragment is a whole file.

TensorFlow reads and parses them. It supports neither HDFS nor most object stores. So a file that is
compressed, or not on this machine, is copied to a temporary file first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tfspark_magic.errors import FileContentError, OptionError, UnsupportedTypeError
from tfspark_magic.graph.eager import eagerly
from tfspark_magic.graph.runtime import tf
from tfspark_magic.schema.arrow import is_list, leaf_of
from tfspark_magic.sources.filesystem import open_filesystem, scheme_of, shown
from tfspark_magic.sources.formats import REWRITE, Fragment, Values, content_errors
from tfspark_magic.sources.formats.records import Features, compression_of, opened
from tfspark_magic.temporary import TemporaryFolder

if TYPE_CHECKING:
    from tfspark_magic.sources.files import Files

_BLOCK_BYTES = 4 << 20
_MAX_RECORDS = 1 << 13
_READ_BUFFER = 1 << 20
_LEAVES = {
    "int64": "pa.int64()", "float": "pa.float32()", "float32": "pa.float32()",
    "string": "pa.binary()",
}  # fmt: skip
"""The types of features in a schema, by TensorFlow's names."""


def schema(files: Files, uri: str) -> pa.Schema:
    """Raise an error: a record does not show the features of other records."""
    del files
    with content_errors(uri, "tfrecord"):
        first = Features(uri).schema()
    advice = first or "pa.schema([('x', pa.int64()), ('v', pa.list_(pa.float32()))])"
    raise OptionError(
        f"TFRecord files such as {shown(uri)!r} do not say what they hold: pass schema=, "
        f"{'by its first records' if first else 'such as'} {advice}."
    )


def fragments(files: Files, uri: str, partition: Values, size: int | None) -> list[Fragment]:
    """Return the file as one fragment; for the first file, check that each column is in some record."""
    for column in files.file_schema:
        _example_type(column)
    if uri == files.paths[0]:
        with content_errors(uri, "tfrecord"):
            _check_names(files, uri)
    return [Fragment(uri, "tfrecord", None, partition, None, size)]


def _check_names(files: Files, uri: str) -> None:
    """Raise FileContentError for a column without a value in any record of any file."""
    first = Features(uri)
    fields = [c for c in files.file_schema if c.name not in {*first.single, *first.steps}]
    records = bool(first.single or first.steps)
    for path in files.paths if fields else ():
        for lengths in eagerly(_lengths(path, fields)):
            records = True
            fields = [field for field in fields if not lengths[field.name]]
            if not fields:
                return
    if fields and records:
        expected = f"tf.train.Example records with a feature {fields[0].name!r}"
        advice = "name their features in schema="
        raise FileContentError(shown(uri), expected, f"the features {first}", advice)


def _lengths(uri: str, fields: Sequence[pa.Field]) -> Iterator[dict[str, int]]:
    """Yield, for each batch, the number of values or steps of each column."""
    for single, steps in _parsed(uri, fields, fields, _MAX_RECORDS):
        found = {}
        for field in fields:
            rows = steps[field.name].row_splits.numpy()
            found[field.name] = int(single[field.name].row_splits.numpy()[-1] + rows[-1])
        yield found


def read(
    files: Files, fragment: Fragment, columns: Sequence[str], batch_rows: int
) -> Iterator[pa.RecordBatch]:
    """Yield batches of records; a missing feature of a record is a null, or an empty list."""
    fields = [files.file_schema.field(name) for name in columns]
    # After tf.disable_v2_behavior(), threads start in graph mode.
    return eagerly(_batches(fragment.uri, fields, min(batch_rows, _MAX_RECORDS)))


def _batches(uri: str, fields: Sequence[pa.Field], rows: int) -> Iterator[pa.RecordBatch]:
    first = Features(uri)
    in_steps = [field for field in fields if field.name in first.steps or _is_deep(field)]
    # A column that the first records do not have may be a feature or a list of features.
    unseen = [field for field in fields if field.name not in {*first.single, *first.steps}]
    asked = [*{field.name: field for field in [*in_steps, *unseen]}.values()]
    for single, steps in _parsed(uri, fields, asked, rows):
        arrays = []
        for field in fields:
            found = _chosen(single[field.name], steps.get(field.name), field, uri)
            arrays.append(_array(found, field, uri))
        yield pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))


def _chosen(single: Any, steps: Any, field: pa.Field, uri: str) -> Any:
    """Return where the values of a column are: in a feature of each record, or in a list of features."""
    if steps is None or not int(steps.row_splits[-1]):
        return steps if _is_deep(field) and not int(single.row_splits[-1]) else single
    if int(single.row_splits[-1]):
        expected, found = f"one feature {field.name!r} a record", "a list of features beside it"
        raise FileContentError(shown(uri), expected, found, "leave the column out of schema=")
    return steps


def _parsed(
    uri: str, fields: Sequence[pa.Field], in_steps: Sequence[pa.Field], rows: int
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield, for each batch of records, its features and its lists of features, as ragged tensors."""

    def features(some: Sequence[pa.Field]) -> dict[str, Any]:
        return {
            field.name: tf.io.RaggedFeature(_example_type(field), row_splits_dtype=tf.int64)
            for field in some
        }

    with _local(uri) as path:
        records = tf.data.TFRecordDataset(path, "", _READ_BUFFER).batch(rows)
        try:
            for batch in records:
                with tf.device("CPU:0"):
                    # This parser refuses other messages; the parser of sequences would read them as
                    # empty.
                    single = tf.io.parse_example(batch, features(fields))
                    steps: dict[str, Any] = {}
                    if in_steps:
                        _, steps, _ = tf.io.parse_sequence_example(batch, None, features(in_steps))
                yield single, steps
        except tf.errors.DataLossError as error:
            raise _broken(uri, "a whole tfrecord file", error, REWRITE) from None
        except tf.errors.InvalidArgumentError as error:
            expected = "tf.train.Example records with the features of the schema"
            raise _broken(uri, expected, error, _by_what_is_there(error, fields)) from None


def _by_what_is_there(error: Any, fields: Sequence[pa.Field]) -> str:
    """Return advice about records that TensorFlow cannot parse."""
    # TensorFlow's message does not name the type of a list of features.
    steps = re.search(r"Feature list: (.*), Index: ", str(error.message))
    if steps is not None:
        return f"pass schema= with another type for {steps[1]!r}"
    found = re.search(r"Key: (.*), Index: .*Actual type: (\w+)", str(error.message))
    if found is None or found[2] not in _LEAVES:
        return REWRITE
    ranks = {field.name: leaf_of(field.type)[1] for field in fields}
    return f"write {_in_lists(_LEAVES[found[2]], ranks.get(found[1], 0))} in schema="


def _in_lists(leaf: str, rank: int) -> str:
    """Return the Python code of nested lists of a type, for a schema.

    >>> _in_lists("pa.int64()", 2)
    'pa.list_(pa.list_(pa.int64()))'
    """
    return "pa.list_(" * rank + leaf + ")" * rank


def _broken(uri: str, expected: str, error: Any, advice: str) -> FileContentError:
    reason = str(error.message).partition("[Op:")[0].rpartition("}} ")[2].splitlines()[0].strip()
    reason = reason.replace("; ", ", ").rstrip(" .")
    return FileContentError(shown(uri), expected, reason, advice)


def _is_deep(field: pa.Field) -> bool:
    return leaf_of(field.type)[1] > 1


def _example_type(field: pa.Field) -> Any:
    """Return the type of feature, of the three, that holds a column's values."""
    leaf, rank = leaf_of(field.type)
    advice = "features are int64, float32 or bytes, single or in a list: write {} in schema="
    if rank <= 2:  # noqa: PLR2004  (steps, and the values of each)
        if pa.types.is_integer(leaf) or pa.types.is_boolean(leaf):
            return tf.int64
        if leaf in (pa.float16(), pa.float32()):
            return tf.float32
        if leaf in (pa.string(), pa.binary(), pa.large_string(), pa.large_binary()):
            return tf.string
    leaves = ("float",) if pa.types.is_floating(leaf) else ("int64", "string")
    wanted = " or ".join(_in_lists(_LEAVES[name], min(rank, 2)) for name in leaves)
    subject = f"Column {field.name!r} of a TFRecord"
    raise UnsupportedTypeError(subject, str(field.type), advice.format(wanted))


def _array(ragged: Any, field: pa.Field, uri: str) -> pa.Array:
    """Return a column of ragged values or ragged steps, with the type in the schema."""
    steps = ragged.ragged_rank > 1
    expected = f"feature {field.name!r} as {field.type}"
    leaf, rank = leaf_of(field.type)
    values = _values(ragged.flat_values.numpy(), field, leaf, uri)
    splits = [level.numpy() for level in ragged.nested_row_splits]
    if steps and rank == 1:
        # A list with the single value of each step.
        sizes = np.diff(splits.pop())
        if (sizes != 1).any():
            found = f"{sizes[sizes != 1][0]} values in a step of a list of features"
            raise FileContentError(
                shown(uri), expected, found, "make it a list of lists in schema="
            )
    if rank < len(splits) and steps:
        advice = "make it a list in schema="
        raise FileContentError(shown(uri), expected, "a list of features", advice)
    if rank == 0:
        return _scalars(values, splits[0], expected, uri)
    if rank > len(splits):
        raise FileContentError(shown(uri), expected, "a flat list", "make it a list in schema=")
    types = [field.type]
    while is_list(types[-1].value_type):
        types.append(types[-1].value_type)
    for arrow, level in zip(reversed(types), reversed(splits), strict=True):
        values = _lists(values, level, arrow, expected, uri)
    return values


def _values(values: Any, field: pa.Field, leaf: pa.DataType, uri: str) -> pa.Array:
    expected = f"feature {field.name!r} as {field.type}"
    advice = (
        f"write {_in_lists(_LEAVES[_example_type(field).name], leaf_of(field.type)[1])} in schema="
    )
    try:
        found = pa.array(values, pa.binary() if values.dtype == object else None)
        flat = found.cast(leaf)
    except pa.ArrowInvalid as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise FileContentError(shown(uri), expected, reason, advice) from None
    # Arrow casts every number but 0 to true, and rounds numbers.
    if pa.types.is_boolean(leaf) or pa.types.is_float16(leaf):
        same = pc.equal(flat.cast(found.type), found)
        if pa.types.is_floating(leaf):
            same = pc.or_(same, pc.is_nan(found))
        wrong = pc.index(same, False).as_py()
        if wrong >= 0:
            text = f"{found[wrong].as_py()!r}"
            raise FileContentError(shown(uri), expected, text, advice)
    return flat


def _scalars(flat: pa.Array, splits: Any, expected: str, uri: str) -> pa.Array:
    lengths = np.diff(splits)
    if (lengths > 1).any():
        found = f"{lengths.max()} values in a record"
        raise FileContentError(shown(uri), expected, found, "make it a list in schema=")
    return flat.take(pa.array(splits[:-1], mask=lengths == 0))


def _lists(flat: pa.Array, splits: Any, arrow: pa.DataType, expected: str, uri: str) -> pa.Array:
    if not pa.types.is_fixed_size_list(arrow):
        return pa.LargeListArray.from_arrays(splits, flat).cast(arrow)
    lengths = np.diff(splits)
    if (lengths != arrow.list_size).any():
        found = f"lists of {lengths[lengths != arrow.list_size][0]} values"
        raise FileContentError(shown(uri), expected, found, "give its list no size in schema=")
    return pa.FixedSizeListArray.from_arrays(flat, type=arrow)


@contextmanager
def _local(uri: str) -> Iterator[str]:
    compression = compression_of(uri)
    if scheme_of(uri) in ("", "file") and compression is None:
        yield open_filesystem(uri)[1]
        return
    with TemporaryFolder() as folder:
        path = Path(folder, "records")
        # Decompressed in this process: TensorFlow would read the end of a truncated file as the end
        # of the records.
        with opened(uri, compression) as source, path.open("wb") as target:
            while block := source.read(_BLOCK_BYTES):
                target.write(block)
        yield str(path)
