"""Bring worker code and programs to where the data is; nodes need no copy of this package."""

from __future__ import annotations

import hashlib
import io
import sys
import tempfile
import threading
import weakref
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

import tfspark_magic
from tfspark_magic.executor.session import is_connect
from tfspark_magic.worker.shipped import FileBytes, InlineBytes

# Spark Connect puts the task into every message of a query, 128 MiB at most; classic Spark
# broadcasts large tasks by itself.
_CONNECT_INLINE_BYTES = 4 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)

_shipped: weakref.WeakKeyDictionary[Any, set[str]] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


@cache
def worker_modules() -> tuple[str, ...]:
    """Return the files that workers need, relative to the package: layers 0 to 4, but no Spark."""
    root = Path(tfspark_magic.__file__).parent
    files = [*root.glob("*.py")]
    for folder in ("schema", "graph", "worker"):
        files += (root / folder).glob("*.py")
    names = (path.relative_to(root).as_posix() for path in files)
    return tuple(sorted(name for name in names if name != "schema/spark.py"))


@cache
def _worker_zip() -> Path:
    root = Path(tfspark_magic.__file__).parent
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in worker_modules():
            entry = zipfile.ZipInfo(f"{root.name}/{name}", _EPOCH)
            archive.writestr(entry, (root / name).read_bytes(), zipfile.ZIP_DEFLATED)
    return _temporary("worker", "zip", packed.getvalue())


def _temporary(kind: str, suffix: str, data: bytes) -> Path:
    digest = hashlib.sha256(data).hexdigest()[:16]
    path = Path(_folder().name, f"tfspark_magic_{kind}_{digest}.{suffix}")
    if not path.exists():
        path.write_bytes(data)
    return path


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    # Kept by the cache, and removed when the process ends.
    return tempfile.TemporaryDirectory(prefix="tfspark_magic_")


def ship_code(spark: SparkSession) -> None:
    """Send the worker code to a session's workers, once.

    Workers import it by name from the archive, so what it keeps in modules lives as long as the
    worker process.
    """
    path = _worker_zip()

    def send() -> None:
        if is_connect(spark):
            spark.addArtifact(str(path), pyfile=True)
            return
        before = list(sys.path)
        spark.sparkContext.addPyFile(str(path))
        # Spark puts the archive on the driver's path too, where the whole package is already.
        sys.path[:] = before

    _once(spark, path.name, send)


def ship_program(spark: SparkSession, digest: str, graph_def: bytes) -> Callable[[], bytes]:
    """Return what gives a worker the bytes of a graph."""
    if not is_connect(spark) or len(graph_def) <= _CONNECT_INLINE_BYTES:
        return InlineBytes(graph_def)
    path = Path(_folder().name, f"tfspark_magic_program_{digest[:16]}.pb")
    if not path.exists():
        path.write_bytes(graph_def)
    _once(spark, path.name, lambda: spark.addArtifact(str(path), file=True))
    return FileBytes(path.name)


def _once(spark: SparkSession, name: str, send: Callable[[], None]) -> None:
    owner: Any = spark if is_connect(spark) else spark.sparkContext
    with _lock:
        sent = _shipped.setdefault(owner, set())
        if name not in sent:
            send()
            sent.add(name)
