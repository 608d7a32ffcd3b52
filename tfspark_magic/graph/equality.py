"""`==` in a cell: element by element on tensors, as TensorFlow 2 has it.

In a graph TensorFlow compares tensors by identity, as TensorFlow 1 did, so that
`tf.where(x == 0, a, b)` would silently be `b`. Its own code relies on that, so it stays so
everywhere but in what the cell itself says.
"""

from __future__ import annotations

import ast
from typing import Any

from tfspark_magic.graph.runtime import tf

from tensorflow.python.ops import gen_math_ops

EQUAL, NOT_EQUAL = "__tfgraph_equal__", "__tfgraph_not_equal__"


def _is_symbolic(value: Any) -> bool:
    return isinstance(value, tf.Tensor) and not hasattr(value, "numpy")


def equal(left: Any, right: Any) -> Any:
    """Return `left == right`, for a symbolic tensor the tensor of its elements' comparisons."""
    if left is None or right is None or not (_is_symbolic(left) or _is_symbolic(right)):
        return left == right
    return gen_math_ops.equal(left, right, incompatible_shape_error=False)


def not_equal(left: Any, right: Any) -> Any:
    """Return `left != right`, for a symbolic tensor the tensor of its elements' comparisons."""
    if left is None or right is None or not (_is_symbolic(left) or _is_symbolic(right)):
        return left != right
    return gen_math_ops.not_equal(left, right, incompatible_shape_error=False)


class EqualityRewriter(ast.NodeTransformer):
    """Turns `a == b` and `a != b` of a cell into calls of the functions above."""

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """Rewrite a comparison of two values; `a == b == c` stays Python's."""
        self.generic_visit(node)
        if len(node.ops) > 1 or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
            return node
        function = ast.Name(EQUAL if isinstance(node.ops[0], ast.Eq) else NOT_EQUAL, ast.Load())
        call = ast.Call(function, [node.left, node.comparators[0]], [])
        return ast.fix_missing_locations(ast.copy_location(call, node))
