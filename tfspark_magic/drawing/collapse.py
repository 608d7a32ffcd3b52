"""Choose the scopes of a graph to open, so that a drawing shows much and is readable."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from tfspark_magic.drawing.plumbing import Item, fold
from tfspark_magic.drawing.scopes import (
    Group,
    Member,
    cut_into_bands,
    fold_runs,
    name_of,
    scope_tree,
)
from tfspark_magic.drawing.stages import fold_stages
from tfspark_magic.drawing.wires import Wires
from tfspark_magic.graph.structure import Node

_SHORT_SERIES = 4
_SHORT_SERIES_OF_OPERATIONS = 8
_HOPELESS = 10
"""A graph larger than the room by more than this factor is not tried with all numbers drawn."""

_FEWEST_BANDS = 4
_MOST_BANDS = 16


@dataclass
class Selection:
    """The visible part of a graph.

    Parameters
    ----------
    root
        The whole graph, always open.
    foldings
        The program's operations.
    opened
        The members to show of each open group, which are open groups, closed groups and operations.
        A group that is not in it is drawn as one node.
    alike
        For closed groups with the same content as an open group: the open group.
    rests
        For the rest of a series after its first member: the length of the series.
    pinned
        Operations that are visible even if their scope is closed: the inputs and outputs.
    """

    root: Group
    foldings: Foldings
    opened: dict[Group, list[Member]] = field(default_factory=dict)
    alike: dict[Group, Group] = field(default_factory=dict)
    rests: dict[Group, int] = field(default_factory=dict)
    pinned: frozenset[str] = frozenset()
    stages: set[Group] = field(default_factory=set)
    """Groups that are folded into stages: what is in them stays closed at first."""

    boxed: set[Group] = field(default_factory=set)
    """Groups that are not scopes, but are drawn with a box around them while they are open."""

    _ids: dict[Group, str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    def id_of(self, group: Group) -> str:
        """Return the id of a group, which is valid as long as this selection is used."""
        if group not in self._ids:
            identity = first = f"{group.kind}:{name_of(group)}"
            number = 1
            # A part of a series may begin with the same operation as the series.
            while identity in self._taken:
                number += 1
                identity = f"{first}~{number}"
            self._taken.add(identity)
            self._ids[group] = identity
        return self._ids[group]

    def is_hollow(self, group: Group) -> bool:
        """Whether all operations of a group are pinned, so that its closed node would be empty."""
        return all(item.name in self.pinned for item in group.leaves())

    def size(self, members: Sequence[Member]) -> int:
        """Return the number of nodes of these members when closed, without pinned operations."""
        return sum(
            member.name not in self.pinned
            if isinstance(member, Item)
            else not self.is_hollow(member)
            for member in members
        )


class Foldings:
    """A program's operations, folded and arranged by scope, each form computed only once.

    Parameters
    ----------
    nodes
        The operations of a program.
    kept
        Names of the fed and the fetched operations.

    Attributes
    ----------
    closed
        The scopes that only a user opens: the bodies of functions.
    forms
        The numbers of the groups' forms, for `scope_tree`.
    """

    def __init__(self, nodes: tuple[Node, ...], kept: frozenset[str]) -> None:
        self.nodes = nodes
        self.kept = kept
        self.closed = frozenset(node.name for node in nodes if node.opens)
        self.forms: dict[Hashable, int] = {}
        self._items: dict[bool, list[Item]] = {}
        self._trees: dict[tuple[bool, bool], Group] = {}
        self._folded: dict[tuple[Group, frozenset[str], bool | None], list[Member] | None] = {}
        self._wires: dict[Group, Wires] = {}

    def items(self, *, operands: bool) -> list[Item]:
        """Return the items to draw; with `operands`, numbers that are operands are folded, too."""
        if operands not in self._items:
            self._items[operands] = fold(self.nodes, self.kept, operands=operands)
        return self._items[operands]

    def fits(self, items: Sequence[Item], room: int) -> bool:
        """Whether there is room for all of these items, with the bodies of functions folded."""
        return sum(not item.node.inside for item in items) <= room

    def tree(self, *, operands: bool, fed: bool = True) -> Group:
        """Return the tree of the scopes of these items, with or without the fed ones."""
        if (operands, fed) not in self._trees:
            items = self.items(operands=operands)
            shown = items if fed else [item for item in items if not _is_fed(item)]
            self._trees[operands, fed] = scope_tree(shown, self.forms)
        return self._trees[operands, fed]

    def wires(self, root: Group) -> Wires:
        """Return what goes between the items of a whole graph."""
        if root not in self._wires:
            self._wires[root] = Wires(root)
        return self._wires[root]

    def runs(self, group: Group, pinned: frozenset[str], *, loosely: bool) -> list[Member]:
        """Return a group's members with runs joined, by `fold_runs`."""
        known = self._folded.get((group, pinned, loosely))
        if known is None:
            known = fold_runs(group, pinned, self.forms, loosely=loosely)
            self._folded[group, pinned, loosely] = known
        return known

    def stages(self, group: Group, pinned: frozenset[str], fewer_than: int) -> list[Member] | None:
        """Return a group's members with stages joined, by `fold_stages`, if they are so few."""
        key = (group, pinned, None)
        if key not in self._folded:
            self._folded[key] = fold_stages(group, pinned, self.forms)
        staged = self._folded[key]
        return staged if staged is not None and len(staged) < fewer_than else None


