"""Write the tables of the benchmarks once as Parquet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROW_GROUP = 1 << 18
FILES = 4
_LISTS = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)


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
        column = _lists(np.full(n, width), values)
        return pa.table({"id": pa.array(np.arange(n)), "features": column})

    return _write(folder / f"vectors_{rows}_{width}", rows, batch)


def groups(folder: Path, rows: int) -> Path:
    """Write a float64 value and two int64 keys, of 1,000 values and of a tenth of `rows`."""
    rng = np.random.default_rng(3)

    def batch(n: int) -> pa.Table:
        keys = {"few": rng.integers(0, 1000, n), "many": rng.integers(0, rows // 10, n)}
        return pa.table({**keys, "value": rng.random(n)})

    return _write(folder / f"groups_{rows}", rows, batch)


def lists(folder: Path, rows: int, *, longest: int, ragged: bool) -> Path:
    """Write float64 vectors v: with 1 to `longest` numbers, or all with the mean length."""
    rng = np.random.default_rng(4)

    def batch(n: int) -> pa.Table:
        lengths = rng.integers(1, longest + 1, n) if ragged else np.full(n, (longest + 1) // 2)
        # Few different numbers, so that reading the file is fast.
        values = rng.integers(0, 256, int(lengths.sum())) / 16
        return pa.table({"v": _lists(lengths, pa.array(values))})

    kind = "ragged" if ragged else "equal"
    return _write(folder / f"{kind}_{rows}_{longest}", rows, batch)


def points(folder: Path, rows: int) -> Path:
    """Write float32 points x of a normal distribution."""
    rng = np.random.default_rng(5)
    return _write(
        folder / f"points_{rows}", rows, lambda n: pa.table({"x": rng.standard_normal(n, "f4")})
    )


def arrays(path: Path, *names: str) -> list[np.ndarray]:
    """Read columns of numbers or of equal vectors."""
    return [array(column) for column in pq.read_table(path, columns=list(names)).columns]


def array(column: pa.ChunkedArray) -> np.ndarray:
    """Return a column of numbers or of equal vectors as an array, without a copy of a single chunk."""
    chunk = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    if any(is_list(chunk.type) for is_list in _LISTS):
        return chunk.flatten().to_numpy().reshape(len(chunk), -1)
    return chunk.to_numpy(zero_copy_only=False)


def column(values: np.ndarray) -> pa.Array:
    """Return an array of numbers or of vectors as a column."""
    if values.ndim == 1:
        return pa.array(values)
    return _lists(np.full(len(values), values.shape[1]), pa.array(values.reshape(-1)))


def _lists(lengths: np.ndarray, values: pa.Array) -> pa.Array:
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values)


def _write(path: Path, rows: int, batch: Callable[[int], pa.Table]) -> Path:
    if path.exists():
        return path
    partial = path.with_suffix(".partial")
    partial.mkdir(parents=True, exist_ok=True)
    for number in range(FILES):
        count = rows // FILES + (number < rows % FILES)
        pq.write_table(batch(count), partial / f"part-{number}.parquet", row_group_size=ROW_GROUP)
    return partial.rename(path)
