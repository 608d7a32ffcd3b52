"""The result of `compare`: what became of a graph, and where its values part."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from html import escape
from typing import Any, ClassVar

from tfspark_magic.errors import FetchNotFoundError
from tfspark_magic.graph.matching import Matching
from tfspark_magic.graph.program import Program
from tfspark_magic.inspection.difference import Difference
from tfspark_magic.inspection.node_values import NodeValues
from tfspark_magic.inspection.peeked import Peek
from tfspark_magic.inspection.table import as_html, as_text

_HEADS = ("node", "operation", "compared", "part", "most by", "first row", "")
_SHOWN = 40
"""The largest number of nodes in the table; a notebook stores what it shows."""


class Comparison:
    """Two graphs on the same rows; shown as a table of the nodes whose values part.

    >>> found = tfs.compare(score, changed, df)                     # doctest: +SKIP
    >>> found.parted                                                # doctest: +SKIP
    'mul'
    >>> found.differences["z"].most                                 # doctest: +SKIP
    2.0

    Parameters
    ----------
    old, new
        The values of both graphs on the rows, as `tfs.peek` gives them.
    matching
        What became of the operations.
    nodes
        The differences of the nodes that both graphs have, by their names in the new graph, each
        node after those that it is made of.
    takes
        The names of the tensors that each of these nodes takes in the new graph.
    outputs
        The node of each output that both graphs have, by the output's name.
    tolerance
        The tolerance, in words.
    programs
        The old and the new program.
    """

    _display_: ClassVar[Callable[[Comparison], Any]]
    """What marimo shows; it is there only in marimo."""

    def __init__(
        self,
        old: Peek,
        new: Peek,
        matching: Matching,
        nodes: Mapping[str, Difference],
        *,
        takes: Mapping[str, NodeValues],
        outputs: Mapping[str, str],
        tolerance: str,
        programs: tuple[Program, Program],
    ) -> None:
        self.old, self.new, self.matching = old, new, matching
        self.programs = programs
        self._nodes, self._takes = dict(nodes), takes
        self._outputs, self._tolerance = dict(outputs), tolerance

    @property
    def came(self) -> tuple[str, ...]:
        """The operations that only the new graph has."""
        return self.matching.came

    @property
    def went(self) -> tuple[str, ...]:
        """The operations that only the old graph has."""
        return self.matching.went

    @property
    def changed(self) -> tuple[str, ...]:
        """The operations that compute something else, or of something else, by their new names."""
        return self.matching.changed

    @property
    def renamed(self) -> dict[str, str]:
        """The new names of operations that have another one now."""
        return self.matching.renamed

    @property
    def differences(self) -> dict[str, Difference]:
        """How far the values of each node part that both graphs have, by its new name."""
        return dict(self._nodes)

    @property
    def outputs(self) -> dict[str, Difference]:
        """How far the values of each output part that both programs have."""
        return {name: self._nodes[node] for name, node in self._outputs.items()}

    @cached_property
    def parted(self) -> str | None:
        """The first node whose values part, though those that it takes do not; None if none part.

        What it takes and only the new graph has does not count, because there is nothing to
        compare it with. The variables of a loop come last, because its turns make them.
        """
        parting = [name for name, found in self._nodes.items() if found.parts]
        parting.sort(key=lambda name: self._takes[name].tensor.operation == "LoopVariable")
        return next((name for name in parting if not self._is_made_of_parting(name)), None)

    def _is_made_of_parting(self, name: str) -> bool:
        known = (self._nodes.get(taken) for taken in self._takes[name].tensor.inputs)
        return any(one is not None and one.parts for one in known)

    def __getitem__(self, node: str) -> Difference:
        """Return how far the values of a node or of an output part.

        Raises
        ------
        FetchNotFoundError
            If not both graphs have such a node with values.
        """
        name = self._outputs.get(node, node).removesuffix(":0")
        name = self.renamed.get(name, name)
        if name not in self._nodes:
            raise FetchNotFoundError(node, tuple(self._nodes))
        return self._nodes[name]

    def __str__(self) -> str:
        rows = self._table()
        table = ["", as_text(_HEADS, rows)] if rows else []
        return "\n".join([self._head(), *table, *self._more()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = self._table()
        table = (
            as_html(_HEADS, rows, _HEADS[2:6], lambda row: row[0] == self.parted) if rows else ""
        )
        lines = "<br>".join(map(escape, self._head().split("\n")))
        more = escape("".join(self._more()))
        return (
            f'<div style="font-size:13px;color:inherit;overflow-x:auto">{lines}{table}{more}</div>'
        )

    @property
    def sentence(self) -> str:
        """What was compared, and where the values part first, in a sentence."""
        return self._head().partition("\n")[0]

    def _head(self) -> str:
        rows = f"{self.new.rows} row{'' if self.new.rows == 1 else 's'}"
        parting = sum(found.parts for found in self._nodes.values())
        compared = f"{len(self._nodes):,} nodes on {rows}: "
        if self.parted is None:
            compared += f"the values of none part beyond {self._tolerance}."
        else:
            compared += f"the values of {parting:,} part beyond {self._tolerance}, first at {self.parted!r}."
        told = {
            "Came": self.came, "Went": self.went, "Changed": self.changed,
            "Renamed": [f"{old} to {new}" for old, new in self.renamed.items()],
        }  # fmt: skip
        return "\n".join(
            [compared, *(f"{what}: {_some(who)}." for what, who in told.items() if who)]
        )

    def _parting(self) -> list[tuple[str, Difference]]:
        return [(name, found) for name, found in self._nodes.items() if found.parts]

    def _table(self) -> list[tuple[str, ...]]:
        return [self._row(name, found) for name, found in self._parting()[:_SHOWN]]

    def _more(self) -> list[str]:
        more = len(self._parting()) - _SHOWN
        return [f"... and {more:,} more: comparison.differences has all."] if more > 0 else []

    def _row(self, name: str, found: Difference) -> tuple[str, ...]:
        note = found.why or ("here they part first" if name == self.parted else "")
        return (
            name, self._takes[name].tensor.operation, str(found.count), str(found.parting or ""),
            "" if found.most is None else f"{found.most:.4g}",
            "" if found.first_row is None else str(found.first_row), note,
        )  # fmt: skip


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:8])
    return f"{shown} and {len(names) - 8:,} more" if len(names) > 8 else shown  # noqa: PLR2004
