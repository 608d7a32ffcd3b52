"""Describe a drawing: vertices, the clusters around them and the links between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tfspark_magic.drawing.collapse import Selection
from tfspark_magic.drawing.kinds import kind_of, words_of
from tfspark_magic.drawing.plumbing import Item
from tfspark_magic.drawing.scopes import (
    Group,
    call_of,
    last_name_of,
    likeness,
    name_of,
    span_of,
)
from tfspark_magic.drawing.stages import has_weights, path_words
from tfspark_magic.graph.structure import Edge, Role

_SHOWN_TYPES = 3
_SHOWN_STEPS = 3
_LONGEST = 28
_MOST_LINES = 5


@dataclass(frozen=True, slots=True)
class Vertex:
    """A node of the drawing: an operation, or a closed group.

    Parameters
    ----------
    id
        An id that is unique in the drawing, and the same in each drawing of the program. An
        operation and a scope may have the same name, so the id also holds the kind.
    kind
        The operation's role; `scope`, `series` or `band` for a group.
    name
        The operation's name or the scope's path.
    title, lines
        The text on it; the title is relative to the cluster around it.
    operations
        The number of the program's operations in it.
    spec
        The type of the first output, if it is an operation.
    value
        The value of a short constant.
    column
        The column to which a placeholder is bound.
    is_fetched
        Whether a fetch comes from it.
    output
        The name of the fetch, if it is another one.
    does
        The kind of what it computes, as the legend names it; empty if there is none.
    """

    id: str
    kind: Role | Literal["scope", "series", "band"]
    name: str
    title: str
    lines: tuple[str, ...] = ()
    operations: int = 1
    spec: str = ""
    value: str = ""
    column: str = ""
    is_fetched: bool = False
    output: str = ""
    does: str = ""


@dataclass(frozen=True, slots=True)
class Cluster:
    """An open scope or other group.

    Parameters
    ----------
    id
        Unique in the drawing.
    name
        The scope's path, or the names of its first and last member.
    title
        The text on it.
    """

    id: str
    name: str
    title: str
    members: tuple[Vertex | Cluster, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """All tensors that go from one vertex to another.

    Parameters
    ----------
    source, target
        Ids of vertices.
    edges
        An edge for each tensor; empty if only the order matters.
    """

    source: str
    target: str
    edges: tuple[Edge, ...]

    @property
    def id(self) -> str:
        """Unique in the drawing."""
        return f"edge:{self.source}->{self.target}"

    @property
    def is_control(self) -> bool:
        """Whether it carries no tensor."""
        return not self.edges

    @property
    def tensors(self) -> tuple[tuple[str, int], ...]:
        """The operation and the number of the output, of each tensor."""
        return tuple((edge.source, edge.output) for edge in self.edges)

    @property
    def spec(self) -> str | None:
        """The type of all its tensors; None if they have several types, or there is none."""
        # There may be thousands, and each type is inferred when it is asked for.
        first = self.edges[0].spec if self.edges else None
        return first if all(edge.spec == first for edge in self.edges) else None

    @property
    def label(self) -> str:
        """The type of the tensors if it is the same for all, and their number if it is not one."""
        if not self.edges:
            return ""
        spec, count = self.spec, len(self.edges)
        if spec is None:
            return f"{count} tensors"
        return spec if count == 1 else f"{count} × {spec}"


@dataclass(frozen=True, slots=True)
class View:
    """The content of a drawing, before the layout."""

    members: tuple[Vertex | Cluster, ...]
    links: tuple[Link, ...]

    def walk(self) -> Iterator[tuple[Vertex | Cluster, str]]:
        """Yield all vertices and clusters, as they are drawn, with the id of the cluster around each."""
        stack: list[tuple[Vertex | Cluster, str]] = [(one, "") for one in reversed(self.members)]
        while stack:
            member, around = stack.pop()
            yield member, around
            if isinstance(member, Cluster):
                stack += [(inner, member.id) for inner in reversed(member.members)]

    def vertices(self) -> list[Vertex]:
        """Return all vertices, in the order in which they are drawn."""
        return [member for member, _ in self.walk() if isinstance(member, Vertex)]


def view(selection: Selection, fetched: Mapping[str, str], bindings: Mapping[str, str]) -> View:
    """Turn a selection into vertices, clusters and links.

    Parameters
    ----------
    selection
        The visible part of the graph.
    fetched
        The operations from which fetches come, with the names of these where they are others.
    bindings
        Column names by placeholder.
    """
    builder = _Builder(selection, fetched, bindings)
    members = builder.members(selection.root)
    return View(tuple(members), builder.links())


class _Builder:
    def __init__(
        self, selection: Selection, fetched: Mapping[str, str], bindings: Mapping[str, str]
    ) -> None:
        self._selection = selection
        self._fetched = fetched
        self._bindings = bindings
        self._wires = selection.foldings.wires(selection.root)
        self._pinned = np.zeros(len(self._wires.items), bool)
        self._pinned[[self._wires.number(name) for name in selection.pinned]] = True
        self._ids: list[str] = []
        self._shown_by = np.zeros(len(self._wires.items), np.intp)

    def members(self, group: Group, path: str = "") -> list[Vertex | Cluster]:
        """Return the members of an open group, with titles relative to the scope `path`."""
        shown: list[Vertex | Cluster] = []
        for member in self._selection.opened[group]:
            if isinstance(member, Item):
                shown.append(self._operation(member, path))
            elif member not in self._selection.opened:
                shown += self._closed(member, path)
            elif member.kind == "scope":
                inside = tuple(self.members(member, member.path))
                title = _relative(member.path, path)
                shown.append(Cluster(self._selection.id_of(member), member.path, title, inside))
            elif member.kind == "step" or member in self._selection.boxed:
                title = self._place(member, group) or _span(member, path)
                shown.append(
                    Cluster(
                        self._selection.id_of(member),
                        span_of(member),
                        title,
                        tuple(self.members(member, path)),
                    )
                )
            else:
                shown += self.members(member, path)
        return shown

    def _place(self, step: Group, series: Group) -> str:
        """Return the number of a step among all repetitions, if it is part of a series."""
        if step.kind != "step" or series.kind != "series" or step not in series.members:
            return ""
        length = self._selection.rests.get(series, len(series.members))
        return f"{length - len(series.members) + series.members.index(step) + 1} of {length}"

    def links(self) -> tuple[Link, ...]:
        """Return the links between all vertices made so far."""
        return tuple(
            Link(self._ids[source], self._ids[target], edges)
            for source, target, edges in self._wires.between(self._shown_by)
        )

    def _show(self, identity: str, items: Any) -> None:
        """Note which items a vertex shows."""
        self._shown_by[items] = len(self._ids)
        self._ids.append(identity)

    def _operation(self, item: Item, path: str) -> Vertex:
        node = item.node
        identity = f"op:{item.name}"
        self._show(identity, self._wires.number(item.name))
        title = _relative(item.name, path)
        if node.role == "variable":
            title = _variable_name(title)
        return Vertex(
            identity,
            node.role,
            item.name,
            title,
            (node.op, *item.notes),
            item.operations,
            node.spec,
            node.value,
            self._bindings.get(item.name, ""),
            item.name in self._fetched,
            self._fetched.get(item.name, ""),
            kind_of(item),
        )

    def _closed(self, group: Group, path: str) -> list[Vertex | Cluster]:
        """Return a group's vertex, and the vertices of the pinned operations inside."""
        identity = self._selection.id_of(group)
        inside, items = self._wires.inside(group), self._wires.items
        self._show(identity, inside)
        fixed = [items[at] for at in inside[self._pinned[inside]]]
        pinned: list[Vertex | Cluster] = [self._operation(item, path) for item in fixed]
        operations = group.operations - sum(item.operations for item in fixed)
        if not operations:
            return pinned
        placeholders = all(
            item.node.role == "placeholder"
            for item in group.leaves()
            if item.name not in self._selection.pinned
        )
        title = _relative(group.path, path) if group.kind == "scope" else _span(group, path)
        length = self._selection.rests.get(group)
        if length and isinstance(group.members[0], Group) and group.members[0].kind == "step":
            title = f"2 … {length} of {length}"
        lines = [_summary(group, operations, placeholders=placeholders)]
        words = _words(group)
        if words and group.kind == "scope":
            lines = [", ".join(words)]
        elif words and length:
            lines = _wrapped([*words, f"{len(group.members)} more times"])
        elif words:
            times = [f"{len(group.members)} times"] * (group.kind == "series")
            title, *lines = _wrapped([*words, *times])
        if group in self._selection.alike:
            lines.append(f"like {_apart(self._selection.alike[group].path, group.path)}")
        vertex = Vertex(
            identity,
            "placeholder" if placeholders else "band" if group.kind == "step" else group.kind,
            group.path if group.kind == "scope" else span_of(group),
            title,
            tuple(lines),
            operations,
            does=kind_of(group),
        )
        return [vertex, *pinned]


