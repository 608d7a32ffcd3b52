"""x"""
from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from tfspark_magic.drawing.collapse import select
from tfspark_magic.drawing.dot import to_dot
from tfspark_magic.drawing.render import render
from tfspark_magic.drawing.view import View, view
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.structure import structure


class Drawing:
    def __init__(self, program, view):
        self.program = program
        self.view = view
        self.dot = to_dot(view)

    @cached_property
    def svg(self):
        r = render(self.dot, "svg")
        return r.decode() if r else None

    @cached_property
    def png(self):
        return render(self.dot, "png")

    @property
    def alt(self):
        return ""


def draw(program: Program, bindings: Mapping[str, str] | None = None, max_nodes: int = 40) -> Drawing:
    nodes = structure(program)
    fetched = frozenset(s.tensor.rpartition(":")[0] for s in program.outputs)
    fed = frozenset(s.tensor.rpartition(":")[0] for s in program.inputs)
    selection = select(nodes, fetched | fed, max_nodes)
    return Drawing(program, view(selection, fetched, bindings or {}))
