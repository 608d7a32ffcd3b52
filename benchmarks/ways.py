"""The ways to run one graph over all rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyspark.ml.functions import predict_batch_udf
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as T  # noqa: N812

import tfspark_magic as tfs
from benchmarks import data
from benchmarks.spark_ways import a_map, graph, run, same
from benchmarks.timing import Table, Way

import tensorflow as tf

tf1 = tf.compat.v1
_SAMPLE = 2_000


@dataclass(frozen=True)
class Workload:
    """A graph, its table, and the settings that the other ways need.

    Parameters
    ----------
    name
        Its name in the report.
    path
        The Parquet files.
    columns
        The columns that feed the graph.
    row, block
        Build the graph's output from placeholders of cells, or of blocks.
    numpy
        A function of NumPy arrays that loads TensorFlow itself, as users write it for
        `predict_batch_udf`.
    expected
        The same without TensorFlow.
    returns
        The Spark type of the output.
    shapes
        `input_tensor_shapes` of `predict_batch_udf`.
    """

    name: str
    path: Path
    columns: tuple[str, ...]
    row: Callable[[], tf.Tensor]
    block: Callable[[], tf.Tensor]
    numpy: Callable[[], Callable[..., np.ndarray]]
    expected: Callable[..., np.ndarray]
    returns: T.DataType
    shapes: list[list[int] | None] | None = None


def ways(spark: SparkSession, work: Workload) -> Table:
    """Return the ways to run `work`."""
    df = spark.read.parquet(str(work.path))
    arrays = data.arrays(work.path, *work.columns)
    row, block, function = graph(work.row), graph(work.block), work.numpy()
    first = work.expected(*(array[:_SAMPLE] for array in arrays))

    def on_spark(frame: Callable[[], DataFrame]) -> Way:
        return a_map(frame, work.columns, work.expected)

    def in_memory(result: Callable[[], np.ndarray], share: float = 1.0) -> Way:
        return Way(result, lambda: same(result()[:_SAMPLE], first), share)

    sample = min(_SAMPLE, len(arrays[0]))
    return Table(
        work.name,
        "floor",
        {
            "floor (identity Arrow UDF)": Way(lambda: run(_identity(df, work))),
            "tfs.map_rows": on_spark(lambda: tfs.map_rows(row, df)),
            "tfs.map_blocks": on_spark(lambda: tfs.map_blocks(block, df)),
            "predict_batch_udf": on_spark(lambda: _predict_batch(df, work)),
            "pandas UDF": on_spark(lambda: _pandas(df, work)),
            "TensorFlow alone": in_memory(lambda: _alone(arrays, function)),
            "toPandas() + TensorFlow": Way(
                lambda: _to_pandas(df, work),
                # Spark reads the largest file first, so the order of its rows is different.
                lambda: same(_total(_to_pandas(df, work)), _total(work.expected(*arrays))),
            ),
            f"Session.run per row (from {sample:,} rows)": in_memory(
                lambda: _session_run_per_row([array[:sample] for array in arrays], work),
                sample / len(arrays[0]),
            ),
        },
    )


def _identity(df: DataFrame, work: Workload) -> DataFrame:
    # It has the input columns and the output type of the graph, and computes nothing.
    returns = work.returns
    width = None if not isinstance(returns, T.ArrayType) else 10

    def same(batches: Iterator[Any]) -> Iterator[pa.Array]:
        for batch in batches:
            first = batch[0] if isinstance(batch, tuple) else batch
            if width is None:
                yield first
            else:
                values = first.flatten().slice(0, len(first) * width)
                offsets = pa.array(np.arange(len(first) + 1, dtype=np.int32) * width)
                yield pa.ListArray.from_arrays(offsets, values)

    udf = F.arrow_udf(same, returns, F.ArrowUDFType.SCALAR_ITER)
    return df.withColumn("out", udf(*work.columns))


def _predict_batch(df: DataFrame, work: Workload) -> DataFrame:
    udf = predict_batch_udf(
        work.numpy, return_type=work.returns, batch_size=4096, input_tensor_shapes=work.shapes
    )
    return df.withColumn("out", udf(*work.columns))


def _pandas(df: DataFrame, work: Workload) -> DataFrame:
    make, vector = work.numpy, isinstance(work.returns, T.ArrayType)

    def score(batches: Iterator[Any]) -> Iterator[pd.Series]:
        function = make()
        for batch in batches:
            series = batch if isinstance(batch, tuple) else (batch,)
            arrays = [np.stack(s) if s.dtype == object else s.to_numpy() for s in series]
            values = function(*arrays)
            yield pd.Series(list(values) if vector else values)

    hint = Iterator[pd.Series] if len(work.columns) == 1 else Iterator[tuple[pd.Series, ...]]
    score.__annotations__ = {"batches": hint, "return": Iterator[pd.Series]}
    return df.withColumn("out", F.pandas_udf(score, work.returns)(*work.columns))


def _total(outputs: np.ndarray) -> np.ndarray:
    return outputs.sum(axis=0, dtype=np.float64)


def _alone(arrays: list[np.ndarray], function: Callable[..., np.ndarray]) -> np.ndarray:
    step = 1 << 16
    starts = range(0, len(arrays[0]), step)
    blocks = (function(*(array[at : at + step] for array in arrays)) for at in starts)
    # Only the first block is checked; the other blocks need not be concatenated.
    return [*blocks][0]  # noqa: RUF015


def _session_run_per_row(arrays: list[np.ndarray], work: Workload) -> np.ndarray:
    output = graph(work.row)
    feeds = [output.graph.get_tensor_by_name(f"{name}:0") for name in work.columns]
    with tf1.Session(graph=output.graph) as session:
        rows = zip(*arrays, strict=True)
        return np.array(
            [session.run(output, dict(zip(feeds, cells, strict=True))) for cells in rows]
        )


def _to_pandas(df: DataFrame, work: Workload) -> np.ndarray:
    frame = df.select(*work.columns).toPandas()
    columns = [frame[name] for name in work.columns]
    arrays = [np.stack(c.to_numpy()) if c.dtype == object else c.to_numpy() for c in columns]
    return work.numpy()(*arrays)
