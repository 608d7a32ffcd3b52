"""Read JSON files with a record in each line; a fragment is a whole file, compressed or not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tfspark_magic.sources.formats import Fragment, Values, check_values, content_errors, sliced
from tfspark_magic.sources.formats.compression import open_stream
from tfspark_magic.sources.formats.integers import without_rounded
from tfspark_magic.sources.formats.text import whole_lines

if TYPE_CHECKING:
    from tfspark_magic.sources.files import Files

_BLOCK_BYTES = 4 << 20
_LONG_INTEGER = re.compile(rb"(?<![\d.eE+])-?\d{16,}(?![\d.eE])")
_INTEGERS = (
    "pass schema= with pa.float64() for it, which rounds it, or a pa.decimal128 that holds it"
)


def schema(files: Files, uri: str) -> pa.Schema:
    """Return the fields of the first lines, with their types."""
    with content_errors(uri, "json"), _reader(files, uri, None) as reader:
        return reader.schema


def fragments(files: Files, uri: str, partition: Values, size: int | None) -> list[Fragment]:
    """Return the file as one fragment."""
    del files
    # Spark also writes files without any bytes.
    return [Fragment(uri, "json", None, partition, None, size)] if size != 0 else []


def read(
    files: Files, fragment: Fragment, columns: Sequence[str], batch_rows: int
) -> Iterator[pa.RecordBatch]:
    """Yield batches of a file; a missing field of a record is a null."""
    integers = partial(_integers, fragment.uri)
    try:
        opened = _reader(files, fragment.uri, columns)
    except pa.ArrowInvalid as error:
        if "Empty JSON" in str(error):
            return
        raise
    with opened as reader:
        for batch in without_rounded(reader, files, fragment.uri, columns, integers, _INTEGERS):
            asked = batch.select(list(columns))
            check_values(asked, fragment.uri, "text in UTF-8", "write it as UTF-8")
            yield from sliced(asked, batch_rows)


def _integers(uri: str, columns: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield names and values of the integers in records with an integer of many digits."""
    with open_stream(uri) as stream:
        for text in whole_lines(stream):
            end = 0
            for found in _LONG_INTEGER.finditer(text):
                if found.start() < end:
                    continue
                start = text.rfind(b"\n", 0, found.start()) + 1
                end = text.find(b"\n", start) % (len(text) + 1)
                record = json.loads(text[start:end])
                yield from ((name, n) for name in columns for n in _integers_in(record.get(name)))


def _integers_in(value: Any) -> Iterator[int]:
    if isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _integers_in(one)
    elif isinstance(value, int):
        yield value


def _reader(files: Files, uri: str, columns: Sequence[str] | None) -> Any:
    from pyarrow import json as arrow_json

    known = pa.schema([files.file_schema.field(name) for name in columns or ()]).remove_metadata()
    return arrow_json.open_json(
        open_stream(uri),
        read_options=arrow_json.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES),
        parse_options=arrow_json.ParseOptions(
            explicit_schema=known if len(known) else None,
            unexpected_field_behavior="ignore" if len(known) else "infer",
        ),
    )
