"""The one place that imports TensorFlow, without the log lines it writes while it loads."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING

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


def _import_tensorflow() -> ModuleType:
    if "tensorflow" in sys.modules:
        return sys.modules["tensorflow"]
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        with _silent_stderr():
            return importlib.import_module("tensorflow")
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            "TensorFlow",
            f"by {sys.executable}, on the driver and on each node of the cluster",
            "pip install tensorflow",
        ) from error


if TYPE_CHECKING:
    import tensorflow as tf
else:
    tf = _import_tensorflow()
tf1 = tf.compat.v1
