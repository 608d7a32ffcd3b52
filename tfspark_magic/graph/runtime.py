"""The one place that imports TensorFlow, without the log lines it writes while it loads."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tfspark_magic.errors import MissingDependencyError


@contextmanager
def _silent_stderr() -> Iterator[None]:
    # TensorFlow's C++ writes to the descriptor itself before any setting of Python's is read.
    sys.stderr.flush()
    saved = os.dup(2)
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(devnull)


if "tensorflow" not in sys.modules:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _silent_stderr():
        try:
            import tensorflow
        except ModuleNotFoundError as error:
            raise MissingDependencyError(
                "TensorFlow",
                f"by {sys.executable}, on the driver and on each node of the cluster",
                "pip install tensorflow",
            ) from error

import tensorflow as tf

tf1 = tf.compat.v1

__all__ = ["tf", "tf1"]