def _span(group: Group, path: str) -> str:
    first, last = _relative(name_of(group), path), _relative(last_name_of(group), path)
    return first if first == last else f"{first} … {last}"


def _relative(name: str, path: str) -> str:
    """Return a name relative to a scope; for an operation with the scope's own name, its last part."""
    if name == path:
        return name.rpartition("/")[2]
    return name.removeprefix(path + "/") if path else name


def _apart(path: str, other: str) -> str:
    """Return the part of a path that differs from another path."""
    parts, others = path.split("/"), other.split("/")
    while len(parts) > 1 and others and parts[0] == others[0]:
        parts, others = parts[1:], others[1:]
    return "/".join(parts)


def _variable_name(title: str) -> str:
    """Return the user's name of a variable; freezing may have added the name of its read."""
    parts = title.split("/")
    while len(parts) > 1 and parts[-1] in {"resource", "ReadVariableOp", "read"}:
        parts.pop()
    return parts[-1]


def _summary(group: Group, operations: int, *, placeholders: bool) -> str:
    members = group.members
    if placeholders:
        return f"{len(members)} placeholders"
    if group.kind != "series":
        counted = f"{operations:,} operations"
        call = call_of(group)
        if call is not None:
            return f"{call.node.opens}: {counted}"
        return counted if group.kind == "scope" else f"{counted}: {_types(group)}"
    first = members[0]
    if isinstance(first, Item):
        return f"{len(members):,} × {first.node.op}"
    if first.kind == "step" and len(first.members) <= _SHOWN_STEPS:
        return f"{len(members):,} × ({_types(first)})"
    alike = "alike, " if len(set(map(likeness, members))) == 1 else ""
    return f"{len(members):,} {alike}{operations:,} operations"


