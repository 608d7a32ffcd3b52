"""Describe the values of a tensor as plain data: in short for its node, in full for the details."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tfspark_magic.drawing.badge import Badge, bars_path
from tfspark_magic.inspection.node_values import Array, NodeValues
from tfspark_magic.inspection.photographs import photograph, picture_words
from tfspark_magic.inspection.statistics import Statistics
from tfspark_magic.inspection.thumbnail import (
    Bars,
    Pixels,
    Thumbnail,
    number,
    share,
    text,
    thumbnail,
)
from tfspark_magic.inspection.whole_value import facts_of, range_of
from tfspark_magic.schema.spec import format_shape

_WIDE, _HIGH = 240, 44
"""The size of bars in the details."""
_SIDE, _ENLARGED = 96, 160
"""The sides of pictures in the details: of their pixels, and in the page."""
_PHOTOGRAPH = 256
"""The longer side of a picture in the details whose bytes are the value, at most."""
_COLUMNS, _ROWS = 8, 16
_VECTOR = 64
_TEXTS = "OSU"
"""The kinds of NumPy's dtypes whose values are texts or bytes."""


def badge_of(found: Sequence[NodeValues], rows: int, *, is_first: bool) -> Badge | None:
    """Make the badge of a node from its tensors; one with a NaN, an infinity or an error comes first."""
    if not found:
        return None
    shown = next((one for one in found if _is_wrong(one)), found[0])
    spec = f"{shown.tensor.dtype} {_shape(shown)}".rstrip()
    if shown.failure:
        return Badge((spec, "cannot be computed"), warning=1)
    says = shown.statistics
    values = [value for value in _by_row(shown, rows) if value is not None]
    if not says.count:
        return Badge((spec, shown.ran or "no values"))
    if values and values[0].dtype.kind in _TEXTS:
        return _badge_of_text(spec, values)
    mean = "" if says.mean is None else f"mean {number(says.mean)}"
    rest = _shares(says)
    if not says.is_finite:
        return Badge((spec, range_of(says), rest), thumbnail(values), warning=2, is_first=is_first)
    last = ", ".join(part for part in (mean, rest) if part)
    # A single number stands in the picture already.
    lines = (spec, "" if says.least == says.most else range_of(says), last or shown.ran)
    return Badge(tuple(line for line in lines if line), thumbnail(values))


def _badge_of_text(spec: str, values: Sequence[Array]) -> Badge:
    picture = thumbnail(values)
    if not isinstance(picture, Pixels):
        return Badge((spec, repr(str(picture))))
    size = f"{len(values[0].reshape(-1)[0]):,} bytes"
    return Badge((spec, picture.alt, size), picture)


def page_of(found: NodeValues, row: int, rows: int) -> dict[str, Any]:
    """Describe a tensor: its statistics over all rows, and its values for one row.

    Parameters
    ----------
    found
        The tensor.
    row
        The row to show, from 0.
    rows
        The number of rows; 0 for a constant.
    """
    page: dict[str, Any] = {
        "name": found.tensor.name,
        "spec": f"{found.tensor.dtype} {_shape(found)}".rstrip(),
        "facts": _facts(found.statistics),
        "note": found.failure or _ran(found),
        "all": None, "rows": 0, "row": 0, "one": None, "cells": [], "left": "",
    }  # fmt: skip
    if not found.arrays:
        if found.is_left_out:
            page["note"] = "The values need too much memory to be kept: look at fewer rows."
        return page
    by_row = _by_row(found, rows)
    steps = len(by_row) if len(by_row) == rows else 0
    cell = by_row[min(row, steps - 1)] if steps else by_row[0]
    if rows and not steps:
        page["note"] = "It is one value for all rows."
    is_text = found.arrays[0].dtype.kind in _TEXTS
    cells, left = ([], "It did not run for this row.") if cell is None else _cells(cell)
    one = None
    if cell is not None and cell.size and (is_text or cell.size > 1):
        one = thumbnail([cell], _PHOTOGRAPH if is_text else _SIDE)
        left = left or _reduction(cell.reshape(-1)[0], one)
    several = not is_text and (steps > 1 or (cell is not None and cell.size > 1))
    overall = thumbnail([value.reshape(-1) for value in found.arrays]) if several else None
    return page | {
        "all": _wire(overall) if isinstance(overall, Bars) else None,
        "rows": steps,
        "row": min(row, max(0, steps - 1)),
        "one": _wire(one),
        "cells": cells,
        "left": left,
    }


