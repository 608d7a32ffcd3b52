"""How large the parts of a graph are: their parameters, and the arithmetic that they need."""

from __future__ import annotations

import contextlib
import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

from tfspark_magic.graph.collection import collection_paused
from tfspark_magic.graph.last_turn import TWIN
from tfspark_magic.graph.nodes import READERS, parse
from tfspark_magic.graph.opened import Opened, opened
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.runtime import quiet, tf, tf1
from tfspark_magic.graph.structure import Node, strip, structure
from tfspark_magic.graph.tensorflow_internals import LazyGraph, flops_of
from tfspark_magic.schema.spec import Shape

_COMPUTES_NOTHING = frozenset(
    {
        *("Const", "Identity", "IdentityN", "NoOp", "Placeholder", "PlaceholderWithDefault"),
        *("Reshape", "ExpandDims", "Squeeze", "Transpose", "Fill", "ZerosLike", "OnesLike"),
        *("Pack", "Unpack", "ConcatV2", "Split", "SplitV", "Slice", "StridedSlice", "Tile", "Pad"),
        *("Gather", "GatherV2", "GatherNd", "ReverseV2", "Cast", "StopGradient", "BroadcastTo"),
        *("TensorListGetItem", "TensorListStack", "Switch", "Merge", "Enter", "Exit", "PadV2"),
        *("NextIteration", "SelectV2", "Select", "PartitionedCall", "StatefulPartitionedCall"),
        *("While", "StatelessWhile", "If", "StatelessIf", "Case", "StatelessCase", "LoopVariable"),
        *("ResourceGather", "PreventGradient", "Snapshot", "CheckNumerics"),
    }
)
"""Operations that move numbers, but do no arithmetic of their own."""

_SHOWN = 4
_UNKNOWN = " of unknown shape"


@dataclass(frozen=True)
class Size:
    """How large a part of a graph is.

    Parameters
    ----------
    parameters, bytes
        The number of its weights, and their size.
    flops
        The floating-point operations that TensorFlow counts for it.
    uncounted
        The kinds of operations that compute, but that TensorFlow does not count, with their numbers.
    """

    parameters: int
    bytes: int
    flops: int
    uncounted: Mapping[str, int]

    @property
    def left_out(self) -> str:
        """Say in words what `flops` leaves out; empty if nothing."""
        unknown = sum(count for kind, count in self.uncounted.items() if kind.endswith(_UNKNOWN))
        known = {kind: n for kind, n in self.uncounted.items() if not kind.endswith(_UNKNOWN)}
        kinds = sorted(known.items(), key=lambda one: (-one[1], one[0]))
        shown = [op if count == 1 else f"{count:,} {op}" for op, count in kinds[:_SHOWN]]
        more = [f"{len(kinds) - _SHOWN} other kinds"] if len(kinds) > _SHOWN else []
        if unknown:
            more.append(f"{unknown:,} whose shapes only the rows tell (Peek, then Cost)")
        return ", ".join([*shown, *more])


@dataclass(frozen=True)
class Run:
    """The shapes of a run of a graph.

    Parameters
    ----------
    fed
        The shapes of the fed tensors, by placeholder.
    tensors
        The shapes of further tensors, by operation and number of the output, as far as known.
    times
        How many such runs there were.
    """

    fed: Mapping[str, Shape]
    tensors: Mapping[tuple[str, int], Shape] = field(default_factory=dict)
    times: int = 1


class Sizes:
    """The parameters and the arithmetic of each operation of a program.

    >>> Sizes(score).of(["dense/MatMul", "dense/BiasAdd"])          # doctest: +SKIP
    Size(parameters=20, bytes=80, flops=34, uncounted={})

    Parameters are constants that were variables. If the program names no variables, as a frozen graph
    from a file, they are the constants of floats that are no single numbers.

    Parameters
    ----------
    program
        The program.
    runs
        The shapes of runs of the graph, whose arithmetic is summed up. If not given, it is that of
        one run, in which an unknown first axis is one row.
    nodes
        The program's `structure`, if it is known.
    """

    def __init__(
        self,
        program: Program,
        runs: Sequence[Run] = (),
        nodes: Sequence[Node] | None = None,
    ) -> None:
        nodes = structure(program) if nodes is None else nodes
        self._program = program
        self._nodes = {node.name: node for node in nodes}
        self._runs = _distinct(runs) or [Run(_one_row(program))]
        # Of a large graph, sizes are asked for a few operations.
        self._weights_of = cache(self._find_weights)
        self._arithmetic_of = cache(self._count)

    def of(self, names: Iterable[str]) -> Size:
        """Return the size of some operations together.

        A weight counts where it stands, and where it is used, but only once for all of `names`.
        An operation in a loop counts for one turn.
        """
        nodes = [self._nodes[name] for name in dict.fromkeys(names) if name in self._nodes]
        with quiet(), collection_paused():
            weights = {weight for node in nodes for weight in self._weights_of(node.name)}
            sizes = [_size(self._nodes[weight]) for weight in weights]
            counted = [self._arithmetic_of(node.name) for node in nodes]
        return Size(
            sum(elements for elements, _ in sizes),
            sum(size for _, size in sizes),
            sum(flops for flops, _ in counted),
            dict(Counter(kind for _, kind in counted if kind)),
        )

    def _find_weights(self, name: str) -> tuple[str, ...]:
        """Return an operation if it is a weight, or the weights that it takes."""
        nodes, node = self._nodes, self._nodes[name]
        if _is_weight(node, self._program):
            return (name,)
        found = []
        for edge in node.inputs:
            source, seen = edge.source, {name}
            while source in nodes and nodes[source].op in READERS and source not in seen:
                seen.add(source)
                source = next((e.source for e in nodes[source].inputs if not e.is_control), "")
            if source in nodes and _is_weight(nodes[source], self._program):
                found.append(source)
        return tuple(found)

    @cached_property
    def _graphs(self) -> list[tuple[LazyGraph, Run]]:
        graphs = ((_graph_of(self._program, run), run) for run in self._runs)
        return [(graph, run) for graph, run in graphs if graph is not None]

    def _count(self, name: str) -> tuple[int, str]:
        """Return the arithmetic of an operation, and its kind if TensorFlow does not count it."""
        total, uncounted = 0, ""
        node = self._nodes[name]
        for graph, run in self._graphs:
            flops = flops_of(graph, name) if name in graph else 0
            if isinstance(flops, int):
                total += flops * run.times
            elif _computes(node, graph):
                uncounted = f"{node.op}{_UNKNOWN if flops else ''}"
        return total, uncounted


