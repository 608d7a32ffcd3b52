"""The common parts of the tables: the `noop` sink, Spark's floor, and comparing with NumPy."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame

from benchmarks.timing import Way

import tensorflow as tf

Expected = Callable[..., np.ndarray]
_CHECKED_ROWS = 1_000


def run(df: DataFrame) -> None:
    """Compute every column of `df`, and write none."""
    df.write.format("noop").mode("overwrite").save()


def graph(build: Callable[[], tf.Tensor]) -> tf.Tensor:
    """Return the result of `build` in a new graph."""
    with tf.Graph().as_default():
        return build()


def to_python(df: DataFrame) -> DataFrame:
    """Send the columns to Python, and return one row of each partition."""

    def count(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        rows = sum(batch.num_rows for batch in batches)
        yield pa.RecordBatch.from_pydict({"rows": [rows]})

    return df.mapInArrow(count, "rows long")


def a_map(frame: Callable[[], DataFrame], inputs: tuple[str, ...], expected: Expected) -> Way:
    """Return the way of a lazy map, whose output is the last column.

    Its first rows are compared with the results of `expected` for their inputs, arrays of rows.
    """

    def check() -> None:
        df = frame()
        table = df.select(*inputs, df.columns[-1]).limit(_CHECKED_ROWS).toArrow()
        *arrays, found = (_array(column) for column in table.columns)
        same(found, expected(*arrays))

    return Way(lambda: run(frame()), check)


def same(found: np.ndarray, expected: np.ndarray) -> None:
    """Raise an error if two results differ by more than the rounding of float32."""
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def _array(column: pa.ChunkedArray) -> np.ndarray:
    cells = column.combine_chunks().to_numpy(zero_copy_only=False)
    if cells.dtype == object and len({len(cell) for cell in cells}) == 1:
        return np.stack(cells)
    return cells
