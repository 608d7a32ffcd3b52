"""Describe the columns of a pandas frame as `CellSpec`s."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from tfspark_magic.binding import FrameColumns
from tfspark_magic.errors import Subject, TfSparkError, UnsupportedTypeError
from tfspark_magic.frames.pandas_columns import arrow_type
from tfspark_magic.frames.pandas_conversions import OfPandas
from tfspark_magic.schema.arrow import cell_from_arrow, leaf_of
from tfspark_magic.schema.spec import CellSpec, vector_of

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
