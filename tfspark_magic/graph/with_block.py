"""Capture the graph that the code of a `with` block builds, as `capture` does for a cell."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

from tfspark_magic.graph import tensorflow1
from tfspark_magic.graph.capture import (
    CaptureGraph,
    Cell,
    built,
    capturing,
    names_of,
    refusals,
    values_made,
)


@contextmanager
def captured_block(
    frame: FrameType,
    finish: Callable[[Any, list[Any], CaptureGraph], Any],
    take: Callable[[Cell], Any],
) -> Iterator[CaptureGraph]:
    """Capture what the code of a `with` block builds; in it, `tf` is TensorFlow 1, as in a cell.

    >>> with captured_block(sys._getframe(), finish, print):        # doctest: +SKIP
    ...     z = tf.placeholder(tf.int32, name="x") * 2

    Parameters
    ----------
    frame
        The frame of the code.
    finish
        As for `run_cell`.
    take
        Is called with the result, at the end of a block that raised no error.

    Raises
    ------
    CaptureError
        If the block uses something that a graph cannot hold.
    Exception
        Any error of the block.
    """
    tree = _code(frame)
    before = names_of(_names(frame))
    with refusals(), _tensorflow1(frame.f_globals), capturing(before) as graph:
        yield graph
        names = _names(frame)
        result = finish(None, values_made(tree, names), graph)
    take(built(graph, result, tree, names))


def _names(frame: FrameType) -> Mapping[str, Any]:
    return {**frame.f_globals, **frame.f_locals}


@contextmanager
def _tensorflow1(names: dict[str, Any]) -> Iterator[None]:
    """Let the names of TensorFlow mean TensorFlow 1, as far as the block leaves them alone."""
    before = {name: value for name, value in names.items() if tensorflow1.is_tensorflow(value)}
    names.update(dict.fromkeys(before, tensorflow1.tensorflow))
    try:
        yield
    finally:
        names.update(
            {name: v for name, v in before.items() if tensorflow1.is_tensorflow(names.get(name))}
        )


def name_after_as(frame: FrameType) -> str:
    """Return the name after `as`, in the block that begins in the frame's line; else nothing."""
    names = [
        item.optional_vars.id
        for item in getattr(_code(frame), "items", ())
        if _is_at(item.context_expr, frame.f_lineno) and isinstance(item.optional_vars, ast.Name)
    ]
    return names[0] if names else ""


def _code(frame: FrameType) -> ast.AST:
    """Return the code of the block that begins in the frame's line; nothing if it is not known."""
    try:
        lines, _ = inspect.findsource(frame.f_code)
        tree = ast.parse("".join(lines))
    except (OSError, SyntaxError, TypeError, ValueError):
        return ast.Module([], [])
    for node in ast.walk(tree):
        if isinstance(node, ast.With) and any(
            _is_at(item.context_expr, frame.f_lineno) for item in node.items
        ):
            return node
    return ast.Module([], [])


def _is_at(expression: ast.expr, line: int) -> bool:
    return expression.lineno <= line <= (expression.end_lineno or expression.lineno)
