"""Choose the tensors of a graph whose values can be shown or fetched."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tfspark_magic.errors import FetchError, FetchNotFoundError, OptionError, closest
from tfspark_magic.graph.nodes import operation_of
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.structure import Node, structure
from tfspark_magic.schema.spec import DTYPES, Shape, TensorSpec

_NO_VALUES = frozenset({"", "resource", "variant"})
# In TensorFlow 1, a branch that is not taken has no values, and the body of a loop has one for each
# turn. These operations are where they begin.
_BEGIN = frozenset({"Enter", "Switch", "NextIteration", "LoopCond"})


@dataclass(frozen=True, slots=True)
class NodeTensor:
    """A tensor of a graph.

    Parameters
    ----------
    name
        The name of its operation; for outputs after the first, with the number: `split:1`.
    tensor
        Its name in the graph, such as `split:1`.
    operation
        The type of its operation, such as `MatMul`.
    dtype, shape
        What is known of it before it is computed.
    inputs
        The names of the tensors that its operation takes, as `name` has them.
    """

    name: str
    tensor: str
    operation: str
    dtype: str
    shape: Shape | None
    inputs: tuple[str, ...]


def tensors_of(
    program: Program, nodes: Sequence[str] | None = None, listed: Sequence[Node] | None = None
) -> list[NodeTensor]:
    """Return the tensors of a program that have values, each after the tensors that it is made of.

    >>> [tensor.name for tensor in tensors_of(score)]               # doctest: +SKIP
    ['x', 'y', 'mul/y', 'mul', 'z']

    Parameters
    ----------
    program
        The program. Operations of its functions, as bodies of loops are, are among them.
    nodes
        The names of outputs, of operations, or of scopes, whose operations are then meant; None
        for all.
    listed
        The program's `structure`, if it is known.

    Raises
    ------
    OptionError
        If the graph has no operation and no scope of such a name, or none of them has values.
    """
    listed = structure(program) if listed is None else listed
    inside = inside_loops(listed)
    wanted = None if nodes is None else _named(map(program.operation, nodes), listed)
    found = [
        NodeTensor(
            _name(node.name, at), f"{node.name}:{at}", node.op, output.dtype, output.shape,
            tuple(_name(edge.source, edge.output) for edge in node.inputs if not edge.is_control),
        )
        for node in listed
        if node.name not in inside and (wanted is None or node.name in wanted)
        for at, output in enumerate(node.outputs)
        if output.dtype not in _NO_VALUES
    ]  # fmt: skip
    if wanted is not None and not found:
        names = ", ".join(map(repr, nodes or ()))
        raise OptionError(
            f"nodes={names} gives no values: they are loops of TensorFlow 1, tables or variables. "
            f"Name the operations around them.",
            option="nodes",
        )
    return found


def node_fetches(program: Program, names: Sequence[str]) -> list[TensorSpec]:
    """Return fetches of operations inside of a program, by their names, as `tensors_of` has them.

    Raises
    ------
    FetchNotFoundError
        If the graph has no such operation.
    FetchError
        If no column can hold its value, or it is inside of a function.
    """
    listed = structure(program)
    inside = {node.name: node.inside for node in listed if node.inside}
    known = {tensor.name: tensor for tensor in tensors_of(program, listed=listed)}
    fetches = []
    for name in names:
        around = inside.get(operation_of(name))
        if around:
            raise FetchError(
                f"Fetch {name!r} is inside of {around!r}, which gives only its results: fetch "
                f"{_outside(around, inside)!r}, or look at it with tfs.peek."
            )
        found = known.get(name.removesuffix(":0"))
        if found is None:
            # Of thousands of operations, only those are named that may be meant.
            outputs = (spec.name for spec in program.outputs)
            similar = difflib.get_close_matches(name, (n for n in known if n not in inside))
            raise FetchNotFoundError(name, dict.fromkeys((*outputs, *similar)))
        if found.dtype not in DTYPES:
            raise FetchError(
                f"Fetch {name!r} is {found.dtype}, which no column holds: fetch a bool, integer, "
                f"float or string tensor that is made of it."
            )
        fetches.append(TensorSpec(found.name, found.tensor, found.dtype, found.shape))
    return fetches


def _outside(operation: str, inside: Mapping[str, str]) -> str:
    while operation in inside:
        operation = inside[operation]
    return operation


def _name(operation: str, output: int) -> str:
    return f"{operation}:{output}" if output else operation


def _named(nodes: Iterable[str], listed: Sequence[Node]) -> set[str]:
    names = {node.name for node in listed}
    scopes = {name[:at] for name in names for at, letter in enumerate(name) if letter == "/"}
    wanted: set[str] = set()
    for asked in nodes:
        node = operation_of(asked).rstrip("/")
        if node not in names and node not in scopes:
            raise OptionError(
                f"nodes names {asked!r}, which is no operation and no scope of the graph. "
                f"{closest(node, sorted({*names, *scopes}))}",
                option="nodes",
            )
        wanted |= {name for name in names if name == node or name.startswith(f"{node}/")}
    return wanted


def inside_loops(listed: Sequence[Node]) -> set[str]:
    """Return the operations inside of loops and branches of TensorFlow 1."""
    if not any(node.op in _BEGIN for node in listed):
        return set()
    consumers: dict[str, list[Node]] = {}
    turns: set[str] = set()
    for node in listed:
        for edge in node.inputs:
            consumers.setdefault(edge.source, []).append(node)
        if node.op == "NextIteration":
            turns.add(node.name)
    inside: set[str] = set()
    waiting = [node for node in listed if node.op in _BEGIN]
    while waiting:
        node = waiting.pop()
        # After the end of a loop or of both branches, values are ordinary again.
        is_end = node.op == "Exit" or (
            node.op == "Merge" and not any(edge.source in turns for edge in node.inputs)
        )
        if node.name not in inside and not is_end:
            inside.add(node.name)
            waiting += consumers.get(node.name, ())
    return inside
