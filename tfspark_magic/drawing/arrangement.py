"""Choose the operations of a program to show, as the start of each drawing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from tfspark_magic.drawing.collapse import Foldings, Selection, select
from tfspark_magic.drawing.view import View, view
from tfspark_magic.graph.collection import collection_paused
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.structure import Node, structure
from tfspark_magic.schema.spec import TensorSpec

_LINKS_PER_NODE = 3
_FEWEST_NODES = 2


@dataclass(frozen=True)
class Arrangement:
    """The result of `arrange`.

    Parameters
    ----------
    nodes
        All operations of the program.
    selection
        The operations and groups to show.
    fetched
        The operations from which fetches come, with the names of these where they are others.
    view
        The selection as vertices, clusters and links.
    """

    nodes: tuple[Node, ...]
    selection: Selection
    fetched: Mapping[str, str]
    view: View


def arrange(
    program: Program,
    bindings: Mapping[str, str],
    max_nodes: int,
    nodes: tuple[Node, ...] | None = None,
) -> Arrangement:
    """Choose the operations and groups of a program to show in at most `max_nodes` nodes.

    Parameters
    ----------
    program
        The program to show.
    bindings
        Column names by placeholder.
    max_nodes
        The largest number of nodes to show, at least 2.
    nodes
        The operations, if others than the program's own are to be shown.

    Raises
    ------
    GraphLoadError
        If the program does not hold a graph.
    """
    fetched = _names_of_fetches(program.outputs)
    with collection_paused():
        if nodes is None:
            foldings = _foldings(program, program.variables)
        else:
            foldings = Foldings(nodes, _kept(program))
        room = max_nodes
        selection = select(foldings, room)
        shown = view(selection, fetched, bindings)
        # A picture with very many links is less clear than closed groups, and its layout takes
        # seconds.
        while len(shown.links) > _LINKS_PER_NODE * max_nodes and room > _FEWEST_NODES:
            room = max(_FEWEST_NODES, room * 2 // 3)
            selection = select(foldings, room)
            shown = view(selection, fetched, bindings)
    return Arrangement(foldings.nodes, selection, fetched, shown)


@lru_cache(maxsize=4)
def _foldings(program: Program, _: frozenset[str]) -> Foldings:
    # A cell draws its program as a picture and as a widget.
    return Foldings(structure(program), _kept(program))


def _kept(program: Program) -> frozenset[str]:
    specs = (*program.inputs, *program.outputs)
    return frozenset(spec.operation for spec in specs)


def _names_of_fetches(specs: tuple[TensorSpec, ...]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for spec in specs:
        found.setdefault(spec.operation, []).extend([spec.name] * (spec.name != spec.operation))
    return {operation: ", ".join(names) for operation, names in found.items()}
