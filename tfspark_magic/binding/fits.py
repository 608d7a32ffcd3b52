"""Find the columns that fit a placeholder, and say in a few words why the others do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tfspark_magic.binding.columns import Columns, FrameColumns
from tfspark_magic.binding.feeds import bind_feeds
from tfspark_magic.errors import (
    AmbiguousColumnError,
    DtypeMismatchError,
    ShapeMismatchError,
    TfSparkError,
    UnsupportedTypeError,
)
from tfspark_magic.graph.program import Program
from tfspark_magic.schema.spec import CellSpec, Shape, TensorSpec, format_shape


@dataclass(frozen=True)
class Fit:
    """Whether a column fits a placeholder.

    Parameters
    ----------
    column
        Its name.
    holds
        The cells of the column, such as `float32[4]`, and the shape in which they are fed, if it is
        another.
    reason
        Why it does not fit, such as `"string, takes float32"`; empty if it fits.
    """

    column: str
    holds: str
    reason: str = ""


def fits(
    program: Program,
    placeholder: str,
    columns: Columns,
    per_row: Sequence[bool],
    *,
    reshape: bool = True,
) -> list[Fit]:
    """Say of each column whether it fits a placeholder.

    >>> fits(score, "x", [("a", CellSpec("int32")), ("b", CellSpec("string"))],  # doctest: +SKIP
    ...      per_row=[True])
    [Fit(column='a', holds='int32', reason=''), Fit(column='b', ..., reason='string, takes int32')]

    The code that binds is tried with each column. Columns of one type are tried once, because there
    may be thousands of columns.

    Parameters
    ----------
    program, placeholder, columns
        As for `bind`.
    per_row
        Whether the placeholder takes cells (True) or blocks of cells (False). With both, a column
        fits if one of them fits, and the reason is that of the first.
    reshape
        As for `bind`.
    """
    spec = program.input(placeholder)
    alone = replace(program, inputs=(spec,))
    frame = FrameColumns.of(columns)
    names = Counter(frame.told_apart(name) for name, _ in columns)
    known: dict[CellSpec, tuple[str, str]] = {}
    found = []
    for name, cell in columns:
        if isinstance(cell, TfSparkError):
            fit = Fit(name, _type_of(cell), f"{_type_of(cell)}, which no tensor holds")
        elif names[frame.told_apart(name)] > 1:
            fit = Fit(name, str(cell), "a name of several columns")
        else:
            if cell not in known:
                tried = [_tried(alone, cell, per_row=way, reshape=reshape) for way in per_row]
                known[cell] = next((found for found in tried if not found[1]), tried[0])
            fit = Fit(name, *known[cell])
        found.append(fit)
    return found


def parts(
    program: Program, placeholder: str, columns: Columns, per_row: Sequence[bool]
) -> list[str]:
    """Return the columns of single values that can feed a vector side by side.

    >>> parts(soft, "v", [("a", CellSpec("float32")), ("b", CellSpec("string"))],  # doctest: +SKIP
    ...       per_row=[True])
    ['a']

    The list is empty for a placeholder whose cells are not vectors. The parameters are those of
    `fits`.
    """
    spec = program.input(placeholder)
    shapes = [spec.cell(per_row=way) for way in per_row]
    if not any(shape is not None and len(shape) == 1 for shape in shapes):
        return []
    single = replace(spec, shape=())
    alone = replace(program, inputs=(single,))
    return [
        fit.column
        for (_, cell), fit in zip(columns, fits(alone, placeholder, columns, [True]), strict=True)
        if not fit.reason and isinstance(cell, CellSpec) and cell.shape == ()
    ]


def misfit(
    program: Program,
    placeholder: str,
    column: str | list[str],
    columns: Columns,
    *,
    per_row: bool,
) -> TfSparkError | None:
    """Return the error of one placeholder with one column; None if they fit."""
    alone = replace(program, inputs=(program.input(placeholder),))
    try:
        bind_feeds(
            alone, columns, {placeholder: column}, per_row=per_row, nulls="error", reshape=True
        )
    except TfSparkError as error:
        return error
    return None


def takes(shape: Shape | None) -> str:
    """Describe cells of a shape in words.

    >>> takes(()), takes((4,)), takes((None,)), takes((28, 28))
    ('single values', 'a vector of 4', 'a vector', 'arrays of shape [28,28]')
    """
    if shape is None:
        return "anything"
    if len(shape) == 1:
        return "a vector" if shape[0] is None else f"a vector of {shape[0]}"
    return f"arrays of shape {format_shape(shape)}" if shape else "single values"


def _tried(alone: Program, cell: CellSpec, *, per_row: bool, reshape: bool) -> tuple[str, str]:
    """Return the cells of a column for a program's only placeholder, and the reason against it."""
    (spec,) = alone.inputs
    columns = [(spec.name, cell)]
    try:
        (feed,) = bind_feeds(
            alone, columns, {spec.name: spec.name}, per_row=per_row, nulls="error", reshape=reshape
        )
    except TfSparkError as error:
        return str(cell), _reason(error, spec, cell, per_row=per_row)
    fed = f", as {format_shape(feed.cell.shape) or 'single values'}" if feed.is_reshaped else ""
    return f"{cell}{fed}", ""


def _reason(error: TfSparkError, spec: TensorSpec, cell: CellSpec, *, per_row: bool) -> str:
    if isinstance(error, DtypeMismatchError):
        return f"{cell}, takes {spec.dtype}"
    if isinstance(error, ShapeMismatchError):
        if not per_row and spec.shape is not None and spec.shape[:1] != (None,):
            return f"{spec.name} takes no block of rows"
        return f"{cell}, takes {takes(spec.cell(per_row=per_row))}"
    return str(error)


def _type_of(error: TfSparkError) -> str:
    if isinstance(error, UnsupportedTypeError):
        return str(error.args[1])
    return "ambiguous" if isinstance(error, AmbiguousColumnError) else "another type"
