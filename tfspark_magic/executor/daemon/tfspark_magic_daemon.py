# ruff: noqa: INP001  (no package: see below)
"""Run Spark's Python daemon, which here imports the workers' packages before it forks workers.

Spark drops a worker after a minute without work; the next worker is a fork of this process. The
daemon may only import: a process in which TensorFlow has computed anything cannot be forked. This
module is in a folder of its own, because the folder is on the path of the workers.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import sys
from importlib.machinery import PathFinder
from pathlib import Path


def without_archives(path: list[str]) -> list[str]:
    """Return Python's path without PySpark's own archives, if it has the folders of their packages.

    Each process compiles what it imports from an archive: 0.2 s for each worker. And Spark calls
    `invalidate_caches` in each, for which Python before 3.13 reads the archives' lists of files
    again: 0.1 s.
    """
    folders = [entry for entry in path if Path(entry).suffix not in (".zip", ".jar")]
    spark = PathFinder.find_spec("pyspark", folders)
    if spark is None or spark.origin is None or not PathFinder.find_spec("py4j", folders):
        return path
    home = Path(spark.origin).resolve().parent
    return [e for e in path if e in folders or home not in Path(e).resolve().parents]


if __name__ == "__main__":
    sys.path[:] = without_archives(sys.path)
    # Python has looked for this module in the archives.
    sys.path_importer_cache.clear()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # TensorFlow imports Keras if it can, for a third of its time. Only a training has use for it.
    sys.modules["keras.src.optimizers"] = None  # type: ignore[assignment]
    # A sixth of the import would be searches for garbage, of which there is none yet.
    gc.disable()
    for module in ("numpy", "pandas", "pyarrow.compute", "tensorflow", "pyspark.worker"):
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    del sys.modules["keras.src.optimizers"]
    # Workers collect garbage after each task: that takes 0.2 s if it looks at TensorFlow's objects.
    gc.collect()
    gc.freeze()
    gc.enable()
    importlib.import_module("pyspark.daemon").manager()
