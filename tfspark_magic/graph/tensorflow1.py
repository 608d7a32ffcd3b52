"""The module that a `%%tfgraph` cell gets as `tensorflow`, with the names of TensorFlow 1.

>>> from tfspark_magic.graph.tensorflow1 import placeholder     # doctest: +SKIP

It is `tensorflow.compat.v1`, with Keras, and with those names that only TensorFlow 2 has. Scripts
for TensorFlow 1 begin with switches such as `tf.disable_v2_behavior()`. They do nothing, in a cell
and in the modules that it imports: the cell already runs in a graph, and the notebook around it is
still eager.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from tfspark_magic.graph.patches import Patch, ThreadPatches

_SWITCHES = frozenset(
    prefix + name
    for prefix in ("enable_", "disable_")
    for name in (
        "control_flow_v2",
        "eager_execution",
        "resource_variables",
        "tensor_equality",
        "v2_behavior",
        "v2_tensorshape",
    )
) | {"reset_default_graph"}


class _TensorFlow1(ModuleType):
    def __getattr__(self, name: str) -> Any:
        from tfspark_magic.graph.runtime import tf

        # The Keras of compat.v1 is Keras 2, which is not installed with TensorFlow today, and its
        # `compat` has its own views.
        if name in ("keras", "compat") or not hasattr(tf.compat.v1, name):
            return getattr(tf, name)
        return getattr(tf.compat.v1, name)

    def __dir__(self) -> list[str]:
        from tfspark_magic.graph.runtime import tf

        return sorted({*dir(tf.compat.v1), *dir(tf)})


tensorflow = _TensorFlow1("tensorflow", __doc__)


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return getattr(tensorflow, name)


def _patches() -> Iterator[Patch]:
    from tfspark_magic.graph.runtime import tf1

    def make(before: Any) -> Any:
        def switch(*arguments: Any, **named: Any) -> Any:
            return None if switches.here else before(*arguments, **named)

        return switch

    for name in _SWITCHES:
        yield tf1, name, make


switches = ThreadPatches(_patches)
"""While held, the switches between TensorFlow's versions do nothing in this thread."""


def is_tensorflow(value: object) -> bool:
    """Whether `value` is the module `tensorflow`, its v1 view, or the one above."""
    names = ("tensorflow", "tensorflow.compat.v1")
    return value is tensorflow or (
        isinstance(value, ModuleType) and any(value is sys.modules.get(name) for name in names)
    )


class ImportRewriter(ast.NodeTransformer):
    """Redirects a cell's imports of TensorFlow to this module, and keeps the line numbers.

    After `visit`, `bound` holds the names under which the cell imports TensorFlow.
    """

    _FRONT = ("tensorflow", "tensorflow.compat.v1")

    def __init__(self) -> None:
        self.bound: set[str] = set()

    def visit_Import(self, node: ast.Import) -> list[ast.stmt]:
        """Rewrite `import tensorflow [as X]`; let `import tensorflow.keras` load first."""
        statements: list[ast.stmt] = []
        for alias in node.names:
            top = alias.name.partition(".")[0]
            if top != "tensorflow" or (alias.asname and alias.name not in self._FRONT):
                statements.append(ast.copy_location(ast.Import([alias]), node))
                continue
            if alias.name not in self._FRONT:
                statements.append(ast.copy_location(ast.Import([alias]), node))
            name = alias.asname or top
            self.bound.add(name)
            front = ast.ImportFrom(__name__, [ast.alias("tensorflow", name)], 0)
            statements.append(ast.copy_location(front, node))
        return [ast.fix_missing_locations(statement) for statement in statements]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom:
        """Rewrite `from tensorflow import ...`."""
        if node.module in self._FRONT and node.level == 0:
            star = any(alias.name == "*" for alias in node.names)
            node.module = "tensorflow.compat.v1" if star else __name__
        return node
