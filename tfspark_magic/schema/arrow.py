"""Arrow types to and from the neutral language."""

from __future__ import annotations

import pyarrow as pa

from tfspark_magic.schema.spec import CellSpec

CARRIERS = {"uint8": "int16", "float16": "float32"}
"""Dtypes that Spark lacks, and the ones in which their values travel."""

_LEAVES: dict[str, pa.DataType] = {
    "bool": pa.bool_(),
    "int8": pa.int8(),
    "int16": pa.int16(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float32": pa.float32(),
    "float64": pa.float64(),
    "string": pa.string(),
    "binary": pa.binary(),
}


def arrow_from_cell(cell: CellSpec) -> pa.DataType:
    """Return the Arrow type of a column of such cells, as Spark expects it.

    >>> arrow_from_cell(CellSpec("uint8", (None, 3)))
    ListType(list<element: list<element: int16>>)

    A cell shape of unknown rank has no Arrow type.
    """
    arrow = _LEAVES[CARRIERS.get(cell.dtype, cell.dtype)]
    for _ in cell.shape or ():
        arrow = pa.list_(pa.field("element", arrow))
    return arrow


def is_list(arrow: pa.DataType) -> bool:
    """Whether `arrow` is one of Arrow's list types."""
    return bool(
        pa.types.is_list(arrow)
        or pa.types.is_large_list(arrow)
        or pa.types.is_fixed_size_list(arrow)
    )
