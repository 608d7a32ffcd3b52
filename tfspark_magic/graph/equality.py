"""`==` while a cell runs: element by element on tensors, as TensorFlow 2 has it.

In a graph TensorFlow compares tensors by identity, as TensorFlow 1 did, so that
`tf.where(x == 0, a, b)` would silently be `b`. Its own code relies on that, and goes on doing so.
Tensors of the cell are keys of dicts (`feed_dict`), which TensorFlow 2 refuses. In other threads,
tensors are what they always are.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

from tfspark_magic.graph.patches import Patch, ThreadPatches
from tfspark_magic.graph.runtime import tf

_BY_IDENTITY = ("tensorflow", "keras")


def _comparing(build: Callable[..., Any], *, when_same: bool) -> Callable[[Any], Any]:
    def make(before: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        def compare(self: Any, other: Any) -> Any:
            if not element_wise_equality.here:
                return before(self, other)
            caller = str(sys._getframe(1).f_globals.get("__name__"))  # noqa: SLF001
            if other is None or caller.partition(".")[0] in _BY_IDENTITY:
                return (self is other) == when_same
            return build(x=self, y=other, incompatible_shape_error=False)

        return compare

    return make


def _hashing(before: Callable[[Any], int]) -> Callable[[Any], int]:
    def hashed(self: Any) -> int:
        return id(self) if element_wise_equality.here else before(self)

    return hashed


def _patches() -> Iterable[Patch]:
    for kind in (tf.Tensor, tf.Variable):
        yield kind, "__eq__", _comparing(tf.raw_ops.Equal, when_same=True)
        yield kind, "__ne__", _comparing(tf.raw_ops.NotEqual, when_same=False)
        yield kind, "__hash__", _hashing


element_wise_equality = ThreadPatches(_patches)
"""Held, `==` and `!=` build comparisons in this thread, in all but TensorFlow's code.

>>> with element_wise_equality.held(), tf.Graph().as_default():     # doctest: +SKIP
...     z = tf.where(x == 0, a, b)
"""
