"""Make the table of the first rows of a result, from Spark rows or a pandas or Arrow table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tfspark_magic.frames.frame import frame_of
from tfspark_magic.notebook.cell_text import cell_text
from tfspark_magic.notebook.option_values import Bound
from tfspark_magic.notebook.preview_table import Column, Preview
from tfspark_magic.schema.spec import CellSpec

if TYPE_CHECKING:
    from tfspark_magic.frames.first_rows import FirstRows
    from tfspark_magic.frames.some_rows import FirstColumn


def preview(
    first: FirstRows,
    source: str,
    fed: Mapping[str, Bound],
    outputs: Sequence[str],
    count: int,
    *,
    trim: bool = False,
) -> Preview:
    """Make the table of the first rows of a program's result.

    Parameters
    ----------
    first
        The rows.
    source
        The code that gives the whole result; empty if it is already shown.
    fed
        The column of each placeholder, or its list of columns.
    outputs
        The columns that the program computed.
    count
        How many rows were asked for.
    trim
        True if the rows were computed from the first `count` rows of the DataFrame, as one block.
    """
    shown = _preview(first.columns, len(first.rows), source, fed, outputs, count)
    if not (trim and count):
        return shown
    rows = f"{len(first.rows)} row{'' if len(first.rows) == 1 else 's'}"
    by = f" by {source}" if source else ""
    made = f"{rows}, made{by} of the first {count} rows of the DataFrame as one block"
    return replace(shown, caption=made)


def preview_here(
    result: Any, source: str, fed: Mapping[str, Bound], outputs: Sequence[str], count: int
) -> Preview:
    """Make the table of the first rows of a pandas or Arrow table; other parameters as in `preview`.

    For a lazy table, only these rows are computed.
    """
    columns = frame_of(result, "preview").first(count)
    rows = len(columns[0].values) if columns else 0
    return _preview(columns, rows, source, fed, outputs, count)


def _preview(
    columns: Sequence[FirstColumn], rows: int, source: str, fed: Mapping[str, Bound],
    outputs: Sequence[str], count: int,
) -> Preview:  # fmt: skip
    placeholders: dict[str, list[str]] = {}
    for placeholder, bound in fed.items():
        for name in [bound] if isinstance(bound, str) else bound:
            placeholders.setdefault(name, []).append(placeholder)
    shown = []
    computed = len(columns) - len(outputs)
    for position, column in enumerate(columns):
        feeds = ", ".join(placeholders.get(column.name, ()))
        role = "output" if position >= computed else "fed" if feeds else ""
        note = "computed" if role == "output" else f"→ {feeds}" if feeds else ""
        dtype = column.cells.dtype if isinstance(column.cells, CellSpec) else ""
        cells = tuple(cell_text(value, dtype) for value in column.values)
        numeric = any(c.kind in ("number", "nan") for c in cells)
        drawable = any(isinstance(v, list) or hasattr(v, "toArray") for v in column.values)
        values = tuple(column.values) if drawable else ()
        shown.append(Column(column.name, str(column.cells), note, role, numeric, cells, values))
    which = "The schema" if not count else f"The first {rows}" if rows == count else f"All {rows}"
    noun = "" if not count else " row" if rows == 1 else " rows"
    of = f" of {source}" if source else ""
    return Preview(tuple(shown), f"{which}{noun}{of}")