def _reduction(value: Any, shown: Thumbnail | None) -> str:
    """Say that a picture is shown smaller or not at all; empty for other values."""
    if not isinstance(value, bytes) or not picture_words(value):
        return ""
    found = photograph(value)
    if found is None or not isinstance(shown, Pixels):
        return "It is not shown: it has too many pixels, or its bytes cannot be decoded."
    is_whole = (found.width, found.height) == (shown.width, shown.height)
    return "" if is_whole else f"Shown smaller, in {shown.height} by {shown.width} pixels."


def _ran(found: NodeValues) -> str:
    """Say on which rows an operation ran, if it did not on all."""
    if not found.ran:
        return ""
    who = "the others" if found.arrays else "these rows"
    return f"It {found.ran}: {who} have nulls, or do not take its branch or loop."


def _by_row(found: NodeValues, rows: int) -> Sequence[Array | None]:
    """Return the array of each row; a single one if the tensor has no rows."""
    values = found.values or ()
    if found.tensor.operation == "Const":
        # It may have as many rows as the block, by chance.
        return values[:1]
    one = values[0] if len(values) == 1 else None
    if rows and one is not None and one.ndim and len(one) == rows:
        # A text of a row is an array, too.
        return [one[at, ...] for at in range(rows)]
    return values


def _is_wrong(found: NodeValues) -> bool:
    return bool(found.failure) or not found.statistics.is_finite


def _shape(found: NodeValues) -> str:
    shapes = {value.shape for value in found.arrays}
    if len(shapes) == 1:
        return format_shape(shapes.pop())
    if shapes and len({len(shape) for shape in shapes}) == 1:
        axes = [set(axis) for axis in zip(*shapes, strict=True)]
        return format_shape(tuple(axis.pop() if len(axis) == 1 else None for axis in axes))
    return format_shape(found.tensor.shape)


def _shares(says: Statistics) -> str:
    shares = (("NaN", says.nan), ("∞", says.infinite), ("zero", says.zero))
    return ", ".join(f"{share(count, says.count)} {name}" for name, count in shares if count)


def _facts(says: Statistics) -> list[list[str]]:
    if not says.count:
        return []
    return [["Values", f"{says.count:,}"], *map(list, facts_of(says))]


def _cells(cell: Array) -> tuple[list[list[str]], str]:
    """Return the first values as rows of texts, and a sentence about those left out."""
    if not cell.size:
        return [], f"It is empty: {format_shape(cell.shape)}."
    if cell.ndim <= 1:
        flat = cell.reshape(-1)
        more = f"The first {_VECTOR} of {flat.size:,} values." if flat.size > _VECTOR else ""
        return [[_text(value) for value in flat[:_VECTOR]]], more
    at = (0,) * (cell.ndim - 2)
    matrix = cell[at]
    left: list[str] = []
    if cell.ndim > 2:  # noqa: PLR2004
        where = ", ".join([*map(str, at), ":", ":"])
        left.append(f"[{where}] of {format_shape(cell.shape)}")
    if matrix.shape[0] > _ROWS or matrix.shape[1] > _COLUMNS:
        shown_rows, shown_columns = (
            min(a, b) for a, b in zip(matrix.shape, (_ROWS, _COLUMNS), strict=True)
        )
        of = "" if left else f" of {format_shape(matrix.shape)}"
        left.append(f"the first {shown_rows} rows and {shown_columns} columns{of}")
    rows = [[_text(value) for value in line[:_COLUMNS]] for line in matrix[:_ROWS]]
    sentence = ", ".join(left)
    return rows, f"{sentence[:1].upper()}{sentence[1:]}." if sentence else ""


def _text(value: Any) -> str:
    if isinstance(value, bytes | str):
        return text(value)
    return number(value)


def _wire(picture: Thumbnail | None) -> dict[str, Any] | None:
    if isinstance(picture, Bars):
        path = bars_path(picture, 0, 0, _WIDE, _HIGH)
        return {"path": path, "width": _WIDE, "height": _HIGH, "alt": picture.alt}
    if isinstance(picture, Pixels):
        scale = max(1, _ENLARGED // max(picture.width, picture.height))
        return {
            "source": picture.source, "alt": picture.alt,
            "width": picture.width * scale, "height": picture.height * scale,
            "smooth": picture.is_photograph and scale == 1,
        }  # fmt: skip
    return None
