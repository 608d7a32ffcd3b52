"""Bind a call: find the objects of its names, and choose the verb by the shapes if need be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from tfspark_magic.binding import Columns, by_shape
from tfspark_magic.binding.feeds import bind_feeds
from tfspark_magic.binding.reduction_names import named_reduction
from tfspark_magic.errors import (
    ColumnNotFoundError,
    NameConflictError,
    OptionError,
    ReductionError,
)
from tfspark_magic.graph.program import Program
from tfspark_magic.notebook.bound_call import VERBS_DEFAULTS, BoundCall
from tfspark_magic.notebook.call import Call
from tfspark_magic.notebook.namespace import find_dataframe, output_name


class Host(Protocol):
    """The context of a call: the user's names, and the defaults of the options."""

    nulls: Any
    rows_per_block: Any
    device: Any
    preview_rows: Any

    @property
    def has_magics(self) -> bool:
        """Whether lines of magic can be written."""

    def namespace(self) -> Mapping[str, Any]:
        """Return the user's names."""

    def results(self) -> list[Any]:
        """Return the DataFrames that programs made; they are not defaults for the next program."""


def bind(call: Call, program: Program, host: Host, *, columns: Columns | None = None) -> BoundCall:
    """Bind a program to a DataFrame as a call says, or raise an error with the reason.

    Parameters
    ----------
    call
        The request.
    program
        The program that the call names, with the fetches that the call names: see `fetched`.
    host
        The context, with the DataFrames and the defaults.
    columns
        The columns of the DataFrame, to check only that the program fits them. If not given, a lazy
        result is made.

    Raises
    ------
    OptionError
        If options do not go together, a key is not a column, or there is no such DataFrame.
    TfSparkError
        If the program does not fit the DataFrame.
    """
    from tfspark_magic.frames.frame import frame_of

    name, frame = find_dataframe(host.namespace(), call.frame, host.results())
    verb = call.known_verb()
    defaults = {o: getattr(host, o) for o in VERBS_DEFAULTS if getattr(call, o) is None}
    said = replace(call, program=call.program or program.name, frame=name, verb=verb, **defaults)
    bound = BoundCall(said, program, frame)
    makes = columns is None and bound.is_lazy
    known = frame_of(frame, verb or "map_rows").columns if columns is None else columns
    if verb not in (None, "local"):
        if makes:
            bound.result  # noqa: B018
        else:
            bound.check(known)
        return bound

    def attempt(*, per_row: bool, reshape: bool) -> BoundCall:
        tried = replace(bound, call=replace(said, verb="map_rows" if per_row else "map_blocks"))
        if not makes:
            tried.check(known, reshape=reshape)
            return tried
        if not reshape:
            # Verbs also take cells in another shape.
            bind_feeds(program, known, said.bind, per_row=per_row, nulls=said.nulls, trim=said.trim)
        tried.result  # noqa: B018
        return tried

    try:
        found = by_shape(program, attempt)
    except (ColumnNotFoundError, NameConflictError) as error:
        reduction = _reduction(program, known)
        if verb or reduction is None:
            raise
        raise ReductionError(f"{error} This looks like a reduction: --op {reduction}.") from None
    return replace(bound, call=said) if verb else found


def fetched(call: Call, program: Program, namespace: Mapping[str, Any]) -> tuple[Call, Program]:
    """Keep only the fetches that a call names, by tensor names or by Python names.

    In the returned call, `fetch` holds tensor names, or nothing if all fetches are kept.
    """
    outputs = tuple(spec.name for spec in program.outputs)
    names = tuple(output_name(name, program.outputs, namespace) for name in call.fetch)
    if len(set(names)) < len(names):
        raise OptionError(f"--fetch names a tensor twice: {', '.join(names)}.")
    if names in ((), outputs):
        return replace(call, fetch=()), program
    return replace(call, fetch=names), program.fetch(*names)


def _reduction(program: Program, known: Columns) -> str | None:
    """Return the reduction that fits the names of placeholders, fetches and columns."""
    placeholders, columns = {spec.name for spec in program.inputs}, {name for name, _ in known}
    fits = {spec.name for spec in program.outputs} <= columns and columns.isdisjoint(placeholders)
    return named_reduction(program) if fits else None
