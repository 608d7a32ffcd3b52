"""Make the table of the first rows of a result, which can go on to the next rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tfspark_magic.frames.frame import frame_of
from tfspark_magic.notebook.cell_text import cell_text
from tfspark_magic.notebook.option_values import Bound
from tfspark_magic.notebook.preview_table import ROLES, Column, Preview
from tfspark_magic.schema.spec import CellSpec

if TYPE_CHECKING:
    from tfspark_magic.frames.row_reader import RowReader
    from tfspark_magic.frames.some_rows import FirstColumn


@dataclass(frozen=True)
class Previewing:
    """The rows of a result, as far as they are read, and what their columns are to the program.

    >>> previewing = Previewing(rows, "tfs.map_rows(score, df)", {"x": "price"}, ["z"])  # doctest: +SKIP
    >>> previewing.read(10)                                         # doctest: +SKIP
    >>> previewing.table                                            # doctest: +SKIP

    Parameters
    ----------
    rows
        Reads the rows.
    source
        The code that gives the whole result; empty if it is already shown.
    fed
        The column of each placeholder, or its list of columns.
    outputs
        The columns that the program computed.
    keys
        The columns by which rows are grouped; they come first.
    trim
        True if the rows are made of the first rows of the DataFrame as one block.
    """

    rows: RowReader
    source: str
    fed: Mapping[str, Bound]
    outputs: Sequence[str]
    keys: Sequence[str] = ()
    trim: bool = False

    def read(self, count: int) -> Preview:
        """Read so many more rows, and return the table of all."""
        self.rows.read(count)
        return self.table

    @property
    def table(self) -> Preview:
        """The table of the rows that are read."""
        placeholders: dict[str, list[str]] = {}
        for placeholder, bound in self.fed.items():
            for name in [bound] if isinstance(bound, str) else bound:
                placeholders.setdefault(name, []).append(placeholder)
        columns = self.rows.columns
        computed = len(columns) - len(self.outputs)
        shown = []
        for position, column in enumerate(columns):
            feeds = ", ".join(placeholders.get(column.name, ()))
            role = "output" if position >= computed else "fed" if feeds else ""
            if role != "output" and column.name in self.keys:
                role = "key"
            notes = {"output": "computed", "key": "key", "fed": f"→ {feeds}"}
            shown.append(_column(column, notes.get(role, ""), role))
        shown.sort(key=lambda column: ROLES.index(column.role))
        return Preview(tuple(shown), self._caption)

    @property
    def _caption(self) -> str:
        rows, asked = self.rows.count, self.rows.asked
        noun = f"row{'' if rows == 1 else 's'}"
        if self.trim and asked:
            by = f" by {self.source}" if self.source else ""
            return (
                f"{rows} {noun}, made{by} of the first {asked} rows of the DataFrame as one block"
            )
        which = "All" if self.rows.is_whole else "The first"
        of = f" of {self.source}" if self.source else ""
        return f"{which} {rows} {noun}{of}" if asked else f"The schema{of}"


def preview_here(
    result: Any, source: str, fed: Mapping[str, Bound], outputs: Sequence[str],
    keys: Sequence[str] = (),
) -> Previewing:  # fmt: skip
    """Return the rows of a result that Spark computes as a whole, or that is in this process.

    For a lazy table, only the rows that are read are computed. Parameters as in `Previewing`.
    """
    return Previewing(frame_of(result, "preview").reader(), source, fed, outputs, keys)


def _column(column: FirstColumn, note: str, role: str) -> Column:
    dtype = column.cells.dtype if isinstance(column.cells, CellSpec) else ""
    cells = tuple(cell_text(value, dtype) for value in column.values)
    numeric = any(cell.kind in ("number", "nan") for cell in cells)
    return Column(
        column.name, str(column.cells), note, role, numeric, cells, tuple(column.values), dtype
    )
