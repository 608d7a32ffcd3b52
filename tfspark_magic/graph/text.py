"""Tell bytes from text: both are `tf.string`, Spark has a type for each."""

from __future__ import annotations

from collections.abc import Iterable

from tfspark_magic.graph.freeze import parse
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.runtime import tf, tf1

_MAKES_BYTES = frozenset(
    {"EncodeJpeg", "EncodeJpegVariableQuality", "EncodePng", "EncodeProto", "EncodeWav",
     "SerializeTensor", "DecodeBase64", "DecodeCompressed", "StringToKeyedHashFast"}
)  # fmt: skip


def bytes_outputs(program: Program, binary: Iterable[str]) -> frozenset[str]:
    """Name the string outputs that hold bytes rather than text.

    An output holds bytes if every string it is made of, followed from string to string, comes
    from an operation that encodes or from a placeholder fed by a binary column.

    Parameters
    ----------
    program
        Any.
    binary
        The placeholders that binary columns feed.
    """
    binary = frozenset(binary)
    with tf.Graph().as_default() as graph:
        tf1.import_graph_def(parse(program), name="")

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
    for spec in program.outputs:
        if spec.dtype == "string":
            kinds = sources(graph.get_tensor_by_name(spec.tensor), set())
            if kinds == {True}:
                found.add(spec.name)
    return frozenset(found)
