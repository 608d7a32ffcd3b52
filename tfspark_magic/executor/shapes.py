"""The cell shapes of array columns: found in the data, or said by the user, and shown.

They are kept in the metadata of the columns, which survives select, alias and filter.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import replace
from types import ModuleType
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.binding import FrameColumns
from tfspark_magic.errors import (
    NotAvailableError,
    OptionError,
    ShapeMismatchError,
    TfSparkError,
    closest,
)
from tfspark_magic.executor.columns import columns_of
from tfspark_magic.executor.pandas_frames import is_pandas
from tfspark_magic.executor.session import functions
from tfspark_magic.schema.names import quoted
from tfspark_magic.schema.spark import cell_from_spark, metadata_from_cell
from tfspark_magic.schema.spec import CellSpec, Shape, format_shape


def analyze(df: Any, *columns: str | Column) -> Any:
    """Look at the data to find the cell shapes of array columns.

    >>> tfs.print_schema(tfs.analyze(df))                           # doctest: +SKIP
    root
     |-- y: array<double> (nullable = true) float64[2]

    Runs one query now, inside the JVM, which reads those columns once; the result is lazy. A size
    that differs between rows, or between the arrays of one cell, is unknown; nulls do not count.
    Where there are no values to tell, what was known of the size stays.

    Parameters
    ----------
    df
        A Spark DataFrame, classic or Connect. A pandas one is returned as it is: its maps look at
        the data themselves.
    *columns
        Only these; all columns with arrays or MLlib vectors if not given.

    Returns
    -------
    The same DataFrame; the shapes are in the metadata of its columns.

    Raises
    ------
    OptionError, AmbiguousColumnError
        If a column is not there, or there twice.
    UnsupportedTypeError
        If a column asked for has a type that TensorFlow cannot take.
    NotAvailableError
        If the DataFrame is a stream, which has no end to look through.
    """
    cells = _array_columns(df, columns)
    if not cells or is_pandas(df):
        return df
    if df.isStreaming:
        message = (
            "A streaming DataFrame cannot be looked through: say its shapes with "
            "tfs.append_shape(df, column, shape)."
        )
        raise NotAvailableError(message)
    names = functions(df.sparkSession)
    sizes = [
        summary(_size(df, name, axis, extreme, names))
        for name, cell in cells.items()
        for axis in range(len(cell.shape or ()))
        for summary, extreme in ((names.min, names.array_min), (names.max, names.array_max))
    ]
    found = iter(df.agg(*sizes).collect()[0])
    return _with_shapes(
        df,
        {
            name: tuple(_agreed(known, next(found), next(found)) for known in cell.shape or ())
            for name, cell in cells.items()
        },
    )


def append_shape(df: DataFrame, column: str | Column, shape: Iterable[int | None]) -> DataFrame:
    """Say the shape of the cells of a column, so that nothing needs to look at the data.

    >>> tfs.append_shape(df, "y", [None, 2])                        # doctest: +SKIP
    DataFrame[y: array<array<double>>]

    Runs nothing. A cell of another shape is an error of the map that meets it.

    Parameters
    ----------
    df
        A Spark DataFrame, classic or Connect, streaming or not.
    column
        Its name, or the column itself (`df.y`).
    shape
        A size for each axis of a cell, outermost first; None or -1 where it is not known. As
        TensorFrames has it, the block's axis may stand before them, as None or -1: `[None, 2]` for
        a column of vectors, `[-1]` for one of numbers. How many sizes there are tells which it is.

    Returns
    -------
    The same DataFrame; the shape is in the metadata of the column.

    Raises
    ------
    ShapeMismatchError
        If the shape has not as many sizes as the column's type has axes.
    OptionError, AmbiguousColumnError, UnsupportedTypeError
        If the column or a size cannot be.
    NotAvailableError
        If the DataFrame is one of pandas, which has no place to keep a shape.
    """
    if is_pandas(df):
        message = "A pandas frame keeps no shapes: give the placeholder its shape."
        raise NotAvailableError(message)
    name, cell = named_cell(df, column, "append_shape", _own_columns(df, "append_shape"))
    sizes = _sizes(shape)
    rank = len(cell.shape or ())
    if len(sizes) == rank + 1 and sizes[0] is None:
        sizes = sizes[1:]
    if len(sizes) != rank:
        kind = df.schema[name].dataType.simpleString()
        axes = f"{rank} size{'s' if rank > 1 else ''}, one for each axis of {kind}"
        raise ShapeMismatchError(
            f"The shape of column {name!r}",
            axes if rank else f"[], its cells being {kind} scalars",
            format_shape(sizes) or "[]",
            f"write {[None] * rank}, with what is known in the place of None"
            if rank
            else "write []",
        )
    return _with_shapes(df, {name: sizes}) if rank else df


def print_schema(df: Any) -> None:
    """Print the columns of a DataFrame with what TensorFlow gets of each.

    >>> tfs.print_schema(df)                                        # doctest: +SKIP
    root
     |-- x: int (nullable = true) int32
     |-- y: array<array<double>> (nullable = true) float64[?,2]
     |-- d: decimal(10,0) (nullable = true) no tensor: write df.withColumn('d', ...)
    """
    cells = dict(columns_of(df, "print_schema"))
    if is_pandas(df):
        kinds = [(label, str(dtype)) for label, dtype in df.dtypes.items()]
    else:
        kinds = [(field.name, _kind(field)) for field in df.schema.fields]
    lines = (f" |-- {name}: {kind} {_tensor(cells.get(name))}" for name, kind in kinds)
    print("\n".join(["root", *lines]))  # noqa: T201  (it is asked to)


def named_cell(
    df: Any, column: str | Column, verb: str, columns: FrameColumns | None = None
) -> tuple[str, CellSpec]:
    """Return the name of a column, given by that or as `df.y`, and what its cells hold.

    Parameters
    ----------
    df, column, verb
        What is asked by whom.
    columns
        Those that may be asked for; without, all that can feed a placeholder.

    Raises
    ------
    OptionError, AmbiguousColumnError
        If it is not there, or there twice.
    UnsupportedTypeError
        If TensorFlow has no such cells.
    """
    columns = columns_of(df, verb) if columns is None else columns
    cells = dict(columns)
    # Spark resolves a column without running anything, and says what it is called.
    name = df.select(column).columns[0] if isinstance(column, Column) else column
    if name not in cells:
        message = f"{verb}: the DataFrame has no column {name!r}. {closest(str(name), cells)}"
        raise OptionError(message)
    columns.refuse_twins(name)
    cell = cells[name]
    if isinstance(cell, TfSparkError):
        raise cell
    return name, cell


def _own_columns(df: DataFrame, verb: str) -> FrameColumns:
    """Return the columns that have metadata: `"s.*"`, the fields of a struct, has none."""
    columns = columns_of(df, verb)
    return FrameColumns(
        ((name, cell) for name, cell in columns if name in df.columns),
        case_sensitive=columns.case_sensitive,
    )


def _array_columns(df: DataFrame, columns: tuple[str | Column, ...]) -> dict[str, CellSpec]:
    own = _own_columns(df, "analyze")
    asked = columns or [name for name, cell in own if isinstance(cell, CellSpec) and cell.shape]
    cells = (named_cell(df, column, "analyze", own) for column in asked)
    return {name: cell for name, cell in cells if cell.shape}


def _size(df: DataFrame, name: str, axis: int, extreme: Any, names: ModuleType) -> Column:
    """Return the smallest or largest size of an axis in each row; null where it has none.

    The functions of arrays pass over nulls, and give null for an array without elements.
    """
    cells = names.col(quoted(name))
    if isinstance(df.schema[name].dataType, T.UserDefinedType):
        # A sparse vector says its size, a dense one has all its values.
        vector = names.unwrap_udt(cells)
        stated, values = vector.getField("size"), vector.getField("values")
        return names.coalesce(stated, names.array_size(values))

    def size(array: Column, axis: int) -> Column:
        if not axis:
            return names.array_size(array)
        return extreme(names.transform(array, lambda inner: size(inner, axis - 1)))

    return size(cells, axis)


def _agreed(known: int | None, smallest: int | None, largest: int | None) -> int | None:
    if smallest is None:
        return known
    return smallest if smallest == largest else None


def _with_shapes(df: DataFrame, shapes: dict[str, Shape]) -> DataFrame:
    """Return the DataFrame with these shapes in the metadata of its columns, beside what is there."""
    names = functions(df.sparkSession)
    own = _own_columns(df, "append_shape")
    columns = []
    for field in df.schema.fields:
        own.refuse_twins(field.name)
        column = names.col(quoted(field.name))
        if field.name in shapes:
            cell = replace(cell_from_spark(field), shape=shapes[field.name])
            metadata = {**(field.metadata or {}), **metadata_from_cell(cell)}
            column = column.alias(field.name, metadata=metadata)
        columns.append(column)
    # A select of all: Connect's withColumns loses metadata, and its withMetadata takes no dots.
    return df.select(columns)


def _sizes(shape: Iterable[int | None]) -> Shape:
    try:
        sizes = tuple(-1 if size is None else operator.index(size) for size in shape)
    except TypeError:
        sizes = (-2,)
    if min(sizes, default=0) < -1:
        message = f"A shape is a list of sizes, with None for one not known; got {shape!r}."
        raise OptionError(message)
    return tuple(None if size == -1 else size for size in sizes)


def _kind(field: T.StructField) -> str:
    return f"{field.dataType.simpleString()} (nullable = {str(field.nullable).lower()})"


def _tensor(cell: CellSpec | TfSparkError | None) -> str:
    if cell is None:
        return "no tensor: give the column a name that is a string"
    if isinstance(cell, TfSparkError):
        return f"no tensor: {cell.args[-1]}"
    return cell.dtype + format_shape(cell.shape)
