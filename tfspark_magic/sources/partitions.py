"""The columns that folders named `key=value` hold: their types, and their values by file."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from tfspark_magic.errors import OptionError

Values = tuple[tuple[str, Any], ...]
"""Names and values, outermost folder first."""

# As Spark infers them: the first type that holds each value.
_TYPES: tuple[tuple[pa.DataType, Callable[[str], Any]], ...] = (
    (pa.int32(), int),
    (pa.int64(), int),
    (pa.float64(), float),
    (pa.date32(), datetime.date.fromisoformat),
    (pa.string(), str),
)
_READ = {arrow: read for arrow, read in _TYPES} | {
    pa.int8(): int, pa.int16(): int, pa.float32(): float,
    pa.bool_(): lambda text: {"true": True, "false": False}[text.lower()],
}  # fmt: skip


def typed(
    found: Sequence[tuple[tuple[str, str | None], ...]], schema: pa.Schema | None
) -> tuple[tuple[pa.Field, ...], tuple[Values, ...]]:
    """Return the partition columns of files, and the values of each file.

    >>> typed([(("day", "1"),), (("day", None),)], None)
    ((pyarrow.Field<day: int32>,), ((('day', 1),), (('day', None),)))

    Parameters
    ----------
    found
        Names and texts, of each file.
    schema
        Whose types are taken for the columns that it has.

    Raises
    ------
    OptionError
        If the files lie in folders of different names, or a value is not of the type given.
    """
    if not any(found):
        return (), ()
    names = [name for name, _ in found[0]]
    for other in found:
        if [name for name, _ in other] != names:
            there = "/".join(name for name, _ in other) or "none"
            raise OptionError(
                f"The folders of the files hold the columns {'/'.join(names) or 'none'} here and "
                f"{there} there: read them apart, or pass partitioning=None."
            )
    fields, columns = [], []
    for position, name in enumerate(names):
        texts = [file[position][1] for file in found]
        given = schema.field(name).type if schema is not None and name in schema.names else None
        arrow, values = _column(name, texts, given)
        fields.append(pa.field(name, arrow))
        columns.append(values)
    rows = zip(*columns, strict=True)
    return tuple(fields), tuple(tuple(zip(names, row, strict=True)) for row in rows)


def _column(
    name: str, texts: Sequence[str | None], given: pa.DataType | None
) -> tuple[pa.DataType, list[Any]]:
    choices = _TYPES if given is None else ((given, _READ.get(given)),)
    for arrow, read in choices:
        if read is None:
            break
        try:
            values = [None if text is None else read(text) for text in texts]
            pa.array(values, arrow)
        except (ValueError, KeyError, OverflowError, pa.ArrowException):
            continue
        # What int() takes and Spark does not: underscores, spaces, other scripts' digits.
        plain = all(text is None or (text.isascii() and text == text.strip()) for text in texts)
        if arrow == pa.string() or (plain and not any("_" in (text or "") for text in texts)):
            return arrow, values
    raise OptionError(f"The folders' values of column {name!r} are not all {given}.")
