"""What is known of a program's tensors, given the shapes of its placeholders."""

from __future__ import annotations

import math
from collections.abc import Mapping

from tfspark_magic.graph.freeze import parse
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.schema.spec import Shape
from tfspark_magic.schema.tensorflow import shape_from_tensorflow

# Of a string's own, its characters apart.
_STRING_BYTES = 24


def outputs_of(program: Program, shapes: Mapping[str, Shape | None]) -> list[tf.Tensor]:
    """Return the outputs in a graph whose placeholders have these shapes, and their own names.

    >>> outputs_of(program, {"x": (None, 4)})[0].op.inputs[0].op.name       # doctest: +SKIP
    'x'
    """
    with tf.Graph().as_default():
        fed = {
            spec.tensor: tf1.placeholder(spec.dtype, shapes[spec.name], name=spec.name)
            for spec in program.inputs
        }
        names = [spec.tensor for spec in program.outputs]
        return list(tf1.import_graph_def(parse(program), fed, names, name=""))


def infer_shapes(program: Program, shapes: Mapping[str, Shape | None]) -> list[Shape | None]:
    """Return the outputs' static shapes, given those of the placeholders by name.

    >>> infer_shapes(program, {"x": (None, 4)})                     # doctest: +SKIP
    [(None, 10)]
    """
    return [shape_from_tensorflow(t.shape) for t in outputs_of(program, shapes)]


def infer_row_bytes(program: Program, shapes: Mapping[str, Shape | None], *, per_row: bool) -> int:
    """Return how much of the largest tensor belongs to one row; sizes not known count as 1.

    >>> infer_row_bytes(distances, {"x": (None,)}, per_row=False)   # doctest: +SKIP
    40000

    Parameters
    ----------
    program
        Its operations are looked at, not those inside functions that they call.
    shapes
        Those of the placeholders, by name.
    per_row
        False where the program takes blocks: then what grows with them has an unknown size.
    """
    fetched = outputs_of(program, shapes)
    largest = 0
    varying = {spec.name for spec in program.inputs}
    for op in fetched[0].graph.get_operations():
        if op.name not in varying and not any(t.op.name in varying for t in op.inputs):
            continue
        varying.add(op.name)
        for tensor in op.outputs:
            shape = shape_from_tensorflow(tensor.shape)
            if shape is not None and (per_row or None in shape):
                size = math.prod(n or 1 for n in shape if n is not None)
                largest = max(largest, size * (tensor.dtype.size or _STRING_BYTES))
    return largest
