"""Tell bytes from text: both are `tf.string`, but Spark has a type for each."""

from __future__ import annotations

from collections.abc import Iterable

from tfspark_magic.graph.runtime import tf
from tfspark_magic.graph.shaped_graph import ShapedGraph

_MAKES_BYTES = frozenset(
    {"EncodeJpeg", "EncodeJpegVariableQuality", "EncodePng", "EncodeProto", "EncodeWav",
     "SerializeTensor", "DecodeBase64", "DecodeCompressed", "StringToKeyedHashFast"}
)  # fmt: skip


def bytes_outputs(shaped: ShapedGraph, binary: Iterable[str]) -> frozenset[str]:
    """Return the names of the string outputs that hold bytes, not text.

    An output holds bytes if all strings from which it is made, directly or indirectly, come from
    operations that encode, or from placeholders with binary columns.

    Parameters
    ----------
    shaped
        The graph of any program.
    binary
        The placeholders that binary columns feed.
    """
    binary = frozenset(binary)

    def sources(tensor: tf.Tensor, seen: set[str]) -> set[bool]:
        op = tensor.op
        if op.name in seen:
            return set()
        seen.add(op.name)
        if op.type in _MAKES_BYTES:
            return {True}
        if op.type == "Placeholder":
            return {op.name in binary}
        if op.type == "Const":
            return set()
        strings = [t for t in op.inputs if t.dtype == tf.string]
        return {False} if not strings else set().union(*(sources(t, seen) for t in strings))

    found = set()
    for spec, tensor in zip(shaped.program.outputs, shaped.outputs, strict=True):
        if spec.dtype == "string" and sources(tensor, set()) == {True}:
            found.add(spec.name)
    return frozenset(found)
