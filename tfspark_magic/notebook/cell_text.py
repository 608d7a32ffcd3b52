"""Write one value of a preview as a short, unambiguous text."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from tfspark_magic.words import count

Kind = Literal["number", "text", "tensor", "null", "nan", "bytes"]

_LONGEST_TEXT = 40
_LONGEST_TENSOR = 44
_TIMES = "\N{MULTIPLICATION SIGN}"
_SHORT = 4
"""An axis with up to this many numbers is always shown in full."""


@dataclass(frozen=True, slots=True)
class CellText:
    """The text of a table cell, and the kind of its value.

    Parameters
    ----------
    text
        The text, without line breaks or other control characters.
    kind
        The kind of value; it decides alignment and colour.
    """

    text: str
    kind: Kind


def cell_text(value: Any, dtype: str = "") -> CellText:  # noqa: PLR0911  (one for each kind)
    r"""Write a value of a DataFrame for a table.

    >>> cell_text([0.1] * 64, "float32").text
    '[0.1, 0.1, … ×64]'
    >>> cell_text(None).kind, cell_text(b"abc").text, cell_text("null").text
    ('null', '<3 bytes>', "'null'")

    Parameters
    ----------
    value
        The value as Spark returns it.
    dtype
        The dtype of its column, if known: a float32 has fewer digits than a float64.
    """
    if value is None:
        return CellText("null", "null")
    if isinstance(value, bool):
        return CellText(str(value), "number")
    if isinstance(value, float) and math.isnan(value):
        return CellText("NaN", "nan")
    if isinstance(value, int | float):
        return CellText(_number(value, dtype, 8), "number")
    if isinstance(value, bytes | bytearray):
        return CellText(f"<{count(len(value), 'byte')}>", "bytes")
    if isinstance(value, list):
        return CellText(_tensor(value, dtype), "tensor")
    if isinstance(value, str):
        return CellText(_quoted_if_unclear(_shorten(value)), "text")
    return CellText(_shorten(str(value)), "text")


def _number(value: float, dtype: str, digits: int) -> str:
    if isinstance(value, int):
        return str(value)
    text = f"{value:.{min(digits, 7) if dtype in ('float16', 'float32') else digits}g}"
    # A float is shown with a point, so that it does not look like an integer.
    return f"{text}.0" if text.lstrip("-").isdigit() else text


def _element(value: Any, dtype: str) -> str:
    if isinstance(value, list):
        return _tensor(value, dtype)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "NaN" if value != value else _number(value, dtype, 4)  # noqa: PLR0124
    if isinstance(value, str):
        return repr(_shorten(value, 16))
    return cell_text(value, dtype).text


def _tensor(values: list[Any], dtype: str) -> str:
    nested = bool(values) and isinstance(values[0], list)
    if not nested:
        # Only the elements that can be shown are written, because a cell may hold millions.
        whole = [_element(v, dtype) for v in values[:_LONGEST_TENSOR]]
        text = f"[{', '.join(whole)}]"
        if len(values) <= _SHORT or (len(values) < _LONGEST_TENSOR and len(text) <= _LONGEST_TEXT):
            return text
        return f"[{', '.join(whole[:2])}, … {_TIMES}{len(values)}]"
    if len(values) == 1:
        return f"[{_tensor(values[0], dtype)}]"
    first = _tensor(values[0], dtype)
    if len(values) == 2:  # noqa: PLR2004
        text = f"[{first}, {_tensor(values[1], dtype)}]"
        if len(text) <= _LONGEST_TENSOR:
            return text
    return f"[{first}, … {_TIMES}{len(values)}]"


def _shorten(text: str, longest: int = _LONGEST_TEXT) -> str:
    start = text[: longest + 1]
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in start)
    if len(text) <= longest and len(shown) <= longest + _SHORT:
        return shown
    return shown[: longest - 1] + "…"


def _quoted_if_unclear(text: str) -> str:
    unclear = not text or text != text.strip() or text in ("null", "NaN", "None")
    return repr(text) if unclear else text