def select(foldings: Foldings, max_nodes: int) -> Selection:
    """Choose the part of a graph to show: all of it, or as much as fits into `max_nodes`.

    The scope with the most operations is opened first. Of similar scopes only the first one is
    opened, because the others would show nothing new.

    Parameters
    ----------
    foldings
        The operations of a program.
    max_nodes
        The largest number of nodes to show, at least 2.
    """
    # Numbers that are operands get their own nodes only in a small drawing.
    for operands in (False, True) if len(foldings.nodes) < _HOPELESS * max_nodes else (True,):
        items = foldings.items(operands=operands)
        if foldings.fits(items, max_nodes):
            pinned, *_ = _pin(items, foldings.kept, max_nodes)
            return _open_all(Selection(foldings.tree(operands=operands), foldings, pinned=pinned))
    pinned, fed, left = _pin(items, foldings.kept, max_nodes)
    root = foldings.tree(operands=True, fed=not fed)
    if fed:
        series = Group("series", "").settle(fed, foldings.forms)
        root = Group("scope", "").settle([series, *root.members], foldings.forms)
    selection = Selection(root, foldings, pinned=pinned)
    opening = _Opening(selection)
    left -= opening.open(root, left)
    while opening.queue:
        *_, group = heapq.heappop(opening.queue)
        left -= opening.open(group, left)
    return selection


def _open_all(selection: Selection) -> Selection:
    stack = [selection.root]
    while stack:
        group = stack.pop()
        if group.path not in selection.foldings.closed:
            selection.opened[group] = group.members
            stack.extend(member for member in group.members if isinstance(member, Group))
    return selection


def _pin(
    items: Sequence[Item], kept: Collection[str], max_nodes: int
) -> tuple[frozenset[str], list[Item], int]:
    """Return the pinned operations, the placeholders if there are too many to pin, and the room left."""
    fed = [item for item in items if _is_fed(item)]
    fetched = [item for item in items if item.node.role == "fetch" and item.name in kept]
    pinned: list[Item] = []
    left = max_nodes
    if len(fed) <= max_nodes // 2:
        pinned += fed
        left -= len(fed)
        fed = []
    if len(fetched) <= (left - bool(fed)) // 2:
        pinned += fetched
        left -= len(fetched)
    return frozenset(item.name for item in pinned), fed, left


def _is_fed(item: Item) -> bool:
    return item.node.role == "placeholder"


@dataclass
class _Opening:
    """Opens groups, and puts their members into a queue, the most informative first."""

    selection: Selection
    known: dict[Hashable, Group] = field(default_factory=dict)
    queue: list[tuple[int, int, Group]] = field(default_factory=list)
    order: Iterator[int] = field(default_factory=count)

    def open(self, group: Group, room: int) -> int:
        """Open a group if it fits into `room` more nodes; return the number of new nodes."""
        if group.kind == "scope" and group.form in self.known:
            self.selection.alike[group] = self.known[group.form]
            return 0
        is_root = group is self.selection.root
        if not is_root and (not room or group.path in self.selection.foldings.closed):
            return 0
        # The members replace the node of the closed group; the root was never a node.
        room += not is_root
        members = self._members(group, room)
        taken = self.selection.size(members)
        if not members or taken > room:
            return 0
        self.selection.opened[group] = members
        self.known.setdefault(group.form, group)
        is_staged = group in self.selection.stages
        for member in members:
            # A band is not opened: there is no reason to open the first of several bands.
            if isinstance(member, Group) and member.kind != "band" and not is_staged:
                gain = member.operations
                if member.kind == "series":
                    gain = member.members[0].operations
                heapq.heappush(self.queue, (-gain, next(self.order), member))
        return taken - (not is_root)

    def _members(self, group: Group, room: int) -> list[Member]:
        if group.kind == "series":
            return [] if group in self.selection.rests else self._unroll(group)
        pinned, foldings = self.selection.pinned, self.selection.foldings
        members = group.members
        for loosely in (False, True):
            members = foldings.runs(group, pinned, loosely=loosely)
            staged = foldings.stages(group, pinned, len(members))
            if staged is not None and self.selection.size(staged) <= room:
                self.selection.stages.add(group)
                return staged
            if self.selection.size(members) <= room:
                return members
        root = self.selection.root
        if group is not root and (room < _FEWEST_BANDS or 2 * group.operations < root.operations):
            return []
        fixed = [member for member in members if self._stays(member)]
        free: list[Member] = []
        for member in members:
            if not self._stays(member):
                # Short repetitions would only split the bands.
                passing = isinstance(member, Group) and member.operations < group.operations / room
                free += self._spread(member) if passing else [member]
        limit = min(_MOST_BANDS, max(1, room - self.selection.size(fixed)))
        return fixed + cut_into_bands(group.path, free, limit, foldings.forms)

    def _stays(self, member: Member) -> bool:
        """Whether a member must not be in a band: a pinned one, or the series of placeholders."""
        if isinstance(member, Item):
            return member.name in self.selection.pinned
        first = member.members[0]
        return member.kind == "series" and isinstance(first, Item) and _is_fed(first)

    def _spread(self, member: Member) -> list[Member]:
        if isinstance(member, Item) or member.kind not in {"series", "step"}:
            return [member]
        return [inner for step in member.members for inner in self._spread(step)]

    def _unroll(self, group: Group) -> list[Member]:
        """Return all members of a short series, the first and the rest of a long one."""
        of_operations = isinstance(group.members[0], Item)
        short = _SHORT_SERIES_OF_OPERATIONS if of_operations else _SHORT_SERIES
        if len(group.members) <= short:
            return group.members
        if of_operations:
            return []
        rest = Group("series", group.path).settle(group.members[1:], self.selection.foldings.forms)
        self.selection.rests[rest] = len(group.members)
        return [group.members[0], rest]
