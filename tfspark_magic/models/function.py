"""Read models in this process: functions of TensorFlow, Python functions, graphs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from tfspark_magic.errors import FetchError, GraphLoadError, OptionError
from tfspark_magic.graph import variables
from tfspark_magic.graph.composites import is_composite, refused_input, refused_output
from tfspark_magic.graph.eager import eager_mode
from tfspark_magic.graph.lookup_tables import capture_table
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.models.endpoints import Endpoint
from tfspark_magic.models.source import Source, reported

ConcreteFunction = tf.types.experimental.ConcreteFunction

Specs = Any
"""One `tf.TensorSpec`, a list of them in the order of the arguments, or a dict by argument."""


def is_function(value: Any) -> bool:
    """Whether `value` is a `tf.function`, traced or not."""
    return isinstance(value, tf.types.experimental.GenericFunction | ConcreteFunction)


def source_of_function(function: Any, signature: Specs = None) -> Source:
    """Trace a function for its signature, and return its graph as a source.

    Parameters
    ----------
    function
        A `tf.function`, a concrete one, or a Python function of tensors.
    signature
        The specs of its arguments; needed unless the function has them itself.

    Raises
    ------
    OptionError
        If the function's arguments are not known.
    GraphLoadError
        If it cannot be traced.
    """
    name = str(getattr(function, "__name__", "") or type(function).__name__)
    if isinstance(function, ConcreteFunction):
        return source_of_concrete(function, f"Function {name!r}", name)
    subject = f"Function {name!r}"
    traced = function if is_function(function) else tf.function(function)
    if signature is None and getattr(traced, "input_signature", None) is None:
        raise OptionError(
            f"{subject} does not say what it takes: write tfs.load({name}, "
            f"signature=[tf.TensorSpec([None, ...], dtype), ...]), with None for a block's rows."
        )
    with reported(subject), eager_mode():
        concrete = traced.get_concrete_function(*_positional(signature), **_named(signature))
    return source_of_concrete(concrete, subject, name)


def source_of_concrete(
    concrete: Any, subject: str, name: str, inputs: Collection[str] | None = None
) -> Source:
    """Return the graph of a concrete function; `inputs` are the names of its arguments, in order."""
    _check_dense(concrete, subject)
    graph = concrete.graph
    captured = [internal for _, internal in graph.captures]
    inside = {id(tensor) for tensor in captured}
    taken = [tensor for tensor in concrete.inputs if id(tensor) not in inside]
    names = list(inputs or (tensor.op.name for tensor in taken))
    return Source(
        subject=subject,
        name=name,
        graph_def=graph.as_graph_def(),
        inputs={n: _endpoint(tensor) for n, tensor in zip(names, taken, strict=True)},
        outputs={n: _endpoint(tensor) for n, tensor in _outputs(concrete)},
        captures=lambda new: _capture(concrete, new),
    )


def source_of_graph(graph: tf.Graph, outputs: Any, session: Any = None) -> Source:
    """Return a live graph, with the current values of its variables."""
    from tfspark_magic.models.graph_def import source_of_graph_def

    source = source_of_graph_def(graph.as_graph_def(add_shapes=True), "The graph", "graph", outputs)
    needed = [op.name for op in graph.get_operations() if op.type in variables.VARIABLES]
    values = variables.current_values(graph, needed, session) if needed else {}
    return replace(source, values=values)


def _positional(signature: Specs) -> tuple[Any, ...]:
    if signature is None or isinstance(signature, Mapping):
        return ()
    return tuple(signature) if isinstance(signature, list | tuple) else (signature,)


def _named(signature: Specs) -> dict[str, Any]:
    return dict(signature) if isinstance(signature, Mapping) else {}


def _check_dense(concrete: Any, subject: str) -> None:
    arguments, named = concrete.structured_input_signature
    parameters = list(concrete.function_type.parameters)
    found = [(n, a) for n, a in zip(parameters, arguments, strict=False)] + [*named.items()]
    for name, value in found:
        for part in tf.nest.flatten(value):
            if is_composite(part):
                raise GraphLoadError(refused_input(name, subject, part))
    given = concrete.structured_outputs
    outputs = given.items() if isinstance(given, Mapping) else enumerate(tf.nest.flatten(given))
    for key, value in outputs:
        if is_composite(value):
            name = key if isinstance(key, str) else f"output_{key}"
            raise FetchError(refused_output(name, value))


def _endpoint(tensor: Any) -> Endpoint:
    return Endpoint(tensor.name, tensor.dtype.as_datatype_enum, tensor.shape.as_proto())


def _outputs(concrete: Any) -> list[tuple[str, Any]]:
    # TensorFlow's names for outputs in a SavedModel: keys, or numbers in their order.
    given = concrete.structured_outputs
    if hasattr(given, "_asdict"):
        given = given._asdict()
    tensors = [t for t in concrete.outputs if t is not None]
    if isinstance(given, Mapping) and len(given) == len(tensors):
        return list(zip(sorted(map(str, given)), tensors, strict=True))
    return [(f"output_{i}", tensor) for i, tensor in enumerate(tensors)]


def _capture(concrete: Any, graph: Any) -> dict[str, tf.Tensor]:
    """Make the variables, tables and tensors that a function captures in the default graph."""
    variable_of = {id(variable.handle): variable for variable in concrete.graph.variables}
    mapped = {}
    for external, internal in concrete.graph.captures:
        variable = variable_of.get(id(external))
        if variable is not None:
            name = variable.name.partition(":")[0]
            handle = tf.raw_ops.VarHandleOp(
                dtype=variable.dtype,
                shape=variable.shape,
                # Variables without a shared name of their own would all be the same variable.
                shared_name=internal.name,
                name=_valid(name),
            )
            with eager_mode():
                graph.kept_values[handle.op.name] = variable.numpy()
            mapped[internal.name] = handle
        elif external.dtype == tf.resource:
            mapped[internal.name] = capture_table(graph, external, _valid(internal.op.name))
        else:
            mapped[internal.name] = tf1.constant(external.numpy(), name=_valid(internal.op.name))
    return mapped


def _valid(name: str) -> str:
    return name.replace(" ", "_").lstrip("_/") or "captured"
