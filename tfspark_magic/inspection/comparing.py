"""Compute two graphs on the same rows, and compare their values node by node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tfspark_magic.graph.matching import match
from tfspark_magic.inspection.comparison import Comparison
from tfspark_magic.inspection.difference import Difference, difference
from tfspark_magic.inspection.graph_on_rows import GraphOnRows
from tfspark_magic.inspection.node_values import Array, NodeValues
from tfspark_magic.inspection.peeked import Peek

_Tolerance = tuple[float, float]


def compared(
    old: GraphOnRows, new: GraphOnRows, max_bytes: int, rtol: float, atol: float
) -> Comparison:
    """Compare two graphs that have been given the same rows.

    Parameters
    ----------
    old, new
        The graphs.
    max_bytes
        How many bytes of values of each graph are kept, and so can be compared.
    rtol, atol
        The tolerance, as for `tfs.compare`.
    """
    matching = match(old.program, new.program)
    with old, new:
        before, after = (
            {one.tensor.name: one for one in graph.values(list(graph.tensors.values()), max_bytes)}
            for graph in (old, new)
        )
    pairs = {
        _renamed(name, matching.pairs): name
        for name in before
        if _operation(name) in matching.pairs
    }
    nodes = {
        name: _difference(before[pairs[name]], found, (old, new), (rtol, atol))
        for name, found in after.items()
        if name in pairs
    }
    known = {spec.name for spec in old.program.outputs}
    outputs = {
        spec.name: node
        for spec in new.program.outputs
        if spec.name in known and (node := spec.tensor.removesuffix(":0")) in nodes
    }
    return Comparison(
        _peek(old, before), _peek(new, after), matching, nodes,
        takes=after, outputs=outputs, tolerance=f"{atol:g} + {rtol:g} * |old|",
        programs=(old.program, new.program),
    )  # fmt: skip


def _peek(graph: GraphOnRows, found: Mapping[str, NodeValues]) -> Peek:
    outputs = graph.program.outputs
    return Peek(list(found.values()), graph.rows, in_rows=graph.in_rows, outputs=outputs)


def _difference(
    old: NodeValues, new: NodeValues, graphs: tuple[GraphOnRows, GraphOnRows], tolerance: _Tolerance
) -> Difference:
    failures = [values.failure for values in (old, new)]
    if any(failures):
        # If both fail, the graphs do not part here.
        which = "old" if failures[0] else "new"
        return Difference(why="" if all(failures) else f"it fails in the {which} graph")
    if old.values is None or new.values is None:
        return Difference(why="not compared: its values need more memory than max_bytes")
    before, after = old.values, new.values
    rows = graphs[0].rows
    if graphs[0].in_rows != graphs[1].in_rows:
        # One graph has an array for each row, and the other one a single one.
        if graphs[0].in_rows:
            after = _by_rows(after[0], before) if after else []
        else:
            before = _by_rows(before[0], after) if before else []
    elif not graphs[0].in_rows and all(
        one[0] is not None and one[0].shape[:1] == (rows,) for one in (before, after) if one
    ):
        before, after = (_rows(one) for one in (before, after))
    elif not graphs[0].in_rows:
        return difference(before, after, *tolerance, in_rows=False)
    return difference(before, after, *tolerance)


def _rows(blocks: Sequence[Array | None]) -> list[Array | None]:
    return [row for block in blocks if block is not None for row in block]


def _by_rows(block: Array | None, rows: Sequence[Array | None]) -> list[Array | None]:
    """Return a value of a block for each row; it may be the same one for all rows, as a constant is."""
    shapes = {row.shape for row in rows if row is not None}
    is_of_rows = block is not None and block.shape[:1] == (len(rows),) and block.shape not in shapes
    return _rows([block]) if is_of_rows else [block] * len(rows)


def _operation(tensor: str) -> str:
    return tensor.partition(":")[0]


def _renamed(tensor: str, pairs: Mapping[str, str]) -> str:
    name, colon, output = tensor.partition(":")
    return f"{pairs[name]}{colon}{output}"
