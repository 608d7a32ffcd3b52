"""Keep the rows below a form in sight until other rows take their place, and let them go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

import ipywidgets as W  # noqa: N812

from tfspark_magic.executor.jobs import Job
from tfspark_magic.frames.some_rows import FirstColumn
from tfspark_magic.notebook.jupyter import hear_at_once
from tfspark_magic.notebook.live_table import LiveTable
from tfspark_magic.notebook.preview import Previewing
from tfspark_magic.notebook.preview_table import Preview
from tfspark_magic.notebook.run_panel import RunPanel, html_of
from tfspark_magic.notebook.values import Values
from tfspark_magic.words import count

STEPS = (100, 1_000, 10_000)
"""The numbers of rows that one click leads to."""
_MOST_ELEMENTS = 4_000_000
"""The largest number of elements of arrays, bytes and letters that a preview holds."""
_LOOKED_AT = 20


class PreviewArea(W.VBox):
    """The last rows or values that were computed below a form.

    >>> area = PreviewArea(RunPanel())                              # doctest: +SKIP
    >>> area.show(previewing, spark)                                # doctest: +SKIP

    Parameters
    ----------
    panel
        Runs what computes more rows.
    busy
        Is told when that begins, and when it ends.
    """

    def __init__(self, panel: RunPanel, busy: Callable[[bool], Any] = lambda _: None) -> None:
        self._panel, self._busy = panel, busy
        # Not made when there are rows: in marimo, a widget that no cell makes has no module.
        self._live = LiveTable(Preview((), ""))
        self.table: LiveTable | None = None
        self._previewing: Previewing | None = None
        self._shown: tuple[W.Widget, ...] = ()
        super().__init__()

    def __repr__(self) -> str:
        return "PreviewArea()"

    def show(self, made: Previewing | Values, session: Any = None) -> None:
        """Show rows, which go on by a click, or values, instead of what is there.

        Parameters
        ----------
        made
            The rows that are read, and what reads more; or the values of a reduction.
        session
            The Spark session that computes more rows; None if this process does.
        """
        old, earlier = self._shown, self._previewing
        self.table, self._previewing = None, None
        if isinstance(made, Previewing):
            self._previewing = made
            self.table = self._live
            self.table.begin(made.table, lambda: self._more(made, session), more_of(made)[1])
            self._shown = (self.table,)
            # Sorting does not wait for a cell that runs.
            hear_at_once(self.table)
        else:
            self._shown = (W.HTML(html_of(made)),)
        self.children = self._shown
        for widget in old:
            if widget is not self._live:
                widget.close()
        if earlier is not None:
            earlier.rows.close()

    def dispose(self) -> None:
        """End a reading that is not at its end, and remove the table also where it is not on show."""
        self._live.close()
        if self._previewing is not None:
            self._previewing.rows.close()

    def _more(self, made: Previewing, session: Any) -> None:
        table = self.table
        count, words = more_of(made)
        if table is None or made is not self._previewing:
            return
        # The job may end before `run` returns.
        table.say(busy="Computing…")
        self._busy(True)  # noqa: FBT003
        started = self._panel.run(
            words, lambda: made.read(count), session,
            lambda _: table.update(made.table, more_of(made)[1]),
            lambda job: self._ended(job, table), clear=False,
        )  # fmt: skip
        if started is None:
            table.say(note="Something is still running: wait for it, or cancel it.")

    def _ended(self, job: Job, table: LiveTable) -> None:
        if job.state != "done":
            # The thread may still read: these rows do not go on.
            table.end(job.sentence or "Cancelled: show the first rows again to go on.")
        self._busy(False)  # noqa: FBT003


class PreviewBelow(W.VBox):
    """The rows below a cell that has no form: what computes them, and their table.

    >>> PreviewBelow()
    PreviewBelow()
    """

    def __init__(self) -> None:
        self.panel = RunPanel()
        self.rows = PreviewArea(self.panel)
        super().__init__([self.panel, self.rows])

    def __repr__(self) -> str:
        return "PreviewBelow()"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        # The table beside it says the same for those who see no widgets.
        return {**super()._repr_mimebundle_(**options), "text/plain": ""}


def more_of(made: Previewing) -> tuple[int, str]:
    """Return how many more rows a click reads, and the words for them; 0 and no words at the end."""
    reader = made.rows
    if reader.is_whole or not reader.asked:
        return 0, ""
    # A click that only doubles few rows is one too many.
    step = next((step for step in STEPS if step > 2 * reader.asked), 0)
    fitting = int(_MOST_ELEMENTS / max(1.0, _elements(reader.columns)))
    more = min(step, fitting) - reader.asked
    if more <= 0:
        return 0, ""
    rows = count(reader.asked + more, "row")
    if made.trim:
        return more, f"Of the first {rows}"
    return more, f"{rows}, all computed anew" if reader.computes_again else count(more, "more row")


def _elements(columns: Sequence[FirstColumn]) -> float:
    """Return about how many elements a row has."""
    return sum(
        sum(map(_size, islice(column.values, _LOOKED_AT))) / max(1, min(_LOOKED_AT, len(column.values)))
        for column in columns
    )  # fmt: skip


def _size(value: Any) -> int:
    if isinstance(value, list):
        return len(value) * _size(value[0]) if value else 1
    if isinstance(value, str | bytes | bytearray):
        # A number takes the memory of some letters.
        return 1 + len(value) // 16
    return int(getattr(value, "size", 1)) if hasattr(value, "toArray") else 1
