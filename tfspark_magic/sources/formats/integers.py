"""Find integers in text files that Arrow reads as float64 and rounds.

Arrow does this if an integer is too large for int64, or if other values are not integers. It gives
no warning, and two different integers may become equal. The text of a number is looked up only if
the number is so large that float64 does not hold all integers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from tfspark_magic.errors import FileContentError
from tfspark_magic.schema.arrow import is_list, leaves_of
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
    """Yield the batches of a text file, unless integers were rounded and the user gave no type.

    Parameters
    ----------
    batches, files, uri, columns
        The batches of the file, the files, its URI, and the columns that are read.
    integers
        A function that reads the file again, and gives names and values of integers that may be too
        large.
    advice
        The advice of the error.

    Raises
    ------
    FileContentError
        If an integer was rounded; the error names the value.
    """
    types = {name: files.file_schema.field(name).type for name in columns}
    floats = {name for name, arrow in types.items() if pa.float64() in leaves_of(arrow)}
    doubted = floats if files.inferred else set()
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
    """Whether float64 holds an integer exactly.

    >>> is_held(2**53), is_held(2**53 + 1), is_held(10**400)
    (True, False, False)
    """
    try:
        return int(float(value)) == value
    except OverflowError:
        return False


def _is_large(array: pa.Array) -> bool:
    """Whether a finite value, at any depth, is so large that float64 does not hold all integers."""
    if is_list(array.type) or pa.types.is_struct(array.type):
        inner = array.flatten()
        return any(_is_large(one) for one in (inner if isinstance(inner, list) else [inner]))
    if array.type != pa.float64():
        return False
    finite = array.filter(pc.is_finite(array))
    bounds = pc.min_max(finite).as_py()
    return bounds["min"] is not None and max(-bounds["min"], bounds["max"]) >= _ALL_HELD
