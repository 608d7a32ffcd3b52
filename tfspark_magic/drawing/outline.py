"""Write a view as a tree of text, for places without pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tfspark_magic.drawing.view import Cluster, Link, Vertex, View


def visible(text: str) -> str:
    r"""Return text on one line, with invisible characters written as escapes.

    >>> print(visible("a\nb"))
    a\nb
    """
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def to_text(view: View, headline: str) -> str:
    """Write a view as a tree of scopes, with each operation as a call with its inputs.

    >>> print(to_text(view, "score: 5 operations"))                 # doctest: +SKIP
    score: 5 operations
    ├─ x: placeholder int32
    ├─ y: placeholder int32
    ├─ mul: Mul(y, 3)
    └─ z: AddV2(x, mul) -> int32, fetched
    """
    writer = _Writer(
        {vertex.id: vertex for vertex in view.vertices()}, [visible(headline)], _incoming(view)
    )
    writer.write(view.members, "")
    return "\n".join(writer.lines)


def _incoming(view: View) -> dict[str, list[Link]]:
    incoming: dict[str, list[Link]] = {}
    for link in view.links:
        incoming.setdefault(link.target, []).append(link)
    return incoming


@dataclass
class _Writer:
    vertices: Mapping[str, Vertex]
    lines: list[str]
    incoming: Mapping[str, Sequence[Link]] = field(default_factory=dict)

    def write(self, members: Sequence[Vertex | Cluster], indent: str) -> None:
        # A short constant is written where it is used.
        members = [m for m in members if isinstance(m, Cluster) or not _is_written(m)]
        near = {member.id for member in members}
        for member in members:
            is_last = member is members[-1]
            branch, below = ("└─ ", "   ") if is_last else ("├─ ", "│  ")
            if isinstance(member, Cluster):
                self.lines.append(f"{indent}{branch}{visible(member.title)}/")
                self.write(member.members, indent + below)
            else:
                self.lines.append(indent + branch + self._describe(member, near))

    def _describe(self, vertex: Vertex, near: set[str]) -> str:
        kind, *notes = vertex.lines or (vertex.kind,)
        if vertex.kind in {"placeholder", "variable", "constant"} and vertex.spec:
            column = f" <- column {vertex.column}" if vertex.column else ""
            description = f"{vertex.kind} {vertex.spec}{column}"
        else:
            taken = [self._name(link, near) for link in self.incoming.get(vertex.id, ())]
            if vertex.spec or vertex.kind in {"op", "fetch"}:
                description = f"{kind}({', '.join([*taken, *notes])})"
            else:
                description = ", ".join(vertex.lines)
                description += f" <- {', '.join(taken)}" if taken else ""
        if vertex.is_fetched:
            fetched = f"fetched as {vertex.output}" if vertex.output else "fetched"
            description += f" -> {vertex.spec}, {fetched}" if vertex.spec else f", {fetched}"
        return visible(f"{vertex.title}: {description}")

    def _name(self, link: Link, near: set[str]) -> str:
        source = self.vertices[link.source]
        if _is_written(source):
            return source.value
        name = source.title if source.id in near else source.name
        if link.is_control:
            return f"^{name}"
        return name if len(link.edges) == 1 else f"{len(link.edges)} of {name}"


def _is_written(vertex: Vertex) -> bool:
    return vertex.kind == "constant" and bool(vertex.value)
