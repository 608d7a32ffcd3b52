"""The tables that the benchmarks read, written once as Parquet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROW_GROUP = 1 << 18
FILES = 4


def numbers(folder: Path, rows: int) -> Path:
    """Write `rows` rows of x, y int32 and a, b, c float64 to Parquet files."""
    rng = np.random.default_rng(0)

    def batch(n: int) -> pa.Table:
        columns = {name: rng.integers(0, 1000, n, np.int32) for name in ("x", "y")}
        return pa.table({**columns, **{name: rng.random(n) for name in ("a", "b", "c")}})

    return _write(folder / f"numbers_{rows}", rows, batch)


def vectors(folder: Path, rows: int, width: int) -> Path:
    """Write `rows` rows of an id and a float32 vector of `width` to Parquet files."""
    rng = np.random.default_rng(1)

    def batch(n: int) -> pa.Table:
        values = pa.array(rng.standard_normal(n * width, np.float32))
        offsets = pa.array(np.arange(n + 1, dtype=np.int32) * width)
        column = pa.ListArray.from_arrays(offsets, values)
        return pa.table({"id": pa.array(np.arange(n)), "features": column})

    return _write(folder / f"vectors_{rows}_{width}", rows, batch)


def _write(path: Path, rows: int, batch: object) -> Path:
    if path.exists():
        return path
    partial = path.with_suffix(".partial")
    partial.mkdir(parents=True, exist_ok=True)
    for number in range(FILES):
        count = rows // FILES + (number < rows % FILES)
        pq.write_table(batch(count), partial / f"part-{number}.parquet", row_group_size=ROW_GROUP)  # type: ignore[operator]
    return partial.rename(path)
