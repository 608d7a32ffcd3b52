"""Say why an operation does not apply to a program, and find the field of a form for an error."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tfspark_magic.binding.reduction_names import SUFFIXES, fetch_of, misnamed
from tfspark_magic.errors import (
    ColumnNotFoundError,
    FetchError,
    NameConflictError,
    NotAvailableError,
    ReductionError,
    ShapeMismatchError,
    TfSparkError,
    closest,
)
from tfspark_magic.graph.program import Program
from tfspark_magic.notebook.call import FIT, VERBS
from tfspark_magic.notebook.option_values import Bound


def operations(
    program: Program, *, is_streaming: bool = False, is_trainable: bool = False
) -> dict[str, str]:
    """Return in a few words why each operation cannot apply; empty if it may.

    >>> operations(score)["reduce_blocks"]                          # doctest: +SKIP
    'needs placeholder z_input for fetch z'
    """
    reasons = dict.fromkeys((*VERBS, FIT), "")
    if not is_trainable:
        reasons[FIT] = "no Keras model has these inputs"
    reasons["map_blocks"] = _no_blocks(program)
    for verb in SUFFIXES:
        reasons[verb] = _no_reduction(program, verb)
    if is_streaming:
        # A map of a stream is a stream; the other operations need its last row.
        for verb in (*SUFFIXES, "local", FIT):
            reasons[verb] = reasons[verb] or "a stream has no last row"
    return reasons


def _no_blocks(program: Program) -> str:
    for spec in program.inputs:
        if spec.shape is not None and spec.shape[:1] != (None,):
            return f"{spec.name} takes no block of rows"
    for spec in program.outputs:
        if spec.shape == ():
            return f"{spec.name} has no value for each row"
    return ""


def _no_reduction(program: Program, verb: str) -> str:
    missing, strange = misnamed(program, verb)
    if missing:
        return f"needs placeholder {missing[0]} for fetch {fetch_of(missing[0])}"
    if strange:
        return f"placeholder {strange[0]} belongs to no fetch"
    fetches = {spec.name: spec for spec in program.outputs}
    for spec in program.inputs:
        fetch = fetches[fetch_of(spec.name)]
        if spec.dtype != fetch.dtype:
            return f"{spec.name} is {spec.dtype}, {fetch.name} {fetch.dtype}"
    return ""


_ABOUT_THE_VERB = (ReductionError, ShapeMismatchError, NotAvailableError)


def place(error: TfSparkError, bound: Mapping[str, Bound], df_name: str) -> tuple[str, str]:
    """Return the field of the form for an error, and the text to show there.

    >>> place(FetchError("Fetch 'z' is no column."), {"x": "a"}, "df")
    ('fetch', "Fetch 'z' is no column.")

    Parameters
    ----------
    error
        An error of binding.
    bound
        The column of each placeholder, or the list of them.
    df_name
        The name of the DataFrame, for the advice.
    """
    placeholders = {
        column: placeholder
        for placeholder, columns in bound.items()
        for column in ([columns] if isinstance(columns, str) else columns)
    }
    field = _field(error, placeholders)
    return field, sentence(error, df_name)


def sentence(error: TfSparkError, df_name: str) -> str:
    """Return the text of an error for a form, which has no written options."""
    if isinstance(error, ColumnNotFoundError):
        _, column, available, *_ = error.args
        return f"{df_name} has no column {column!r}. {closest(column, available)}"
    return re.sub(r"\bdf\b", lambda _: df_name, str(error))


def _field(error: TfSparkError, placeholders: Mapping[str, str]) -> str:
    about = error.about
    if "placeholder" in about:
        kind = "fill" if about.get("option") == "nulls" else "bind"
        return f"{kind}:{about['placeholder']}"
    if "option" in about:
        return about["option"]
    if about.get("column") in placeholders:
        return f"bind:{placeholders[about['column']]}"
    if "column" in about or "key" in about:
        return "by"
    if isinstance(error, FetchError | NameConflictError):
        return "fetch"
    return "op" if isinstance(error, _ABOUT_THE_VERB) else "run"
