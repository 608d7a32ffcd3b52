"""Read values of a SavedModel's variables from its objects, if its graph does not restore them.

`tf.saved_model.save(model, path)` writes each variable of a Keras 3 model twice. The graph restores
one of them, and the signatures use the other. `tf.saved_model.load` uses the objects, which list
the variables of each function. This module does the same for variables that the graph does not
restore.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tfspark_magic.graph.nodes import CALLS, operation_of
from tfspark_magic.graph.runtime import tf

from tensorflow.core.protobuf.trackable_object_graph_pb2 import TrackableObjectGraph

_OBJECTS = "_CHECKPOINTABLE_OBJECT_GRAPH"
_VALUE = "VARIABLE_VALUE"


def values_beside_the_graph(meta: Any, prefix: Path) -> dict[str, Any]:
    """Return the values of variables that functions take and the graph does not restore.

    >>> values_beside_the_graph(meta, Path("saved/variables/variables"))     # doctest: +SKIP
    {'dense/kernel': array([[...]], dtype=float32), 'dense/bias': array([...], dtype=float32)}

    Returns
    -------
    Values by the name of the variable's operation.
    """
    objects = meta.object_graph_def
    if not objects.concrete_functions or not prefix.with_suffix(".index").is_file():
        return {}
    nodes = {node.name: node for node in meta.graph_def.node}
    restoring = nodes.get(operation_of(meta.saver_def.restore_op_name))
    restored = {operation_of(name) for name in restoring.input} if restoring is not None else set()
    taken = {
        name: number
        for name, number in _taken(nodes, objects)
        if name not in restored and nodes[name].op == "VarHandleOp"
    }
    if not taken:
        return {}
    reader = tf.train.load_checkpoint(str(prefix))
    if not reader.has_tensor(_OBJECTS):
        return {}
    keys = _keys(objects, TrackableObjectGraph.FromString(reader.get_tensor(_OBJECTS)))
    return {
        name: reader.get_tensor(keys[number]) for name, number in taken.items() if number in keys
    }


def _taken(nodes: dict[str, Any], objects: Any) -> Iterator[tuple[str, int]]:
    """Yield the captured inputs of function calls, with the number of each as an object."""
    for node in nodes.values():
        function = node.attr["f"].func.name if node.op in CALLS else ""
        if function in objects.concrete_functions:
            bound = list(objects.concrete_functions[function].bound_inputs)
            given = [operation_of(name) for name in node.input if not name.startswith("^")]
            if bound:
                yield from zip(given[-len(bound) :], bound, strict=True)


def _keys(objects: Any, checkpoint: Any) -> dict[int, str]:
    """Return the checkpoint's name for the value of each object; both trees are walked from the root."""
    keys: dict[int, str] = {}
    pairs = [(0, 0)]
    seen = {0}
    while pairs:
        number, saved = pairs.pop()
        for attribute in checkpoint.nodes[saved].attributes:
            if attribute.name == _VALUE:
                keys[number] = attribute.checkpoint_key
        children = {child.local_name: child.node_id for child in checkpoint.nodes[saved].children}
        for child in objects.nodes[number].children:
            if child.local_name in children and child.node_id not in seen:
                seen.add(child.node_id)
                pairs.append((child.node_id, children[child.local_name]))
    return keys
