"""Read CSV files; a fragment is a whole file, compressed or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from tfspark_magic.errors import FileContentError
from tfspark_magic.sources.filesystem import shown
from tfspark_magic.sources.formats import Fragment, Values, content_errors, sliced
from tfspark_magic.sources.formats.csv_ending import Ending
from tfspark_magic.sources.formats.integers import without_rounded
from tfspark_magic.sources.schemas import apart

if TYPE_CHECKING:
    from tfspark_magic.sources.files import Files

_BLOCK_BYTES = 4 << 20
_LONG_INTEGER = r"^\s*[+-]?\d{16,}\s*$"
_INTEGERS = "pass schema= with pa.string() for it, or with pa.float64(), which rounds it"


def schema(files: Files, uri: str) -> pa.Schema:
    """Return the names in the header, and the types inferred from the first lines."""
    with content_errors(uri, "csv"):
        ending = _ending(files, uri)
        with ending.checked(), _reader(files, ending, None) as reader:
            return reader.schema


def fragments(files: Files, uri: str, partition: Values, size: int | None) -> list[Fragment]:
    """Return the file as one fragment; the header is read later, with the rows."""
    del files
    # Spark also writes files without any bytes.
    return [Fragment(uri, "csv", None, partition, None, size)] if size != 0 else []


def read(
    files: Files, fragment: Fragment, columns: Sequence[str], batch_rows: int
) -> Iterator[pa.RecordBatch]:
    """Yield batches of a file, with the types of the schema."""
    ending = _ending(files, fragment.uri)
    if not ending.fields:
        return
    last = None
    with ending.checked():
        for batch in _batches(files, fragment.uri, ending, columns):
            if last is not None:
                yield from sliced(last, batch_rows)
            last = batch
    # Only the last batch can hold a text with open quotes.
    ending.check()
    if last is not None:
        yield from sliced(last, batch_rows)


def _batches(
    files: Files, uri: str, ending: Ending, columns: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    try:
        reader = _reader(files, ending, columns)
    except KeyError as error:
        # Arrow's message names the column that is missing in the header.
        name = str(error).strip("'\"").rpartition("'")[0].rpartition("'")[2]
        expected = f"a column {name!r} in its header"
        raise FileContentError(shown(uri), expected, "none", apart(files)) from None
    integers = partial(_integers, files, uri)
    with reader:
        for batch in without_rounded(reader, files, uri, columns, integers, _INTEGERS):
            yield batch.select(list(columns))


def _integers(files: Files, uri: str, columns: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield names and values of integers with many digits in columns."""
    types = dict.fromkeys(columns, pa.string())
    with _reader(files, _ending(files, uri), columns, types) as reader:
        for batch in reader:
            for name in columns:
                texts = batch.column(name)
                long = texts.filter(pc.match_substring_regex(texts, _LONG_INTEGER))
                yield from ((name, int(text)) for text in pc.unique(long).to_pylist())


def _ending(files: Files, uri: str) -> Ending:
    options = dict(files.options)
    fields = None if options["header"] else len(files.file_schema) or None
    return Ending(uri, fields, options["delimiter"], _BLOCK_BYTES)


def _reader(
    files: Files,
    ending: Ending,
    columns: Sequence[str] | None,
    types: Mapping[str, pa.DataType] | None = None,
) -> Any:
    from pyarrow import csv

    if types is None:
        types = {c.name: c.type for c in files.file_schema}
    options = dict(files.options)
    names = [c.name for c in files.file_schema] if not options["header"] and columns else None
    return csv.open_csv(
        pa.PythonFile(ending, "r"),
        read_options=csv.ReadOptions(
            block_size=_BLOCK_BYTES,
            use_threads=False,
            column_names=names,
            autogenerate_column_names=not options["header"] and names is None,
        ),
        parse_options=csv.ParseOptions(
            delimiter=options["delimiter"],
            newlines_in_values=True,
            invalid_row_handler=ending.judge,
        ),
        convert_options=csv.ConvertOptions(
            column_types=types,
            include_columns=list(columns) if columns else None,
            # As in Spark, an empty field is a null, and an empty quoted field is an empty text.
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=[""],
            # 1 and 0 are truths only if the schema says so: Arrow would make one of the number 1.
            true_values=["true", "True", "TRUE", *([] if files.inferred else ["1"])],
            false_values=["false", "False", "FALSE", *([] if files.inferred else ["0"])],
        ),
    )
