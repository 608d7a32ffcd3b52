"""Turn a program for one row into a graph for a block of rows.

A program that takes batches, such as a Keras model, is such a graph already; a row alone is a batch of
one. For other programs there are three ways. The first that fits the graph is chosen, once, when the job is defined:

1. vectorized: TensorFlow's pfor, as in `tf.vectorized_map` (Agarwal, "Static Automatic Batching In
   TensorFlow", ICML 2019) with the converters that `vectorizable.py` lists;
2. the same, with a loop over the rows for some operations in this list, if their outputs have a
   known shape;
3. mapped: `tf.map_fn` over the whole row graph, inside one call; rows may give unequal shapes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

from tfspark_magic.errors import GraphLoadError
from tfspark_magic.graph.block import BATCHED, LOOPING, MAPPED, VECTORIZED, BlockGraph
from tfspark_magic.graph.freeze import extract
from tfspark_magic.graph.library import functions_of
from tfspark_magic.graph.lookup_tables import TABLES
from tfspark_magic.graph.nodes import parse
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.runtime import quiet, tf, tf1
from tfspark_magic.graph.shaped_graph import ShapedGraph
from tfspark_magic.graph.tensorflow_internals import (
    FunctionGraph,
    definition_of,
    for_all_rows,
)
from tfspark_magic.graph.vectorizable import LOOPED, VECTORIZABLE, exact_converters
from tfspark_magic.graph.weights import fed_by
from tfspark_magic.schema.spec import CellSpec, Shape

_LARGE_CONSTANT = 1024
# All rows of a block have one shape, so these results are the same for all rows.
_INVARIANT = frozenset({"Shape", "ShapeN", "Rank", "Size"})
# TensorFlow calls them stateful, but they give the same results on each run.
_REPEATABLE = (
    TABLES
    | {"LookupTableFindV2", "LookupTableSizeV2", "LookupTableImportV2", "InitializeTableV2"}
    | {"Assert", "Print", "PrintV2"}
    | {"PartitionedCall", "StatefulPartitionedCall", "If", "While", "Case"}
)
_FRAMES = frozenset({"Enter", "RefEnter", "Exit", "NextIteration"})
_KEPT = 8
_SMALL_BYTES = 1 << 20
_made: WeakKeyDictionary[Program, dict[Any, BlockGraph]] = WeakKeyDictionary()
# A call with a tensor captures a program of its own. The next such call finds the graph of an equal
# program if this one is still there.
_last_small: deque[Program] = deque(maxlen=8)


def as_block_graph(program: Program) -> BlockGraph:
    """Wrap a program that already takes blocks."""
    return BlockGraph(
        graph_def=program.graph_def,
        feeds=tuple(spec.tensor for spec in program.inputs),
        fetches=tuple(spec.tensor for spec in program.outputs),
        shape_fetches=(None,) * len(program.outputs),
        initializers=program.initializers,
        weights=program.weights,
    )


def vectorize(
    program: Program,
    cells: Mapping[str, CellSpec],
    *,
    allowed: bool = True,
    shaped: ShapedGraph | None = None,
    batched: bool = False,
) -> BlockGraph:
    """Make a block graph of a program that takes one row.

    >>> vectorize(score, {"x": CellSpec("int32"), "y": CellSpec("int32")}).how  # doctest: +SKIP
    'vectorized'

    Parameters
    ----------
    program
        Its placeholders take one cell each, or batches of cells if `batched`.
    cells
        Shapes of the cells that will be fed, by placeholder.
    allowed
        False to map any graph row by row.
    shaped
        The graph for these cells, or batches of cells, if it exists already.
    batched
        Whether the program takes batches.

    The graph is made once for a program and its cells, because it takes most of the time of binding,
    and a notebook or a stream binds the same program again and again. It is forgotten with the
    program; the last small programs are kept.

    Raises
    ------
    GraphLoadError
        If the graph holds loops of TensorFlow 1 (`Enter`, `Exit`), which no function can run.
    """
    if shaped is None:
        axis = (None,) if batched else ()
        shapes = {n: None if c.shape is None else (*axis, *c.shape) for n, c in cells.items()}
        shaped = ShapedGraph(program, shapes)
    known = _made.get(program)
    if known is None:
        known = _made[program] = {}
        if program.weights is None and len(program.graph_def) <= _SMALL_BYTES:
            _last_small.append(program)
    key = (tuple(cells.items()), tuple(shaped.shapes.items()), allowed, batched)
    graph = known.get(key)
    if graph is None:
        graph = _vectorized(shaped, cells, allowed=allowed, batched=batched)
        if len(known) >= _KEPT:
            known.clear()
        known[key] = graph
    return graph


def _vectorized(
    shaped: ShapedGraph, cells: Mapping[str, CellSpec], *, allowed: bool, batched: bool
) -> BlockGraph:
    program = shaped.program
    graph_def = parse(program)
    if any(node.op in _FRAMES for node in graph_def.node):
        raise GraphLoadError(
            f"Program {program.name!r} holds a loop of TensorFlow 1's control flow: build it with "
            f"control flow v2, TensorFlow's default."
        )
    if not allowed:
        how, reason = MAPPED, "vectorize=False"
    else:
        how, reason = (BATCHED, "") if batched else _choose(shaped, graph_def)
    if how != MAPPED:
        try:
            with quiet():
                return _build(shaped, graph_def, cells, how, reason, batched=batched)
        except Exception as error:  # noqa: BLE001  (pfor raises whatever its converters meet)
            reason = f"TensorFlow could not vectorize it: {_cause(error)[:200]}"
    return _build(shaped, graph_def, cells, MAPPED, reason, batched=batched)


def _cause(error: BaseException) -> str:
    # TensorFlow itself fails when it reports an error of an imported operation.
    while error.__context__ is not None:
        error = error.__context__
    return (str(error).splitlines() or [type(error).__name__])[0]


def _choose(shaped: ShapedGraph, graph_def: tf1.GraphDef) -> tuple[str, str]:
    varying = _varying(shaped, graph_def)
    unknown = {op.type for op in varying} - VECTORIZABLE
    inside = _inexact_inside(graph_def)
    if unknown:
        return MAPPED, f"no exact converter for {_names(unknown)}"
    if inside:
        return MAPPED, f"no exact converter for {_names(inside)} inside a function"
    looping = [op for op in varying if op.type in LOOPED]
    if not looping:
        return VECTORIZED, ""
    reason = f"no exact converter for {_names(op.type for op in looping)}"
    if all(t.shape.is_fully_defined() for op in looping for t in op.outputs):
        return LOOPING, reason
    return MAPPED, f"{reason}, whose results may differ in shape from row to row"


def _names(op_types: Iterable[str]) -> str:
    return ", ".join(sorted(set(op_types)))


def _varying(shaped: ShapedGraph, graph_def: tf1.GraphDef) -> list[tf.Operation]:
    """Return the operations whose values may differ between rows."""
    fed = {spec.name for spec in shaped.program.inputs}
    drawing = _drawing_functions(graph_def)
    varying = set(fed)
    found = []
    for op in shaped.operations:
        depends = any(tensor.op.name in varying for tensor in op.inputs)
        if op.name not in fed and (depends or _draws(op.node_def, drawing)):
            found.append(op)
            if op.type not in _INVARIANT:
                varying.add(op.name)
    return found


def _inexact_inside(graph_def: tf1.GraphDef) -> set[str]:
    """Return the operations that prevent a function from being vectorized."""
    found: set[str] = set()
    for function in graph_def.library.function:
        kinds = {node.name: node.op for node in function.node_def}
        used = {node.op for node in function.node_def if node.input} - {"NoOp"}
        found |= (used - VECTORIZABLE) | (used & LOOPED)
        # Side effects of a function would not happen for the rows of a block.
        found |= {kinds[name] for name in function.control_ret.values()} & {"Assert"}
    return found


def _build(
    shaped: ShapedGraph,
    graph_def: tf1.GraphDef,
    cells: Mapping[str, CellSpec],
    how: str,
    reason: str,
    *,
    batched: bool,
) -> BlockGraph:
    program = shaped.program
    origin = repr((program.digest, sorted(cells.items()), how, batched))
    needed = extract(graph_def, [spec.operation for spec in program.outputs])
    shared, rest = _split(needed, fed_by(program.weights))
    names = [spec.tensor for spec in program.outputs]
    graph = FunctionGraph(graph_def.library)
    with graph.as_default():
        tf1.import_graph_def(shared, name="shared")
        common = {
            f"{node.name}:0": graph.get_tensor_by_name(f"shared/{node.name}:0")
            for node in shared.node
        }

        def run(values: Iterable[tf.Tensor], scope: str = "row") -> list[tf.Tensor]:
            fed = {spec.tensor: v for spec, v in zip(program.inputs, values, strict=True)}
            here = tf1.get_default_graph()
            near = common if here is graph else {n: here.capture(t) for n, t in common.items()}
            return list(tf1.import_graph_def(rest, {**near, **fed}, names, name=scope))

        def run_row(values: Iterable[tf.Tensor]) -> list[tf.Tensor]:
            if not batched:
                return run(values)
            return [found[0] for found in run([tf.expand_dims(value, 0) for value in values])]

        blocks = [
            tf1.placeholder(spec.dtype, _block_shape(cells[spec.name].shape), name=f"block_{i}")
            for i, spec in enumerate(program.inputs)
        ]
        shapes = shaped.output_shapes
        if batched:
            shapes = [None if shape is None else shape[1:] for shape in shapes]
        mapped, mapped_shapes = _map(run_row, blocks, program, shapes)
        if how == MAPPED:
            fetched = mapped
        elif how == BATCHED:
            fetched = run(blocks)
        else:
            with exact_converters():
                fetched = for_all_rows(run_row, blocks)
        fetches = tuple(tf.identity(t, name=f"fetch_{i}").name for i, t in enumerate(fetched))
        if program.initializers:
            filling = extract(graph_def, program.initializers)
            filled = {f"{node.name}:0" for node in filling.node}
            tables = {name: tensor for name, tensor in common.items() if name in filled}
            tf1.import_graph_def(filling, tables, name="fill")
    block = BlockGraph(
        graph_def=graph.as_graph_def().SerializeToString(deterministic=True),
        feeds=tuple(t.name for t in blocks),
        fetches=fetches,
        shape_fetches=mapped_shapes if how == MAPPED else (None,) * len(names),
        initializers=tuple(f"fill/{name}" for name in program.initializers),
        how=how,
        reason=reason,
        weights=program.weights
        and program.weights.renamed({name: tensor.name for name, tensor in common.items()}),
        origin=origin,
    )
    if how == MAPPED:
        return block
    return replace(
        block,
        mapped_fetches=tuple(tensor.name for tensor in mapped),
        mapped_shape_fetches=mapped_shapes,
        drawn=_drawn(shaped, graph_def),
    )


def _block_shape(cell: Shape | None) -> list[int | None] | None:
    return None if cell is None else [None, *cell]


def _split(graph_def: tf1.GraphDef, beside: Collection[str]) -> tuple[tf1.GraphDef, tf1.GraphDef]:
    """Separate the part that all rows share, weights and lookup tables, from the part of each row."""
    shared, rest = tf1.GraphDef(), tf1.GraphDef()
    shared.versions.CopyFrom(graph_def.versions)
    rest.versions.CopyFrom(graph_def.versions)
    rest.library.CopyFrom(graph_def.library)
    for node in graph_def.node:
        large = node.op == "Const" and node.attr["value"].ByteSize() > _LARGE_CONSTANT
        weight = f"{node.name}:0" in beside
        alone = not node.input and (large or weight or node.op in TABLES)
        (shared if alone else rest).node.append(node)
    return shared, rest


def _drawn(shaped: ShapedGraph, graph_def: tf1.GraphDef) -> frozenset[int]:
    """Return the numbers of the outputs that depend on random numbers."""
    drawn: set[str] = set()
    drawing = _drawing_functions(graph_def)
    for op in shaped.operations:
        sources = {*(tensor.op.name for tensor in op.inputs), *(o.name for o in op.control_inputs)}
        if sources & drawn or _draws(op.node_def, drawing):
            drawn.add(op.name)
    return frozenset(i for i, tensor in enumerate(shaped.outputs) if tensor.op.name in drawn)


def _drawing_functions(graph_def: tf1.GraphDef) -> set[str]:
    """Return the names of functions that draw random numbers, or call functions that do."""
    drawing: set[str] = set()
    while True:
        more = {
            function.signature.name
            for function in graph_def.library.function
            if any(_draws(node, drawing) for node in function.node_def)
        }
        if more == drawing:
            return drawing
        drawing = more


def _draws(node: Any, drawing: set[str]) -> bool:
    op_def = definition_of(node.op)
    stateful = op_def is not None and op_def.is_stateful and node.op not in _REPEATABLE
    return stateful or not drawing.isdisjoint(functions_of(node))


def _map(
    run_row: Any, blocks: list[tf.Tensor], program: Program, shapes: Sequence[Shape | None]
) -> tuple[list[tf.Tensor], tuple[str | None, ...]]:
    """Map the row graph with `tf.map_fn`; fetches of varying shape are flat vectors, with shapes."""
    varying = [shape is None or None in shape for shape in shapes]

    def run(values: list[tf.Tensor]) -> list[tf.Tensor]:
        results = []
        for tensor, varies in zip(run_row(values), varying, strict=True):
            results += [tf.reshape(tensor, [-1]), tf.shape(tensor)] if varies else [tensor]
        return results

    signature: list[Any] = []
    for spec, shape, varies in zip(program.outputs, shapes, varying, strict=True):
        if varies:
            signature.append(tf.RaggedTensorSpec([None], spec.dtype, ragged_rank=0))
            rank = None if shape is None else len(shape)
            signature.append(tf.TensorSpec([rank], tf.int32))
        else:
            signature.append(tf.TensorSpec(shape, spec.dtype))
    mapped = iter(tf.map_fn(run, blocks, fn_output_signature=signature))
    fetched: list[tf.Tensor] = []
    names: list[str | None] = []
    for varies in varying:
        tensor = next(mapped)
        fetched.append(tensor.flat_values if varies else tensor)
        names.append(next(mapped).name if varies else None)
    return fetched, tuple(names)
