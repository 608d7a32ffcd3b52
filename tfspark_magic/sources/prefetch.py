"""Prefetch the batches of several fragments at once, in order and in bounded memory."""

from __future__ import annotations

import atexit
import os
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Self

import pyarrow as pa

PREFETCH_BYTES = 128 << 20
"""The bytes that may be prefetched; each thread may exceed it by a batch."""

_MAX_THREADS = 8
_alive: weakref.WeakSet[Prefetch] = weakref.WeakSet()


def default_threads() -> int:
    """Return the number of fragments to read at once: one for each core of this process."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(cores or 1, _MAX_THREADS))


class Prefetch:
    """The batches of fragments, read by threads.

    >>> with Prefetch([read_first, read_second], 2) as prefetch:      # doctest: +SKIP
    ...     for number, batch in prefetch:

    Parameters
    ----------
    fragments
        For each fragment, a function that starts to read it.
    threads
        The number of fragments that are read at once.
    prefetch_bytes
        The limit for batches that wait.
    """

    def __init__(
        self,
        fragments: Sequence[Callable[[], Iterator[pa.RecordBatch]]],
        threads: int,
        prefetch_bytes: int = PREFETCH_BYTES,
    ) -> None:
        self._fragments = fragments
        self._limit = prefetch_bytes
        self._changed = threading.Condition()
        self._waiting: dict[int, deque[Any]] = {}
        self._bytes = 0
        self._next = 0
        self._taken = 0
        self._closed = False
        count = min(threads, len(fragments))
        self._threads = [
            threading.Thread(target=self._work, name="tfspark_magic-read", daemon=True)
            for _ in range(count)
        ]

    def __enter__(self) -> Self:
        _alive.add(self)
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop reading; the threads end after their current batch."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify_all()

    def join(self) -> None:
        """Wait for the threads to end."""
        for thread in self._threads:
            if thread.is_alive() and thread is not threading.current_thread():
                thread.join()

    def __iter__(self) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Yield the number of a fragment and a batch of it; errors of the threads are raised here."""
        for number in range(len(self._fragments)):
            while True:
                with self._changed:
                    self._taken = number
                    # The thread that reads this fragment may go on, even if the limit is reached.
                    self._changed.notify_all()
                    self._changed.wait_for(partial(self._has, number))
                    if self._closed:
                        return
                    batch = self._waiting[number].popleft()
                    if isinstance(batch, pa.RecordBatch):
                        self._bytes -= batch.nbytes
                if batch is None:
                    break
                if isinstance(batch, BaseException):
                    raise batch
                yield number, batch
            del self._waiting[number]

    def _has(self, number: int) -> bool:
        return self._closed or bool(self._waiting.get(number))

    def _work(self) -> None:
        while True:
            with self._changed:
                if self._closed or self._next == len(self._fragments):
                    return
                number = self._next
                self._next += 1
                self._waiting[number] = deque()
            try:
                for batch in self._fragments[number]():
                    if not self._put(number, batch):
                        return
            except BaseException as error:  # noqa: BLE001  (raised where the batches are taken)
                self._put(number, error)
                return
            self._put(number, None)

    def _put(self, number: int, item: Any) -> bool:
        size = item.nbytes if isinstance(item, pa.RecordBatch) else 0
        with self._changed:
            self._changed.wait_for(
                lambda: (
                    self._closed
                    or self._bytes < self._limit
                    or (number == self._taken and not self._waiting[number])
                )
            )
            if self._closed:
                return False
            self._waiting[number].append(item)
            self._bytes += size
            self._changed.notify_all()
            return True


@atexit.register
def _end_all() -> None:
    # If a thread is inside of Arrow when the interpreter ends, the process crashes.
    for prefetch in list(_alive):
        prefetch.close()
    for prefetch in list(_alive):
        prefetch.join()
