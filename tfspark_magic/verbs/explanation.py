"""The result of `explain`: a verb's plan in words, as text and as tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from html import escape

from tfspark_magic.inspection.table import as_text

_Rows = list[tuple[str, ...]]


@dataclass(frozen=True)
class Binding:
    """A placeholder and the column that feeds it, as words.

    Parameters
    ----------
    placeholder, takes
        Its name, and the dtype and shape that the graph gets.
    column, type, cells
        The column's name, its type in Spark (for files, in Arrow), and its cells.
    nulls
        What becomes of nulls.
    fed
        How the values get from the column into the tensor.
    """

    placeholder: str
    takes: str
    column: str
    type: str
    cells: str
    nulls: str
    fed: str


@dataclass(frozen=True)
class Output:
    """A column of the result, as words: its name, the contents of its cells, its type."""

    output: str
    cells: str
    type: str


@dataclass(frozen=True, repr=False)
class Explanation:
    """The description of a verb's plan; shown as text, and in a notebook as tables.

    >>> tfs.explain(score, df).leaving                              # doctest: +SKIP
    ('x', 'y')

    Parameters
    ----------
    verb, program
        Their names.
    bindings, outputs
        The columns that feed the graph, and the columns of the result.
    run
        How the graph is run, and why not faster.
    blocks
        How many rows the graph is given at once.
    leaving, passing
        The columns that are sent to the graph, and the passthrough columns.
    read
        For files: who reads them, and how much; empty for a DataFrame.
    types
        The system whose types the columns have: Spark, pandas or Arrow.
    reading
        What the columns in `leaving` do, in words.
    device
        "auto", "cpu" or "gpu", and the GPUs that Spark gives to the tasks.
    shipped
        The size of the graph and how it gets to the workers.
    advice
        What would do the same, and faster: headings and sentences.
    """

    verb: str
    program: str
    bindings: tuple[Binding, ...]
    outputs: tuple[Output, ...]
    run: str
    blocks: str
    leaving: tuple[str, ...]
    passing: tuple[str, ...]
    device: str
    shipped: str
    read: str = ""
    types: str = "Spark"
    reading: str = "leave the JVM"
    advice: tuple[tuple[str, str], ...] = ()

    @property
    def facts(self) -> dict[str, str]:
        """The parts of the explanation other than bindings and outputs, by their headings."""
        return {
            "run": self.run,
            "blocks": self.blocks,
            **({"read": self.read} if self.read else {}),
            self.reading: ", ".join(self.leaving) or "no columns",
            "pass through": ", ".join(self.passing) or "no columns",
            "device": self.device,
            "graph": self.shipped,
            **dict(self.advice),
        }

    def __str__(self) -> str:
        head = f"{self.verb} of program {self.program}; nothing has run."
        tables: list[_Rows] = [*self._tables(), list(self.facts.items())]
        return "\n\n".join([head, *(as_text(first, rest) for first, *rest in tables)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = f"<b>{escape(self.verb)}</b> of program <b>{escape(self.program)}</b>"
        tables = "".join(_html(heads, rows) for heads, *rows in self._tables())
        return (
            f'<div style="{_FONT}">{head}<span style="{_FAINT}">; nothing has run</span>'
            f"{tables}{_html((), list(self.facts.items()))}</div>"
        )

    def _tables(self) -> tuple[_Rows, _Rows]:
        """Return bindings and outputs as rows of words, their headings first."""
        kind = f"{self.types} type"
        return (
            [
                ("placeholder", "takes", "column", kind, "cells", "nulls", "fed"),
                *map(astuple, self.bindings),
            ],
            [("output", "cells", kind), *map(astuple, self.outputs)],
        )


_FONT = "font-size:13px;text-align:left;color:inherit"
_FAINT = "opacity:0.65"
_CODE = "font-family:var(--jp-code-font-family,ui-monospace,monospace)"
_CELL = "padding:3px 14px 3px 0;border:none;text-align:left;vertical-align:top;white-space:normal"
_LINE = "border-bottom:1px solid var(--jp-border-color2,rgba(128,128,128,0.4));background:none"


def _html(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th style="{_CELL};font-weight:normal;{_FAINT}">{h}</th>' for h in heads)
    font = _CODE if heads else ""  # A table without headings is shown as prose.
    body = "".join(f'<tr style="background:none">{_html_cells(row, font)}</tr>' for row in rows)
    top = f'<thead><tr style="{_LINE}">{head}</tr></thead>' if heads else ""
    return (
        f'<table style="border-collapse:collapse;border:none;margin:8px 0 0 0;{_FONT}">'
        f"{top}<tbody>{body}</tbody></table>"
    )


def _html_cells(row: Sequence[str], font: str) -> str:
    first, *rest = map(escape, row)
    others = "".join(f'<td style="{_CELL};{font}">{text}</td>' for text in rest)
    return f'<td style="{_CELL};white-space:nowrap"><b>{first}</b></td>{others}'
