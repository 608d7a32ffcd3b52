"""Find the cell shapes of a Spark DataFrame's array columns, and keep them in metadata.

The metadata of columns survives select, alias and filter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.binding import FrameColumns
from tfspark_magic.executor.session import functions
from tfspark_magic.schema.quoting import quoted
from tfspark_magic.schema.spark import cell_from_spark, metadata_from_cell
from tfspark_magic.schema.spec import CellSpec, Shape


def shapes_in_data(df: DataFrame, cells: Mapping[str, CellSpec]) -> dict[str, Shape]:
    """Return the shapes of the cells of columns, by one query that reads them once.

    A size that differs between rows is unknown. A size for which there are no values keeps its
    known value.
    """
    names = functions(df.sparkSession)
    sizes = [
        summary(_size(df, name, axis, extreme, names))
        for name, cell in cells.items()
        for axis in range(len(cell.shape or ()))
        for summary, extreme in ((names.min, names.array_min), (names.max, names.array_max))
    ]
    found = iter(df.agg(*sizes).collect()[0])
    return {
        name: tuple(_agreed(known, next(found), next(found)) for known in cell.shape or ())
        for name, cell in cells.items()
    }


def with_shapes(df: DataFrame, shapes: Mapping[str, Shape], own: FrameColumns) -> DataFrame:
    """Return the DataFrame with these shapes added to the metadata of its columns."""
    names = functions(df.sparkSession)
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


def _size(df: DataFrame, name: str, axis: int, extreme: Any, names: ModuleType) -> Column:
    """Return the smallest or largest size of an axis in each row; null if the row has no arrays there.

    The functions of arrays pass over nulls, and give null for an array without elements.
    """
    cells = names.col(quoted(name))
    if isinstance(df.schema[name].dataType, T.UserDefinedType):
        # A sparse vector stores its size; the size of a dense vector is the number of its values.
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
