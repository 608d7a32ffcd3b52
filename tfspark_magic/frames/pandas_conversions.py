"""Say how to convert a column of a pandas frame so that it fits its placeholder."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from tfspark_magic.schema.spec import TEXT, CellSpec

if TYPE_CHECKING:
    import pandas as pd

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
