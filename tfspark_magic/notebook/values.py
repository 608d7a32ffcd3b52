"""Show the values of a reduction as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from tfspark_magic.inspection.table import as_text
from tfspark_magic.notebook.cell_text import cell_text
from tfspark_magic.notebook.styles import (
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
from tfspark_magic.schema.spec import CellSpec, TensorSpec

_HEADS = ("fetch", "type", "value")
_MOST, _EDGE = 8, 3
"""A longer axis is shortened to this many elements at either end."""
_MOST_LINES = 40
_LONGEST_TEXT = 40


@dataclass(frozen=True, repr=False)
class Values:
    """A table with a row for each fetch; a notebook shows it as HTML, a terminal as text.

    >>> Values((("z", "float64[2]", "[1.5, 2.5]"),), "z = tfs.reduce_blocks(total, df)")
    fetch  type        value
    -----  ----------  ----------
    z      float64[2]  [1.5, 2.5]
    z = tfs.reduce_blocks(total, df)

    Parameters
    ----------
    rows
        The name, type and value of each fetch.
    caption
        The text below the table; none if empty.
    """

    rows: tuple[tuple[str, str, str], ...]
    caption: str = ""

    def __repr__(self) -> str:
        widths = [max(map(len, column)) for column in zip(*self._lines(), strict=True)]
        rule = tuple("-" * width for width in widths)
        table = as_text(_HEADS, [rule, *self._lines()[1:]])
        return f"{table}\n{self.caption}" if self.caption else table

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self.html()}

    def html(self) -> str:
        """Return the table as HTML without a style sheet or script."""
        head = f"{CELL}{LINE}text-align:left;font-weight:normal;"
        heads = "".join(
            f'<th style="{head}"><span style="{FAINT}font-size:11px">{name}</span></th>'
            for name in _HEADS
        )
        left = f"{CELL}text-align:left;"
        rows = [
            f'<td style="{left}{tint(GREEN, HEAD)}"><b>{escape(name)}</b></td>'
            f'<td style="{left}{tint(GREEN, BODY)}{MONO}">'
            f'<span style="{FAINT}">{escape(kind)}</span></td>'
            f'<td style="{left}{tint(GREEN, BODY)}{MONO}white-space:pre">{escape(value)}</td>'
            for name, kind, value in self.rows
        ]
        return table(heads, rows, [self.caption])

    def _lines(self) -> list[tuple[str, ...]]:
        """Return the rows of the text; a value may take several rows."""
        lines: list[tuple[str, ...]] = [_HEADS]
        for name, kind, value in self.rows:
            first, *rest = value.split("\n")
            lines += [(name, kind, first), *(("", "", line) for line in rest)]
        return lines


def values(result: Any, outputs: Sequence[TensorSpec], caption: str = "") -> Values:
    """Make the table of the values of a reduction.

    Parameters
    ----------
    result
        The value of a single fetch, or a list of them.
    outputs
        The fetches.
    caption
        The code that gives the result; empty if it is already shown.
    """
    found = result if len(outputs) > 1 else [result]
    return Values(
        tuple(
            (cell_text(spec.name).text, _kind(value, spec), _text(value, spec.dtype))
            for spec, value in zip(outputs, found, strict=True)
        ),
        caption,
    )


def _kind(value: Any, spec: TensorSpec) -> str:
    shape = spec.shape if value is None else getattr(value, "shape", ())
    return str(CellSpec("binary" if isinstance(value, bytes) else spec.dtype, shape))


def _text(value: Any, dtype: str) -> str:
    if value is None or isinstance(value, str | bytes):
        return cell_text(value).text
    if getattr(value, "ndim", False):
        return _array(value, dtype)
    # All of its digits; a preview shows only eight.
    return str(value)


def _array(value: Any, dtype: str) -> str:
    """Write an array with a line for each of its vectors, and aligned elements."""
    shown = _shown(value, dtype)
    width = max(map(len, _elements(shown)), default=0) if value.ndim > 1 else 0
    lines = _joined(shown, width).split("\n")
    return "\n".join([*lines[:_MOST_LINES], "…"] if len(lines) > _MOST_LINES else lines)


def _shown(value: Any, dtype: str) -> Any:
    """Return an array as lists of texts, without the middle of its long axes."""
    if not getattr(value, "ndim", False):
        if isinstance(value, str | bytes):
            whole = len(value) <= _LONGEST_TEXT
            return repr(value) if whole else f"{value[:_LONGEST_TEXT]!r}…"
        return cell_text(value.item(), dtype).text
    if len(value) <= _MOST:
        return [_shown(item, dtype) for item in value]
    first, last = value[:_EDGE], value[-_EDGE:]
    return [*(_shown(item, dtype) for item in first), "…", *(_shown(item, dtype) for item in last)]


def _elements(shown: Any) -> list[str]:
    if isinstance(shown, str):
        return [shown]
    return [text for item in shown for text in _elements(item)]


def _joined(shown: list[Any], width: int, indent: str = " ") -> str:
    if any(isinstance(item, list) for item in shown):
        rows = (item if item == "…" else _joined(item, width, indent + " ") for item in shown)
        return "[" + f",\n{indent}".join(rows) + "]"
    return "[" + ", ".join(item if item == "…" else item.rjust(width) for item in shown) + "]"
