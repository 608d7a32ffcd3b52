"""This package, in this process and on Spark."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

import tfspark_magic as tfs
from benchmarks import data
from benchmarks.photographs import Photographs, decode, load
from benchmarks.rivals.parts import BATCH, COLUMNS, Job, cores, sums
from benchmarks.spark_ways import graph, run
from benchmarks.ways import Workload

import tensorflow as tf


class Here:
    """In this process."""

    def seed(self, work: Workload) -> Job:
        fetch = graph(work.block)

        def mapped() -> tfs.LazyTable:
            return tfs.map_blocks(fetch, work.path, columns=[])

        return Job(
            lambda: _drained(mapped()),
            lambda: data.array(mapped().to_arrow().column(0)),
            "map_blocks of the files",
        )

    softmax = seed

    def batches(self, path: Path) -> Job:
        def dataset() -> tf.data.Dataset:
            return tfs.dataset(path, COLUMNS, BATCH)

        return Job(lambda: _drained(dataset()), lambda: totals(dataset()), "tfs.dataset")

    def pictures(self, work: Photographs) -> Job:
        label = _label(work)

        def mapped() -> tfs.LazyTable:
            return tfs.map_rows(label, work.folder, columns=["path"])

        return Job(
            lambda: _drained(mapped()),
            lambda: by_path(mapped().to_arrow()),
            "map_rows of the files",
        )


class OnSpark:
    """On Spark, in local mode, with as many tasks as cores."""

    def seed(self, work: Workload) -> Job:
        fetch = graph(work.block)

        def mapped() -> DataFrame:
            return tfs.map_files(fetch, work.path, spark=_spark())

        return Job(
            lambda: run(mapped()),
            lambda: data.array(mapped().toArrow().column(0)),
            "map_files, to the sink noop",
        )

    softmax = seed

    def pictures(self, work: Photographs) -> Job:
        label = _label(work)

        def mapped() -> DataFrame:
            return tfs.map_files(label, work.folder, spark=_spark(), columns=["path"])

        return Job(
            lambda: run(mapped()),
            lambda: by_path(mapped().toArrow()),
            "map_files, to the sink noop",
        )


def totals(dataset: Any) -> dict[str, float]:
    """Return the sums of the batches of a dataset."""
    found: dict[str, float] = {}
    for batch in dataset:
        found = sums(found, {name: np.asarray(batch[name]) for name in COLUMNS})
    return found


def by_path(table: pa.Table) -> dict[str, tuple[int, float]]:
    """Return the labels and scores of a table by the paths of the pictures."""
    columns = (table[name].to_pylist() for name in ("path", "label", "score"))
    return {path: (label, score) for path, label, score in zip(*columns, strict=True)}


@cache
def _spark() -> SparkSession:
    return tfs.session(f"local[{cores()}]", spark_ui_enabled=False)


def _drained(batches: Any) -> None:
    for _ in batches:
        pass


def _label(work: Photographs) -> Any:
    network, pixels = load(work.model), decode()
    kind = tf.TensorSpec([], tf.string, name="bytes")

    @tf.function(input_signature=[kind], autograph=False)
    def label(bytes: Any) -> dict[str, Any]:  # noqa: A002  (the name of the column)
        (scores,) = tf.unstack(network(pixels(bytes)[None], training=False), 1)
        return {"label": tf.argmax(scores), "score": tf.reduce_max(scores)}

    return label
