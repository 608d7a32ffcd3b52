"""Describe a cell of a preview in full: its value as a text, its numbers, and a large picture."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from tfspark_magic.errors import OptionError
from tfspark_magic.inspection.mllib import plain
from tfspark_magic.inspection.photographs import photograph
from tfspark_magic.inspection.whole_value import as_array, facts, whole_text
from tfspark_magic.notebook.cell_picture import CellPicture, cell_picture
from tfspark_magic.notebook.preview_table import Column

_MOST_TEXT = 100_000
_MOST_TO_COPY = 5_000_000
"""Characters."""
_MOST_BYTES = 3_000_000
"""The size of a photograph that is shown as it is."""
_WIDE, _HIGH = 480, 96
"""The size of a plot in pixels."""
_SIDE = 320
"""Small images are enlarged to this side in pixels."""
_LARGEST = 640


def cell_page(column: Column, row: int) -> dict[str, Any]:
    """Describe a cell as plain data, for the page.

    Parameters
    ----------
    column, row
        The column, and the position of the row.
    """
    value = column.values[row]
    text = whole_text(value, _MOST_TEXT)
    is_cut = len(text) > _MOST_TEXT or _is_longer(value)
    picture = _picture(value)
    return {
        "name": column.name, "type": column.type,
        "facts": facts(value),
        "text": text[:_MOST_TEXT],
        "left": f"The first {_MOST_TEXT:,} characters; Copy takes all." if is_cut else "",
        "picture": None if picture is None else asdict(picture),
    }  # fmt: skip


def text_to_copy(value: Any) -> str:
    """Return the whole value as text: an array as nested lists of Python.

    Raises
    ------
    OptionError
        If it is too long for a clipboard.
    """
    value = plain(value)
    text = bytes(value).hex() if isinstance(value, bytes | bytearray) else str(value)
    if len(text) > _MOST_TO_COPY:
        raise OptionError(
            f"The value has {len(text):,} characters, too many to copy: take it from the DataFrame."
        )
    return text


def _picture(value: Any) -> CellPicture | None:
    if isinstance(value, bytes | bytearray):
        data = bytes(value)
        found = photograph(data)
        if found is not None and len(data) <= _MOST_BYTES:
            return CellPicture("image", found.url(data), found.title, found.width, found.height)
    picture = cell_picture(value, side=_LARGEST)
    if picture is None:
        return None
    if picture.kind == "plot":
        return replace(picture, width=_WIDE, height=_HIGH)
    scale = max(1, _SIDE // max(picture.width, picture.height))
    return replace(picture, width=picture.width * scale, height=picture.height * scale)


def _is_longer(value: Any) -> bool:
    if isinstance(value, bytes | bytearray):
        return len(value) > _MOST_TEXT // 4
    array = as_array(value)
    return array is not None and array.size > _MOST_TEXT
