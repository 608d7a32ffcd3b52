"""Describe the content of a cell by a dtype and a shape, independently of any system.

Spark columns, Arrow arrays and TensorFlow tensors are each translated to and from this form in one
file (`spark.py`, `arrow.py`, `tensorflow.py`). So n systems need n tables, not n squared. Below are
the rules by which cells become other cells: scalars side by side, and the same values in another shape.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tfspark_magic.errors import TfSparkError, UnsupportedTypeError

Shape = tuple[int | None, ...]
"""Sizes of a tensor's axes, outermost first; None is an unknown size."""

FLOATS = ("float16", "float32", "float64")
INTEGERS = ("uint8", "int8", "int16", "int32", "int64")
NUMERIC = (*FLOATS, *INTEGERS, "bool")
TEXT = ("string", "binary")
"""Both are `tf.string` in TensorFlow; Spark and Arrow tell text from bytes."""
DTYPES = (*NUMERIC, *TEXT)
KINDS = ("date", "timestamp", "timestamp_ntz", "vector")
"""Dates are int64 days since 1970-01-01. Timestamps are int64 microseconds since 1970-01-01 UTC;
a timestamp without a time zone is read as UTC. MLlib's vectors are float64."""

SHAPE_KEY = "tfspark_magic.shape"
DTYPE_KEY = "tfspark_magic.dtype"
"""The key in a column's metadata for the parts of a cell that its type cannot hold."""

_WIDER: dict[str, tuple[str, ...]] = {
    "int8": ("int16", "int32", "int64", "float16", "float32", "float64"),
    "uint8": ("int16", "int32", "int64", "float16", "float32", "float64"),
    "int16": ("int32", "int64", "float32", "float64"),
    "int32": ("int64", "float64"),
    "float16": ("float32", "float64"),
    "float32": ("float64",),
    "binary": ("string",),
}


def is_lossless(source: str, target: str) -> bool:
    """Whether every value of dtype `source` is a value of dtype `target`.

    >>> is_lossless("int32", "float64"), is_lossless("int64", "float64")
    (True, False)
    """
    return source == target or target in _WIDER.get(source, ())


def common_dtype(dtypes: Iterable[str]) -> str | None:
    """Return the smallest dtype that holds every value of all `dtypes`; None if there is none.

    >>> common_dtype(["int16", "float32"]), common_dtype(["int64", "float64"])
    ('float32', None)
    """
    found = set(dtypes)
    if len(found) == 1:
        return found.pop()
    return next((d for d in (*INTEGERS, *FLOATS) if all(is_lossless(f, d) for f in found)), None)


def format_shape(shape: Shape | None) -> str:
    """Write a shape as in messages.

    >>> format_shape((None, 28, 28)), format_shape(()), format_shape(None)
    ('[?,28,28]', '', '[...]')
    """
    if shape is None:
        return "[...]"
    return "[" + ",".join("?" if n is None else str(n) for n in shape) + "]" if shape else ""


def is_compatible(left: Shape | None, right: Shape | None) -> bool:
    """Whether a tensor can have both shapes."""
    if left is None or right is None:
        return True
    if len(left) != len(right):
        return False
    return all(a is None or b is None or a == b for a, b in zip(left, right, strict=True))


def merge_shapes(left: Shape | None, right: Shape | None) -> Shape | None:
    """Combine the known sizes of two compatible shapes.

    >>> merge_shapes((None, 4), (3, None)), merge_shapes(None, (2,))
    ((3, 4), (2,))
    """
    if left is None:
        return right
    if right is None:
        return left
    return tuple(b if a is None else a for a, b in zip(left, right, strict=True))


