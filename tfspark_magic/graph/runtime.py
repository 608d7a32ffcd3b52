"""Import TensorFlow, here and nowhere else, and keep its log lines from users."""

from __future__ import annotations

import importlib
import logging
import platform
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING

from tfspark_magic.errors import MissingDependencyError, WorkerFailedError
from tfspark_magic.graph.collection import collection_paused
from tfspark_magic.redirect import without_usual_lines
from tfspark_magic.versions import TENSORFLOW, check_version

_lock = threading.Lock()
_quiet: list[int] = []


def _import_tensorflow() -> ModuleType:
    found = _imported()
    where = f"{sys.executable} on {platform.node()}"
    remedy = f"pip install --upgrade 'tensorflow>={TENSORFLOW}'"
    check_version("TensorFlow", TENSORFLOW, found.__version__, where, remedy)
    return found


def _imported() -> ModuleType:
    if "tensorflow" in sys.modules:
        return importlib.import_module("tensorflow")  # which another thread may still be importing
    try:
        with without_usual_lines(), _keras_when_it_is_used(), collection_paused():
            return importlib.import_module("tensorflow")
    except ImportError as error:
        python = f"by {sys.executable} on {platform.node()}"
        if error.name == "tensorflow":
            raise MissingDependencyError(
                "TensorFlow",
                f"{python}, as on the driver and each node of the cluster,",
                "pip install tensorflow",
            ) from error
        what = f"TensorFlow is installed but cannot be imported {python}"
        raise WorkerFailedError(what, str(error).partition("\n")[0]) from error


@contextmanager
def _keras_when_it_is_used() -> Iterator[None]:
    """Leave the import of Keras to the first use of `tf.keras`: it is a third of TensorFlow's time.

    The last step of `import tensorflow` imports Keras, if that can be imported. A graph needs none.
    """
    # Another thread may want Keras meanwhile.
    names = ["keras.src.optimizers"] if threading.active_count() == 1 else []
    with without(*names):
        yield


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Let Python find no modules of these names, except for those that it has imported.

    >>> with without("sklearn"):
    ...     import keras
    """
    hidden = [name for name in names if name not in sys.modules]
    sys.modules |= dict.fromkeys(hidden)  # type: ignore[arg-type]  # as Python has it: no such module
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


if TYPE_CHECKING:
    import tensorflow as tf

    tf1 = tf.compat.v1
else:
    tf = _import_tensorflow()
    # This import makes `tensorflow.compat.v1` and `tf.compat.v1` the same module; before it, they
    # are different.
    tf1 = importlib.import_module("tensorflow.compat.v1")


@contextmanager
def quiet() -> Iterator[None]:
    """Silence TensorFlow's Python logger: it logs deprecations, and tracebacks of errors that we handle.

    Several threads may use it at once: the first one stores the level, and the last one sets it
    again.
    """
    logger = logging.getLogger("tensorflow")
    with _lock:
        _quiet.append(_quiet[0] if _quiet else logger.level)
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        with _lock:
            level = _quiet.pop()
            if not _quiet:
                logger.setLevel(level)


@contextmanager
def readable_errors() -> Iterator[None]:
    r"""Raise TensorFlow's error also if its message has bytes that are no text.

    >>> with readable_errors():                                     # doctest: +SKIP
    ...     tf.strings.to_number(b"\xff")
    InvalidArgumentError: ... could not correctly convert string: \xff

    TensorFlow quotes the values on which an operation fails, and Python then raises a
    UnicodeDecodeError in place of its error.
    """
    try:
        yield
    except UnicodeDecodeError as error:
        # The class of the error is lost. Only values have such bytes.
        message = bytes(error.object).decode(errors="backslashreplace")
        raise tf.errors.InvalidArgumentError(None, None, message) from None


__all__ = ["quiet", "readable_errors", "tf", "tf1"]
