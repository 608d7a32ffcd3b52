"""Hide TensorFlow's own log messages from users."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_quiet: list[int] = []


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
