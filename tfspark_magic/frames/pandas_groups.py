"""Reductions of pandas frames, in this process, by the code that runs beside Spark's data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tfspark_magic.binding.reductions import ReductionPlan
from tfspark_magic.errors import ReductionError
from tfspark_magic.frames.grouping import without_signs
from tfspark_magic.frames.pandas_columns import any_array, column_from_arrow, fed_arrays
from tfspark_magic.schema.arrow import arrow_from_cell
from tfspark_magic.worker.aggregating import aggregate_batches
from tfspark_magic.worker.groups import group_rows

if TYPE_CHECKING:
    import pandas as pd


def keys_of(grouped: Any) -> tuple[pd.DataFrame, list[pd.Series[Any]]]:
    """Return the frame of a pandas groupby, and its key columns.

    Raises
    ------
    ReductionError
        If it is grouped by something else than columns, or by a Series with another index.
    """
    import pandas as pd

    df, keys = grouped.obj, grouped.keys
    columns: list[pd.Series[Any]] = []
    for key in keys if isinstance(keys, list) else [keys]:
        if isinstance(key, pd.Series) and key.index.equals(df.index):
            columns.append(key.rename(key.name if key.name is not None else f"key_{len(columns)}"))
        elif isinstance(key, str) and key in df.columns:
            columns.append(df[key])
        elif isinstance(key, pd.Series):
            raise ReductionError(
                f"aggregate takes a pandas frame grouped by Series of its own index, and Series "
                f"{key.name!r} has another one: write "
                f"df.groupby(series.reindex(df.index))."
            )
        else:
            raise ReductionError(
                "aggregate takes a pandas frame grouped by its columns, or by Series of its "
                "index: write df.groupby('key') or df.groupby(['a', 'b'])."
            )
    return df, columns


def aggregate_rows(
    df: pd.DataFrame, keys: list[pd.Series[Any]], plan: ReductionPlan
) -> pd.DataFrame:
    """Return the keys and fetches of each group, in the order of the groups' first rows."""
    import pandas as pd

    from tfspark_magic.graph.eager import eager_mode

    groups, first = group_rows([any_array(key, str(key.name)) for key in keys])
    outputs = [pa.array([], arrow_from_cell(cell)) for _, cell in plan.outputs]
    if len(groups):
        with eager_mode():
            found = aggregate_batches(plan, 1, [(pa.array(groups), *fed_arrays(df, plan.feeds))])
        assert found is not None
        (numbers,), unsorted = found
        in_order = pa.array(np.argsort(numbers.to_numpy()))
        outputs = [column.take(in_order) for column in unsorted]
    index = pd.RangeIndex(len(first))
    columns = [_without_signs(key.iloc[first].set_axis(index)) for key in keys]
    for (name, cell), output in zip(plan.outputs, outputs, strict=True):
        columns.append(column_from_arrow(output, cell, index).rename(name))
    return pd.concat(columns, axis=1)


def _without_signs(key: pd.Series[Any]) -> pd.Series[Any]:
    """Return keys with no minus zero in them, at any depth, as Spark shows them."""
    import pandas as pd

    if pd.api.types.is_float_dtype(key.dtype):
        return key + 0.0
    if str(key.dtype) != "object" and not isinstance(key.dtype, pd.ArrowDtype):
        return key
    return pd.Series([without_signs(v) for v in key], key.index, key.dtype, key.name)
