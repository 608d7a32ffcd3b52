"""The formats of files, with one module for each, which has the functions of `Reader`.

The common parts (partition columns, filters, the order of the columns, errors) are in `reading.py`.
"""

from __future__ import annotations

import builtins
import importlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, cast

import pyarrow as pa

from tfspark_magic.errors import FileContentError, OptionError, TfSparkError
from tfspark_magic.sources.filesystem import open_filesystem, shown, shown_errors
from tfspark_magic.sources.formats.compression import extension_of
from tfspark_magic.sources.listing import FoundFile

if TYPE_CHECKING:
    from tfspark_magic.sources.files import Files

Values = tuple[tuple[str, Any], ...]

_EXTENSIONS = {
    "parquet": "parquet", "parq": "parquet", "pq": "parquet", "orc": "orc", "csv": "csv",
    "json": "json", "jsonl": "json", "ndjson": "json", "arrow": "arrow",
    "arrows": "arrow", "feather": "arrow", "ipc": "arrow", "txt": "text", "text": "text",
    "tfrecord": "tfrecord", "tfrecords": "tfrecord", "tfrec": "tfrecord", "tfr": "tfrecord",
    "jpg": "binary", "jpeg": "binary", "png": "binary", "gif": "binary", "bmp": "binary",
    "webp": "binary", "tif": "binary", "tiff": "binary", "wav": "binary", "mp3": "binary",
    "flac": "binary", "ogg": "binary",
}  # fmt: skip
FORMATS = tuple(dict.fromkeys(_EXTENSIONS.values()))
_READERS = {"delta": "logged", "iceberg": "logged"}
REWRITE = "write it again, or leave it out of the path"
WRITTEN_SINCE = "it was written since: read it again"
LEAVE_OUT = "write it again, or leave the column out"
_REASON = 200
_STARTS = {"parquet": b"PAR1", "orc": b"ORC", "arrow": b"ARROW1"}
_MARKED = ("parquet", "orc")
_START_BYTES = 6
_DELIMITERS = {chr(code) for code in range(1, 128)} - set('"\r\n')
_ADVICE = (
    ("Empty (CSV|JSON)", "pass schema=, or leave it out of the path"),
    ("more than 64 bits", "write its integers of 128 bits as int64, or as string"),
    ("CSV parse error", "pass its delimiter=, or write that line again"),
    ("CSV conversion error", "pass schema= with pa.string() for that column"),
    ("Failed to convert JSON", "pass schema= with another type for that column"),
    (r"Column\(/.* changed from", "pass schema= without that column, or write it in one type"),
    ("JSON", "write it with a record a line"),
)
"""The advice for each of Arrow's messages about a text file."""


@dataclass(frozen=True)
class Fragment:
    """A part of a file that is read at once: some row groups, or the whole file.

    Parameters
    ----------
    uri, format
        The URI and format of the file.
    row_groups
        The row groups of Parquet, or stripes of ORC, or batches of Arrow files; None for the whole
        file.
    partition
        The names and values of the file's partition columns.
    rows
        The number of rows before the filters; None if it is known only after reading.
    bytes
        The bytes to read for all columns, about; None if not known.
    deleted
        The numbers of the rows that the log of a table deletes, int64 in ascending order; `rows` are
        without them.
    """

    uri: str
    format: str
    row_groups: tuple[int, ...] | None = None
    partition: Values = ()
    rows: int | None = None
    bytes: int | None = None
    deleted: builtins.bytes = field(default=b"", repr=False)


class Reader(Protocol):
    """The functions of each format's module."""

    def schema(self, files: Files, uri: str) -> pa.Schema:
        """Return the schema in a file."""

    def fragments(
        self, files: Files, uri: str, partition: Values, size: int | None
    ) -> Sequence[Fragment]:
        """Return the fragments of a file; its footer is checked against the schema."""

    def read(
        self, files: Files, fragment: Fragment, columns: Sequence[str], batch_rows: int
    ) -> Iterator[pa.RecordBatch]:
        """Yield batches with these columns of the file, and maybe others."""


@contextmanager
def content_errors(uri: str, kind: str) -> Iterator[None]:
    """Turn a reader's errors about a broken file into one sentence with the file's name."""
    try:
        yield
    except TfSparkError:
        raise
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise _broken(uri, kind, error) from None
    except OSError as error:
        # Arrow's errors about contents have no error number. Errors of the system have a number, or
        # a more specific class.
        if type(error) is not OSError or error.errno is not None:
            with shown_errors(uri):
                raise
        raise _broken(uri, kind, error) from None


