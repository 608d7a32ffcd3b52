"""Move large constants from a graph into a `Weights` file, and leave placeholders in the graph."""

from __future__ import annotations

from typing import Any

import numpy as np

from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.graph.tensorflow_internals import VariableValues, with_constants

Array = np.ndarray[Any, Any]

BESIDE_BYTES = 1 << 20
"""Constants of this size in bytes are stored beside the graph; TensorFlow's optimizer needs the
smaller ones in the graph."""

# These dtypes have the same memory layout in a file, in NumPy and in TensorFlow.
_CARRIED = frozenset(
    {"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16",
     "float32", "float64", "bfloat16"}
)  # fmt: skip


def part_variables(converter: VariableValues) -> tuple[tf1.GraphDef, dict[str, Array]]:
    """Turn a graph's variables into constants, and move the large ones out of the graph.

    TensorFlow writes the values of variables into the graph, which holds 2 GB at most. So it gets
    empty values instead of the large ones.

    Parameters
    ----------
    converter
        TensorFlow's own converter, which has read the variables.
    """
    values = converter.tensor_data
    parted = {name: data.numpy for name, data in values.items() if stands_beside(data.numpy)}
    for name, array in parted.items():
        values[name] = values[name]._replace(numpy=np.empty(0, array.dtype))
    graph_def = with_constants(converter)
    for node in graph_def.node:
        if node.name in parted:
            _leave_placeholder(node, parted[node.name])
    return graph_def, parted


def part_constants(graph_def: tf1.GraphDef) -> dict[str, Array]:
    """Replace large constants of a graph with placeholders; return the constants by name."""
    parted = {}
    for node in graph_def.node:
        if node.op == "Const" and node.attr["value"].ByteSize() >= BESIDE_BYTES:
            array = tf.make_ndarray(node.attr["value"].tensor)
            if stands_beside(array):
                parted[node.name] = array
                _leave_placeholder(node, array)
    return parted


def stands_beside(array: Any) -> bool:
    """Whether a constant is large enough to be stored beside the graph."""
    return array.nbytes >= BESIDE_BYTES and array.dtype.name in _CARRIED


def _leave_placeholder(node: Any, array: Array) -> None:
    node.op = "Placeholder"
    del node.input[:]
    node.attr.clear()
    node.attr["dtype"].type = tf.as_dtype(array.dtype).as_datatype_enum
    node.attr["shape"].shape.CopyFrom(tf.TensorShape(array.shape).as_proto())
