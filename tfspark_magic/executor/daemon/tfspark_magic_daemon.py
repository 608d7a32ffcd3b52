# ruff: noqa: INP001  (no package: see below)
"""Spark's Python daemon, with what workers import imported before it forks them.

Spark drops a worker that has had nothing to do for a minute; the next one begins where this is.
It may import and nothing else: a process in which TensorFlow has computed anything cannot be forked.
This module stands in a folder of its own, which is all that workers are given to find it.
"""

from __future__ import annotations

import contextlib
import importlib
import os

from pyspark.daemon import manager

if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for module in ("numpy", "pandas", "pyarrow.compute", "tensorflow"):
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    manager()
