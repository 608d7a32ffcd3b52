"""List the parts of a program: its operations, their types and the edges between them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from tfspark_magic.graph.collection import collection_paused
from tfspark_magic.graph.nodes import operation_of, parse
from tfspark_magic.graph.short_constant import NO_CONSTANT, ShortConstant, short_constant
from tfspark_magic.graph.tensor_types import Outputs, Types
from tfspark_magic.graph.weights import fed_by
from tfspark_magic.schema.spec import CellSpec, Shape, format_shape

if TYPE_CHECKING:
    from tfspark_magic.graph.opened import Opened
    from tfspark_magic.graph.program import Program

Role = Literal["placeholder", "fetch", "variable", "constant", "op"]

CALLED_BY = "_called_by"
"""The attribute of an operation that stands for another one: the type of the other one."""

CONTROL = -1
"""The output number of an edge that carries no tensor, and means "runs after"."""

UNKNOWN = CellSpec("", None)
"""The type of a tensor in a graph that this TensorFlow cannot import."""

_KEPT_BYTES = 4096
_ROLES: Mapping[str, Role] = {
    "Placeholder": "placeholder", "PlaceholderV2": "placeholder", "Const": "constant",
}  # fmt: skip
_NOTHING = Outputs()


# Not frozen: a graph has tens of thousands, and to make a frozen one takes three times as long.
@dataclass(slots=True)
class Edge:
    """An edge, by which one operation takes an output of another.

    >>> str(Edge("dense/MatMul", 0, dense.outputs))                 # doctest: +SKIP
    'dense/MatMul:0 float32[?,10]'
    >>> str(Edge("init"))
    '^init'

    Parameters
    ----------
    source
        The name of the operation from which it comes.
    output
        The number of this operation's output; `CONTROL` if only the order matters.
    outputs
        The types of the outputs of which it is one.
    """

    source: str
    output: int = CONTROL
    outputs: Outputs = field(default=_NOTHING, compare=False, repr=False)

    @property
    def is_control(self) -> bool:
        """Whether the edge says "runs after" and carries no tensor."""
        return self.output == CONTROL

    @property
    def type(self) -> CellSpec:
        """The tensor's type; `UNKNOWN` for a control edge, or if it is not known."""
        if self.output == CONTROL or self.output >= len(self.outputs):
            return UNKNOWN
        found: CellSpec = self.outputs[self.output]
        return found

    @property
    def spec(self) -> str:
        """The tensor's type as text, such as `float32[?,64]`."""
        return written(self.type.dtype, self.type.shape)

    def __str__(self) -> str:
        if self.is_control:
            return f"^{self.source}"
        return f"{self.source}:{self.output} {self.spec}".rstrip()


@dataclass(slots=True, eq=False)
class Node:
    """One operation of a program.

    >>> node = Node("dense/MatMul", "MatMul", "op", (CellSpec("float32", (None, 10)),), ())
    >>> node.scope
    'dense'

    Parameters
    ----------
    name, op
        The operation's name in the graph, and its type, such as `MatMul`.
    role
        Its role in the program; a fetched placeholder counts as a placeholder.
    outputs
        The type of each output.
    inputs
        The incoming edges, in the operation's order, control edges last.
    constant
        The value of a scalar or short constant, which is written when it is asked for.
    opens
        What its functions are, whose operations are in the scope of its name: `"loop"`,
        `"branches"` or `"function"`; empty for other operations.
    inside
        For an operation of a function: the operation that calls the function.
    """

    name: str
    op: str
    role: Role
    outputs: Sequence[CellSpec]
    inputs: tuple[Edge, ...]
    constant: ShortConstant = NO_CONSTANT
    opens: str = ""
    inside: str = ""

    @property
    def value(self) -> str:
        """The value of a scalar or short constant, as text on one line; empty for others."""
        return str(self.constant)

    @property
    def spec(self) -> str:
        """The type of the first output as text, such as `float32[?,64]`; empty if there is none."""
        return written(self.outputs[0].dtype, self.outputs[0].shape) if self.outputs else ""

    @property
    def scope(self) -> str:
        """The name scope: the part of the name before the last `/`."""
        return self.name.rpartition("/")[0]


def written(dtype: str, shape: Shape | None) -> str:
    """Write a tensor's type; an unknown shape is left out, as in a program's signature.

    >>> written("float32", (None, 64)), written("int32", None)
    ('float32[?,64]', 'int32')
    """
    return dtype + format_shape(shape or ())


