"""Let a user open, close and search the graph of a program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from threading import RLock

from tfspark_magic.drawing.arrangement import arrange
from tfspark_magic.drawing.details import Details, Lookup, SizeInWords
from tfspark_magic.drawing.layout import Layout
from tfspark_magic.drawing.openings import Openings
from tfspark_magic.drawing.outline import visible
from tfspark_magic.drawing.picture import Drawing, checked, count_of
from tfspark_magic.drawing.plumbing import Item
from tfspark_magic.drawing.scopes import Group, span_of
from tfspark_magic.drawing.search import Finding, Index
from tfspark_magic.drawing.view import View, view
from tfspark_magic.errors import OptionError
from tfspark_magic.graph.collection import collection_paused
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.structure import Node

MOST_NODES = 200
"""The largest number of nodes of a drawing, for any number of open groups."""

_MOST_LINKS = 700
_PLAIN = Layout()
_FEWEST_TRIED = 24


class Explorer:
    """A program's graph, in which a user can open, close, find and examine operations.

    >>> explorer = Explorer(score)                                  # doctest: +SKIP
    >>> explorer.open("scope:layer_2")                              # doctest: +SKIP
    >>> explorer.search("op:MatMul").findings[0].name               # doctest: +SKIP
    'layer_1/MatMul'

    Each shown item has an id, which does not change as long as the explorer is used: `op:NAME`,
    `scope:PATH`, `series:FIRST`, `band:FIRST`, `step:FIRST`.

    Parameters
    ----------
    program
        The program to explore.
    bindings
        The column that feeds each placeholder, by the placeholder's name.
    max_nodes
        The largest number of nodes to show at first.
    nodes
        The operations, if others than the program's own are to be shown.

    Raises
    ------
    PlaceholderNotFoundError
        If `bindings` names a placeholder that the program does not have.
    GraphLoadError
        If the program does not hold a graph.
    """

    def __init__(
        self,
        program: Program,
        bindings: Mapping[str, str] | None = None,
        max_nodes: int = 40,
        nodes: tuple[Node, ...] | None = None,
    ) -> None:
        self.program = program
        self._bindings = checked(program, bindings)
        arranged = arrange(program, self._bindings, max_nodes, nodes)
        self._nodes = arranged.nodes
        self._count = count_of(arranged.nodes)
        self._fetched = arranged.fetched
        self._selection = arranged.selection
        self._openings = Openings(arranged.selection)
        self._lock = RLock()
        self._view: View | None = arranged.view

    @property
    def view(self) -> View:
        """The current view."""
        with self._lock:
            if self._view is None:
                with collection_paused():
                    self._view = view(self._selection, self._fetched, self._bindings)
            return self._view

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All operations of the program."""
        return self._nodes

    def drawing(self, layout: Layout = _PLAIN) -> Drawing:
        """Return a drawing of the current view."""
        return Drawing(self.program, self.view, self._count, layout)

    def tensors(self) -> dict[str, tuple[tuple[str, int], ...]]:
        """Return the tensors of each node on show, as operations and numbers of outputs.

        They are those that other nodes use; an operation that no node uses, or that is fetched, has
        its first output.
        """
        vertices = self.view.vertices()
        used: dict[str, dict[tuple[str, int], None]] = {vertex.id: {} for vertex in vertices}
        for link in self.view.links:
            used[link.source] |= dict.fromkeys(link.tensors)
        for vertex in vertices:
            if vertex.id == f"op:{vertex.name}" and (vertex.is_fetched or not used[vertex.id]):
                used[vertex.id][vertex.name, 0] = None
        return {identity: tuple(tensors) for identity, tensors in used.items()}

    def inside(self, identity: str) -> list[str]:
        """Return the names of the operations in a group on show, or of the operation itself.

        Raises
        ------
        OptionError
            If there is no such item or operation.
        """
        with self._lock:
            shown = self._openings.shown().get(identity)
            if shown is None:
                return [self.operation_of(identity)]
            return [name for item in shown[0].leaves() for name in (*item.folded, item.name)]

    def held(self, identity: str) -> list[str]:
        """Return the names of all operations that a node on show stands for, the main one last."""
        names = self.inside(identity)
        item = self._items.get(names[0]) if len(names) == 1 else None
        return names if item is None else [*item.folded, item.name]

    def bind(self, bindings: Mapping[str, str]) -> None:
        """Show the placeholders with the columns that feed them.

        Raises
        ------
        PlaceholderNotFoundError
            If the program has no such placeholder.
        """
        with self._lock:
            self._bindings = checked(self.program, bindings)
            self._view = None

    @property
    def openable(self) -> frozenset[str]:
        """The ids of the closed groups."""
        return self._openings.openable()

    @property
    def closable(self) -> frozenset[str]:
        """The ids of the open groups, without groups whose closed node would be empty."""
        return self._openings.closable()

    def open(self, identity: str) -> None:
        """Open a closed group.

        Raises
        ------
        OptionError
            If it is not shown, or there is no room for its members.
        """
        with self._lock:
            group = self._group(identity)
            before = dict(self._selection.opened)
            self._openings.open(group)
            self._view = None
            excess = self._excess()
            if excess is not None:
                self._selection.opened = before
                self._view = None
                title = visible(group.path if group.kind == "scope" else span_of(group))
                sentence = f"With {title} open there would be {excess}: close something first."
                raise OptionError(sentence)

    def close(self, identity: str) -> None:
        """Close an open group.

        Raises
        ------
        OptionError
            If it is not shown.
        """
        with self._lock:
            self._openings.close(self._group(identity))
            self._view = None

    def close_all(self) -> None:
        """Close all groups that can be closed."""
        with self._lock:
            self._openings.close_all()
            self._view = None

    def open_all(self) -> str:
        """Open as many groups as there is room for, outer groups first.

        Returns
        -------
        A sentence about the groups that are left closed; empty if all are open.
        """
        with self._lock:
            most = MOST_NODES
            self._openings.open_all(most - len(self.view.vertices()))
            self._view = None
            while len(self.view.links) > _MOST_LINKS and most > _FEWEST_TRIED:
                most //= 2
                self._openings.close_all()
                self._view = None
                self._openings.open_all(most - len(self.view.vertices()))
                self._view = None
            closed = len(self.openable)
            if not closed:
                return ""
            left = "1 group stays" if closed == 1 else f"{closed} groups stay"
            return f"{left} closed: a drawing shows at most {MOST_NODES} nodes at once."

    def reveal(self, name: str) -> tuple[str, str]:
        """Open all groups around an operation or a scope.

        Parameters
        ----------
        name
            The name of an operation or a scope.

        Returns
        -------
        The id of the item that shows it, and a sentence if other groups had to be closed.

        Raises
        ------
        OptionError
            If the program has no such operation, or the operation is not drawn.
        """
        with self._lock:
            target = self._target(name)
            identity = self._open_towards(target)
            if self._excess() is None:
                return identity, ""
            self._openings.close_all()
            self._view = None
            return self._open_towards(target), "Other groups were closed to make room."

    def search(self, text: str, limit: int = 50) -> Finding:
        """Find operations by name, operation and dtype.

        Parameters
        ----------
        text
            Words that must all be found; `op:MatMul` searches only the type, `dtype:int64` only the
            dtype.
        limit
            The largest number of operations to return.
        """
        return self._index.search(text, limit)

    def details(self, identity: str) -> Details:
        """Return the description of a shown item, or of an operation by its name.

        Raises
        ------
        OptionError
            If there is no such item or operation.
        """
        # The group may hold 50,000 operations: nothing of what is made of them is garbage soon.
        with self._lock, collection_paused():
            shown = self._openings.shown().get(identity)
            if shown is not None:
                return self._lookup.group(identity, shown[0])
            name = self.operation_of(identity)
            item = self._items.get(name)
            column = self._bindings.get(name, "")
            return self._lookup.operation(name, "" if item is None else item.name, column)

    def size(self, identity: str) -> SizeInWords:
        """Say how large a shown item is, or an operation by its name; parameters as for `details`.

        Of a group of tens of thousands of operations, this takes a while.
        """
        with self._lock, collection_paused():
            return self._lookup.size(self.inside(identity))

    def is_inside(self, name: str) -> bool:
        """Whether an operation is one of a function, and not of the graph itself."""
        return name in self._lookup and bool(self._lookup.node(name).inside)

    def operation_of(self, identity: str) -> str:
        """Return the name of the operation with this id or name.

        Raises
        ------
        OptionError
            If there is no such operation.
        """
        for name in (self.names.get(identity), identity.removeprefix("op:"), identity):
            if name is not None and name in self._lookup:
                return name
        sentence = f"The graph of {self.program.name} has no operation {visible(identity)!r}."
        raise OptionError(sentence)

    @property
    def names(self) -> dict[str, str]:
        """The names of all shown items, by id."""
        return {member.id: member.name for member, _ in self.view.walk()}

    @cached_property
    def _index(self) -> Index:
        return Index(self._nodes, self._fetched)

    @cached_property
    def _lookup(self) -> Lookup:
        return Lookup(self.program, self._nodes)

    @cached_property
    def _items(self) -> dict[str, Item]:
        """The id of the item that shows each operation."""
        items: dict[str, Item] = {}
        for item in self._selection.root.leaves():
            for name in item.folded:
                items[name] = item
            items[item.name] = item
        return items

    def _group(self, identity: str) -> Group:
        shown = self._openings.shown().get(identity)
        if shown is None:
            sentence = f"{visible(identity)!r} cannot be opened or closed now."
            raise OptionError(sentence)
        return shown[0]

    def _excess(self) -> str | None:
        """Say which number would be too large: nodes or links."""
        nodes, links = len(self.view.vertices()), len(self.view.links)
        if nodes > MOST_NODES:
            return f"{nodes} nodes, and at most {MOST_NODES} are shown at once"
        if links > _MOST_LINKS:
            return f"{links} lines, and at most {_MOST_LINKS} are shown at once"
        return None

    def _target(self, name: str) -> Item | str:
        """Return the item that shows an operation or an output, or the path of a scope."""
        name = self.program.operation(name)
        item = self._items.get(name)
        if item is not None:
            return item
        if any(self._items_in(name)):
            return name
        if name in self._lookup:
            sentence = f"{visible(name)!r} is not drawn: no fetch uses it."
        else:
            sentence = (
                f"The graph of {self.program.name} has no operation or scope {visible(name)!r}."
            )
        raise OptionError(sentence)

    def _items_in(self, path: str) -> Iterator[Item]:
        return (
            item
            for item in self._selection.root.leaves()
            if item.scope == path or item.scope.startswith(path + "/")
        )

    def _open_towards(self, target: Item | str) -> str:
        if isinstance(target, Item):
            if f"op:{target.name}" not in self.names:
                self._openings.open_towards(target)
                self._view = None
            return f"op:{target.name}"
        group = self._openings.open_towards(next(self._items_in(target)), target)
        self._view = None
        # A scope with few members has no box.
        return (
            f"op:{next(self._items_in(target)).name}"
            if group is None
            else self._selection.id_of(group)
        )
