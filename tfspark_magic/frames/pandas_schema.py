"""Describe the columns of a pandas frame as `CellSpec`s."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from tfspark_magic.binding import FrameColumns
from tfspark_magic.errors import Subject, TfSparkError, UnsupportedTypeError
from tfspark_magic.frames.pandas_columns import arrow_type
from tfspark_magic.schema.arrow import cell_from_arrow, leaf_of
from tfspark_magic.schema.spec import TEXT, CellSpec, vector_of

if TYPE_CHECKING:
    import pandas as pd

_WIDER = {"uint16": "int32", "uint32": "int64"}
_COLUMN_ADVICE = {
    "uint64": "write df.astype({{{0!r}: 'int64'}}) if its values are below 2**63",
    "duration": "write df.assign(**{{{0!r}: df[{0!r}].dt.total_seconds()}})",
    "decimal": "write df.astype({{{0!r}: 'float64'}})",
}


def columns_of_pandas(df: pd.DataFrame) -> FrameColumns:
    """Describe the columns of a pandas frame as `CellSpec`s.

    >>> columns_of_pandas(pd.DataFrame({"x": [1.5], "v": [np.ones((2, 2), np.float32)]}))
    [('x', CellSpec(dtype='float64', shape=(), kind='')), ('v', CellSpec(dtype='float32', ...))]

    The dtype says what a column holds; for object columns, the cells say it. A column whose label
    is not a string cannot feed a graph, and is left out.
    """
    columns = FrameColumns(case_sensitive=True, conversions=OfPandas(df))
    structs: list[tuple[str, CellSpec | TfSparkError]] = []
    for position, label in enumerate(df.columns):
        if not isinstance(label, str):
            continue
        try:
            arrow = arrow_type(df.iloc[:, position], label)
            if pa.types.is_struct(arrow):
                structs.append((f"{label}.*", _fields_cell(arrow, label)))
            columns.append((label, _cell(arrow, label)))
        except UnsupportedTypeError as error:
            columns.append((label, error))
    names = {name for name, _ in columns}
    columns.extend((name, cell) for name, cell in structs if name not in names)
    return columns


def _cell(arrow: pa.DataType, name: str) -> CellSpec:
    try:
        return cell_from_arrow(pa.field(name, arrow))
    except UnsupportedTypeError:
        leaf, _ = leaf_of(arrow)
    advice = "convert it to a number, string, bytes or arrays of them"
    if str(leaf) in _WIDER:
        advice = f"write df.astype({{{name!r}: {_WIDER[str(leaf)]!r}}}), which holds each value"
    elif pa.types.is_struct(leaf) and leaf == arrow:
        advice = (
            f"make columns of its fields, with df.join(pd.DataFrame([*df[{name!r}]], df.index))"
        )
        if not isinstance(_fields_cell(arrow, name), TfSparkError):
            advice = f"bind '{name}.*', its fields as a vector, or {advice}"
    elif leaf == arrow:
        kind = "decimal" if pa.types.is_decimal(leaf) else str(leaf).partition("[")[0]
        advice = _COLUMN_ADVICE.get(kind, advice).format(name)
    raise UnsupportedTypeError(Subject("Column", name), str(arrow), advice)


def _fields_cell(struct: pa.DataType, name: str) -> CellSpec | TfSparkError:
    try:
        parts = [(field.name, _cell(field.type, f"{name}.{field.name}")) for field in struct]
        return vector_of(parts, f"Column '{name}.*'")
    except TfSparkError as error:
        return error


# The nullable dtypes of pandas.
_NULLABLE = {
    "bool": "boolean", "uint8": "UInt8", "int8": "Int8", "int16": "Int16", "int32": "Int32",
    "int64": "Int64", "float16": "Float32", "float32": "Float32", "float64": "Float64",
}  # fmt: skip
_NUMPY = {"bool": "bool_", "string": "str_"}


class OfPandas:
    """Conversions of a pandas frame `df`, which make a new frame and do not change `df`.

    >>> OfPandas(pd.DataFrame({"x": [1.5]})).cast("x", (), CellSpec("float64"), "float32")
    "write df.assign(**{'x': df['x'].astype('float32')})"

    Parameters
    ----------
    df
        The frame; the dtypes of its columns decide how they are cast.
    """

    lacking = "the DataFrame does not"
    another = "bind another column"

    def __init__(self, df: pd.DataFrame) -> None:
        # Not the frame itself: whoever keeps this object need not keep the data.
        self._dtypes = dict(zip(df.columns, df.dtypes, strict=True))

    def cast(self, column: str, parts: tuple[str, ...], source: CellSpec, dtype: str) -> str:
        """See `Conversions`."""
        if source.dtype in TEXT and dtype == "bool":
            return ""  # pandas and NumPy cast every text to True, also "False".
        if parts:
            casts = {part: self._dtype(part, dtype) for part in parts}
            return f"write df.astype({casts!r})"
        if column.endswith(".*") and column not in self._dtypes:
            value = f"None if v is None else np.{_NUMPY.get(dtype, dtype)}(v)"
            return _mapped(column.removesuffix(".*"), f"{{f: {value} for f, v in cell.items()}}")
        if source.shape:
            return _mapped(column, f"np.array({_as_lists(len(source.shape))}, {dtype!r})")
        cast = f"df[{column!r}].astype({self._dtype(column, dtype)!r})"
        return f"write df.assign(**{{{column!r}: {cast}}})"

    def flatten(self, column: str, rank: int) -> str:
        """See `Conversions`."""
        names = ["cell", *(f"v{depth}" for depth in range(1, rank + 1))]
        loops = (f"for {v} in {row}" for row, v in itertools.pairwise(names))
        return _mapped(column, f"[{names[-1]} {' '.join(loops)}]")

    def _dtype(self, column: str, dtype: str) -> str:
        found = self._dtypes[column]
        plain = isinstance(found, np.dtype) and found.kind != "O"
        return dtype if plain else _NULLABLE.get(dtype, dtype)


def _mapped(column: str, value: str) -> str:
    cells = f"df[{column!r}].map(lambda cell: {value}, na_action='ignore')"
    return f"write df.assign(**{{{column!r}: {cells}}})"


def _as_lists(rank: int, cell: str = "cell", depth: int = 1) -> str:
    """Return Python code that makes lists of all axes but the last: files give arrays of arrays."""
    if rank == 1:
        return cell
    if rank == 2:  # noqa: PLR2004
        return f"[*{cell}]"
    return f"[{_as_lists(rank - 1, f'v{depth}', depth + 1)} for v{depth} in {cell}]"
