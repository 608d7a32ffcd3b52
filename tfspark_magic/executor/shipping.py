"""Send worker code and programs to the data, so that nodes need no copy of this package.

The code, some 350 kilobytes, travels inside the task, not as a file of the session: Spark Connect
gives such files neither to streaming queries nor to sessions that are derived from another.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import threading
import weakref
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from pyspark import cloudpickle
from pyspark.sql import DataFrame, SparkSession

import tfspark_magic
from tfspark_magic.binding import Plan
from tfspark_magic.binding.plan import AnyPlan
from tfspark_magic.errors import NotAvailableError
from tfspark_magic.executor import bootstrap
from tfspark_magic.executor.session import is_connect, is_local
from tfspark_magic.graph.block import BlockGraph
from tfspark_magic.graph.weights import Weights, content_of, own_folder
from tfspark_magic.worker.shipped import SparkFile

# Spark Connect puts the task into every message of a query, which has 128 MiB at most. Classic
# Spark broadcasts large tasks itself.
_CONNECT_INLINE_BYTES = 4 << 20
_CONNECT_STREAM_BYTES = 64 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)

_sent: weakref.WeakKeyDictionary[SparkSession, dict[str, SparkFile]] = weakref.WeakKeyDictionary()
_lock = threading.Lock()

cloudpickle.register_pickle_by_value(bootstrap)


class Shipped:
    """A function of the worker package, which is pickled together with the package.

    >>> udf = arrow_udf(spark, Shipped(MapColumns(...)), returns, "score")      # doctest: +SKIP
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, *arguments: Any) -> Any:
        """Call the function in this process."""
        return self._function(*arguments)

    def __reduce__(self) -> tuple[Any, ...]:
        """Unpickle as the function itself."""
        archive, digest = _worker_archive()
        return _Load(), (archive, digest, cloudpickle.dumps(self._function))


class _Load:
    """`bootstrap.load` of the worker; it is pickled once, as this takes some milliseconds."""

    def __call__(self, archive: bytes, digest: str, task: bytes) -> Any:
        return bootstrap.load(archive, digest, task)

    def __reduce__(self) -> tuple[Any, ...]:
        return pickle.loads, (_pickled_load(),)


@cache
def _pickled_load() -> bytes:
    pickled: bytes = cloudpickle.dumps(bootstrap.load)
    return pickled


_OF_MLFLOW = (
    "frames/__init__.py", "frames/pandas_columns.py", "frames/pandas_maps.py",
    "frames/pandas_schema.py", "models/__init__.py", "models/archive.py",
)  # fmt: skip
"""What `mlflow.py` needs in a worker: there, the shipped code hides a copy that the node may have."""


@cache
def worker_modules() -> tuple[str, ...]:
    """Return the files that workers need, relative to the package: up to `sources`, but no Spark."""
    root = Path(tfspark_magic.__file__).parent
    files = [*root.glob("*.py"), *(root / name for name in _OF_MLFLOW)]
    for folder in ("errors", "schema", "graph", "binding", "worker", "sources", "training"):
        files += (root / folder).rglob("*.py")
    names = (path.relative_to(root).as_posix() for path in files)
    return tuple(sorted(name for name in names if not name.startswith("schema/spark")))


@cache
def _worker_archive() -> tuple[bytes, str]:
    root = Path(tfspark_magic.__file__).parent
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in worker_modules():
            entry = zipfile.ZipInfo(f"{root.name}/{name}", _EPOCH)
            archive.writestr(entry, (root / name).read_bytes(), zipfile.ZIP_DEFLATED)
    return packed.getvalue(), hashlib.sha256(packed.getvalue()).hexdigest()[:16]


def shipped(plan: AnyPlan, df: DataFrame) -> AnyPlan:
    """Return a plan for the workers of a DataFrame's session, with its graph where they can find it.

    Files are sent once in a session, and are kept until it ends, because lazy DataFrames may need
    them.

    Raises
    ------
    NotAvailableError
        If a stream on Spark Connect would need weights that are too large for a message.
    """
    graph = plan.graph
    if graph is None:
        return plan
    held = graph.read()
    weights = None if graph.weights is None else _shipped_weights(df, graph.weights)
    if travels_inline(df, len(held)):
        return replace(plan, graph=graph.sent(held, weights))
    return replace(plan, graph=graph.sent(_sent_graph(df.sparkSession, graph), weights))


def shipped_to_session(plan: Plan, spark: SparkSession) -> Plan:
    """Return a plan for the workers of any query that calls a function.

    On Connect a small program travels inside the function, together with its weights, because the
    query may be a stream.
    """
    graph, weights = plan.graph, plan.graph.weights
    held = graph.read()
    inline = len(held) + (0 if weights is None else weights.size) <= _CONNECT_INLINE_BYTES
    beside = None
    if weights is not None:
        beside = (
            content_of(weights.file)
            if is_connect(spark) and inline
            else _sent_weights(spark, weights)
        )
    sent = held if inline or not is_connect(spark) else _sent_graph(spark, graph)
    return replace(plan, graph=graph.sent(sent, beside))


def sent_content(spark: SparkSession, content: bytes, kind: str) -> bytes | SparkFile:
    """Return bytes as they are where they can travel inside a task, else as a file of the session."""
    if len(content) <= _CONNECT_INLINE_BYTES:
        return content
    digest = hashlib.sha256(content).hexdigest()[:16]
    return _sent_file(spark, f"{digest}.{kind}", content)


def travels_inline(df: DataFrame, size: int) -> bool:
    """Whether a graph of this size in bytes travels inside each task, not as a file of the session."""
    # A stream on Connect runs in another session, which does not have the files of this session.
    return size <= _CONNECT_INLINE_BYTES or not is_connect(df) or df.isStreaming


def _shipped_weights(df: DataFrame, weights: Weights) -> bytes | SparkFile:
    if is_connect(df) and df.isStreaming:
        if weights.size > _CONNECT_STREAM_BYTES:
            raise NotAvailableError(
                f"A stream on Spark Connect takes weights of {_CONNECT_STREAM_BYTES >> 20} MiB at "
                f"most, and this program has {weights.size >> 20} MiB of them: map it in "
                f"foreachBatch."
            )
        return content_of(weights.file)
    return _sent_weights(df.sparkSession, weights)


def _sent_graph(spark: SparkSession, graph: BlockGraph) -> SparkFile:
    return _sent_file(spark, f"{graph.digest[:16]}.pb", graph.read())


def _sent_weights(spark: SparkSession, weights: Weights) -> SparkFile:
    held = weights.file
    content = held if isinstance(held, bytes) else str(held.path)
    return _sent_file(spark, f"{weights.digest[:16]}.weights", content)


def _sent_file(spark: SparkSession, name: str, content: str | bytes) -> SparkFile:
    """Return a file that workers can find; it is sent once in a session."""
    name = f"tfspark_magic_{name}"
    with _lock:
        sent = _sent.setdefault(spark, {})
        if name not in sent:
            path = Path(own_folder().name, name)
            if isinstance(content, bytes):
                path.write_bytes(content)
            elif not path.exists():
                # A hard link keeps the file if the program's own file is removed.
                os.link(content, path)
            if is_connect(spark):
                spark.addArtifact(str(path), file=True)
            elif not is_local(spark.sparkContext.master):
                spark.sparkContext.addFile(str(path))
            sent[name] = SparkFile(name, str(path))
        return sent[name]