def _broken(uri: str, kind: str, error: BaseException) -> FileContentError:
    reason = reason_of(error)
    advice = _of_another_format(uri, kind) or next(
        (text for pattern, text in _ADVICE if re.search(pattern, reason)), REWRITE
    )
    return FileContentError(shown(uri), f"a whole {kind} file", reason, advice)


def _of_another_format(uri: str, kind: str) -> str | None:
    """Return advice if a file's first bytes show that it has another format."""
    try:
        filesystem, inside = open_filesystem(uri)
        with filesystem.open_input_stream(inside, compression=None) as stream:
            start = stream.read(_START_BYTES)
    except (OSError, TfSparkError):
        return None
    zipped = start.startswith(b"\x1f\x8b")
    if start.startswith(b"PK\3\4") or (zipped and kind in _STARTS):
        return "unpack it"
    if start and zipped != (extension_of(uri)[1] == "gzip") and kind in {"csv", "json", "text"}:
        return f"name it with{'' if zipped else 'out'} .gz at its end"
    found = next((name for name, mark in _STARTS.items() if start.startswith(mark)), None)
    if found is not None and found != kind:
        return f"pass format={found!r}"
    # In a damaged file, the first bytes are usually right.
    if found is None and kind in _MARKED:
        return "write it again, or pass format= with what it is"
    return None


def reason_of(error: BaseException) -> str:
    """Return a reader's message on one line."""
    reason = shown(" ".join(str(error).split())).partition(" Details:")[0].rstrip(".")
    return reason[:_REASON] or "none"


def check_part(fragment: Fragment, number: int, count: int, what: str) -> None:
    """Raise FileContentError if a file no longer has a part that it had before.

    Parameters
    ----------
    number
        The number of the part; the file has `count` parts now.
    what
        The name of such parts.
    """
    if number >= count:
        found = f"only {count} of them"
        raise FileContentError(shown(fragment.uri), f"{what} {number}", found, WRITTEN_SINCE)


def check_values(batch: pa.RecordBatch, uri: str, expected: str, advice: str) -> None:
    """Raise FileContentError if a column has values that its type does not allow; Arrow does not check."""
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            column.validate(full=True)
        except pa.ArrowInvalid as error:
            subject = f"{expected} in column {name!r}"
            raise FileContentError(shown(uri), subject, reason_of(error), advice) from None


def sliced(batch: pa.RecordBatch, rows: int) -> Iterator[pa.RecordBatch]:
    """Yield a batch in slices of at most `rows` rows."""
    for start in range(0, batch.num_rows, rows):
        yield batch.slice(start, rows)


def reader_of(name: str) -> Reader:
    """Return the module of a format."""
    return cast("Reader", importlib.import_module(f"{__name__}.{_READERS.get(name, name)}"))


def format_of(found: Sequence[FoundFile], given: str | None) -> str:
    """Return the format of files: the given one, or that of their extensions.

    Raises
    ------
    OptionError
        If it is unknown, or the files have several.
    """
    if given is not None:
        if given not in FORMATS:
            raise OptionError(f"format is one of {', '.join(FORMATS)}, got {given!r}.")
        return given
    kinds: dict[str | None, str] = {}
    for file in found:
        kinds.setdefault(_EXTENSIONS.get(extension_of(file.uri)[0]), file.uri)
    if None in kinds:
        raise OptionError(
            f"The name of {shown(kinds[None])!r} does not tell its format: pass format=, one of "
            f"{', '.join(FORMATS)}."
        )
    if len(kinds) > 1:
        (one, first), (two, second) = list(kinds.items())[:2]
        raise OptionError(
            f"The files have several formats, {one} ({shown(first)!r}) and {two} "
            f"({shown(second)!r}): give a glob that matches those of one, or pass format=."
        )
    return cast("str", next(iter(kinds)))


def options_of(name: str, *, delimiter: str, header: bool) -> tuple[tuple[str, Any], ...]:
    """Return the options of a format.

    Raises
    ------
    OptionError
        If the format does not have a given option, or does not allow its value.
    """
    if name == "csv":
        if delimiter not in _DELIMITERS:
            raise OptionError(
                f"delimiter is one ASCII character that is no quote and ends no line, got "
                f"{delimiter!r}."
            )
        return (("delimiter", delimiter), ("header", header))
    if delimiter != "," or not header:
        raise OptionError(f"delimiter and header are options of csv, the files are {name}.")
    return ()
