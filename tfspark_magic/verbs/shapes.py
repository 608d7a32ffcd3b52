"""Find, set and print the cell shapes of array columns."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

from pyspark.sql import Column

from tfspark_magic.binding import FrameColumns
from tfspark_magic.errors import OptionError, ShapeMismatchError, TfSparkError, closest
from tfspark_magic.frames.frame import Frame, frame_of
from tfspark_magic.schema.spec import CellSpec, Shape, format_shape


def analyze(df: Any, *columns: str | Column) -> Any:
    """Look at the data to find the cell shapes of array columns.

    >>> tfs.print_schema(tfs.analyze(df))                           # doctest: +SKIP
    root
     |-- y: array<double> (nullable = true) float64[2]

    Runs one query now, inside the JVM, which reads these columns once; the result is lazy. A size
    that differs between rows, or between the arrays of one cell, is unknown. Nulls do not count. If
    a column has no values, its known sizes do not change.

    Parameters
    ----------
    df
        A Spark DataFrame, classic or Connect. A frame of another kind is returned as it is, because
        its maps look at the data themselves.
    *columns
        Only these; all columns with arrays or MLlib vectors if not given.

    Returns
    -------
    The same DataFrame; the shapes are in the metadata of its columns.

    Raises
    ------
    OptionError, AmbiguousColumnError
        If there is no such column, or there are two of that name.
    UnsupportedTypeError
        If a column asked for has a type that TensorFlow cannot take.
    NotAvailableError
        If the DataFrame is a stream, which has no end to look through.
    """
    frame = frame_of(df, "analyze")
    cells = _array_columns(frame, columns)
    return frame.analyzed(cells) if cells else df


def append_shape(df: Any, column: str | Column, shape: Iterable[int | None]) -> Any:
    """Set the shape of the cells of a column, so that no query has to find it in the data.

    >>> tfs.append_shape(df, "y", [None, 2])                        # doctest: +SKIP
    DataFrame[y: array<array<double>>]

    Runs nothing. If a cell has another shape, the map that reads it raises an error.

    Parameters
    ----------
    df
        A Spark DataFrame, classic or Connect, streaming or not.
    column
        Its name, or the column itself (`df.y`).
    shape
        A size for each axis of a cell, outermost first; None or -1 for an unknown size. As in
        TensorFrames, the axis of the block may come first, as None or -1: `[None, 2]` for a column
        of vectors, `[-1]` for a column of numbers. The number of sizes tells the two forms apart.

    Returns
    -------
    The same DataFrame; the shape is in the metadata of the column.

    Raises
    ------
    ShapeMismatchError
        If the number of sizes differs from the number of axes of the column's type.
    OptionError, AmbiguousColumnError, UnsupportedTypeError
        If there is no such column, or it is there twice, or its type or a size is not possible.
    NotAvailableError
        If the frame has no place to keep a shape, as a frame of pandas or Arrow.
    """
    frame = frame_of(df, "append_shape")
    name, cell = named_cell(frame, column, "append_shape", _own_columns(frame))
    sizes = _sizes(shape)
    rank = len(cell.shape or ())
    if len(sizes) == rank + 1 and sizes[0] is None:
        sizes = sizes[1:]
    if len(sizes) != rank:
        kind = frame.types[name]
        axes = f"{rank} size{'s' if rank > 1 else ''}, one for each axis of {kind}"
        raise ShapeMismatchError(
            f"The shape of column {name!r}",
            axes if rank else f"[], its cells being {kind} scalars",
            format_shape(sizes) or "[]",
            f"write {[None] * rank}, with the known sizes instead of None" if rank else "write []",
        )
    return frame.with_shapes({name: sizes} if rank else {})


def print_schema(df: Any) -> None:
    """Print the columns of a DataFrame with the tensor that TensorFlow gets of each.

    >>> tfs.print_schema(df)                                        # doctest: +SKIP
    root
     |-- x: int (nullable = true) int32
     |-- y: array<array<double>> (nullable = true) float64[?,2]
     |-- d: decimal(10,0) (nullable = true) no tensor: write df.withColumn('d', ...)
    """
    frame = frame_of(df, "print_schema")
    cells = dict(frame.columns)
    lines = (f" |-- {name}: {kind} {_tensor(cells.get(name))}" for name, kind in frame.schema())
    print("\n".join(["root", *lines]))  # noqa: T201  (it is asked to)


def named_cell(
    frame: Frame, column: Any, verb: str, columns: FrameColumns | None = None
) -> tuple[str, CellSpec]:
    """Return the name of a column, which is given by name or as `df.y`, and its cells.

    Parameters
    ----------
    frame, column, verb
        The column that is asked for, its frame, and the verb that asks.
    columns
        The columns that may be asked for. If not given: all that can feed a placeholder.

    Raises
    ------
    OptionError, AmbiguousColumnError
        If it is not there, or there twice.
    UnsupportedTypeError
        If TensorFlow has no such cells.
    """
    columns = frame.columns if columns is None else columns
    cells = dict(columns)
    name = frame.name_of(column)
    if name not in cells:
        raise OptionError(
            f"{verb}: the DataFrame has no column {name!r}. {closest(str(name), cells)}"
        )
    columns.refuse_twins(name)
    cell = cells[name]
    if isinstance(cell, TfSparkError):
        raise cell
    return name, cell


def _own_columns(frame: Frame) -> FrameColumns:
    """Return the frame's own columns, without `"s.*"`: the fields of a struct have no shape."""
    own = frame.types
    return FrameColumns(
        ((name, cell) for name, cell in frame.columns if name in own),
        case_sensitive=frame.columns.case_sensitive,
    )


def _array_columns(frame: Frame, columns: tuple[Any, ...]) -> dict[str, CellSpec]:
    own = _own_columns(frame)
    asked = columns or [name for name, cell in own if isinstance(cell, CellSpec) and cell.shape]
    cells = (named_cell(frame, column, "analyze", own) for column in asked)
    return {name: cell for name, cell in cells if cell.shape}


def _sizes(shape: Iterable[int | None]) -> Shape:
    try:
        sizes = tuple(-1 if size is None else operator.index(size) for size in shape)
    except TypeError:
        sizes = (-2,)
    if min(sizes, default=0) < -1:
        raise OptionError(
            f"A shape is a list of sizes, with None for one not known; got {shape!r}."
        )
    return tuple(None if size == -1 else size for size in sizes)


def _tensor(cell: CellSpec | TfSparkError | None) -> str:
    if cell is None:
        return "no tensor: give the column a name that is a string"
    if isinstance(cell, TfSparkError):
        return f"no tensor: {cell.args[-1]}"
    return cell.dtype + format_shape(cell.shape)
