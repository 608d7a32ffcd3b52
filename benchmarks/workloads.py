"""Define the graphs that are timed with every way to map rows."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
from pyspark.sql import types as T  # noqa: N812

from benchmarks import data
from benchmarks.ways import Workload

import tensorflow as tf

tf1 = tf.compat.v1
WIDTHS = (128, 256, 10)


def seed(folder: Path, rows: int) -> Workload:
    """`z = x + 3y` on two of five columns of numbers."""

    def graph(shape: list[int | None]) -> tf.Tensor:
        x = tf1.placeholder(tf.int32, shape, name="x")
        y = tf1.placeholder(tf.int32, shape, name="y")
        return tf.add(x, y * 3, name="z")

    return Workload(
        name=f"seed graph z = x + 3y, int32, {rows:,} rows of 5 columns",
        path=data.numbers(folder, rows),
        columns=("x", "y"),
        row=lambda: graph([]),
        block=lambda: graph([None]),
        numpy=_seed_function,
        expected=lambda x, y: x + 3 * y,
        returns=T.IntegerType(),
    )


def _seed_function() -> Callable[..., np.ndarray]:
    import tensorflow as tf

    run = tf.function(lambda x, y: x + y * 3, reduce_retracing=True)
    return lambda x, y: run(x, y).numpy()


def softmax(folder: Path, rows: int) -> Workload:
    """A network of 128-256-10 with a softmax, on float32 vectors."""

    def graph(shape: list[int | None]) -> tf.Tensor:
        x = tf1.placeholder(tf.float32, shape, name="features")
        block = x if len(shape) > 1 else x[None]
        y = _network(tf, block)
        return tf.identity(y if len(shape) > 1 else y[0], name="scores")

    return Workload(
        name=f"128-256-10 softmax, float32 vectors, {rows:,} rows",
        path=data.vectors(folder, rows, WIDTHS[0]),
        columns=("features",),
        row=lambda: graph([WIDTHS[0]]),
        block=lambda: graph([None, WIDTHS[0]]),
        numpy=_softmax_function,
        expected=_expected_softmax,
        returns=T.ArrayType(T.FloatType()),
        shapes=[[WIDTHS[0]]],
    )


def _weights() -> list[np.ndarray]:
    rng = np.random.default_rng(2)
    sizes = itertools.pairwise(WIDTHS)
    return [rng.standard_normal(size, np.float32) * 0.05 for size in sizes]


def _network(tf: object, x: object) -> object:
    first, second = _weights()
    hidden = tf.nn.relu(tf.matmul(x, first))  # type: ignore[attr-defined]
    return tf.nn.softmax(tf.matmul(hidden, second))  # type: ignore[attr-defined]


def _expected_softmax(x: np.ndarray) -> np.ndarray:
    first, second = _weights()
    powers = np.exp(np.maximum(x @ first, 0) @ second)
    return powers / powers.sum(axis=1, keepdims=True)


def _softmax_function() -> Callable[..., np.ndarray]:
    import tensorflow as tf

    run = tf.function(lambda x: _network(tf, x), reduce_retracing=True)
    return lambda x: run(x).numpy()