@dataclass(frozen=True, slots=True)
class CellSpec:
    """The content of a cell of a column.

    >>> str(CellSpec("float32", (None, 4))), str(CellSpec("int64", (), "date"))
    ('float32[?,4]', 'date')

    Parameters
    ----------
    dtype
        One of `DTYPES`.
    shape
        `()` for a scalar; `None` if not even the rank is known.
    kind
        The column's word for such cells, if it is not a dtype: one of `KINDS`, or empty.
    """

    dtype: str
    shape: Shape | None = ()
    kind: str = ""

    def __str__(self) -> str:
        return (self.kind or self.dtype) + format_shape(self.shape)


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """A placeholder or a fetch of a program.

    >>> str(TensorSpec("x", "x:0", "float32", (None, 4)))
    'x float32[?,4]'

    Parameters
    ----------
    name
        The operation's name, which users, columns and messages use.
    tensor
        The tensor's name in the graph, such as `x:0`.
    dtype
        One of `DTYPES`, never `binary`.
    shape
        The shape in the graph, which has the block axis if the program takes blocks.
    """

    name: str
    tensor: str
    dtype: str
    shape: Shape | None

    @property
    def operation(self) -> str:
        """The name of the operation that gives the tensor."""
        return self.tensor.partition(":")[0]

    def cell(self, *, per_row: bool) -> Shape | None:
        """Return the shape of what belongs to one row, in a graph that takes a row or a block of them."""
        return self.shape if per_row or self.shape is None else self.shape[1:]

    def __str__(self) -> str:
        # A placeholder without a shape takes any shape, so no shape is written.
        return f"{self.name} {self.dtype}{format_shape(self.shape or ())}"


def cell_or_error(
    cell_of: Callable[[Any], CellSpec], column: Any
) -> CellSpec | UnsupportedTypeError:
    """Return the cells of a column, or the error that says why there are none."""
    try:
        return cell_of(column)
    except UnsupportedTypeError as error:
        return error


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


def reshaped(cell: Shape, column: Shape, wanted: Shape | None) -> Shape | None:
    """Return the shape in which a cell feeds a placeholder; None if it cannot.

    >>> reshaped((), (), (1,)), reshaped((5,), (None,), (None, 1)), reshaped((6,), (6,), (2, 3))
    ((1,), (5, 1), (2, 3))
    >>> reshaped((2, 6), (2, 6), (3, 4)) is None
    True

    The values are in row-major order: the last axis changes fastest. A cell may have fewer or more
    axes of size 1 than the placeholder. Or it may be a vector with as many values as a placeholder
    of known sizes takes.

    Parameters
    ----------
    cell
        The shape of a cell, or what is known of it.
    column
        What is known of all cells of its column. It decides which axes have size 1: an axis that
        has size 1 only in this cell does not count.
    wanted
        The shape of the placeholder's cells.
    """
    if is_compatible(cell, wanted):
        return merge_shapes(cell, wanted)
    assert wanted is not None
    if len(cell) != len(column) or not is_compatible(cell, column):
        return None
    sizes = tuple(size for size, known in zip(cell, column, strict=True) if known != 1)
    axes = tuple(size for size in wanted if size != 1)
    if is_compatible(sizes, axes):
        found = iter(merge_shapes(sizes, axes) or ())
        return tuple(1 if size == 1 else next(found) for size in wanted)
    if len(sizes) == 1 and None not in wanted and len(wanted) > 1:
        values = math.prod(size or 0 for size in wanted)
        return wanted if sizes[0] in (None, values) else None
    return None


def unreshaped(column: Shape | None, fed: Shape | None) -> Shape | None:
    """Return what is known of a column's cells, given the shape in which they are fed.

    >>> unreshaped((None,), (2, 3)), unreshaped((None, 1), (5,)), unreshaped((None,), (4,))
    ((6,), (5, 1), (4,))
    """
    if column is None or fed is None or is_compatible(column, fed):
        return merge_shapes(column, fed)
    sizes = tuple(size for size in fed if size != 1)
    if sum(size != 1 for size in column) == len(sizes):
        found = iter(sizes)
    else:
        found = iter([math.prod(size or 0 for size in fed)])
    return tuple(1 if size == 1 else next(found) for size in column)
