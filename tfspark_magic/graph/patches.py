"""Changes to TensorFlow for the threads that capture a cell, and for no other thread.

TensorFlow has switches for the whole process alone. What is put in the place of a function or method
asks which thread calls it; it is there while any thread captures, and gone after the last one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

Patch = tuple[Any, str, Callable[[Any], Any]]
"""The owner of an attribute, its name, and what makes the new value of the one that is there."""


class ThreadPatches:
    """Patches that several threads may hold at once, in any order.

    >>> compared = ThreadPatches(lambda: [(tf.Tensor, "__eq__", make_eq)])    # doctest: +SKIP
    >>> with compared.held():                                       # doctest: +SKIP
    ...     x == y

    Parameters
    ----------
    patches
        Called when the first thread begins.
    """

    def __init__(self, patches: Callable[[], Iterable[Patch]]) -> None:
        self._patches = patches
        self._lock = threading.Lock()
        self._holding = 0
        self._saved: list[tuple[Any, str, Any]] = []
        self._here = threading.local()

    @property
    def here(self) -> bool:
        """Whether this thread holds them."""
        return getattr(self._here, "depth", 0) > 0

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the patches in this thread; what was there is back when no thread holds them."""
        with self._lock:
            if not self._holding:
                self._saved = []
                for owner, name, make in self._patches():
                    before = getattr(owner, name)
                    self._saved.append((owner, name, before))
                    setattr(owner, name, make(before))
            self._holding += 1
        self._here.depth = getattr(self._here, "depth", 0) + 1
        try:
            yield
        finally:
            self._here.depth -= 1
            with self._lock:
                self._holding -= 1
                if not self._holding:
                    for owner, name, before in self._saved:
                        setattr(owner, name, before)
