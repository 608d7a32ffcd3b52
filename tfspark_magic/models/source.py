"""The common form of a model from any reader, and its conversion into a program."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from google.protobuf import text_format
from google.protobuf.message import DecodeError

from tfspark_magic.errors import GraphLoadError, TfSparkError
from tfspark_magic.graph.eager import eager_mode
from tfspark_magic.graph.freeze import check_names, extract, freeze, prune
from tfspark_magic.graph.library import all_nodes, drop_functions, python_call
from tfspark_magic.graph.lookup_tables import TABLES, keep_contents
from tfspark_magic.graph.nodes import operation_of, tensor_of
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.runtime import quiet, tf, tf1
from tfspark_magic.graph.variables import VARIABLES
from tfspark_magic.models.endpoints import Endpoint, Names, chosen_inputs, chosen_outputs, put_names
from tfspark_magic.models.inline import drop_idle_controls, inline_calls
from tfspark_magic.models.outputs import as_stated, check_fetches
from tfspark_magic.models.safety import (
    FILLING_FROM_FILE,
    check_constants,
    check_functions,
    check_known,
    check_operations,
    own_files,
    read_from,
)

_FILLING = frozenset({"LookupTableImportV2", "InitializeTableV2"}) | FILLING_FROM_FILE


@dataclass(frozen=True)
class Step:
    """An operation that runs once in this process, before the variables and tables are frozen.

    Parameters
    ----------
    operation
        The operation's name.
    feeds
        Values by tensor name.
    also
        Types of operations that it may run, although a program may not hold them.
    """

    operation: str
    feeds: Mapping[str, Any] = field(default_factory=dict)
    also: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Source:
    """A graph with named inputs and outputs.

    Parameters
    ----------
    subject
        The model's name in messages, such as `model.pb`.
    name
        The name of the program.
    graph_def
        The graph, unchanged.
    inputs, outputs
        Its inputs and outputs, by the users' names.
    steps
        The steps that fill variables and tables.
    captures
        A function that makes replacements in a given graph for tensors of the `GraphDef`, by their
        names.
    values
        The values of variables, by operation name.
    owner
        The object with the variables that `captures` reads; without it, they would be deleted
        before.
    is_batched, columns
        As in `Program`.
    """

    subject: str
    name: str
    graph_def: tf1.GraphDef
    inputs: Mapping[str, Endpoint]
    outputs: Mapping[str, Endpoint]
    steps: tuple[Step, ...] = ()
    captures: Callable[[Any], Mapping[str, tf.Tensor]] = lambda _: {}
    values: Mapping[str, Any] = field(default_factory=dict)
    owner: Any = None
    is_batched: bool = False
    columns: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)


def to_program(
    source: Source, inputs: Names = None, outputs: Names = None, *, allow_io: bool = False
) -> Program:
    """Make a program of a model; see `tfspark_magic.load` for the arguments and errors."""
    fed = chosen_inputs(source.inputs, inputs)
    fetched = chosen_outputs(source.outputs, outputs)
    if not fetched:
        raise GraphLoadError(f"{source.subject} gives nothing that a program could fetch.")
    check_fetches(fetched, {n: endpoint.dtype for n, endpoint in fetched.items()}, source.outputs)
    with reported(source.subject), eager_mode(), quiet():
        program = _program(source, fed, fetched, allow_io=allow_io)
    check_names(program.outputs)
    by_name = {spec.name: spec for spec in program.inputs}
    for name in by_name:
        if name not in fed:
            raise GraphLoadError(
                f"The fetches of {source.subject} depend on placeholder {name!r}, which inputs= "
                f"leaves out: add it."
            )
    return replace(
        program,
        inputs=tuple(by_name[name] for name in fed if name in by_name),
        is_batched=source.is_batched,
        columns=source.columns,
    )


@contextmanager
def reported(subject: str) -> Iterator[None]:
    """Say in one sentence why TensorFlow cannot read something; TensorFlow's own text is long."""
    try:
        yield
    except TfSparkError:
        raise
    except (
        ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, OSError,
        OverflowError, RecursionError, MemoryError, NotImplementedError, DecodeError,
        text_format.ParseError, zipfile.BadZipFile, tf.errors.OpError,
    ) as error:  # fmt: skip
        raise GraphLoadError(
            f"{subject} cannot be loaded by TensorFlow {tf.__version__}: {_sentence(error)}"
        ) from error


def _sentence(error: BaseException) -> str:
    lines = str(getattr(error, "message", "") or error).strip().splitlines()
    text = (lines[0] if lines else type(error).__name__).strip()
    return text[:300].rstrip(".:") + "."


