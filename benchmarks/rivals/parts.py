"""What all ways compute, from which files, and how their results are compared with NumPy's."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.dataset as pads

from benchmarks import data, photographs, workloads
from benchmarks.spark_ways import same
from benchmarks.ways import Workload

BATCH = 8_192
COLUMNS = ["x", "y", "a", "b", "c"]


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Job:
    """A way to do the work of a part.

    Parameters
    ----------
    run
        Does the work, and returns when it is done.
    results
        Does it too, and returns all results, whose rows may be in any order.
    how
        What was chosen, where the way has a choice.
    """

    run: Callable[[], Any]
    results: Callable[[], Any]
    how: str


@dataclass(frozen=True)
class Part:
    """Work for all ways.

    Parameters
    ----------
    title
        What it is.
    work
        What the function of a way is given.
    check
        Raises an error if all results of a way are not those of NumPy.
    """

    title: str
    work: Any
    check: Callable[[Any], None]


def seed(folder: Path, scale: float) -> Part:
    """`z = x + 3y` over Parquet files."""
    return _map(workloads.seed(folder, int(10_000_000 * scale)))


def softmax(folder: Path, scale: float) -> Part:
    """A small network over Parquet files of vectors."""
    return _map(workloads.softmax(folder, int(400_000 * scale)))


def batches(folder: Path, scale: float) -> Part:
    """Batches of five columns of Parquet files as tensors of TensorFlow."""
    path = data.numbers(folder, int(10_000_000 * scale))
    rows = pads.dataset(path).count_rows()
    title = f"batches of {BATCH:,} rows of 5 columns into TensorFlow, {rows:,} rows"
    return Part(title, path, partial(_check_sums, path))


def pictures(folder: Path, scale: float) -> Part:
    """Photographs to labels, by a MobileNetV2 with random weights."""
    work = photographs.photographs(folder, int(5_000 * scale))
    return Part(f"{work.count:,} JPEGs to labels, MobileNetV2 of 224 x 224", work, work.check)


PARTS: dict[str, Callable[[Path, float], Part]] = {
    "seed": seed, "softmax": softmax, "batches": batches, "pictures": pictures,
}  # fmt: skip


def sums(totals: dict[str, float], batch: dict[str, Any]) -> dict[str, float]:
    """Return the sums of columns, and the number of rows, with those of another batch."""
    found = {name: float(np.sum(batch[name], dtype=np.float64)) for name in COLUMNS}
    found["rows"] = float(len(batch[COLUMNS[0]]))
    return {name: totals.get(name, 0.0) + value for name, value in found.items()}


def _map(work: Workload) -> Part:
    def check(found: np.ndarray) -> None:
        expected = work.expected(*data.arrays(work.path, *work.columns))
        np.testing.assert_equal(found.shape, expected.shape)
        # A way may give the rows in another order.
        same(np.sort(found, axis=0), np.sort(expected, axis=0))

    return Part(work.name, work, check)


def _check_sums(path: Path, found: dict[str, float]) -> None:
    arrays = dict(zip(COLUMNS, data.arrays(path, *COLUMNS), strict=True))
    expected = sums({}, arrays)
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-9, err_msg=name)
