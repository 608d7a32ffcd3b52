"""List the parts of a program: its operations, their types and the edges between them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from tfspark_magic.errors import GraphLoadError
from tfspark_magic.graph.collection import collection_paused
from tfspark_magic.schema.spec import CellSpec, Shape, format_shape
from tfspark_magic.schema.tensorflow import shape_from_tensorflow

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

_SHOWN_ELEMENTS = 8
_SHOWN_CHARACTERS = 28
_KEPT_BYTES = 4096
_PLACEHOLDERS = frozenset({"Placeholder", "PlaceholderV2"})


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge, by which one operation takes an output of another.

    >>> str(Edge("dense/MatMul", 0, "float32", (None, 10)))
    'dense/MatMul:0 float32[?,10]'
    >>> str(Edge("init"))
    '^init'

    Parameters
    ----------
    source
        The name of the operation from which it comes.
    output
        The number of this operation's output; `CONTROL` if only the order matters.
    dtype, shape
        The tensor's type; empty and None for a control edge, or if it is not known.
    """

    source: str
    output: int = CONTROL
    dtype: str = ""
    shape: Shape | None = None

    @property
    def is_control(self) -> bool:
        """Whether the edge says "runs after" and carries no tensor."""
        return self.output == CONTROL

    @property
    def spec(self) -> str:
        """The tensor's type as text, such as `float32[?,64]`."""
        return written(self.dtype, self.shape)

    def __str__(self) -> str:
        if self.is_control:
            return f"^{self.source}"
        return f"{self.source}:{self.output} {self.spec}".rstrip()


@dataclass(frozen=True, slots=True)
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
    value
        The value of a scalar or short constant, as text on one line; empty for other operations.
    opens
        What its functions are, whose operations are in the scope of its name: `"loop"`,
        `"branches"` or `"function"`; empty for other operations.
    inside
        For an operation of a function: the operation that calls the function.
    """

    name: str
    op: str
    role: Role
    outputs: tuple[CellSpec, ...]
    inputs: tuple[Edge, ...]
    value: str = ""
    opens: str = ""
    inside: str = ""

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
    types: dict[str, tuple[CellSpec, ...]] = {
        _operation(spec.tensor): (CellSpec(spec.dtype, spec.shape),)
        for spec in (*program.outputs, *program.inputs)
        if spec.tensor.endswith(":0")
    }
    roles = _roles(program)
    with collection_paused():
        types |= _infer_types(graph_def)
        weights = program.weights.index if program.weights else ()
        beside = {_operation(weight.tensor) for weight in weights}
        for node in graph_def.node:
            if node.name in beside:
                node.op = (
                    "Const"  # shown as a constant, even if its value is stored beside the graph
                )
        return tuple(
            _node(node, found, types, roles)
            for node in graph_def.node
            if node.name not in found.hidden
        )


def parse(program: Program) -> Any:
    """Return a program's `GraphDef`.

    Raises
    ------
    GraphLoadError
        If the bytes are no graph.
    """
    from google.protobuf.message import DecodeError

    from tensorflow.core.framework.graph_pb2 import GraphDef

    try:
        return GraphDef.FromString(program.graph_def)
    except DecodeError as error:
        sentence = f"Program {program.name!r} does not hold a TensorFlow graph: {error}."
        raise GraphLoadError(sentence) from None


def _roles(program: Program) -> dict[str, Role]:
    # Later roles win: a fed operation is a placeholder, even if it has another role too.
    roles: dict[str, Role] = dict.fromkeys(program.variables, "variable")
    roles |= dict.fromkeys((_operation(spec.tensor) for spec in program.outputs), "fetch")
    roles |= dict.fromkeys((_operation(spec.tensor) for spec in program.inputs), "placeholder")
    return roles


def _infer_types(graph_def: Any) -> dict[str, tuple[CellSpec, ...]]:
    """Return the types of every operation's outputs, or none if the graph cannot be imported."""
    from tfspark_magic.graph.runtime import tf
    from tfspark_magic.graph.tensorflow_internals import ImportedGraph

    for node in graph_def.node:
        strip(node)
    graph = ImportedGraph()
    try:
        with graph.as_default():
            tf.graph_util.import_graph_def(graph_def, name="")
    except (ValueError, tf.errors.OpError):
        return {}
    return {
        operation.name: tuple(
            CellSpec(tensor.dtype.base_dtype.name, shape_from_tensorflow(tensor.shape))
            for tensor in operation.outputs
        )
        for operation in graph.get_operations()
    }


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


def _node(
    node: Any, of: Opened, types: dict[str, tuple[CellSpec, ...]], roles: dict[str, Role]
) -> Node:
    default: Role = "op"
    if node.op in _PLACEHOLDERS:
        default = "placeholder"
    elif node.op == "Const":
        default = "constant"
    return Node(
        name=node.name,
        op=node.attr[CALLED_BY].s.decode() if CALLED_BY in node.attr else node.op,
        role=roles.get(node.name, default),
        outputs=types.get(node.name, ()),
        inputs=tuple(_edge(name, types) for name in of.takes.get(node.name, node.input)),
        value=_value(node.attr["value"].tensor) if node.op == "Const" else "",
        opens=of.calls.get(node.name, ""),
        inside=of.inside.get(node.name, ""),
    )


def _edge(reference: str, types: dict[str, tuple[CellSpec, ...]]) -> Edge:
    if reference.startswith("^"):
        return Edge(reference[1:])
    source = _operation(reference)
    output = int(reference[len(source) + 1 :] or 0)
    specs = types.get(source, ())
    spec = specs[output] if output < len(specs) else UNKNOWN
    return Edge(source, output, spec.dtype, spec.shape)


def _operation(tensor: str) -> str:
    name, colon, output = tensor.rpartition(":")
    return name if colon and output.isdecimal() else tensor


def _value(tensor: Any) -> str:
    """Write a constant's value if it is short."""
    from tensorflow import make_ndarray

    elements = 1
    for dim in tensor.tensor_shape.dim:
        elements *= dim.size
    if elements > _SHOWN_ELEMENTS:
        return ""
    try:
        array = make_ndarray(tensor)
    except (TypeError, ValueError):  # a resource or a variant
        return ""
    text = _write(array)
    # A part of a text is useful, but a part of the numbers would look like all of them.
    if array.ndim == 0 or len(text) <= _SHOWN_CHARACTERS:
        return text
    return ""


def _write(array: Any) -> str:
    if array.ndim:
        # With an ellipsis, each element remains an array, also for bytes.
        return "[" + ", ".join(_write(array[index, ...]) for index in range(len(array))) + "]"
    value = array[()]
    if isinstance(value, bytes):
        return quote(value)
    return str(value)


def quote(value: bytes, limit: int = _SHOWN_CHARACTERS) -> str:
    r"""Write a string tensor's value on one line, cut to `limit` characters.

    >>> print(quote(b'say "hi"\n'), quote(b"0123456789", limit=6))
    "say \"hi\"\n" "01234…"
    """
    text = value[: 4 * limit].decode("utf-8", "backslashreplace")
    shown = text if len(text) <= limit and len(value) <= 4 * limit else text[: limit - 1] + "…"
    return '"' + "".join(map(_printable, shown)) + '"'


def _printable(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else ascii(character)[1:-1]
