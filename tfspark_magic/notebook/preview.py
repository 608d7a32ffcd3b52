"""The first rows as a table that says what each column holds and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from tfspark_magic.errors import UnsupportedTypeError
from tfspark_magic.notebook.cell_text import CellText, cell_text

if TYPE_CHECKING:
    from tfspark_magic.executor.preview import FirstRows

_MOST_COLUMNS = 12
_WIDEST = 120
"""Characters of the text table: a terminal's line and a bit."""

# Blue and green as the drawing gives them to placeholders and fetches, so thin that text keeps
# the theme's own colour on them, and light enough to be seen on a dark page. Styles stand on the elements: style sheets do not outlive a notebook.
_BLUE, _GREEN = "60,130,235", "45,165,95"
_CELL = "padding:3px 10px;border:none;vertical-align:top;white-space:nowrap;"
_MONO = "font-family:var(--jp-code-font-family,ui-monospace,monospace);"
_FAINT = "opacity:0.65;"
_STYLES = {
    "number": _MONO + "text-align:right;",
    "text": "text-align:left;",
    "tensor": _MONO + "text-align:left;",
    "null": "font-style:italic;opacity:0.5;",
    "nan": _MONO + "text-align:right;font-weight:bold;opacity:0.75;",
    "bytes": _MONO + "text-align:left;" + _FAINT,
}


@dataclass(frozen=True)
class Column:
    """A column of the table.

    Parameters
    ----------
    name, type
        Its name, and what its cells hold.
    note
        The placeholder that it feeds, or that it was computed; empty for one that passes through.
    role
        `"fed"`, `"output"` or `""`.
    numeric
        Whether it is aligned to the right.
    cells
        One for each row.
    """

    name: str
    type: str
    note: str
    role: str
    numeric: bool
    cells: tuple[CellText, ...]


@dataclass(frozen=True, repr=False)
class Preview:
    """A table of the first rows; a notebook shows it as HTML, a terminal as text.

    >>> Preview(columns, "First 2 rows of tfs.map_rows(score, df)")   # doctest: +SKIP
    x      z
    int32  int32
    -> x   computed
    -----  --------
        1         7
        2         8
    First 2 rows of tfs.map_rows(score, df)

    Parameters
    ----------
    columns
        All of them; a table shows twelve at most.
    caption
        What stands below.
    """

    columns: tuple[Column, ...]
    caption: str

    def __repr__(self) -> str:
        shown, hidden = _fitting(self.columns)
        lines = _aligned(shown)
        if hidden:
            lines.append(_hidden(hidden))
        return "\n".join([*lines, self.caption])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self.html()}

    def html(self) -> str:
        """Return the table as HTML that needs no style sheet and no script."""
        shown, hidden = _at_most(self.columns, _MOST_COLUMNS)
        rows = len(shown[0].cells) if shown else 0
        parts = [
            '<div style="overflow-x:auto;padding:2px 0 6px 0">',
            '<table style="border-collapse:collapse;font-size:13px;margin:0;border:none">',
            "<thead><tr>",
            *(_header(column) for column in shown),
            "</tr></thead><tbody>",
        ]
        for row in range(rows):
            parts += ["<tr>", *(_cell(column, row) for column in shown), "</tr>"]
        parts.append("</tbody></table>")
        notes = [self.caption, _hidden(hidden)] if hidden else [self.caption]
        parts += [
            f'<div style="{_MONO}{_FAINT}font-size:12px;padding:6px 0 0 0">{escape(note)}</div>'
            for note in notes
        ]
        parts.append("</div>")
        return "".join(parts)


