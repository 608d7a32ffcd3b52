"""Run the workers' code eagerly in a process in which the caller may have a graph open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from tfspark_magic.graph import tensorflow_internals as internals
from tfspark_magic.graph.runtime import tf

T = TypeVar("T")


@contextmanager
def eager_mode() -> Iterator[None]:
    """Return a context in which TensorFlow runs at once, also inside `with tf.Graph().as_default()`.

    >>> with tf.Graph().as_default(), eager_mode():                 # doctest: +SKIP
    ...     tf.constant(1).numpy()
    1
    """
    # On the CPU, as in workers; a program chooses a GPU itself.
    with internals.eager_mode(), tf.device("/CPU:0"):
        yield


def eagerly(steps: Iterable[T]) -> Iterator[T]:
    """Take each step of an iterator in `eager_mode`; between the steps, the caller's mode holds."""
    done = object()
    iterator = iter(steps)
    while True:
        with eager_mode():
            step = next(iterator, done)
        if step is done:
            return
        yield step  # type: ignore[misc]
