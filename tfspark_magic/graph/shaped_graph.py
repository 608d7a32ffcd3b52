"""Infer the shapes of a program's tensors from those of its placeholders, and tell bytes from text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from tfspark_magic.graph.nodes import parse
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.graph.tensorflow_internals import ImportedGraph
from tfspark_magic.schema.spec import Shape
from tfspark_magic.schema.tensorflow import shape_from_tensorflow

# The size of a string without its characters.
_STRING_BYTES = 24
_MAKES_BYTES = frozenset(
    {"EncodeJpeg", "EncodeJpegVariableQuality", "EncodePng", "EncodeProto", "EncodeWav",
     "SerializeTensor", "DecodeBase64", "DecodeCompressed", "StringToKeyedHashFast"}
)  # fmt: skip


class ShapedGraph:
    """A program's graph, whose placeholders have the names and shapes of the fed tensors.

    >>> ShapedGraph(score, {"x": (None, 4)}).output_shapes          # doctest: +SKIP
    [(None, 10)]

    Importing a graph takes time. So binding reads everything that it needs from one import.

    Parameters
    ----------
    program
        The program; operations inside of called functions are not examined.
    shapes
        The shapes of the placeholders, by name.
    """

    def __init__(self, program: Program, shapes: Mapping[str, Shape | None]) -> None:
        self.program, self.shapes = program, shapes
        with ImportedGraph().as_default() as graph:
            fed = {
                spec.tensor: tf1.placeholder(spec.dtype, shapes[spec.name], name=spec.name)
                for spec in program.inputs
            }
            names = [spec.tensor for spec in program.outputs]
            self.outputs: list[tf.Tensor] = tf1.import_graph_def(
                parse(program), fed, names, name=""
            )
        self.operations: list[tf.Operation] = graph.get_operations()
        """The operations, each after the operations whose outputs it takes."""

    def fetch(self, *names: str) -> ShapedGraph:
        """Return the graph of the program with only these outputs."""
        program = self.program.fetch(*names)
        return self if program.digest == self.program.digest else ShapedGraph(program, self.shapes)

    @property
    def output_shapes(self) -> list[Shape | None]:
        """The outputs' static shapes."""
        return [shape_from_tensorflow(tensor.shape) for tensor in self.outputs]

    def row_bytes(self, *, per_row: bool) -> int:
        """Return how many bytes of the largest tensor belong to one row; unknown sizes count as 1.

        >>> ShapedGraph(distances, {"x": (None,)}).row_bytes(per_row=False)     # doctest: +SKIP
        40000

        Parameters
        ----------
        per_row
            False if the program takes blocks: then only axes of unknown size grow with the block.
        """
        largest = 0
        varying = {spec.name for spec in self.program.inputs}
        for op in self.operations:
            if op.name not in varying and not any(t.op.name in varying for t in op.inputs):
                continue
            varying.add(op.name)
            for tensor in op.outputs:
                shape = shape_from_tensorflow(tensor.shape)
                if shape is not None and (per_row or None in shape):
                    size = math.prod(n or 1 for n in shape if n is not None)
                    largest = max(largest, size * (tensor.dtype.size or _STRING_BYTES))
        return largest


def bytes_outputs(shaped: ShapedGraph, binary: Iterable[str]) -> frozenset[str]:
    """Return the names of the string outputs that hold bytes, not text: Spark has a type for each.

    An output holds bytes if all strings from which it is made, directly or indirectly, come from
    operations that encode, or from placeholders with binary columns.
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
