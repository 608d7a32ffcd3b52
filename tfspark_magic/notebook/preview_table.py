"""Show the first rows as a table, with the type and the origin of each column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any

from tfspark_magic.notebook.cell_picture import POINTS, CellPicture, cell_picture
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
from tfspark_magic.words import count

ROLES = ("key", "output", "fed", "")
"""The roles of columns, in the order of the table."""
_WIDEST = 120
"""The width of the text table in characters: somewhat more than a terminal's line."""
_HEAVIEST = 120_000
"""The width in characters of the cells of a table, with pictures."""
_FULL_PLOTS, _COARSE = 40, 16
"""Up to so many plots have all of their points; of more plots, each has so many points."""

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
        The placeholder that it feeds, "computed" or "key"; empty for a passthrough column.
    role
        One of `ROLES`.
    numeric
        Whether it is aligned to the right.
    cells
        The text of the cell of each row.
    values
        The values of these cells.
    dtype
        The dtype of the cells, if TensorFlow has such.
    """

    name: str
    type: str
    note: str
    role: str
    numeric: bool
    cells: tuple[CellText, ...]
    values: tuple[Any, ...]
    dtype: str = ""

    @cached_property
    def has_pictures(self) -> bool:
        """Whether a cell may be drawn."""
        return any(cell.kind in ("tensor", "bytes") or _is_vector(value)
                   for cell, value in zip(self.cells, self.values, strict=True))  # fmt: skip


@dataclass(frozen=True, repr=False)
class Preview:
    """A table of the first rows; a notebook shows it as HTML, a terminal as text.

    >>> Preview(columns, "First 2 rows of tfs.map_rows(score, df)")   # doctest: +SKIP
           z      x
       int32  int32
    computed   -> x
    --------  -----
           7      1
           8      2
    First 2 rows of tfs.map_rows(score, df)

    Parameters
    ----------
    columns
        All columns: keys, the outputs, those that feed placeholders, and the rest. The text shows as many
        as fit into a line, the HTML as many as 120 KB hold.
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
            is smaller than 120 KB; the cells of later rows are text.
        """
        rows = range(self.count) if rows is None else rows
        columns, weight = _in_page(self.columns, rows)
        drawn_columns = {at for at, column in enumerate(columns) if column.has_pictures}
        points = POINTS if len(rows) * len(drawn_columns) <= _FULL_PLOTS else _COARSE
        body = []
        for row in rows:
            cells = [_cell(column, row) for column in columns]
            for position, column in enumerate(columns):
                is_drawn = position in drawn_columns
                picture = cell_picture(column.values[row], points) if is_drawn else None
                drawn = _cell(column, row, picture) if picture else ""
                more = len(drawn) - len(cells[position])
                if drawn and more <= weight:
                    weight -= more
                    cells[position] = drawn
            body.append(_number(row) + "".join(cells))
        hidden = len(self.columns) - len(columns)
        notes = [self.caption, _hidden(hidden)] if hidden else [self.caption]
        return table(_HEAD_OF_NUMBERS + "".join(map(_header, columns)), body, notes, "tfs-rows")

    @property
    def count(self) -> int:
        """The number of rows."""
        return len(self.columns[0].cells) if self.columns else 0


def _is_vector(value: Any) -> bool:
    """Whether a value is a vector of MLlib."""
    return hasattr(value, "toArray")


def _in_page(columns: Sequence[Column], rows: range) -> tuple[Sequence[Column], int]:
    """Return the first columns that a page holds, and what their pictures may weigh."""
    weight = _HEAVIEST - sum(len(_number(row)) for row in rows)
    for position, column in enumerate(columns):
        weight -= len(_header(column)) + sum(len(_cell(column, row)) for row in rows)
        if weight < 0 and position:
            return columns[:position], 0
    return columns, max(0, weight)


def _fitting(columns: Sequence[Column]) -> tuple[Sequence[Column], int]:
    """Return the first columns that a line holds, and the number of the others."""
    width = 0
    for position, column in enumerate(columns):
        width += _width(column) + 2
        if width > _WIDEST + 2 and position:
            return columns[:position], len(columns) - position
    return columns, 0


def _hidden(columns: int) -> str:
    return f"… and {count(columns, 'more column')}"


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
    colours = {"output": GREEN, "fed": BLUE}
    return tint(colours[column.role], strength) if column.role in colours else ""


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


_HEAD_OF_NUMBERS = (
    f'<th style="{CELL}{LINE}text-align:right;font-weight:normal;vertical-align:bottom">'
    f'<span style="{FAINT}font-size:11px">row</span></th>'
)


def _number(row: int) -> str:
    return (
        f'<th style="{CELL}text-align:right;font-weight:normal">'
        f'<span style="{FAINT}font-size:11px">{row + 1:,}</span></th>'
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
