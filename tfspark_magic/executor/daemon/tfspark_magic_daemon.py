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

from pyspark.daemon import manager

if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # TensorFlow imports Keras if it can, for a third of its time. Only a training has use for it.
    sys.modules["keras.src.optimizers"] = None  # type: ignore[assignment]
    # A sixth of the import would be searches for garbage, of which there is none yet.
    gc.disable()
    for module in ("numpy", "pandas", "pyarrow.compute", "tensorflow"):
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    del sys.modules["keras.src.optimizers"]
    # Workers collect garbage after each task: that takes 0.2 s if it looks at TensorFlow's objects.
    gc.collect()
    gc.freeze()
    gc.enable()
    manager()