def _program(
    source: Source,
    fed: Mapping[str, Endpoint],
    fetched: Mapping[str, Endpoint],
    *,
    allow_io: bool,
) -> Program:
    named = put_names(source.graph_def, fed, fetched)
    operations, now = named.operations, named.now
    _forget_devices(named.graph_def)
    check_functions(named.graph_def, source.subject)
    graph_def = inline_calls(named.graph_def)
    computed = extract(graph_def, operations.values())
    drop_idle_controls(graph_def, {node.name for node in computed.node})
    computed = extract(graph_def, operations.values())
    steps = [*(replace(step, operation=now(step.operation)) for step in source.steps)]
    steps += _filling(graph_def, computed, steps)
    files: dict[str, str] = {}
    for step, part in [(None, computed), *((s, extract(graph_def, [s.operation])) for s in steps)]:
        drop_functions(part)
        check_known(part, source.subject)
        check_constants(part, source.subject)
        calling = python_call(part)
        if calling:
            raise GraphLoadError(f"{source.subject} cannot be loaded. {calling}")
        if not allow_io:
            check_operations(part, source.subject, step.also if step else frozenset())
            fed_here = {now(tensor) for tensor in step.feeds} if step else ()
            files |= own_files(part, source.subject, fed_here)
    values = {now(name): value for name, value in source.values.items()}
    for node in computed.node:
        if node.op in VARIABLES and not steps and node.name not in values:
            raise GraphLoadError(
                f"{source.subject} holds variable {node.name!r} and not its value: freeze the "
                f"graph, or load the checkpoint or SavedModel that has it."
            )

    feeds = {now(tensor): value for step in steps for tensor, value in step.feeds.items()}
    whole = extract(
        graph_def,
        [*operations.values(), *(s.operation for s in steps), *map(operation_of, feeds)],
    )
    drop_functions(whole)
    read_from(whole, files)
    ends = _take_out(whole, set(operations.values()))
    graph = tf.Graph()
    graph.kept_values = values
    with graph.as_default():
        present = {node.name for node in whole.node}
        for taken in (*fed, *(set(operations.values()) - ends.keys())):
            # Captured tensors, such as a table's keys, have other names.
            graph.unique_name(taken)
        mapped = {
            name: tensor
            for name, tensor in source.captures(graph).items()
            if operation_of(name) in present
        }
        tensors = tf1.import_graph_def(
            whole, mapped, [ends.get(op, f"{op}:0") for op in operations.values()], name=""
        )
        for endpoint, tensor in zip(fetched.values(), tensors, strict=True):
            if endpoint.dtype not in (0, tensor.dtype.as_datatype_enum):
                said = tf.dtypes.as_dtype(endpoint.dtype).name
                raise GraphLoadError(
                    f"{source.subject} is broken: it says that tensor {endpoint.tensor!r} is "
                    f"{said}, and it is {tensor.dtype.name}."
                )
            if endpoint.shape is not None:
                tensor.set_shape(tf.TensorShape(endpoint.shape))
        dtypes = [tensor.dtype.as_datatype_enum for tensor in tensors]
        check_fetches(fetched, dict(zip(fetched, dtypes, strict=True)), source.outputs)
        ending = [
            tf.identity(as_stated(tensor, fetched[name], name), name=op) if op in ends else tensor
            for (name, op), tensor in zip(operations.items(), tensors, strict=True)
        ]
    program = _frozen(graph, ending, source.name, steps, now)
    outputs = zip(fetched, program.outputs, strict=True)
    return prune(
        replace(program, outputs=tuple(replace(spec, name=name) for name, spec in outputs))
    )


def _frozen(
    graph: tf.Graph,
    fetches: list[tf.Tensor],
    name: str,
    steps: list[Step],
    now: Callable[[str], str],
) -> Program:
    if not steps:
        return freeze(fetches, name)
    # Loading does not use a GPU.
    config = tf1.ConfigProto(device_count={"GPU": 0})
    with tf1.Session(graph=graph, config=config) as session:
        for step in steps:
            feeds = {now(tensor): value for tensor, value in step.feeds.items()}
            session.run(graph.get_operation_by_name(step.operation), feeds)
        _assign(graph, session)
        keep_contents(graph, session)
        return freeze(fetches, name, session)


def _assign(graph: tf.Graph, session: tf1.Session) -> None:
    """Set the variables whose values do not come from the steps."""
    present = {op.name: op for op in graph.get_operations() if op.type == "VarHandleOp"}
    with graph.as_default():
        for name, value in graph.kept_values.items():
            if name in present:
                given = tf1.placeholder(value.dtype)
                handle = present[name].outputs[0]
                session.run(
                    tf.raw_ops.AssignVariableOp(resource=handle, value=given), {given: value}
                )


def _forget_devices(graph_def: tf1.GraphDef) -> None:
    for node in all_nodes(graph_def):
        node.device = ""
        node.attr.pop("_class", None)


def _filling(graph_def: tf1.GraphDef, computed: tf1.GraphDef, steps: list[Step]) -> list[Step]:
    """Return steps that fill the tables of a graph, if it has no such steps."""
    tables = {node.name for node in computed.node if node.op in TABLES}
    if steps or not tables:
        return []
    return [
        Step(node.name)
        for node in graph_def.node
        if node.op in _FILLING and operation_of(node.input[0]) in tables
    ]


def _take_out(graph_def: tf1.GraphDef, operations: set[str]) -> dict[str, str]:
    """Remove the identities without a dtype; return the tensors that they replace."""
    ends = {
        node.name: node.input[0]
        for node in graph_def.node
        if node.name in operations and node.op == "Identity" and "T" not in node.attr
    }
    kept = [node for node in graph_def.node if node.name not in ends]
    del graph_def.node[:]
    graph_def.node.extend(kept)
    return {name: tensor_of(end) for name, end in ends.items()}
