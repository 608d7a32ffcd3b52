"""Run a plan over a pandas frame, in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from tfspark_magic.binding import Plan
from tfspark_magic.frames.pandas_columns import column_from_arrow, fed_arrays
from tfspark_magic.schema.arrow import arrow_from_cell
from tfspark_magic.worker.failed_rows import counting, warn
from tfspark_magic.worker.mapping import run_blocks

if TYPE_CHECKING:
    import pandas as pd


def map_frame(df: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return a new frame: the columns of `df` and one for each output; trimmed, only the outputs.

    >>> map_frame(pd.DataFrame({"x": [1, 2]}), plan)                # doctest: +SKIP
       x  z
    0  1  3
    1  2  6
    """
    import pandas as pd

    columns = _outputs(df, plan)
    index = pd.RangeIndex(len(columns[0])) if plan.trim else df.index
    outputs = [
        column_from_arrow(column, cell, index).rename(name)
        for (name, cell), column in zip(plan.outputs, columns, strict=True)
    ]
    if plan.trim:
        return pd.concat(outputs, axis=1)
    return pd.concat([df, *outputs], axis=1).__finalize__(df)


def _outputs(df: pd.DataFrame, plan: Plan) -> list[pa.ChunkedArray]:
    from tfspark_magic.graph.eager import eagerly

    with counting(plan, warn) as failed:
        blocks = list(eagerly(run_blocks(plan, [fed_arrays(df, plan.feeds)], failed)))
    return [
        pa.chunked_array([block[at] for block in blocks], None if blocks else arrow_from_cell(cell))
        for at, (_, cell) in enumerate(plan.outputs)
    ]
