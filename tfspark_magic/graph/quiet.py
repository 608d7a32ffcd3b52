"""Keep TensorFlow's own log out of what users read."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_quiet: list[int] = []


@contextmanager
def quiet() -> Iterator[None]:
    """Silence TensorFlow's Python logger: deprecations and tracebacks of attempts we recover from.

    Threads may overlap: the first one notes the level, and the last one sets it again.
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
