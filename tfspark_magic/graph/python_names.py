"""Find the names that a cell gives to its tensors: in Python, where it gives none in TensorFlow."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tfspark_magic.graph.runtime import tf


def python_names(tree: ast.AST, namespace: Mapping[str, Any], graph: tf.Graph) -> dict[str, str]:
    """Return the Python names of tensors, by the tensors' names in TensorFlow.

    After `z = x + y`, the tensor `add:0` is `z`. After `z = tf.add(x, y, name="sum")`, it is `sum`,
    and not in the result. A Python name that an operation of the graph has is not used.
    """
    from tfspark_magic.graph.runtime import tf

    written, beginnings = _texts(tree)
    # Names of columns do not depend on case.
    operations = {op.name.casefold() for op in graph.get_operations()}
    found: dict[str, str] = {}
    for name in assigned(tree):
        tensor = namespace.get(name)
        if not isinstance(tensor, tf.Tensor) or getattr(tensor, "graph", None) is not graph:
            continue
        own = tensor.op.name.rpartition("/")[2]
        is_named = (
            own in written
            or re.sub(r"_\d+$", "", own) in written  # TensorFlow makes names unique by numbers
            or own.startswith(beginnings)
        )
        if not is_named and name.casefold() not in operations and not name.startswith("_"):
            found.setdefault(tensor.name, name)
    return found


def layer_of(tensor: tf.Tensor, layers: Collection[str]) -> str | None:
    """Return the name of the Keras layer that gives a tensor; None if it is of no such layer.

    `sequential_1/dense_3_1/Add` is of layer `dense_3`: Keras opens a scope for each call.
    """
    scope = tensor.op.name.rpartition("/")[0].rpartition("/")[2]
    return next((one for one in (scope, re.sub(r"_\d+$", "", scope)) if one in layers), None)


def _texts(tree: ast.AST) -> tuple[set[str], tuple[str, ...]]:
    """Return the texts in a cell, in which names of operations are, and beginnings of such names."""
    texts, beginnings = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            beginnings.add(str(node.values[0].value).rpartition("/")[2])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.update(re.split("[/:]", node.value))
    return texts - {""}, tuple(beginnings - {""})


def assigned(tree: ast.AST) -> Iterator[str]:
    """Yield the names that a cell assigns, in its order, also those of functions inside it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
