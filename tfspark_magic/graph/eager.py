"""Run the workers' code in a process where the caller may have a graph open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from tfspark_magic.graph import tensorflow_internals as internals
from tfspark_magic.graph.runtime import tf

T = TypeVar("T")


@contextmanager
def eager_mode() -> Iterator[None]:
    """Return a context in which TensorFlow runs at once, inside `with tf.Graph().as_default()` too.

    >>> with tf.Graph().as_default(), eager_mode():                 # doctest: +SKIP
    ...     tf.constant(1).numpy()
    1
    """
    # On the CPU, as beside the data: a program finds its way to a GPU by itself.
    with internals.eager_mode(), tf.device("/CPU:0"):
        yield


def eagerly(steps: Iterable[T]) -> Iterator[T]:
    """Take each of the steps in `eager_mode`; between them the caller has its own mode back."""
    done = object()
    iterator = iter(steps)
    while True:
        with eager_mode():
            step = next(iterator, done)
        if step is done:
            return
        yield step  # type: ignore[misc]
