"""Show programs in a notebook: one program with its drawing, or a list of programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from tfspark_magic.graph.program import Program

_LINE = (
    "font-family:var(--jp-code-font-family,ui-monospace,monospace);font-size:13px;"
    "padding:2px 0;text-align:left"
)
# In a notebook that is opened again, a widget without its kernel is only a line of text: hide it.
# Only in this case does the output itself have this class.
NO_DEAD_WIDGETS = (
    "<style>.jp-OutputArea:has(.tfg-program,.tfs-still) .jp-OutputArea-output.jupyter-widgets"
    "{display:none}</style>"
)
"""Stands in an output that says the same as widgets beside it."""
_CELL = "padding:3px 14px 3px 0;border:none;text-align:left;vertical-align:top"


@dataclass(frozen=True, repr=False)
class ProgramView:
    """The view of a program in its cell: the drawing, and below it its inputs and outputs.

    >>> ProgramView(score, None)                                    # doctest: +SKIP
    Program score: x int32, y int32 -> z int32

    Parameters
    ----------
    program
        The program to show.
    drawing
        The program's `Drawing`, or None for no picture.
    code
        The line of Python that runs it, if it is bound to a DataFrame.
    has_widgets
        Whether widgets follow.
    """

    program: Program
    drawing: Any = None
    code: str = ""
    has_widgets: bool = False

    def __repr__(self) -> str:
        return "\n".join([repr(self.program), self.code]) if self.code else repr(self.program)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        drawn = self.drawing._repr_mimebundle_() if self.drawing is not None else {}
        bundle = dict(drawn[0] if isinstance(drawn, tuple) else drawn)
        bundle["text/plain"] = repr(self)
        lines = f'<div class="tfg-program" style="{_LINE}">{_headline(self.program)}</div>'
        if self.code:
            lines += f'<div style="{_LINE};opacity:0.65">{escape(self.code)}</div>'
        if self.has_widgets:
            lines += NO_DEAD_WIDGETS
        bundle["text/html"] = bundle.get("text/html", "") + lines
        return bundle


@dataclass(frozen=True, repr=False)
class ProgramList:
    """The programs of a namespace, one in each line.

    Parameters
    ----------
    programs
        The programs by their names.
    """

    programs: Mapping[str, Program]

    def __repr__(self) -> str:
        if not self.programs:
            return "There is no program yet: write %%tfgraph NAME above a cell that builds a graph."
        width = max(map(len, self.programs))
        return "\n".join(f"{n.ljust(width)}  {_signature(p)}" for n, p in self.programs.items())

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        bundle = {"text/plain": repr(self)}
        if self.programs:
            heads = "".join(f'<th style="{_CELL}">{h}</th>' for h in ("program", "takes", "gives"))
            bundle["text/html"] = (
                f'<table style="border-collapse:collapse;font-size:13px;border:none;margin:0">'
                f"<thead><tr>{heads}</tr></thead><tbody>"
                + "".join(_row(name, program) for name, program in self.programs.items())
                + "</tbody></table>"
            )
        return bundle


def _signature(program: Program) -> str:
    return repr(program).removeprefix(f"Program {program.name}: ")


def _headline(program: Program) -> str:
    takes, _, gives = _signature(program).rpartition(" -> ")
    return f"Program <b>{escape(program.name)}</b>: {escape(takes)} → {escape(gives)}"


def _row(name: str, program: Program) -> str:
    mono = _CELL + ";font-family:var(--jp-code-font-family,ui-monospace,monospace)"
    takes, _, gives = _signature(program).rpartition(" -> ")
    texts = "".join(f'<td style="{mono}">{escape(text)}</td>' for text in (takes, gives))
    return f'<tr><td style="{_CELL}"><b>{escape(name)}</b></td>{texts}</tr>'
