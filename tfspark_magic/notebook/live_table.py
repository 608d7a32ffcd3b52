"""Show the rows of a preview as a table that is sorted, filtered, looked into, and goes on.

The values stay here. The page asks for what is in sight by a message with a number, and each
message gets an answer, or an error:

    {"id": 3, "ask": "cells", "rows": [40, 80], "columns": [0, 24]}  ->  {"id": 3, "answer": {...}}
    {"id": 4, "ask": "arrange", "filter": "z > 3", "column": 1, "falling": true}
    {"id": 5, "ask": "cell", "row": 7, "column": 2}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from threading import RLock
from typing import Any

import anywidget
import traitlets

from tfspark_magic.inspection.column_summary import Summary, summary
from tfspark_magic.notebook.answering import answer_page
from tfspark_magic.notebook.cell_page import cell_page, text_to_copy
from tfspark_magic.notebook.cell_picture import cell_picture
from tfspark_magic.notebook.cell_text import cell_text
from tfspark_magic.notebook.preview_table import Column, Preview
from tfspark_magic.notebook.row_filter import chosen, condition, ordered
from tfspark_magic.words import count

_AT_FIRST_ROWS, _AT_FIRST_COLUMNS = 40, 24
"""The cells that the page gets without asking: those of its first blocks of rows and columns."""
_MOST_CELLS = 4000
"""The largest number of cells of an answer."""
_CHARACTERS_OF = 200
"""The rows from which the widths of columns are taken."""
_IN_BAR = 3
"""Digits of the limits of a bar."""


class LiveTable(anywidget.AnyWidget):
    """A table of rows that is sorted, filtered and looked into.

    >>> LiveTable(previewing.read(10))                              # doctest: +SKIP
    LiveTable(10 rows)

    Parameters
    ----------
    table
        The rows and columns.
    ask_more
        Is called if the user asks for more rows; it calls `update` once they are there. None if
        there are no more.
    more
        The words for more rows, such as `"90 more rows"`; empty if there are none.
    """

    _esm = Path(__file__).parents[1] / "static" / "table.js"

    columns = traitlets.List(read_only=True).tag(sync=True)
    """The columns: name, type, note, role, width in characters, and the sum of the values."""

    start = traitlets.Dict(read_only=True).tag(sync=True)
    """The cells in sight at first."""

    state = traitlets.Dict(read_only=True).tag(sync=True)
    """The number of the table, which changes with its rows and their order, and all else that is shown."""

    def __init__(
        self, table: Preview, ask_more: Callable[[], Any] | None = None, more: str = ""
    ) -> None:
        self._lock = RLock()
        self._table = table
        self._ask_more = ask_more
        self._order: list[int] = []
        self._columns: list[dict[str, Any]] = []
        self._arranged: tuple[str, int | None, bool] = ("", None, False)
        super().__init__()
        answer_page(self, self._answer)
        self.set_trait("state", {"table": 0})
        self.update(table, more)

    def __repr__(self) -> str:
        return f"LiveTable({count(self._table.count, 'row')})"

    @property
    def table(self) -> Preview:
        """The rows and columns."""
        return self._table

    def begin(self, table: Preview, ask_more: Callable[[], Any], more: str) -> None:
        """Show other rows, as they come and all of them; parameters as at first."""
        with self._lock:
            self._ask_more, self._arranged = ask_more, ("", None, False)
            self.update(table, more)

    def update(self, table: Preview, more: str = "") -> None:
        """Show these rows, in the order and with the filter that the user chose."""
        with self._lock:
            self._table = table
            self._columns = [_described(column) for column in table.columns]
            text, column, falling = self._arranged
            self._arrange(text, column, falling=falling)
            self._show(caption=table.caption, more=more, busy="", note="")

    def say(self, busy: str = "", note: str = "") -> None:
        """Say that more rows are being computed, or why they are not."""
        with self._lock:
            self.set_trait("state", {**self.state, "busy": busy, "note": note})

    def end(self, note: str) -> None:
        """Say why there are no more rows."""
        with self._lock:
            self.set_trait("state", {**self.state, "more": "", "busy": "", "note": note})

    def _show(self, **changed: Any) -> None:
        text, column, falling = self._arranged
        state = {
            **self.state, **changed, "table": self.state["table"] + 1, "rows": self._table.count,
            "shown": len(self._order), "filter": text, "column": column, "falling": falling,
        }  # fmt: skip
        with self.hold_sync():
            self.set_trait("columns", self._columns)
            self.set_trait("start", self._cells(0, _AT_FIRST_ROWS, 0, _AT_FIRST_COLUMNS))
            self.set_trait("state", state)

    def _answer(self, content: Mapping[str, Any]) -> dict[str, Any]:
        with self._lock:
            match content.get("ask"):
                case "cells":
                    return self._cells(*map(int, (*content["rows"], *content["columns"])))
                case "arrange":
                    column = content.get("column")
                    self._arrange(
                        str(content.get("filter", "")), None if column is None else int(column),
                        falling=bool(content.get("falling")),
                    )  # fmt: skip
                    self._show()
                case "cell" | "copy" as ask:
                    row = self._order[int(content["row"])]
                    column_of = self._table.columns[int(content["column"])]
                    if ask == "copy":
                        return {"text": text_to_copy(column_of.values[row])}
                    return {"row": row + 1, **cell_page(column_of, row)}
                case "more":
                    if self._ask_more is not None and self.state["more"] and not self.state["busy"]:
                        self._ask_more()
            return {}

    def _arrange(self, text: str, column: int | None, *, falling: bool) -> None:
        columns = self._table.columns
        found = chosen(columns, text)
        if column is not None:
            found = ordered(columns[column], found, falling=falling)
        self._order, self._arranged = found, (text, column, falling)

    def _cells(self, first: int, end: int, left: int, right: int) -> dict[str, Any]:
        columns = self._table.columns[left:right]
        end = min(end, first + _MOST_CELLS // max(1, len(columns)))
        rows = self._order[first:end]
        return {
            "first": first, "left": left,
            "numbers": [row + 1 for row in rows],
            "cells": [[_cell(column, row) for column in columns] for row in rows],
        }  # fmt: skip


def _cell(column: Column, row: int) -> list[Any]:
    """Return the text of a cell, its kind, and its picture if it has one."""
    text = column.cells[row]
    picture = cell_picture(column.values[row]) if column.has_pictures else None
    return [text.text, text.kind, *([] if picture is None else [asdict(picture)])]


def _described(column: Column) -> dict[str, Any]:
    cells = column.cells[:_CHARACTERS_OF]
    found = summary(column.values)
    return {
        "name": cell_text(column.name).text, "type": column.type, "note": column.note,
        "role": column.role, "numeric": column.numeric, "pictures": column.has_pictures,
        "characters": max((len(cell.text) for cell in cells), default=0),
        "sum": _sum(column.name, found),
    }  # fmt: skip


def _sum(name: str, found: Summary) -> dict[str, Any]:
    most = max((bar.count for bar in found.bars), default=1) or 1
    bars = [
        {
            "height": bar.count / most,
            "says": f"{_limit(bar.low)} to {_limit(bar.high)}: {bar.count:,}",
            "where": "" if found.inside else _within(name, bar.low, bar.high, is_last=bar.is_last),
        }
        for bar in found.bars
    ]
    tops = [
        {
            "text": cell_text(top.value).text, "share": top.count / max(1, found.rows),
            "count": top.count, "where": _where(name, "=", _written(top.value)),
        }
        for top in found.tops
    ]  # fmt: skip
    return {"bars": bars, "tops": tops, "says": found.says, "lacks": found.lacks}


def _within(name: str, low: float, high: float, *, is_last: bool) -> str:
    if low == high:
        return _where(name, "=", _exact(low))
    first, second = (
        _where(name, ">=", _exact(low)),
        _where(name, "<=" if is_last else "<", _exact(high)),
    )
    return f"{first} and {second}" if first else ""


def _where(name: str, sign: str, value: Any) -> str:
    """Return a condition; empty if the name cannot be quoted."""
    return "" if "`" in name else condition(name, sign, value)


def _exact(limit: float) -> float:
    return int(limit) if limit == int(limit) else limit


def _limit(value: float) -> str:
    return f"{value:.{_IN_BAR}g}" if value != int(value) else f"{value:,.0f}"


def _written(value: Any) -> Any:
    return value if isinstance(value, str | bool) else str(value)
