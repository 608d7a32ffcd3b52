"""The ways to run one graph over one table, each a function that returns when all rows are done.

Spark's results go to the `noop` sink, which computes every column and writes none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.ml.functions import predict_batch_udf
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as T  # noqa: N812

import tfspark_magic as tfs

import tensorflow as tf

tf1 = tf.compat.v1
Way = Callable[[], Any]


@dataclass(frozen=True)
class Workload:
    """A graph, its table, and what the other ways need to know of them.

    Parameters
    ----------
    name
        What the report calls it.
    path
        The Parquet files.
    columns
        Those that feed the graph.
    row, block
        Build the graph's output from placeholders of cells, or of blocks.
    numpy
        A function of NumPy arrays that loads TensorFlow by itself, as users write it for
        `predict_batch_udf`.
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
    returns: T.DataType
    shapes: list[list[int] | None] | None = None


def ways(spark: SparkSession, work: Workload) -> dict[str, Way]:
    """Return the ways to run `work`, by name, in the order of the report."""
    df = spark.read.parquet(str(work.path))
    with tf.Graph().as_default():
        row = work.row()
    with tf.Graph().as_default():
        block = work.block()
    return {
        "floor (identity Arrow UDF)": lambda: _run(_identity(df, work)),
        "tfs.map_rows": lambda: _run(tfs.map_rows(row, df)),
        "tfs.map_blocks": lambda: _run(tfs.map_blocks(block, df)),
        "predict_batch_udf": lambda: _run(_predict_batch(df, work)),
        "pandas UDF": lambda: _run(_pandas(df, work)),
        "TensorFlow alone": _alone(work),
        "toPandas() + TensorFlow": lambda: _to_pandas(df, work),
    }


def session_run_per_row(work: Workload, rows: int) -> Way:
    """One `Session.run` per row, over the first `rows` rows of the table."""
    arrays = [array[:rows] for array in _arrays(work)]
    graph = tf.Graph()
    with graph.as_default():
        output = work.row()
        feeds = [graph.get_tensor_by_name(f"{name}:0") for name in work.columns]

    def run() -> None:
        with tf1.Session(graph=graph) as session:
            for cells in zip(*arrays, strict=True):
                session.run(output, dict(zip(feeds, cells, strict=True)))

    return run


def _run(df: DataFrame) -> None:
    df.write.format("noop").mode("overwrite").save()


def _identity(df: DataFrame, work: Workload) -> DataFrame:
    # As many columns in and the same type out as the graph has, and nothing computed.
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


def _arrays(work: Workload) -> list[np.ndarray]:
    table = pq.read_table(work.path, columns=list(work.columns))
    arrays = []
    for column in table.combine_chunks().columns:
        chunk = column.chunk(0) if column.num_chunks else column.combine_chunks()
        if pa.types.is_list(chunk.type):
            arrays.append(chunk.flatten().to_numpy().reshape(len(chunk), -1))
        else:
            arrays.append(chunk.to_numpy())
    return arrays


def _alone(work: Workload) -> Way:
    arrays, step = _arrays(work), 1 << 16
    function = work.numpy()

    def run() -> None:
        for start in range(0, len(arrays[0]), step):
            function(*(array[start : start + step] for array in arrays))

    return run


def _to_pandas(df: DataFrame, work: Workload) -> None:
    frame = df.select(*work.columns).toPandas()
    columns = [frame[name] for name in work.columns]
    arrays = [np.stack(c.to_numpy()) if c.dtype == object else c.to_numpy() for c in columns]
    work.numpy()(*arrays)
