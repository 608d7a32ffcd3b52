"""The processor time of this process and of all that it has started, also of those that have ended."""

from __future__ import annotations

import contextlib
import threading
from typing import Self

import psutil

_EVERY = 0.05


class ProcessorTime:
    """Adds up the processor time of a tree of processes while it is entered.

    What a process does after it was last seen is missed, which is a twentieth of a second.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._before: dict[int, float] = {}
        self._last: dict[int, float] = {}
        self._done = threading.Event()
        self._watcher = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._before = _times()
        self._last = dict(self._before)
        self._watcher.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._watcher.join()
        self._last |= _times()
        self.seconds = sum(self._last.values()) - sum(self._before.values())

    def _watch(self) -> None:
        while not self._done.wait(_EVERY):
            self._last |= _times()


def _times() -> dict[int, float]:
    this, found = psutil.Process(), {}
    for process in (this, *this.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            found[process.pid] = sum(process.cpu_times()[:2])
    return found
