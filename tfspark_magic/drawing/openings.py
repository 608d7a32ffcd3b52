"""Opening and closing the groups of a graph, by hand and within limits."""

from __future__ import annotations

from collections.abc import Iterator

from tfspark_magic.drawing.collapse import Selection
from tfspark_magic.drawing.plumbing import Item
from tfspark_magic.drawing.scopes import Group, Member, cut_into_bands, fold_runs

_FEW, _MANY, _BANDS = 24, 60, 16
"""How many nodes an opened group shows as they are, how many at all, in how many pieces else."""


class Openings:
    """What of a graph is open, on top of an automatic choice.

    Parameters
    ----------
    selection
        The automatic choice, which is changed.
    """

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        # What a group shows stays the same when it is closed and opened again.
        self._members = dict(selection.opened)

    def shown(self) -> dict[str, tuple[Group, bool]]:
        """Return by id what has a node or a box of its own, and whether it is open."""
        selection = self.selection
        shown: dict[str, tuple[Group, bool]] = {}
        for group in self._walk():
            is_open = group in selection.opened
            has_box = group.kind in {"scope", "step"} or group in selection.boxed
            if has_box if is_open else not selection.is_hollow(group):
                shown[selection.id_of(group)] = group, is_open
        return shown

    def openable(self) -> frozenset[str]:
        """Return the ids of the groups that are closed."""
        return frozenset(name for name, (_, is_open) in self.shown().items() if not is_open)

    def closable(self) -> frozenset[str]:
        """Return the ids of the groups that are open and of which closing leaves something."""
        return frozenset(
            name
            for name, (group, is_open) in self.shown().items()
            if is_open and not self.selection.is_hollow(group)
        )

    def save(self) -> dict[Group, list[Member]]:
        """Return what is open, for `restore`."""
        return dict(self.selection.opened)

    def restore(self, saved: dict[Group, list[Member]]) -> None:
        """Have that open again, and nothing else."""
        self.selection.opened = saved

    def open(self, group: Group) -> None:
        """Open a group, and all that would stand alone in it."""
        selection = self.selection
        only: Member = group
        while isinstance(only, Group) and only not in selection.opened:
            members = selection.opened[only] = self._inside(only)
            if only.kind in {"series", "band"}:
                selection.boxed.add(only)
            # A box around a single box tells nothing.
            if len(members) == 1:
                only = members[0]

    def close(self, group: Group) -> None:
        """Close a group; what is open in it is open again when it is opened again."""
        self.selection.opened.pop(group, None)

    def close_all(self) -> None:
        """Close all but the graph itself."""
        root = self.selection.root
        self.selection.opened = {root: self._members[root]}

    def open_all(self, room: int) -> None:
        """Open as many groups as `room` more nodes allow, from the outside inwards."""
        selection = self.selection
        queue = [group for group in self._walk() if group not in selection.opened]
        for group in queue:  # grows while it is walked over
            taken = selection.size(self._inside(group)) - 1
            if selection.is_hollow(group) or taken > room:
                continue
            room -= taken
            selection.opened[group] = self._inside(group)
            if group.kind in {"series", "band"}:
                selection.boxed.add(group)
            queue += [
                member
                for member in self._inside(group)
                if isinstance(member, Group) and member not in selection.opened
            ]

    def open_towards(self, wanted: Item, path: str | None = None) -> Group | None:
        """Open all that an item is in, or only what the scope `path` around it is in.

        Returns
        -------
        The group of that scope, which stays as it is; None if the item itself is to be shown.
        """
        group = self.selection.root
        while True:
            inside = next(
                member
                for member in self.selection.opened[group]
                if member is wanted
                or (isinstance(member, Group) and any(leaf is wanted for leaf in member.leaves()))
            )
            if isinstance(inside, Item):
                return None
            if inside.kind == "scope" and inside.path == path:
                return inside
            self.open(inside)
            group = inside

    def _walk(self) -> Iterator[Group]:
        """Walk over all groups that can be seen, open or closed."""
        stack = [self.selection.root]
        while stack:
            for member in self.selection.opened[stack.pop()]:
                if isinstance(member, Group):
                    yield member
                    if member in self.selection.opened:
                        stack.append(member)

    def _inside(self, group: Group) -> list[Member]:
        if group not in self._members:
            self._members[group] = self._cut(group)
        return self._members[group]

    def _cut(self, group: Group) -> list[Member]:
        """Return what a group shows when its reader opens it: all, or few pieces of it."""
        selection = self.selection
        if selection.size(group.members) <= (_MANY if group.kind == "series" else _FEW):
            return group.members
        if group.kind == "series":
            step = -(-len(group.members) // _BANDS)
            pieces = [group.members[n : n + step] for n in range(0, len(group.members), step)]
            return [
                Group("series", group.path).settle(piece, selection.forms)
                if len(piece) > 1
                else piece[0]
                for piece in pieces
            ]
        members = group.members
        for loosely in (False, True):
            folded = fold_runs(group, selection.pinned, selection.forms, loosely=loosely)
            # What folds into one would only be folded again when it is opened.
            if len(folded) > 1:
                members = folded
            if selection.size(members) <= _MANY:
                return members
        fixed = [m for m in members if isinstance(m, Item) and m.name in selection.pinned]
        free = [m for m in members if not (isinstance(m, Item) and m.name in selection.pinned)]
        return fixed + cut_into_bands(group.path, free, _BANDS, selection.forms)
