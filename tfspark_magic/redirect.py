"""Redirect the file descriptor of stderr, to which C++ code and child processes write."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The whole process shares the descriptor: without a lock, a second thread would save and restore
# the first thread's redirection.
_redirecting = threading.RLock()


@contextmanager
def stderr_to(path: Path | str) -> Iterator[None]:
    """Append this process's stderr to a file; a process that is started meanwhile always writes there.

    >>> with stderr_to(os.devnull):                                 # doctest: +SKIP
    ...     import tensorflow
    """
    with _redirecting:
        sys.stderr.flush()
        saved = os.dup(2)
        target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(target, 2)
        os.close(target)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(saved, 2)
            os.close(saved)
