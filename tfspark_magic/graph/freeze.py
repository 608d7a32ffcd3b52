"""Make a `Program` from live tensors: prune the graph for the fetches, and freeze variables."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from tfspark_magic.errors import CaptureError, FetchError, GraphLoadError, NameConflictError
from tfspark_magic.graph import variables, weights
from tfspark_magic.graph.library import drop_functions, python_call
from tfspark_magic.graph.lookup_tables import TABLES
from tfspark_magic.graph.lookup_tables import fillers as fillers_of
from tfspark_magic.graph.nodes import parse, reached
from tfspark_magic.graph.parting import part_constants, part_variables
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.runtime import quiet, tf, tf1
from tfspark_magic.graph.tensorflow_internals import VariableValues
from tfspark_magic.schema.spec import TensorSpec
from tfspark_magic.schema.tensorflow import dtype_from_tensorflow, shape_from_tensorflow


def freeze(
    fetches: Sequence[tf.Tensor],
    name: str = "graph",
    session: tf1.Session | None = None,
    names: Sequence[str] | None = None,
) -> Program:
    """Make a program of the tensors to fetch, with the current values of the variables.

    >>> freeze([output], "score")                                   # doctest: +SKIP
    Program score: x int32, y int32 -> z int32

    Parameters
    ----------
    fetches
        Tensors of one graph.
    name
        The program's name in messages and drawings.
    session
        The session with the values of the variables; see `variables.current_values` for the
        default. A variable that no session has initialized is initialized here, once.
    names
        The names of the outputs; None for those of the operations.

    Raises
    ------
    FetchError
        If there is nothing to fetch, or the tensors are from several graphs.
    NameConflictError
        If two outputs have one name.
    UnsupportedTypeError
        If a fetch or a placeholder has a dtype that no column can hold.
    """
    if not fetches:
        raise FetchError(
            "There is nothing to fetch: give the tensor, or a list of tensors, to compute."
        )
    graph = fetches[0].graph
    for tensor in fetches:
        if tensor.graph is not graph:
            raise FetchError(
                f"Fetches {fetches[0].op.name!r} and {tensor.op.name!r} are of two graphs: "
                f"fetch tensors of one graph at a time."
            )
    outputs = tuple(_spec(tensor, "Fetch") for tensor in fetches)
    if names is not None:
        named = zip(outputs, names, strict=True)
        outputs = tuple(replace(spec, name=output) for spec, output in named)
    check_names(outputs)

    needed = _ancestors([tensor.op for tensor in fetches])
    tables = [op for op in needed if op.type in TABLES]
    fillers = [op for table in tables for op in fillers_of(table)]
    needed |= _ancestors(fillers)
    placeholders = [op for op in graph.get_operations() if op in needed and _is_placeholder(op)]
    inputs = tuple(_spec(op.outputs[0], "Placeholder") for op in placeholders)

    keep = [*dict.fromkeys(tensor.op.name for tensor in fetches), *(op.name for op in fillers)]
    graph_def = extract(_with_shapes(graph), keep)
    calling = python_call(graph_def)
    if calling:
        raise CaptureError(calling)
    frozen = [
        op.name for op in graph.get_operations() if op in needed and op.type in variables.VARIABLES
    ]
    beside: dict[str, Any] = {}
    if frozen:
        _check_unchanged(needed, frozenset(frozen))
        values = variables.values_now(graph, frozen, session)
        with quiet():
            graph_def, beside = part_variables(VariableValues(values, graph_def, keep))
        _repair_returns(graph_def)
    beside |= part_constants(graph_def)
    drop_functions(graph_def)
    _separate_tables(graph_def)
    for node in graph_def.node:
        node.device = ""
    captured = getattr(graph, "captured_variables", ())
    present = {node.name for node in graph_def.node}
    return Program(
        name=name,
        graph_def=graph_def.SerializeToString(deterministic=True),
        inputs=inputs,
        outputs=outputs,
        initializers=tuple(op.name for op in fillers),
        variables=frozenset({*frozen, *captured} & present),
        defaults=tuple(n.name for n in graph_def.node if n.op == "PlaceholderWithDefault"),
        weights=weights.write(beside),
    )


def prune(program: Program) -> Program:
    """Remove the parts of a program that its outputs do not need, also placeholders."""
    graph_def = parse(program)
    keep = dict.fromkeys(spec.operation for spec in program.outputs)
    graph_def = extract(graph_def, [*keep, *program.initializers])
    present = {node.name for node in graph_def.node}
    return replace(
        program,
        graph_def=graph_def.SerializeToString(deterministic=True),
        inputs=tuple(spec for spec in program.inputs if spec.name in present),
        variables=program.variables & present,
        defaults=tuple(name for name in program.defaults if name in present),
        weights=weights.only(program.weights, present),
    )


def extract(graph_def: tf1.GraphDef, operations: Iterable[str]) -> tf1.GraphDef:
    """Return the part of a `GraphDef` that these operations need, together with them."""
    with quiet():
        return tf1.graph_util.extract_sub_graph(graph_def, list(operations))


def check_names(outputs: Iterable[TensorSpec]) -> None:
    """Raise NameConflictError if two outputs have one name."""
    seen: set[str] = set()
    for spec in outputs:
        if spec.name.casefold() in seen:
            raise NameConflictError(spec.name, "another fetch")
        seen.add(spec.name.casefold())  # names in Spark do not depend on case


def _with_shapes(graph: tf.Graph) -> tf1.GraphDef:
    # The shapes of `set_shape` are stored only here. Functions have no such shapes: the process
    # knows the functions already, and takes a second definition only if it is the same.
    try:
        graph_def = graph.as_graph_def(add_shapes=True)
    except ValueError as error:
        # The constants of the live graph, before large ones are stored beside it.
        raise GraphLoadError(
            f"TensorFlow cannot export this graph ({error}): keep its large tensors in variables "
            f"of the cell, or make the program with tfs.load(model)."
        ) from None
    graph_def.library.CopyFrom(graph.as_graph_def().library)
    functions = {function.signature.name for function in graph_def.library.function}
    for node in graph_def.node:
        # Freezing changes the number of inputs and outputs of a call.
        if any(attr.func.name in functions for attr in node.attr.values()):
            node.attr.pop("_output_shapes", None)
    return graph_def


def _spec(tensor: tf.Tensor, kind: str) -> TensorSpec:
    dtype = dtype_from_tensorflow(tensor.dtype.base_dtype, f"{kind} {tensor.op.name!r}")
    return TensorSpec(tensor.op.name, tensor.name, dtype, shape_from_tensorflow(tensor.shape))


def _is_placeholder(op: tf.Operation) -> bool:
    return bool(op.type == "Placeholder" and op.outputs[0].dtype != tf.resource)


def _check_unchanged(needed: Iterable[tf.Operation], frozen: Collection[str]) -> None:
    """Raise CaptureError if a needed operation changes a variable that will be frozen."""
    for op in needed:
        changed = [t.op.name for t in op.inputs if t.op.name in frozen]
        if not changed:
            continue
        if op.type.startswith(("Rng", "Stateful")) and op.type != "StatefulPartitionedCall":
            raise CaptureError(
                "tf.random.Generator keeps its state in a variable, which rows on several machines "
                "cannot share: draw with tf.random.uniform, or tf.random.stateless_uniform with a "
                "seed from a column."
            )
        if "Assign" in op.type or op.type.startswith(("ResourceApply", "ResourceScatter", "Apply")):
            raise CaptureError(
                f"The fetches change variable {changed[0]!r} ({op.type}), and rows on several machines "
                f"cannot share the changes: compute the value without assigning it."
            )


def _ancestors(ops: Iterable[tf.Operation]) -> set[tf.Operation]:
    return reached(ops, lambda op: [*(tensor.op for tensor in op.inputs), *op.control_inputs])


def _repair_returns(graph_def: tf1.GraphDef) -> None:
    # Freezing replaces each ReadVariableOp with an Identity, whose output has another name. But
    # functions that return a read value (functions for gradients) keep the old name.
    for function in graph_def.library.function:
        identities = {node.name for node in function.node_def if node.op == "Identity"}
        for key, source in function.ret.items():
            node, _, output = source.partition(":")
            if output == "value:0" and node in identities:
                function.ret[key] = f"{node}:output:0"


def _separate_tables(graph_def: tf1.GraphDef) -> None:
    # Tables are stored in the process by name: two programs must not share one by accident.
    owner = hashlib.sha256(graph_def.SerializeToString(deterministic=True)).hexdigest()[:16]
    for node in graph_def.node:
        if node.op in TABLES:
            node.attr["shared_name"].s = f"{owner}/{node.name}".encode()