def _words(group: Group) -> tuple[str, ...]:
    """Say what a layer, a repetition, or each of a series of long repetitions computes."""
    if group.kind == "scope":
        return words_of(group)
    # Of steps that differ, the last one has nothing that only a first one has.
    step = group.members[-1] if group.kind == "series" else group
    if isinstance(step, Item) or step.kind != "step":
        return ()
    words = path_words(step.members)
    return words if len(words) > 1 and (has_weights(words) or len(words) > _SHOWN_STEPS) else ()


def _wrapped(words: Sequence[str]) -> list[str]:
    """Write words into lines of a node: a title, and narrower lines."""
    lines = [words[0]]
    for word in words[1:]:
        if len(f"{lines[-1]}, {word}") <= _LONGEST:
            lines[-1] += f", {word}"
        elif len(lines) == _MOST_LINES:
            lines[-1] = f"{lines[-1].rpartition(', ')[0]}, …, {words[-1]}"
            break
        else:
            lines.append(word)
    return lines


def _types(group: Group) -> str:
    counts = Counter(item.node.op for item in group.leaves())
    shown = [op if n == 1 else f"{n} {op}" for op, n in counts.most_common(_SHOWN_TYPES)]
    return ", ".join(shown) + (", …" if len(counts) > _SHOWN_TYPES else "")
