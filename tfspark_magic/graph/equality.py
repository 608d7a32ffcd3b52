"""`==` while a cell runs: element by element on tensors, as TensorFlow 2 has it.

In a graph TensorFlow compares tensors by identity, as TensorFlow 1 did, so that
`tf.where(x == 0, a, b)` would silently be `b`. Its own code relies on that, and goes on doing so.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tfspark_magic.graph.runtime import tf

from tensorflow.python.ops import gen_math_ops

_BY_IDENTITY = ("tensorflow", "keras")


def _comparison(build: Callable[..., Any], *, when_same: bool) -> Callable[[Any, Any], Any]:
    def compare(self: Any, other: Any) -> Any:
        caller = str(sys._getframe(1).f_globals.get("__name__"))  # noqa: SLF001
        if other is None or caller.partition(".")[0] in _BY_IDENTITY:
            return (self is other) == when_same
        return build(self, other, incompatible_shape_error=False)

    return compare


@contextmanager
def element_wise_equality() -> Iterator[None]:
    """Make `==` and `!=` of tensors and variables build comparisons, in all but TensorFlow's code.

    >>> with element_wise_equality(), tf.Graph().as_default():      # doctest: +SKIP
    ...     z = tf.where(x == 0, a, b)
    """
    methods = {
        "__eq__": _comparison(gen_math_ops.equal, when_same=True),
        "__ne__": _comparison(gen_math_ops.not_equal, when_same=False),
    }
    kinds = (tf.Tensor, tf.Variable)
    saved = [(kind, name, getattr(kind, name)) for kind in kinds for name in methods]
    for kind, name, _ in saved:
        setattr(kind, name, methods[name])
    try:
        yield
    finally:
        for kind, name, method in saved:
            setattr(kind, name, method)