def _is_weight(node: Node, program: Program) -> bool:
    if program.variables:
        return node.name in program.variables
    if node.role != "constant" or node.constant.is_number:
        return False
    if not node.outputs or not node.outputs[0].shape:
        return False
    return _is_float(node.outputs[0].dtype)


def _size(node: Node) -> tuple[int, int]:
    """Return the number of elements of a constant, and their bytes."""
    spec = node.outputs[0] if node.outputs else None
    if spec is None or spec.shape is None or None in spec.shape:
        return 0, 0
    count = math.prod(n for n in spec.shape if n is not None)
    return count, count * tf.dtypes.as_dtype(spec.dtype).size


def _computes(node: Node, graph: LazyGraph) -> bool:
    if node.op in _COMPUTES_NOTHING or node.name not in graph:
        return False
    # The node's own `outputs` have shapes, too, which take a while for many operations.
    return any(map(_is_float, graph.dtypes_of(node.name)[:1]))


def _is_float(dtype: str) -> bool:
    return dtype.startswith(("float", "bfloat", "complex"))


def _one_row(program: Program) -> dict[str, Shape]:
    return {
        spec.name: tuple(1 if at == 0 and n is None else n for at, n in enumerate(spec.shape))
        for spec in program.inputs
        if spec.shape is not None
    }


def _distinct(runs: Sequence[Run]) -> list[Run]:
    """Join runs of the same shapes: to count their arithmetic takes a while."""
    found: dict[str, list[Run]] = {}
    for run in runs:
        found.setdefault(repr(sorted(run.fed.items())), []).append(run)
    return [replace(alike[0], times=len(alike)) for alike in found.values()]


def _graph_of(program: Program, run: Run) -> LazyGraph | None:
    """Return the graph with the shapes of a run; None if TensorFlow cannot import it."""
    found = opened(program)
    graph_def = parse(found.program)
    by_operation = {spec.operation: spec.name for spec in program.inputs}
    for node in graph_def.node:
        strip(node)
        shape = run.fed.get(by_operation.get(node.name, ""))
        if shape is not None and node.op == "Placeholder":
            node.attr["shape"].shape.CopyFrom(tf.TensorShape(shape).as_proto())
            node.attr.pop("_output_shapes", None)
    loops = {name for name, kind in found.calls.items() if kind == "loop"}
    try:
        # A loop is told its shapes for any number of rows. Here it is this number, and a loop whose
        # turns leave the shapes as they are has those of its inputs.
        graph = _imported(graph_def, loops)
        growing = {loop for loop in loops if _grows(loop, found, graph)}
        if growing:
            graph = _imported(graph_def, loops - growing)
    except (ValueError, tf.errors.OpError):
        return None
    for (name, output), shape in run.tensors.items():
        with contextlib.suppress(KeyError, IndexError, ValueError):
            graph.get_operation_by_name(name).outputs[output].set_shape(shape)
    return graph


def _imported(graph_def: tf1.GraphDef, loops: Collection[str]) -> LazyGraph:
    """Import a graph, with the shapes of loops from their inputs."""
    if not loops:
        return LazyGraph(graph_def.SerializeToString())
    lean = tf1.GraphDef()
    lean.CopyFrom(graph_def)
    for node in lean.node:
        if node.name.removesuffix(TWIN) in loops:
            node.attr.pop("output_shapes", None)
    return LazyGraph(lean.SerializeToString())


def _grows(loop: str, found: Opened, graph: tf.Graph) -> bool:
    """Whether a turn of a loop makes a variable of another shape, or of one that is not known."""
    variables = [
        name for name, around in found.inside.items() if around == loop and name in found.takes
    ]
    for name, result in zip(variables, found.takes[loop], strict=False):
        before = graph.get_operation_by_name(name).outputs[0]
        after = graph.get_tensor_by_name(result if ":" in result else f"{result}:0")
        if before.dtype != tf.variant and before.shape.as_proto() != after.shape.as_proto():
            return True
    return False
