"""Change TensorFlow for the threads that capture a cell, and for no other thread.

TensorFlow's own switches hold for the whole process. So a function or method is replaced with one
that asks which thread calls it. The replacement exists while any thread captures a cell.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

Patch = tuple[Any, str, Callable[[Any], Any]]
"""The owner of an attribute, its name, and a function from its value to the new value."""


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
        """Whether this thread holds the patches."""
        return getattr(self._here, "depth", 0) > 0

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the patches in this thread; the old values are set again when no thread holds them."""
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
