"""Write, run and show a call together with its program and frame."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import tfspark_magic
from tfspark_magic.binding import Columns
from tfspark_magic.binding import bind as bind_map
from tfspark_magic.binding.reduction_names import fetch_of
from tfspark_magic.binding.reductions import bind_reduction
from tfspark_magic.frames.frame import Frame, frame_of
from tfspark_magic.graph.program import Program
from tfspark_magic.notebook.call import MAPS, REDUCTIONS, Call
from tfspark_magic.notebook.namespace import frame_code
from tfspark_magic.notebook.option_values import Bound, column_label
from tfspark_magic.notebook.preview import Previewing, preview_here
from tfspark_magic.notebook.preview_table import Preview
from tfspark_magic.notebook.values import Values, values

VERBS_DEFAULTS = {"nulls": "error", "rows_per_block": None, "device": "auto"}
"""The verbs' defaults for the options."""


@dataclass(frozen=True, eq=False)
class BoundCall:
    """A call that fits; nothing has run.

    >>> bind(Call(program="score"), score, magics).python()         # doctest: +SKIP
    'tfs.map_rows(score, df)'

    Parameters
    ----------
    call
        The call in full: with the verb, the names, and the defaults.
    program
        The program, with the requested fetches.
    frame
        The frame that it reads.
    """

    call: Call
    program: Program
    frame: Any

    @property
    def is_lazy(self) -> bool:
        """Whether the result is a lazy DataFrame."""
        return self.call.verb not in (*REDUCTIONS, "local") and self._frame.is_lazy

    @cached_property
    def _frame(self) -> Frame:
        return frame_of(self.frame, self.function)

    @property
    def fed(self) -> dict[str, Bound]:
        """The column of each placeholder; in a reduction z_1 and z_2 have the same column."""
        bound = self.call.bind
        if self.call.verb in (*MAPS, "local"):
            return {spec.name: bound.get(spec.name, spec.name) for spec in self.program.inputs}
        given = {fetch_of(name): column for name, column in bound.items()}
        fetches = {spec.name: fetch_of(spec.name) for spec in self.program.inputs}
        return {name: given.get(fetch, fetch) for name, fetch in fetches.items()}

    @property
    def labels(self) -> dict[str, str]:
        """The text that a drawing shows for the column of each placeholder."""
        return {name: column_label(column) for name, column in self.fed.items()}

    @property
    def outputs(self) -> list[str]:
        """The names of the fetches."""
        return [spec.name for spec in self.program.outputs]

    @property
    def function(self) -> str:
        """The name of the verb in `tfspark_magic`."""
        return "run_local" if self.call.verb == "local" else str(self.call.verb)

    @property
    def arguments(self) -> list[str]:
        """The arguments of the verb, as Python."""
        call = self.call
        fetch = f".fetch({', '.join(map(repr, call.fetch))})" if call.fetch else ""
        written = [f"{call.program}{fetch}", frame_code(str(call.frame))]
        if call.bind:
            written.append(repr(call.bind))
        given = {n: value for n, value in self._options.items() if value != VERBS_DEFAULTS.get(n)}
        return written + [f"{name}={literal(value)}" for name, value in given.items()]

    def python(self) -> str:
        """Write the line of Python that does the same."""
        call = f"tfs.{self.function}({', '.join(self.arguments)})"
        return f"{self.call.out} = {call}" if self.call.out else call

    @cached_property
    def result(self) -> Any:
        """The result of the verb, computed once when it is first needed."""
        return self.run(self.frame)

    def run(self, frame: Any) -> Any:
        """Call the verb over this frame, or over another frame with the same columns."""
        verb = getattr(tfspark_magic, self.function)
        return verb(self.program, frame, self.call.bind, **self._options)

    def check(self, columns: Columns, *, reshape: bool = True) -> None:
        """Raise an error if the program does not fit these columns; nothing runs."""
        from tfspark_magic.frames.grouping import groups_of

        call, verb = self.call, str(self.call.verb)
        if verb in MAPS:
            bind_map(
                self.program, columns, call.bind, per_row=verb == "map_rows", reshape=reshape,
                **self._options,
            )  # fmt: skip
            return
        options = {name: value for name, value in self._options.items() if name != "by"}
        if verb == "aggregate":
            groups_of(self.frame, call.by)
        bind_reduction(self.program, columns, call.bind, verb=verb, keys=call.by, **options)

    def preview(self, count: int, source: str) -> Preview | Values:
        """Return a view of the result: its first rows, or the values of a reduction.

        Parameters
        ----------
        count
            The number of rows. A map computes only about this number of rows; other verbs compute
            everything.
        source
            The code that gives the result; empty if it is already shown.
        """
        if self.call.verb in REDUCTIONS:
            return values(self.result, self.program.outputs, source)
        return self.previewing(source).read(count)

    def previewing(self, source: str) -> Previewing:
        """Return the rows of the result, none of which is read yet; not for a reduction."""
        call = self.call
        if not self.is_lazy or call.verb not in MAPS:
            # The groups of a part of the rows would be different.
            return preview_here(self.result, source, self.fed, self.outputs, call.by)
        from tfspark_magic.frames.spark_rows import map_reader

        rows = map_reader(self.run, self.frame, trim=call.trim)
        return Previewing(rows, source, self.fed, self.outputs, trim=call.trim)

    @property
    def _options(self) -> dict[str, Any]:
        given = {name: getattr(self.call, name) for name in VERBS_DEFAULTS}
        if self.call.errors == "null":
            given = {"errors": "null", **given}
        if self.call.by:
            return {"by": list(self.call.by), **given}
        return {"trim": True, **given} if self.call.trim else given


def literal(value: Any) -> str:
    """Write an option as Python; NaN and infinity have no literals."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name!r}: {literal(one)}' for name, one in value.items())}}}"
    is_finite = not isinstance(value, float) or math.isfinite(value)
    return repr(value) if is_finite else f"float('{value}')"
