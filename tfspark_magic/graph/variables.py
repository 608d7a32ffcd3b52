"""Read and initialize the values of a graph's variables, operation by operation.

Operations are used, not variable objects, because Keras, functions and graphs from files make
variables that are not in TensorFlow's collections.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from tfspark_magic.errors import CaptureError
from tfspark_magic.graph.collection import instances_of
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.graph.tensorflow_internals import in_order_made, is_closed

RESOURCE_VARIABLES = ("VarHandleOp",)
REF_VARIABLES = ("VariableV2", "Variable")
VARIABLES = RESOURCE_VARIABLES + REF_VARIABLES
_ASSIGNMENTS = ("AssignVariableOp", "Assign")


def _variables(graph: tf.Graph) -> list[tf.Operation]:
    return [op for op in graph.get_operations() if op.type in VARIABLES]


def _uses(variable: tf.Operation, kinds: Iterable[str]) -> list[tf.Operation]:
    # In the order in which they were made; TensorFlow returns them in the order of their addresses.
    return in_order_made([op for op in variable.outputs[0].consumers() if op.type in kinds])


def _reader(variable: tf.Operation) -> tf.Tensor | None:
    if variable.type in REF_VARIABLES:
        return variable.outputs[0]
    for op in _uses(variable, ("ReadVariableOp",)):
        # An operation with control inputs would run these: an assignment, or a step of training.
        if not op.control_inputs:
            return op.outputs[0]
    if variable.graph.finalized:
        return None
    with variable.graph.as_default(), tf.control_dependencies(None):
        return tf.raw_ops.ReadVariableOp(
            resource=variable.outputs[0], dtype=variable.get_attr("dtype")
        )


def _initializer(variable: tf.Operation) -> tf.Operation:
    for op in _uses(variable, _ASSIGNMENTS):
        if op.inputs[0].op is variable:
            return op
    raise CaptureError(
        f"Variable {variable.name!r} has no initializer: give it a value in a session."
    )


def _asks_if_set(variable: tf.Operation) -> tf.Tensor | None:
    kind = "IsVariableInitialized" if variable.type in REF_VARIABLES else "VarIsInitializedOp"
    for op in _uses(variable, (kind,)):
        if not op.control_inputs:
            return op.outputs[0]
    if variable.graph.finalized:
        return None
    (handle,) = variable.outputs
    with variable.graph.as_default(), tf.control_dependencies(None):
        if variable.type in REF_VARIABLES:
            return tf.raw_ops.IsVariableInitialized(ref=handle)
        return tf.raw_ops.VarIsInitializedOp(resource=handle)


def read_variables(graph: tf.Graph, session: tf1.Session) -> dict[str, Any]:
    """Return the values of the initialized variables of `session`, by operation name."""
    readers = {variable: _reader(variable) for variable in _variables(graph)}
    asked = {variable: _asks_if_set(variable) for variable, to in readers.items() if to is not None}
    # A read that fails is logged in red below a cell, so TensorFlow is asked first.
    known = session.run({one.name: ask for one, ask in asked.items() if ask is not None})
    values = session.run({one.name: readers[one] for one in asked if known.get(one.name)})
    for variable in asked:
        if variable.name not in known:
            # Nothing can be added to a graph that is finalized.
            with suppress(tf.errors.FailedPreconditionError):
                values[variable.name] = session.run(readers[variable])
    return dict(values)


def _open_sessions(graph: tf.Graph) -> list[tf1.Session]:
    # TensorFlow has no list of the sessions of a graph.
    return [
        found
        for found in instances_of(tf1.Session)
        if found.graph is graph and not is_closed(found)
    ]


def current_values(
    graph: tf.Graph, needed: Iterable[str], session: tf1.Session | None
) -> dict[str, Any]:
    """Find the current values of the variables `needed`.

    The values come from the given session, else from the default session, else from the only open
    session with values, else from the last closed session of a captured cell. A variable that no
    session has initialized is missing from the result.

    Raises
    ------
    CaptureError
        If two open sessions hold values, so that it is not clear which values to take.
    """
    wanted = frozenset(needed)

    def of(one: tf1.Session) -> dict[str, Any]:
        return {n: v for n, v in read_variables(graph, one).items() if n in wanted}

    if session is None:
        default = tf1.get_default_session()
        session = default if default is not None and default.graph is graph else None
    if session is not None:
        return of(session)
    held = [values for values in map(of, _open_sessions(graph)) if values]
    if len(held) > 1:
        name = next(iter(held[0]))
        raise CaptureError(
            f"{len(held)} open sessions hold values for variable {name!r}: pass session=..., or "
            f"close all but one."
        )
    if held:
        return held[0]
    kept: dict[str, Any] = getattr(graph, "kept_values", {})
    return {name: value for name, value in kept.items() if name in wanted}


def values_now(
    graph: tf.Graph, needed: Iterable[str], session: tf1.Session | None
) -> dict[str, Any]:
    """Return the values of the variables `needed`; initialize those that no session has, once.

    Raises
    ------
    CaptureError
        As `current_values` does, and if a variable has neither a value nor an initializer.
    """
    wanted = frozenset(needed)
    values = current_values(graph, wanted, session)
    if wanted <= values.keys():
        return values
    with tf1.Session(graph=graph) as initializing:
        for variable in _variables(graph):
            if variable.name not in wanted:
                continue
            initializer = _initializer(variable)
            # An initial value may depend on the initial value of another variable.
            value = values.get(variable.name)
            feed = {} if value is None else {initializer.inputs[1]: value}
            initializing.run(initializer, feed)
        found = read_variables(graph, initializing)
    return {name: value for name, value in found.items() if name in wanted}
