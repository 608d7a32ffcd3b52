"""Redirect the file descriptor of stderr, to which C++ code and child processes write."""

from __future__ import annotations

import importlib.abc
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

# The whole process shares the descriptor: without a lock, a second thread would save and restore
# the first thread's redirection.
_redirecting = threading.RLock()

_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
# TensorFlow says this while it is imported, before it follows its own setting.
_USUAL = re.compile(
    rb"""^I\d{4}\ | ^[\d-]+\ [\d:.]+:\ I\ | ^WARNING:\ All\ log\ messages\ before\ absl::
    | ^To\ enable\ the\ following\ instructions: | Unable\ to\ register\ cu\w+\ factory
    | computation\ placer\ already\ registered | Could\ not\ find\ TensorRT""",
    re.VERBOSE,
)
_NO_GPU = re.compile(rb"Could not find cuda drivers|failed call to cuInit")
_GPUS = ("nvidia[0-9]*", "dxg")  # in /dev; the second one on Windows' Linux


@contextmanager
def stderr_to(path: Path | str) -> Iterator[None]:
    """Append this process's stderr to a file; a process that is started meanwhile always writes there.

    >>> with stderr_to("log"):                                      # doctest: +SKIP
    ...     spark = SparkSession.builder.getOrCreate()
    """
    with _redirecting:
        target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            with _stderr_at(target):
                yield
        finally:
            os.close(target)


def set_log_level() -> None:
    """Let TensorFlow log no usual lines after its import, unless the user has set a level.

    Where there is a GPU, warnings say why TensorFlow cannot use it. Elsewhere they only say that there
    is none.
    """
    os.environ.setdefault(_LEVEL, "1" if _has_gpu() else "3")


@contextmanager
def without_usual_lines() -> Iterator[None]:
    """Leave out of stderr what TensorFlow writes whenever it is imported.

    >>> with without_usual_lines():                                 # doctest: +SKIP
    ...     import tensorflow

    All other lines come at the end. That TensorFlow finds no GPU is usual where there is none.
    `TF_CPP_MIN_LOG_LEVEL=0` is a user's wish to see everything.
    """
    set_log_level()
    # While another thread has redirected stderr, lines go where that one wants them.
    if os.environ[_LEVEL] == "0" or not _redirecting.acquire(blocking=False):
        yield
        return
    try:
        with tempfile.TemporaryFile() as said:
            try:
                with _stderr_at(said.fileno()):
                    yield
            finally:
                said.seek(0)
                os.write(2, b"".join(line for line in said if not _is_usual(line)))
    finally:
        _redirecting.release()


def keep_out_usual_lines() -> None:
    """Import TensorFlow `without_usual_lines` also where users and other packages import it.

    >>> keep_out_usual_lines()                                      # doctest: +SKIP
    >>> import tensorflow                                           # doctest: +SKIP
    """
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(importlib.abc.MetaPathFinder):
    """Find TensorFlow as Python does, with a loader that writes no usual lines."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        found = PathFinder.find_spec(name, path, target) if name == "tensorflow" else None
        if found is not None and found.loader is not None:
            load = found.loader.exec_module
            found.loader.exec_module = without_usual_lines()(load)  # type: ignore[method-assign]
        return found


@contextmanager
def _stderr_at(target: int) -> Iterator[None]:
    sys.stderr.flush()
    saved = os.dup(2)
    os.dup2(target, 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(saved, 2)
        os.close(saved)


def _is_usual(line: bytes) -> bool:
    if _NO_GPU.search(line):
        return not _has_gpu()
    return _USUAL.search(line) is not None


def _has_gpu() -> bool:
    return any(next(Path("/dev").glob(name), None) for name in _GPUS)
