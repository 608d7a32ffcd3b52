"""Scalars side by side, the fields of a struct or several columns, as one vector."""

from __future__ import annotations

from collections.abc import Iterable

from tfspark_magic.errors import TfSparkError, UnsupportedTypeError
from tfspark_magic.schema.spec import CellSpec, common_dtype


def vector_of(parts: Iterable[tuple[str, CellSpec | TfSparkError]], subject: str) -> CellSpec:
    """Return the cell that holds one value of each part, each of them exactly.

    >>> vector_of([("a", CellSpec("int32")), ("b", CellSpec("float32"))], "Column 's.*'")
    CellSpec(dtype='float64', shape=(2,), kind='')

    Parameters
    ----------
    parts
        Names, and what each holds or why TensorFlow has no such cells.
    subject
        The vector, for messages.

    Raises
    ------
    UnsupportedTypeError
        If a part is no scalar, or no dtype holds all of them.
    """
    cells: list[tuple[str, CellSpec]] = []
    for name, cell in parts:
        if isinstance(cell, TfSparkError):
            raise cell
        if cell.shape != ():
            raise UnsupportedTypeError(
                f"{name!r} in {subject[0].lower()}{subject[1:]}",
                str(cell),
                "only scalars stand side by side as a vector",
            )
        cells.append((name, cell))
    kinds = {cell.kind for _, cell in cells}
    dtype = common_dtype(cell.dtype for _, cell in cells)
    if dtype is None or len(kinds) != 1:
        found = ", ".join(f"{name} {cell}" for name, cell in cells)
        advice = "no dtype holds each of them exactly: cast them to one that you choose"
        raise UnsupportedTypeError(subject, f"a vector of ({found})", advice)
    return CellSpec(dtype, (len(cells),), kinds.pop())
