"""Read several things in background threads, and take what they give in order."""

from __future__ import annotations

import itertools
import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

HELD = 2
"""How many items of one reader wait to be taken, at most."""


def read_ahead(
    readers: Iterable[Callable[[], Iterable[T]]], threads: int
) -> Generator[T, None, None]:
    """Yield all that the first reader gives, then all of the second, and so on.

    >>> list(read_ahead([lambda: [1, 2], lambda: [3]], threads=2))
    [1, 2, 3]

    Parameters
    ----------
    readers
        Called in a thread of their own.
    threads
        How many of them read at a time: the one whose turn it is, and those after it.

    Yields
    ------
    Items as they were read; `HELD` and one at most wait for each thread. An error of a reader is
    raised where its item would have been. Closing the iterator ends the threads, each of them
    after the item that it is reading.
    """
    waiting = iter(readers)
    running: deque[_Reader[T]] = deque()
    try:
        running.extend(map(_Reader, itertools.islice(waiting, threads)))
        while running:
            yield from running[0]
            running.popleft()
            running.extend(map(_Reader, itertools.islice(waiting, 1)))
    finally:
        for reader in running:
            reader.stop()
        for reader in running:
            reader.join()


class _Reader(Generic[T]):
    def __init__(self, read: Callable[[], Iterable[T]]) -> None:
        self._read = read
        self._given: queue.SimpleQueue[tuple[T] | BaseException | None] = queue.SimpleQueue()
        self._room = threading.Semaphore(HELD)
        self._stopped = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[T]:
        while (given := self._given.get()) is not None:
            if isinstance(given, BaseException):
                raise given
            self._room.release()
            yield given[0]
        self.join()

    def stop(self) -> None:
        self._stopped = True
        self._room.release()

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        try:
            for item in self._read():
                self._room.acquire()
                if self._stopped:
                    return
                self._given.put((item,))
        except BaseException as error:  # noqa: BLE001  (raised again by the thread that takes)
            self._given.put(error)
        else:
            self._given.put(None)
