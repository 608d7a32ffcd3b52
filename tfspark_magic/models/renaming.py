"""Rename the inputs and outputs of a loaded program, and check the program."""

from __future__ import annotations

from dataclasses import replace

from tfspark_magic.errors import GraphLoadError
from tfspark_magic.graph.freeze import check_names, extract, prune
from tfspark_magic.graph.nodes import parse
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.graph.weights import fed_by
from tfspark_magic.models.endpoints import (
    Endpoint,
    Named,
    Names,
    chosen_inputs,
    chosen_outputs,
    put_names,
)
from tfspark_magic.models.outputs import check_stated
from tfspark_magic.models.safety import (
    check_constants,
    check_functions,
    check_known,
    check_operations,
)
from tfspark_magic.models.source import reported
from tfspark_magic.schema.spec import Shape, TensorSpec
from tfspark_magic.schema.tensorflow import shape_from_tensorflow


def renamed(
    program: Program, subject: str, inputs: Names, outputs: Names, *, allow_io: bool
) -> Program:
    """Return a program from a file with the requested names, after checking it.

    Raises
    ------
    GraphLoadError
        If its graph does not fit its signature, or does more than compute.
    PlaceholderNotFoundError, FetchNotFoundError, OptionError
        As for `tfspark_magic.load`.
    """
    fed = chosen_inputs({spec.name: _endpoint(spec) for spec in program.inputs}, inputs)
    fetched = chosen_outputs({spec.name: _endpoint(spec) for spec in program.outputs}, outputs)
    with reported(subject):
        for name, endpoint in fetched.items():
            check_stated(endpoint, tf.dtypes.as_dtype(endpoint.dtype), name)
        graph_def = parse(program)
        check_functions(graph_def, subject)
        check_known(graph_def, subject)
        check_constants(graph_def, subject)
        if not allow_io:
            check_operations(graph_def, subject)
        named = put_names(graph_def, fed, fetched)
        dtypes = {op: fetched[name].dtype for name, op in named.operations.items()}
        shapes = {
            op: stated.shape
            for name, op in named.operations.items()
            if (stated := fetched[name].stated) is not None and stated.shape.rank is not None
        }
        for node in named.graph_def.node:
            if node.name in dtypes and node.op == "Identity" and "T" not in node.attr:
                node.attr["T"].type = dtypes[node.name]
                if node.name in shapes:
                    node.op = "EnsureShape"
                    node.attr["shape"].shape.CopyFrom(shapes[node.name].as_proto())
        found = _program(program, named, fed, fetched)
        _try(found, subject)
    check_names(found.outputs)
    # Without new names, it is the saved program, whose signature has been checked.
    return program if inputs is None and outputs is None else found


def _program(
    program: Program, named: Named, fed: dict[str, Endpoint], fetched: dict[str, Endpoint]
) -> Program:
    before = {spec.tensor: spec for spec in (*program.inputs, *program.outputs)}
    weights = program.weights
    if weights is not None:
        weights = weights.renamed({tensor: named.now(tensor) for tensor in fed_by(weights)})
    return prune(
        replace(
            program,
            graph_def=named.graph_def.SerializeToString(deterministic=True),
            inputs=tuple(
                replace(before[end.tensor], name=name, tensor=f"{name}:0")
                for name, end in fed.items()
            ),
            outputs=tuple(
                TensorSpec(
                    name, f"{named.operations[name]}:0", before[end.tensor].dtype, _shape(end)
                )
                for name, end in fetched.items()
            ),
            initializers=tuple(map(named.now, program.initializers)),
            variables=frozenset(map(named.now, program.variables)),
            defaults=tuple(map(named.now, program.defaults)),
            weights=weights,
        )
    )


def _try(program: Program, subject: str) -> None:
    """Let TensorFlow read a program, and check its inputs and outputs against its signature."""
    graph_def = extract(
        parse(program), [*(spec.operation for spec in program.outputs), *program.initializers]
    )
    known = {*(spec.tensor for spec in program.inputs), *fed_by(program.weights)}
    for node in graph_def.node:
        if node.op == "Placeholder" and f"{node.name}:0" not in known:
            raise GraphLoadError(
                f"The fetches of {subject} depend on placeholder {node.name!r}, which inputs= "
                f"leaves out: add it."
            )
    with tf.Graph().as_default():
        names = [spec.tensor for spec in program.outputs]
        tensors = tf1.import_graph_def(graph_def, return_elements=names, name="")
    for spec, tensor in zip(program.outputs, tensors, strict=True):
        if tensor.dtype.name != spec.dtype:
            raise GraphLoadError(
                f"{subject} is broken: it says that fetch {spec.name!r} is {spec.dtype}, and it is "
                f"{tensor.dtype.name}."
            )
        tensor.set_shape(spec.shape)


def _shape(endpoint: Endpoint) -> Shape | None:
    shape = tf.TensorShape(endpoint.shape)
    stated = endpoint.stated
    return shape_from_tensorflow(shape if stated is None else shape.merge_with(stated.shape))


def _endpoint(spec: TensorSpec) -> Endpoint:
    dtype = tf.dtypes.as_dtype(spec.dtype).as_datatype_enum
    return Endpoint(spec.tensor, dtype, tf.TensorShape(spec.shape).as_proto())
