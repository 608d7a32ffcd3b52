"""Show programs in a notebook: one program with its drawing, or a list of programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from tfspark_magic.graph.program import Program

_LINE = (
    "font-family:var(--jp-code-font-family,ui-monospace,monospace);font-size:13px;"
    "padding:2px 0;text-align:left"
)
# In a notebook that is opened again, a widget without its kernel is only a line of text: hide it.
# Only in this case does the output itself have no element inside.
NO_DEAD_WIDGETS = (
    "<style>.jp-OutputArea:has(.tfg-program,.tfs-still) "
    ".jp-OutputArea-output:is(.jupyter-widgets,.lm-Panel):not(:has(*)){display:none}</style>"
)
"""Stands in an output that says the same as widgets beside it."""
_STILL = (
    "<style>@keyframes tfs-later{from{visibility:hidden}}"
    ".jp-NotebookPanel .tfs-hint::after{animation:tfs-later 2s step-end;"
    "content:'Run this cell again to go on: its form and graph come back as they were.'}"
    ".jp-OutputArea:has(.tfs-form:not(.tfs-ended)) .tfs-last{display:none!important}"
    ".jp-OutputArea:has(.tfs-ended) .tfg-static{display:block!important}"
    ".jp-OutputArea-child:has(.tfs-ended),.jp-OutputArea-child:has(.tfs-last)"
    "+.jp-OutputArea-child:has(.jp-RenderedSVG){display:none}.jp-RenderedSVG>img{max-width:100%}</style>"
)
"""Shows what widgets showed last in their place, once their kernel has ended or is not there.

The picture that the widgets leave for other files is the same again. Other pictures are as wide as the page at most.
"""
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
    name
        The name of the program in Python, by which the page finds this output.
    line, table
        The line of magic of the form below, and the last table as HTML, for a notebook that is
        opened again; empty if there is none.
    """

    program: Program
    drawing: Any = None
    code: str = ""
    has_widgets: bool = False
    name: str = ""
    line: str = ""
    table: str = ""

    def __repr__(self) -> str:
        return "\n".join([repr(self.program), self.code]) if self.code else repr(self.program)

    @property
    def parts(self) -> list[Any]:
        """What a cell displays: the picture by itself, unless widgets may take its place, and the lines."""
        if self.has_widgets or self.drawing is None or self.drawing.svg is None:
            return [self]
        return [self.drawing, replace(self, drawing=None)]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        picture = self.drawing.html if self.drawing is not None else ""
        name = f' data-tfs-program="{escape(self.name)}"' if self.has_widgets else ""
        lines = f'<div class="tfg-program"{name} style="{_LINE}">{_headline(self.program)}</div>'
        if self.code:
            lines += f'<div style="{_LINE};opacity:0.65">{escape(self.code)}</div>'
        if self.has_widgets:
            picture = f'<div class="tfs-last">{picture}</div>' if picture else ""
            lines += self._last() + NO_DEAD_WIDGETS + _STILL
        return {"text/plain": repr(self), "text/html": picture + lines}

    def _last(self) -> str:
        # The sentence is in the style sheet of notebooks: pages and files have nothing to run.
        shown = f'<div class="tfs-last tfs-hint" style="{_LINE}"></div>'
        if self.line:
            shown = (
                f'<pre class="tfs-last" style="{_LINE};margin:0">{escape(self.line)}</pre>{shown}'
            )
        return shown + (f'<div class="tfs-last">{self.table}</div>' if self.table else "")


@dataclass(frozen=True, repr=False)
class Still:
    """What stays of widgets in a saved notebook.

    Parameters
    ----------
    shown
        A table or values, as HTML and as text.
    """

    shown: Any

    def __repr__(self) -> str:
        return repr(self.shown)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        bundle: dict[str, str] = self.shown._repr_mimebundle_()
        html = f'<div class="tfs-still">{bundle["text/html"]}</div>{NO_DEAD_WIDGETS}'
        return {**bundle, "text/html": html}


@dataclass(frozen=True, repr=False)
class ProgramList:
    """The programs of a namespace, one in each line."""

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
