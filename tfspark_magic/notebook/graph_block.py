"""`tfs.graph`: a `with` block that is what a `%%tfgraph` cell is, for notebooks without magics."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType
from typing import Any

from tfspark_magic.errors import CaptureError
from tfspark_magic.graph.program import Program
from tfspark_magic.notebook import cell as cells
from tfspark_magic.notebook.front_end import current
from tfspark_magic.notebook.options import parse


class UnfinishedProgram(Program):
    """The program of a `with` block before its end, when it becomes a `Program`.

    >>> UnfinishedProgram.of("score").name
    'score'
    """

    @classmethod
    def of(cls, name: str) -> UnfinishedProgram:
        """Make one of a name."""
        made = cls.__new__(cls)
        vars(made)["name"] = name
        return made

    def become(self, program: Program) -> None:
        """Be this program from now on."""
        vars(self).update(vars(program))
        object.__setattr__(self, "__class__", Program)

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("_"):
            raise AttributeError(attribute)
        name = self.name
        raise CaptureError(
            f"The program {name!r} is there once its with block has ended without an error."
        )

    def __repr__(self) -> str:
        return f"Program {self.name}: its with block has not ended"


@contextmanager
def graph_block(line: str, frame: FrameType) -> Iterator[Program]:
    """Make a program of what the code in a frame builds; see `tfs.graph`."""
    from tfspark_magic.notebook.magics import TFGraphMagics, check_of_graph

    call = parse(TFGraphMagics.tfgraph.parser, line)
    check_of_graph(call)
    host = current(frame.f_globals).host()
    variable = cells.name_after_as(frame)
    name = call.program or variable or "graph"
    call = replace(call, program=variable or name)
    call.check_out(str(call.program))
    program = UnfinishedProgram.of(name)
    made: list[Any] = []
    with cells.captured_block(frame, made.append):
        yield program
    names = {**host.namespace(), **frame.f_locals}
    program.become(cells.program(made[0], name, call.fetch, names))
    host.show(program, replace(call, fetch=()))
