"""A program's operations, and which of them to show: where each drawing begins."""

from __future__ import annotations

from dataclasses import dataclass

from tfspark_magic.drawing.collapse import Foldings, Selection, select
from tfspark_magic.drawing.view import view
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.structure import Node, collection_paused, structure
from tfspark_magic.schema.spec import TensorSpec

_LINKS_PER_NODE = 3
_FEWEST_NODES = 2


@dataclass(frozen=True)
class Arrangement:
    """What `arrange` returns.

    Parameters
    ----------
    nodes
        All operations of the program.
    selection
        What of them to show.
    fetched
        Names of the operations that fetches come from.
    """

    nodes: tuple[Node, ...]
    selection: Selection
    fetched: frozenset[str]


def arrange(program: Program, max_nodes: int) -> Arrangement:
    """Choose what of a program to show in at most `max_nodes` nodes.

    Raises
    ------
    GraphLoadError
        If the program does not hold a graph.
    """
    fed, fetched = _operations(program.inputs), _operations(program.outputs)
    with collection_paused():
        nodes = structure(program)
        foldings = Foldings(nodes, fed | fetched)
        room = max_nodes
        selection = select(foldings, room)
        # A tangle tells less than what it is made of, closed; and takes seconds to lay out.
        while (
            len(view(selection, fetched, {}).links) > _LINKS_PER_NODE * max_nodes
            and room > _FEWEST_NODES
        ):
            room = max(_FEWEST_NODES, room * 2 // 3)
            selection = select(foldings, room)
    return Arrangement(nodes, selection, fetched)


def _operations(specs: tuple[TensorSpec, ...]) -> frozenset[str]:
    return frozenset(spec.tensor.rpartition(":")[0] for spec in specs)
