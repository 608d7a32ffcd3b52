"""Show the first rows as a table, with the type and the origin of each column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from tfspark_magic.notebook.cell_picture import CellPicture, cell_picture
from tfspark_magic.notebook.cell_text import CellText, cell_text
from tfspark_magic.notebook.styles import (
    BLUE,
    BODY,
    CELL,
    FAINT,
    GREEN,
    HEAD,
    LINE,
    MONO,
    table,
    tint,
)

_MOST_COLUMNS = 12
_WIDEST = 120
"""The width of the text table in characters: somewhat more than a terminal's line."""
_IN_SIGHT = 640
"""The width in pixels of a table that fits into a notebook 800 pixels wide."""
_PER_CHARACTER, _PADDING, _PLOT = 7.5, 20, 78
"""Pixels."""
_HEAVIEST = 95_000
"""The width in characters of the cells of a table with pictures."""

_STYLES = {
    "number": MONO + "text-align:right;",
    "text": "text-align:left;",
    "tensor": MONO + "text-align:left;",
    "null": "font-style:italic;opacity:0.5;",
    "nan": MONO + "text-align:right;font-weight:bold;opacity:0.75;",
    "bytes": MONO + "text-align:left;" + FAINT,
}


@dataclass(frozen=True)
class Column:
    """A column of the table.

    Parameters
    ----------
    name, type
        Its name, and the type of its cells.
    note
        The placeholder that it feeds, or "computed"; empty for a passthrough column.
    role
        `"fed"`, `"output"` or `""`.
    numeric
        Whether it is aligned to the right.
    cells
        The text of the cell of each row.
    values
        The original values, for pictures; empty if there are no pictures.
    """

    name: str
    type: str
    note: str
    role: str
    numeric: bool
    cells: tuple[CellText, ...]
    values: tuple[Any, ...] = ()


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
        All columns; a table shows at most twelve.
    caption
        The text below the table.
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

    def html(self, rows: range | None = None) -> str:
        """Return the table as HTML without a style sheet or script.

        Parameters
        ----------
        rows
            The rows to show; all if None. Pictures are drawn from the first row on, while the table
            is smaller than 100 KB; the cells of later rows are text.
        """
        shown, hidden = _at_most(self.columns, _MOST_COLUMNS)
        shown = _in_sight(shown)
        rows = range(self.count) if rows is None else rows
        texts = [[_cell(column, row) for column in shown] for row in rows]
        weight = _HEAVIEST - sum(len(text) for line in texts for text in line)
        for line, row in zip(texts, rows, strict=True):
            for position, column in enumerate(shown):
                picture = cell_picture(column.values[row]) if column.values else None
                drawn = _cell(column, row, picture) if picture else line[position]
                weight -= len(drawn) - len(line[position])
                if weight < 0:
                    break
                line[position] = drawn
            if weight < 0:
                break
        notes = [self.caption, _hidden(hidden)] if hidden else [self.caption]
        return table("".join(map(_header, shown)), list(map("".join, texts)), notes)

    @property
    def count(self) -> int:
        """The number of rows."""
        return len(self.columns[0].cells) if self.columns else 0


def _at_most(columns: Sequence[Column], most: int) -> tuple[list[Column], int]:
    """If there are too many columns, leave out passthrough columns, the last ones first."""
    passing = [column for column in columns if not column.role]
    left_out = {id(column) for column in passing[::-1][: max(0, len(columns) - most)]}
    return [c for c in columns if id(c) not in left_out], len(left_out)


def _in_sight(columns: Sequence[Column]) -> list[Column]:
    """If a table is wider than the page, put the columns that are fed or computed first."""
    pixels = sum(
        _width(c) * _PER_CHARACTER + _PADDING + (_PLOT if c.values else 0) for c in columns
    )
    if pixels <= _IN_SIGHT:
        return list(columns)
    order = ("fed", "output", "")
    return sorted(columns, key=lambda column: order.index(column.role))


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
    return tint(GREEN if column.role == "output" else BLUE, strength)


def _header(column: Column) -> str:
    align = "right" if column.numeric else "left"
    style = f"{CELL}{_tint(column, HEAD)}text-align:{align};font-weight:normal;{LINE}"
    note = escape(column.note) or "&nbsp;"
    return (
        f'<th style="{style}">'
        f'<div style="font-weight:bold">{escape(cell_text(column.name).text)}</div>'
        f'<div style="{MONO}{FAINT}font-size:11px">{escape(column.type)}</div>'
        f'<div style="font-size:11px">{note}</div></th>'
    )


def _cell(column: Column, row: int, picture: CellPicture | None = None) -> str:
    cell = column.cells[row]
    style = _STYLES[cell.kind]
    if cell.kind == "null":
        # The opacity is set for the text, so that the colour of the column does not change.
        align = "right" if column.numeric else "left"
        text = f'<span style="{style}">null</span>'
        return f'<td style="{CELL}{_tint(column, BODY)}text-align:{align}">{text}</td>'
    inner = escape(cell.text)
    if picture:
        inner = picture.html if picture.kind == "image" else f"{picture.html}&ensp;{inner}"
    if "opacity" in style:
        inner, style = f'<span style="{style}">{inner}</span>', style.partition("font-weight")[0]
        style = style.replace(FAINT, "")
    return f'<td style="{CELL}{_tint(column, BODY)}{style}">{inner}</td>'
