"""Open and close the groups of a graph by hand, within limits."""

from __future__ import annotations

from collections.abc import Iterator

from tfspark_magic.drawing.collapse import Selection
from tfspark_magic.drawing.plumbing import Item
from tfspark_magic.drawing.scopes import Group, Member, cut_into_bands

_FEW, _MANY, _BANDS = 24, 60, 16
"""The limits for an opened group: up to `_FEW` members are shown as they are, up to `_MANY` after
similar ones are joined; more members are cut into `_BANDS` parts."""


class Openings:
    """The open groups of a graph: an automatic choice, changed by the user.

    Parameters
    ----------
    selection
        The automatic choice, which is changed.
    """

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        # A group that is closed and opened again shows the same members.
        self._members = dict(selection.opened)

    def shown(self) -> dict[str, tuple[Group, bool]]:
        """Return the groups with a node or box, by id, and whether they are open."""
        selection = self.selection
        shown: dict[str, tuple[Group, bool]] = {}
        for group in self._walk():
            is_open = group in selection.opened
            has_box = group.kind in {"scope", "step"} or group in selection.boxed
            if has_box if is_open else not selection.is_hollow(group):
                shown[selection.id_of(group)] = group, is_open
        return shown

    def openable(self) -> frozenset[str]:
        """Return the ids of the closed groups."""
        return frozenset(name for name, (_, is_open) in self.shown().items() if not is_open)

    def closable(self) -> frozenset[str]:
        """Return the ids of the open groups whose closed node would not be empty."""
        return frozenset(
            name
            for name, (group, is_open) in self.shown().items()
            if is_open and not self.selection.is_hollow(group)
        )

    def open(self, group: Group) -> None:
        """Open a group, and each group that would be the only member inside of it."""
        selection = self.selection
        only: Member = group
        while isinstance(only, Group) and only not in selection.opened:
            members = selection.opened[only] = self._inside(only)
            if only.kind in {"series", "band"}:
                selection.boxed.add(only)
            # A box around a single box is useless.
            if len(members) == 1:
                only = members[0]

    def close(self, group: Group) -> None:
        """Close a group; open groups inside of it will be open again when it is opened again."""
        self.selection.opened.pop(group, None)

    def close_all(self) -> None:
        """Close all groups except the graph itself."""
        root = self.selection.root
        self.selection.opened = {root: self._members[root]}

    def open_all(self, room: int) -> None:
        """Open as many groups as `room` more nodes allow, outer groups first."""
        selection = self.selection
        queue = [group for group in self._walk() if group not in selection.opened]
        for group in queue:  # the list grows during the loop
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
        """Open all groups around an item, or only the groups around the scope `path`.

        Returns
        -------
        The group of that scope, which is not changed; None if the item itself will be shown.
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
        """Yield all visible groups, open or closed."""
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
        """Return the members that a group shows when a user opens it: all of them, or a few parts."""
        selection, foldings = self.selection, self.selection.foldings
        if selection.size(group.members) <= (_MANY if group.kind == "series" else _FEW):
            return group.members
        if group.kind == "series":
            step = -(-len(group.members) // _BANDS)
            pieces = [group.members[n : n + step] for n in range(0, len(group.members), step)]
            return [
                Group("series", group.path).settle(piece, foldings.forms)
                if len(piece) > 1
                else piece[0]
                for piece in pieces
            ]
        members = group.members
        for loosely in (False, True):
            folded = foldings.runs(group, selection.pinned, loosely=loosely)
            # If all members fold into one, it would only be folded again when it is opened.
            if len(folded) > 1:
                members = folded
            staged = foldings.stages(group, selection.pinned, len(members))
            if staged is not None and selection.size(staged) <= _MANY:
                return staged
            if selection.size(members) <= _MANY:
                return members
        fixed = [m for m in members if isinstance(m, Item) and m.name in selection.pinned]
        free = [m for m in members if not (isinstance(m, Item) and m.name in selection.pinned)]
        return fixed + cut_into_bands(group.path, free, _BANDS, foldings.forms)
