"""Show the first rows of a result page by page."""

from __future__ import annotations

from typing import Any

import ipywidgets as W  # noqa: N812

from tfspark_magic.notebook.preview_table import Preview
from tfspark_magic.notebook.styles import FAINT

_SIZES = (5, 10, 25, 50, 100)


class PagedTable(W.VBox):
    """A preview with buttons for its pages; only the current page is sent to the browser.

    >>> PagedTable(preview(first, "tfs.map_rows(score, df)", fed, ["z"], 100))   # doctest: +SKIP
    PagedTable(100 rows)

    Parameters
    ----------
    preview
        The rows and columns to show.
    page_size
        The number of rows on a page.

    Attributes
    ----------
    start
        The number of the first shown row, from 0.
    table, first, previous, next, last, size, place
        The widgets.
    """

    def __init__(self, preview: Preview, page_size: int = 10, **traits: Any) -> None:
        self.preview = preview
        self.start = 0
        self.table = W.HTML(layout=W.Layout(min_width="0", width="100%", overflow="auto"))
        self.first = _button("First", "First page")
        self.previous = _button("Previous", "Previous page")
        self.next = _button("Next", "Next page")
        self.last = _button("Last", "Last page")
        self.place = W.HTML()
        sizes = sorted({*_SIZES, page_size})
        self.size = W.Dropdown(
            options=[(f"{size} rows", size) for size in sizes], value=page_size,
            description="", tooltip="Rows on a page", layout=W.Layout(width="95px"),
        )  # fmt: skip
        self.first.on_click(lambda _: self._go(0))
        self.previous.on_click(lambda _: self._go(self.start - self.size.value))
        self.next.on_click(lambda _: self._go(self.start + self.size.value))
        self.last.on_click(lambda _: self._go(self._last()))
        self.size.observe(self._on_size, "value")
        buttons = (self.first, self.previous, self.place, self.next, self.last, self.size)
        self.bar = W.HBox(
            buttons, layout=W.Layout(align_items="center", grid_gap="4px", flex_flow="row wrap")
        )
        if preview.count <= min(sizes[0], page_size):
            self.bar.layout.display = "none"
        super().__init__([self.table, self.bar], **traits)
        self._draw()

    def __repr__(self) -> str:
        return f"PagedTable({self.preview.count} rows)"

    def _last(self) -> int:
        count, size = self.preview.count, int(self.size.value)
        return max(0, (count - 1) // size * size)

    def _on_size(self, change: Any) -> None:
        # The first row remains visible.
        self._go(self.start // change["new"] * change["new"])

    def _go(self, start: int) -> None:
        self.start = min(max(0, start), self._last())
        self._draw()

    def _draw(self) -> None:
        count = self.preview.count
        end = min(self.start + self.size.value, count)
        html = self.preview.html(range(self.start, end))
        # Without this setting, a widget's lines are as high as a button.
        self.table.value = f'<div style="line-height:1.4">{html}</div>'
        which = f"rows {self.start + 1:,}–{end:,} of {count:,}" if count else "no rows"
        style = f"{FAINT}padding:0 6px;font-size:var(--jp-ui-font-size1,13px)"
        self.place.value = f'<span role="status" style="{style}">{which}</span>'
        self.first.disabled = self.previous.disabled = self.start == 0
        self.next.disabled = self.last.disabled = end >= count


def _button(name: str, tooltip: str) -> W.Button:
    return W.Button(description=name, tooltip=tooltip, layout=W.Layout(width="auto"))
