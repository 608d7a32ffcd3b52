"""The one place that imports TensorFlow, without the log lines it writes while it loads."""

from __future__ import annotations

import importlib
import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING

from tfspark_magic.errors import MissingDependencyError
from tfspark_magic.redirect import stderr_to


def _import_tensorflow() -> ModuleType:
    if "tensorflow" in sys.modules:
        return sys.modules["tensorflow"]
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        with stderr_to(os.devnull):
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

__all__ = ["tf", "tf1"]
