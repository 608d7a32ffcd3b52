"""The values of constants and weights, which need no rows."""

from __future__ import annotations

from dataclasses import replace

from tfspark_magic.graph.eager import eager_mode
from tfspark_magic.graph.node_tensors import NodeTensor
from tfspark_magic.graph.nodes import operation_of, parse
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.runtime import tf
from tfspark_magic.inspection.node_values import Array, NodeValues


def constant_values(program: Program, name: str) -> NodeValues | None:
    """Return the values of a constant or weight, or of an operation that only reads one.

    >>> constant_values(score, "mul/y").values                      # doctest: +SKIP
    [array(3, dtype=int32)]

    Returns
    -------
    The values; None if it is no constant.
    """
    array = _array(program, name)
    if array is None:
        return None
    dtype = "string" if array.dtype.kind == "O" else array.dtype.name
    tensor = NodeTensor(name, f"{name}:0", "Const", dtype, array.shape, ())
    found = NodeValues(tensor, [array])
    found.sum_up()
    return found


def _array(program: Program, name: str) -> Array | None:
    nodes = {node.name: node for node in parse(program).node}
    while (node := nodes.get(name)) is not None and node.op == "Identity":
        name = operation_of(node.input[0])
    if node is None:
        return None
    if node.op == "Const":
        array: Array = tf.make_ndarray(node.attr["value"].tensor)
        return array
    weights = program.weights
    index = () if weights is None else tuple(w for w in weights.index if w.tensor == f"{name}:0")
    if weights is None or not index:
        return None
    with eager_mode():
        (tensor,) = replace(weights, index=index).tensors().values()
        held: Array = tensor.numpy()
        return held
