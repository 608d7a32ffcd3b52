"""Choose the passthrough columns of a map."""

from __future__ import annotations

from collections.abc import Sequence

from tfspark_magic.errors import OptionError, closest


def all_columns(columns: Sequence[str] | None) -> None:
    """Raise OptionError if columns are chosen from a frame whose result can drop columns itself."""
    if columns is not None:
        message = "columns= goes with files: leave it out, and drop columns from the result."
        raise OptionError(message)


def chosen_columns(
    columns: Sequence[str] | None, names: Sequence[str], kind: str, *, trim: bool
) -> list[str]:
    """Return the names of the passthrough columns, all if none are chosen.

    Raises
    ------
    OptionError
        If a chosen column does not exist, or the result has only outputs.
    """
    if trim:
        if columns:
            message = "trim=True returns only the fetches: leave columns= out."
            raise OptionError(message)
        return []
    if columns is None:
        return list(names)
    if isinstance(columns, str):
        message = f"columns is a list of names, got {columns!r}: write columns=[{columns!r}]."
        raise OptionError(message)
    for name in columns:
        if name not in names:
            verb = "do" if kind == "files" else "does"
            message = f"columns names {name!r}, which the {kind} {verb} not have. "
            raise OptionError(message + closest(name, names))
    return list(dict.fromkeys(columns))
