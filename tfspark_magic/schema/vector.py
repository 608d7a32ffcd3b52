"""Put scalars side by side as a vector: the fields of a struct, or several columns."""

from __future__ import annotations

from collections.abc import Iterable

from tfspark_magic.errors import TfSparkError, UnsupportedTypeError
from tfspark_magic.schema.spec import CellSpec, common_dtype


def vector_of(parts: Iterable[tuple[str, CellSpec | TfSparkError]], subject: str) -> CellSpec:
    """Return the cell that holds a value of each part exactly.

    >>> vector_of([("a", CellSpec("int32")), ("b", CellSpec("float32"))], "Column 's.*'")
    CellSpec(dtype='float64', shape=(2,), kind='')

    Parameters
    ----------
    parts
        The names of the parts, each with its cell or the error that says why TensorFlow has no such
        cell.
    subject
        The vector, for messages.

    Raises
    ------
    UnsupportedTypeError
        If a part is not a scalar, or no dtype holds the values of all parts.
    """
    cells: list[tuple[str, CellSpec]] = []
    for name, cell in parts:
        if isinstance(cell, TfSparkError):
            raise cell
        if cell.shape != ():
            raise UnsupportedTypeError(
                f"{name!r} in {subject[0].lower()}{subject[1:]}",
                str(cell),
                "only scalars can be put side by side as a vector",
            )
        cells.append((name, cell))
    kinds = {cell.kind for _, cell in cells}
    dtype = common_dtype(cell.dtype for _, cell in cells)
    if dtype is None or len(kinds) != 1:
        found = ", ".join(f"{name} {cell}" for name, cell in cells)
        advice = "no dtype holds each of them exactly: cast them to one that you choose"
        raise UnsupportedTypeError(subject, f"a vector of ({found})", advice)
    return CellSpec(dtype, (len(cells),), kinds.pop())
