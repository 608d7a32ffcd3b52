"""Let `==` compare tensors element by element while a cell runs, as in TensorFlow 2.

In a graph, TensorFlow compares tensors by identity, as in TensorFlow 1, so that
`tf.where(x == 0, a, b)` would silently be `b`. TensorFlow's own code relies on this, and still gets
it. Tensors of the cell can be keys of dicts (`feed_dict`), which TensorFlow 2 does not allow. In
other threads, nothing changes.
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
"""While held, `==` and `!=` build comparisons in this thread, except in TensorFlow's code.

>>> with element_wise_equality.held(), tf.Graph().as_default():     # doctest: +SKIP
...     z = tf.where(x == 0, a, b)
"""
