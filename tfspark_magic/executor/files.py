"""Files in the place of a DataFrame: what was given, which columns stay, and which task reads what."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, TypeGuard

import pyarrow as pa

from tfspark_magic.binding import Feed
from tfspark_magic.errors import (
    OptionError,
    closest,
)
from tfspark_magic.sources.ahead import AHEAD_BYTES, default_threads
from tfspark_magic.sources.files import Files, Piece, files
from tfspark_magic.sources.rows import FileRows

TASK_BYTES = 128 << 20
"""About how many bytes of files a task reads, at most; fewer where cores would be idle."""


def opened(source: Any) -> Any:
    """Return the files of a path, or of a list of paths; anything else as it is."""
    several = isinstance(source, list | tuple) and bool(source)
    if all(isinstance(path, str | os.PathLike) for path in (source if several else [source])):
        return files(source)
    return source


def is_files(value: object) -> TypeGuard[Files]:
    """Whether `value` is what `tfs.files` returns."""
    return isinstance(value, Files)


def check_spark(source: Any, spark: Any) -> None:
    """Raise OptionError if a session is given for what is no files."""
    if spark is not None and not is_files(source):
        message = "spark= goes with files: leave it out, a DataFrame needs none."
        raise OptionError(message)


def rows_here(files: Files, feeds: tuple[Feed, ...], stay: Sequence[str] = ()) -> FileRows:
    """Return all rows of files, as this process reads them: with a thread for each core."""
    schema = pa.schema([files.schema.field(name) for name in stay])
    return FileRows(files, tuple(files.pieces()), feeds, schema, default_threads(), AHEAD_BYTES)


def columns_that_stay(
    source: Any, columns: Sequence[str] | None, *, trim: bool
) -> list[str] | None:
    """Return the names of the columns that stay beside a map's outputs, None for all.

    Raises
    ------
    OptionError
        If the files do not have one of them, or `source` is no files.
    """
    if not is_files(source):
        if columns is not None:
            message = "columns= goes with files: leave it out, and drop columns from the result."
            raise OptionError(message)
        return None
    if trim:
        if columns:
            message = "trim=True returns the fetches alone: leave columns= out."
            raise OptionError(message)
        return []
    names = source.schema.names
    if columns is None:
        return list(names)
    if isinstance(columns, str):
        message = f"columns is a list of names, got {columns!r}: write columns=[{columns!r}]."
        raise OptionError(message)
    for name in columns:
        if name not in names:
            message = f"columns names {name!r}, which the files do not have. {closest(name, names)}"
            raise OptionError(message)
    return list(dict.fromkeys(columns))


def grouped(pieces: Sequence[Piece], cores: int) -> list[list[Piece]]:
    """Cut pieces into groups of consecutive ones, of about as many bytes each.

    There is one for each core, or more where they would have more than `TASK_BYTES`.
    """
    sizes = [max(piece.bytes or 0, 1) for piece in pieces]
    total = sum(sizes)
    count = max(cores, -(-total // TASK_BYTES))
    groups: dict[int, list[Piece]] = {}
    start = 0
    for piece, size in zip(pieces, sizes, strict=True):
        # Where its middle is: a piece is not cut.
        groups.setdefault((2 * start + size) * count // (2 * total), []).append(piece)
        start += size
    return list(groups.values())