def structure(program: Program) -> tuple[Node, ...]:
    """List a program's operations, also those of its functions, with the types of their tensors.

    >>> [(node.name, node.role) for node in structure(score)]       # doctest: +SKIP
    [('x', 'placeholder'), ('y', 'placeholder'), ('mul/y', 'constant'), ('mul', 'op'),
     ('z', 'fetch')]

    TensorFlow infers the shapes. A graph with operations that this TensorFlow does not know is
    listed too, but only with the types in the program's signature.

    Raises
    ------
    GraphLoadError
        If the bytes are no graph.
    """
    return _structure(program, program.variables)


@lru_cache(maxsize=4)
def _structure(program: Program, _: frozenset[str]) -> tuple[Node, ...]:
    # A cell draws its program as a picture and as a widget, and peeks at it. Programs with equal
    # graphs are equal, even if their variables differ, so these are part of the key.
    from tfspark_magic.graph.opened import opened

    found = opened(program)
    graph_def = parse(found.program)
    # If TensorFlow cannot import the graph, only the signature gives types.
    signature: dict[str, tuple[CellSpec, ...]] = {
        spec.operation: (CellSpec(spec.dtype, spec.shape),)
        for spec in (*program.outputs, *program.inputs)
        if spec.tensor.endswith(":0")
    }
    beside = {operation_of(tensor) for tensor in fed_by(program.weights)}
    with collection_paused():
        large = [n for n in graph_def.node if n.op == "Const" and n.ByteSize() > _KEPT_BYTES]
        for node in large:
            strip(node)
        lean = graph_def.SerializeToString() if large else found.program.graph_def
        types = Types(lean, signature)
        return _listed(graph_def, found, types, _roles(program), beside)


def _listed(
    graph_def: Any, found: Opened, types: Types, roles: Mapping[str, Role], beside: Collection[str]
) -> tuple[Node, ...]:
    """Return the operations of a graph; those `beside` it are shown as constants."""
    takes, calls, inside, hidden = found.takes, found.calls, found.inside, found.hidden
    names = [node.name for node in graph_def.node]
    outputs = {name: Outputs(types, name) for name in names}
    edges: dict[str, Edge] = {}
    listed = []
    for name, node in zip(names, graph_def.node, strict=True):
        if name in hidden:
            continue
        op = node.op
        inputs = []
        for reference in takes.get(name, node.input) if takes else node.input:
            edge = edges.get(reference)
            if edge is None:
                edge = edges[reference] = _edge(reference, outputs)
            inputs.append(edge)
        constant = NO_CONSTANT
        if op == "Const":
            constant = short_constant(node.attr["value"].tensor)
        elif name in beside:
            op = "Const"  # shown as a constant, although its value is not in the graph
        role = roles.get(name) or _ROLES.get(op, "op")
        if calls and CALLED_BY in node.attr:
            op = node.attr[CALLED_BY].s.decode()
        call, around = (calls.get(name, ""), inside.get(name, "")) if calls else ("", "")
        listed.append(Node(name, op, role, outputs[name], tuple(inputs), constant, call, around))
    return tuple(listed)


def _roles(program: Program) -> dict[str, Role]:
    # Later roles win: a fed operation is a placeholder, even if it has another role too.
    roles: dict[str, Role] = dict.fromkeys(program.variables, "variable")
    roles |= dict.fromkeys((spec.operation for spec in program.outputs), "fetch")
    roles |= dict.fromkeys((spec.operation for spec in program.inputs), "placeholder")
    return roles


def strip(node: Any) -> None:
    """Remove parts that an import would only copy or check: weights, devices, colocation."""
    node.device = ""
    if "_class" in node.attr:
        del node.attr["_class"]
    if node.op == "Const" and node.attr["value"].ByteSize() > _KEPT_BYTES:
        # A tensor without content is valid, and shape inference does not read large tensors.
        tensor = node.attr["value"].tensor
        lean = type(tensor)(dtype=tensor.dtype, tensor_shape=tensor.tensor_shape)
        tensor.CopyFrom(lean)


def _edge(reference: str, outputs: Mapping[str, Outputs]) -> Edge:
    if reference in outputs:
        return Edge(reference, 0, outputs[reference])
    if reference.startswith("^"):
        return Edge(reference[1:])
    source, _, output = reference.partition(":")
    number = int(output) if output.isdecimal() else 0
    return Edge(source, number, outputs.get(source, _NOTHING))