def preview(
    first: FirstRows, source: str, fed: Mapping[str, str], outputs: Sequence[str], count: int
) -> Preview:
    """Make the table of the first rows of a program's result.

    Parameters
    ----------
    first
        The rows.
    source
        The code that gives the whole result; empty where it is shown already.
    fed
        The column of each placeholder.
    outputs
        The columns that the program computed.
    count
        How many rows were asked for.
    """
    from tfspark_magic.schema.spark import cell_from_spark

    placeholders: dict[str, list[str]] = {}
    for placeholder, name in fed.items():
        placeholders.setdefault(name, []).append(placeholder)
    columns = []
    # By position: names of columns that pass through may stand there twice.
    computed = len(first.fields) - len(outputs)
    for position, field in enumerate(first.fields):
        try:
            cell = cell_from_spark(field)
            dtype, kind = cell.dtype, str(cell)
        except UnsupportedTypeError:
            dtype, kind = "", field.dataType.simpleString()
        feeds = ", ".join(placeholders.get(field.name, ()))
        role = "output" if position >= computed else "fed" if feeds else ""
        note = "computed" if role == "output" else f"→ {feeds}" if feeds else ""
        cells = tuple(cell_text(row[position], dtype) for row in first.rows)
        numeric = any(c.kind in ("number", "nan") for c in cells)
        columns.append(Column(field.name, kind, note, role, numeric, cells))
    rows = len(first.rows)
    which = "The schema" if not count else f"The first {rows}" if rows == count else f"All {rows}"
    noun = "" if not count else " row" if rows == 1 else " rows"
    of = f" of {source}" if source else ""
    return Preview(tuple(columns), f"{which}{noun}{of}")


def _at_most(columns: Sequence[Column], most: int) -> tuple[list[Column], int]:
    """Leave out columns that only pass through, from the last one on, where there are too many."""
    passing = [column for column in columns if not column.role]
    left_out = {id(column) for column in passing[::-1][: max(0, len(columns) - most)]}
    return [c for c in columns if id(c) not in left_out], len(left_out)


def _fitting(columns: Sequence[Column]) -> tuple[list[Column], int]:
    for most in range(_MOST_COLUMNS, 0, -1):
        shown, hidden = _at_most(columns, most)
        if sum(_width(column) + 2 for column in shown) <= _WIDEST + 2 or len(shown) > most:
            break
    return shown, hidden


def _hidden(count: int) -> str:
    return f"… and {count} more column{'s' if count > 1 else ''}, passed through"


def _heading(column: Column) -> tuple[str, str, str]:
    return cell_text(column.name).text, column.type, column.note.replace("→", "->")


def _width(column: Column) -> int:
    return max(map(len, [*_heading(column), *(cell.text for cell in column.cells)]))


def _aligned(columns: Sequence[Column]) -> list[str]:
    texts = []
    for column in columns:
        width = _width(column)
        just = str.rjust if column.numeric else str.ljust
        cells = [just(cell.text, width) for cell in column.cells]
        texts.append([*(just(h, width) for h in _heading(column)), "-" * width, *cells])
    return ["  ".join(row).rstrip() for row in zip(*texts, strict=True)]


def _tint(column: Column, strength: float) -> str:
    if not column.role:
        return ""
    colour = _GREEN if column.role == "output" else _BLUE
    return f"background-color:rgba({colour},{strength});"


def _header(column: Column) -> str:
    align = "right" if column.numeric else "left"
    style = f"{_CELL}{_tint(column, 0.26)}text-align:{align};font-weight:normal;"
    note = escape(column.note) or "&nbsp;"
    return (
        f'<th style="{style}border-bottom:1px solid rgba(127,127,127,0.5)">'
        f'<div style="font-weight:bold">{escape(cell_text(column.name).text)}</div>'
        f'<div style="{_MONO}{_FAINT}font-size:11px">{escape(column.type)}</div>'
        f'<div style="font-size:11px">{note}</div></th>'
    )


def _cell(column: Column, row: int) -> str:
    cell = column.cells[row]
    style = _STYLES[cell.kind]
    if cell.kind == "null":
        # On the text, so that the column's tint stays as it is.
        align = "right" if column.numeric else "left"
        text = f'<span style="{style}">null</span>'
        return f'<td style="{_CELL}{_tint(column, 0.13)}text-align:{align}">{text}</td>'
    inner = escape(cell.text)
    if "opacity" in style:
        inner, style = f'<span style="{style}">{inner}</span>', style.partition("font-weight")[0]
        style = style.replace(_FAINT, "")
    return f'<td style="{_CELL}{_tint(column, 0.13)}{style}">{inner}</td>'
