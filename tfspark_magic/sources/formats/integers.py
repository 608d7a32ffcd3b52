"""Integers of text that Arrow reads as float64, since int64 has none so large, or others are no integers.

Arrow rounds them without a word, so that two of them may be equal. Which text a number was is only
looked up where one is beyond those that float64 has all of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from tfspark_magic.errors import FileContentError
from tfspark_magic.schema.arrow import is_list
from tfspark_magic.sources.filesystem import shown

if TYPE_CHECKING:
    from tfspark_magic.sources.files import Files

_ALL_HELD = 2.0**53

Texts = Callable[[Sequence[str]], Iterable[tuple[str, int]]]


def without_rounded(
    batches: Iterable[pa.RecordBatch],
    files: Files,
    uri: str,
    columns: Sequence[str],
    integers: Texts,
    advice: str,
) -> Iterator[pa.RecordBatch]:
    """Yield the batches of a file of text, unless integers were rounded whose type nobody gave.

    Parameters
    ----------
    batches, files, uri, columns
        What was read.
    integers
        Reads the file again, and gives names and values of those in some columns that may be too
        large.
    advice
        What to do.

    Raises
    ------
    FileContentError
        That names the value.
    """
    types = {name: files.file_schema.field(name).type for name in columns}
    doubted = {name for name, arrow in types.items() if files.inferred and _has_floats(arrow)}
    for batch in batches:
        large = [name for name in batch.schema.names if name in doubted]
        large = [name for name in large if _is_large(batch.column(name))]
        for name, value in integers(large) if large else ():
            if not is_held(value):
                expected = f"integers that float64 holds in column {name!r}"
                raise FileContentError(shown(uri), expected, str(value), advice)
        doubted.difference_update(large)
        yield batch


def is_held(value: int) -> bool:
    """Whether float64 has an integer.

    >>> is_held(2**53), is_held(2**53 + 1), is_held(10**400)
    (True, False, False)
    """
    try:
        return int(float(value)) == value
    except OverflowError:
        return False


def _has_floats(arrow: pa.DataType) -> bool:
    if is_list(arrow):
        return _has_floats(arrow.value_type)
    if pa.types.is_struct(arrow):
        return any(_has_floats(field.type) for field in arrow)
    return bool(arrow == pa.float64())


def _is_large(array: pa.Array) -> bool:
    """Whether a finite value, at any depth, is beyond those that float64 has all of."""
    if is_list(array.type) or pa.types.is_struct(array.type):
        inner = array.flatten()
        return any(_is_large(one) for one in (inner if isinstance(inner, list) else [inner]))
    if array.type != pa.float64():
        return False
    finite = array.filter(pc.is_finite(array))
    bounds = pc.min_max(finite).as_py()
    return bounds["min"] is not None and max(-bounds["min"], bounds["max"]) >= _ALL_HELD
