"""Send what is written to the descriptor of stderr elsewhere: C++ and child processes know no other."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The descriptor is the whole process's: a second thread would save, and put back, that of the first.
_redirecting = threading.RLock()


@contextmanager
def stderr_to(path: Path | str) -> Iterator[None]:
    """Append this process's stderr to a file; processes started meanwhile keep writing there.

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
