"""Make the rows of a form: for each placeholder, the columns that fit, and the chosen one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tfspark_magic.binding import Columns
from tfspark_magic.binding.fits import Fit, fits, misfit, parts, takes
from tfspark_magic.binding.maps import takes_blocks
from tfspark_magic.binding.reduction_names import fetch_of
from tfspark_magic.graph.program import Program
from tfspark_magic.notebook.call import FIT, REDUCTIONS
from tfspark_magic.notebook.form.guesses import guesses
from tfspark_magic.notebook.form.refusals import sentence
from tfspark_magic.notebook.option_values import Bound
from tfspark_magic.schema.spec import TensorSpec


@dataclass(frozen=True)
class Row:
    """A placeholder, or a pair of them that one column feeds.

    Parameters
    ----------
    names
        The names of the placeholders.
    spec
        The spec of the first placeholder.
    fits
        All columns of the DataFrame, with whether they fit.
    column
        The chosen column, or a list of columns; None if none is chosen and there is no clear
        default.
    parts
        The columns that may be chosen for a list.
    guess
        The column that suggests itself; empty if one is chosen, or if there is no such column.
    """

    names: tuple[str, ...]
    spec: TensorSpec
    fits: tuple[Fit, ...]
    column: Bound | None
    parts: tuple[str, ...] = ()
    guess: str = ""

    @property
    def field(self) -> str:
        """The name of the field in the form."""
        return f"bind:{self.names[0]}"


def rows(
    program: Program,
    columns: Columns,
    op: str | None,
    chosen: Mapping[str, Bound],
    per_row: tuple[bool, ...],
) -> list[Row]:
    """Return the rows of a form.

    A placeholder without a choice takes the column of the same name. If there is none, a column may
    be guessed, which the user has to accept.

    Parameters
    ----------
    program, columns
        The program, and the columns of the DataFrame.
    op
        The operation; None if the shapes decide.
    chosen
        The chosen columns, by placeholder.
    per_row
        See `ways`.
    """
    groups: dict[str, list[TensorSpec]] = {}
    for spec in program.inputs:
        group = fetch_of(spec.name) if op == "reduce_rows" else spec.name
        groups.setdefault(group, []).append(spec)
    found = []
    for specs in groups.values():
        names = tuple(spec.name for spec in specs)
        reshape = op not in (*REDUCTIONS, "aggregate")
        all_fits = tuple(fits(program, names[0], columns, per_row, reshape=reshape))
        own = own_column(names[0], op)
        column = next((chosen[name] for name in names if name in chosen), None)
        if column is None and any(fit.column == own for fit in all_fits):
            column = own
        may_be_parts = tuple(parts(program, names[0], columns, per_row))
        found.append(Row(names, specs[0], all_fits, column, may_be_parts))
    taken = [row.column for row in found if isinstance(row.column, str)]
    taken += [name for row in found if isinstance(row.column, list) for name in row.column]
    guessed = guesses(
        {
            row.names[0]: [fit.column for fit in row.fits if not fit.reason]
            for row in found
            if row.column is None
        },
        taken,
    )
    return [replace(row, guess=guessed.get(row.names[0], "")) for row in found]


def own_column(placeholder: str, op: str | None) -> str:
    """Return the default column of a placeholder."""
    return fetch_of(placeholder) if op in (*REDUCTIONS, "aggregate") else placeholder


def ways(program: Program, op: str | None, *, trim: bool) -> tuple[bool, ...]:
    """Say whether placeholders take cells (True), blocks of cells (False), or either."""
    if op in ("map_rows", "reduce_rows"):
        return (True,)
    if op in ("map_blocks", "reduce_blocks", "aggregate", FIT) or (trim and op is None):
        return (False,)
    return (False, True) if takes_blocks(program) else (True, False)


def wrong(
    row: Row, program: Program, columns: Columns, df_name: str, per_row: tuple[bool, ...]
) -> str:
    """Say what is wrong with the column of a row; empty if it fits."""
    if not row.column:
        cell = row.spec.cell(per_row=per_row[0])
        wanted = f"{row.spec.dtype}, {takes(cell)}" if cell else row.spec.dtype
        verb = "take" if len(row.names) > 1 else "takes"
        fitting = any(not fit.reason for fit in row.fits)
        ask = "Choose a column" if fitting else f"No column of {df_name} fits"
        if row.column is not None:
            ask = "Choose the columns in their order"
        elif row.parts and not fitting:
            ask = f"No column of {df_name} fits, but several side by side may"
        return f"{ask}: {' and '.join(row.names)} {verb} {wanted}."
    if any(fit.column == row.column and not fit.reason for fit in row.fits):
        return ""
    error = misfit(program, row.names[0], row.column, columns, per_row=per_row[0])
    return "" if error is None else sentence(error, df_name)


def side_by_side(row: Row, taken: Iterable[Bound]) -> list[str]:
    """Return a first list of columns: the columns without another use, if their number fits.

    >>> side_by_side(row, taken=["label"])                          # doctest: +SKIP
    ['length', 'width']
    """
    others = {
        name for column in taken for name in ([column] if isinstance(column, str) else column)
    }
    free = [name for name in row.parts if name not in others]
    sizes = {shape[-1] for shape in [row.spec.shape] if shape}
    return free if sizes <= {None, len(free)} else []
