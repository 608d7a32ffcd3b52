"""What became of the nodes on show, for the view of a comparison."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import RLock
from typing import Any

from tfspark_magic.drawing.badge import Badge
from tfspark_magic.drawing.explore import Explorer
from tfspark_magic.drawing.outline import visible
from tfspark_magic.inspection.comparison import Comparison
from tfspark_magic.inspection.difference import Difference
from tfspark_magic.inspection.thumbnail import number
from tfspark_magic.notebook.peeking import Peeking, Status
from tfspark_magic.notebook.tensor_page import page_of

_SIGNS = {"came": "+", "went": "\u2212", "changed": "\u2260"}
"""What became of operations is said by a sign and a word, not by a colour alone."""


class ComparedNodes(Peeking):
    """The differences of the nodes on show, in the place of values.

    Parameters
    ----------
    comparison
        The comparison.
    explorer, on_change, lock
        As for `Peeking`.
    """

    is_compared = True

    def __init__(
        self,
        comparison: Comparison,
        explorer: Explorer,
        on_change: Callable[[], None],
        lock: RLock,
    ) -> None:
        super().__init__(explorer, on_change, lock)
        self._comparison = comparison
        self._old_names = {new: old for old, new in comparison.matching.pairs.items()}
        self._became = {
            **dict.fromkeys(comparison.came, "came"),
            **dict.fromkeys(comparison.went, "went"),
            **dict.fromkeys(comparison.changed, "changed"),
        }
        self._parting: dict[str, list[Difference]] = {}
        for name, found in comparison.differences.items():
            if found.parts:
                self._parting.setdefault(name.partition(":")[0], []).append(found)
        first = (comparison.parted or "").partition(":")[0]
        self.status = Status("ready", comparison.sentence, first)

    @property
    def badged(self) -> frozenset[str]:
        """The ids of the nodes of which something is said."""
        return frozenset(self._said())

    @property
    def badges(self) -> dict[str, Badge]:
        """What is said, by the ids of nodes."""
        return {visible(identity): badge for identity, badge in self._said().items()}

    def _said(self) -> dict[str, Badge]:
        found = {}
        for vertex in self._explorer.view.vertices():
            badge = self._badge(self._explorer.held(vertex.id), vertex.id)
            if badge is not None:
                found[vertex.id] = badge
        return found

    def _badge(self, names: Sequence[str], identity: str) -> Badge | None:
        became = [self._became[name] for name in names if name in self._became]
        kinds = [kind for kind in _SIGNS if kind in became]
        several = not identity.startswith("op:")
        told = [
            f"{_SIGNS[kind]} {became.count(kind)} {kind}" if several else f"{_SIGNS[kind]} {kind}"
            for kind in kinds
        ]
        lines = [", ".join(told)] if told else []
        parting = [self._parting[name] for name in names if name in self._parting]
        warning = -1
        if parting:
            warning = len(lines)
            count = "1 node parts" if len(parting) == 1 else f"{len(parting)} nodes part"
            lines.append(count if several else _parts(parting[-1]))
        is_first = self.status.first in names
        if is_first and self.status.first:
            lines.append("here they part first")
        elif told and not parting and not several and names[-1] in self._old_names:
            lines.append("the same values")
        if not lines:
            return None
        return Badge(tuple(lines), warning=warning, is_first=is_first, is_typed=False)

    def follow(self) -> None:
        """Nothing is computed for a new view: all nodes are compared already."""

    def forget(self) -> None:
        """Nothing is forgotten: the view shows the comparison as long as it lives."""

    def find_first(self, found: Callable[[str], None]) -> None:
        """Tell the operation from which the values part."""
        if self.status.first:
            found(self.status.first)

    def page(self, node: str, row: int) -> list[dict[str, Any]]:
        """Describe the values of a node in the old and in the new graph, for one row."""
        names = self._explorer.inside(node)
        if len(names) > 1 and not node.startswith("op:"):
            return []
        name = self._explorer.operation_of(node)
        pages = []
        for tensor in self._tensors(name):
            operation, colon, output = tensor.partition(":")
            before = f"{self._old_names.get(operation, operation)}{colon}{output}"
            for side, peek, key in (
                ("old", self._comparison.old, before), ("new", self._comparison.new, tensor)
            ):  # fmt: skip
                values = peek.node(key)
                if values is not None and (side == "new" or self._is_old(operation)):
                    shown = page_of(values, row, peek.rows)
                    pages.append(
                        shown | {"name": f"{side}: {key}", "note": self._note(side, tensor, shown)}
                    )
        return pages

    def _is_old(self, operation: str) -> bool:
        return operation in self._old_names or self._became.get(operation) == "went"

    def _tensors(self, operation: str) -> list[str]:
        both = (*self._comparison.new.nodes, *self._comparison.differences)
        found = [name for name in dict.fromkeys(both) if name.partition(":")[0] == operation]
        return found or [operation]

    def _note(self, side: str, tensor: str, shown: dict[str, Any]) -> str:
        difference = self._comparison.differences.get(tensor)
        if side == "old" or difference is None:
            return str(shown["note"])
        return _parts([difference]) if difference.parts else "The values are the same."


def _parts(found: Sequence[Difference]) -> str:
    one = next((each for each in found if each.why), found[0])
    if one.why:
        return one.why
    by = "" if one.most is None else f", by {number(one.most)}"
    return f"part: {one.parting:,} of {one.count:,}{by}"
