"""Write the attributes of a program's operations, or the whole graph, as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfspark_magic.graph.nodes import parse
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.short_constant import quote
from tfspark_magic.graph.structure import strip
from tfspark_magic.schema.spec import format_shape
from tfspark_magic.words import cut

_LONGEST = 200
_SHOWN_VALUES = 20


def attributes(program: Program) -> dict[str, Mapping[str, Any]]:
    """Return the attributes of each operation, for `attribute_text`.

    The contents of large constants are left out, so that this takes little memory.

    Raises
    ------
    GraphLoadError
        If the bytes are no graph.
    """
    graph_def = parse(program)
    for node in graph_def.node:
        strip(node)
    return {node.name: node.attr for node in graph_def.node}


def attribute_text(value: Any) -> str:
    """Write an attribute on one line in a readable form; a long one is cut.

    >>> attribute_text(node.attr["transpose_a"]), attribute_text(node.attr["T"])  # doctest: +SKIP
    ('False', 'float32')
    """
    kind = value.WhichOneof("value")
    if kind == "list":
        items = next((list(items) for _, items in value.list.ListFields()), [])
        field = next((field.name for field, _ in value.list.ListFields()), "i")
        shown = [_one(field, item) for item in items[:_SHOWN_VALUES]]
        more = [f"… {len(items)} in all"] * (len(items) > _SHOWN_VALUES)
        return cut("[" + ", ".join(shown + more) + "]", _LONGEST)
    return cut(_one(kind, getattr(value, kind)), _LONGEST) if kind else ""


def graph_text(program: Program) -> str:
    """Return the graph in the text format of protocol buffers.

    Raises
    ------
    GraphLoadError
        If the bytes are no graph.
    """
    from google.protobuf.text_format import MessageToString

    return str(MessageToString(parse(program)))


def _one(kind: str, value: Any) -> str:
    if kind == "s":
        return quote(value, _LONGEST)
    if kind == "type":
        return _dtype(value)
    if kind == "shape":
        return _shape(value)
    if kind == "tensor":
        return f"{_dtype(value.dtype)}{_shape(value.tensor_shape)}"
    if kind == "func":
        return f"function {value.name}"
    return f"{value:g}" if kind == "f" else str(value)


def _dtype(number: int) -> str:
    from tfspark_magic.graph.runtime import tf

    try:
        return str(tf.dtypes.as_dtype(number).name)
    except TypeError:  # a dtype of a later TensorFlow
        return f"dtype {number}"


def _shape(shape: Any) -> str:
    if shape.unknown_rank:
        return "unknown"
    return format_shape(tuple(None if dim.size < 0 else dim.size for dim in shape.dim)) or "[]"
