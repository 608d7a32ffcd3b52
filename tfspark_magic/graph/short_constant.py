"""Write the values of short constants as text, when they are asked for."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

_SHOWN_ELEMENTS = 8
_SHOWN_CHARACTERS = 28
_PLAIN = frozenset({*range(1, 11), 14, 17, 18, 19, 22, 23})
"""TensorFlow's numbers of the dtypes that NumPy has, and of bfloat16: each scalar can be written."""


class ShortConstant:
    """The value of a scalar or short constant.

    >>> str(short_constant(tensor)), bool(NO_CONSTANT)              # doctest: +SKIP
    ('[1, 2]', False)

    Parameters
    ----------
    text
        The value as text.
    tensor
        The `TensorProto` of a single number as bytes, which is written when it is asked for.

    Attributes
    ----------
    is_number
        Whether it is a single number.
    """

    __slots__ = ("_tensor", "_text", "is_number")

    def __init__(self, text: str = "", tensor: bytes = b"") -> None:
        self._text, self._tensor = text, tensor
        self.is_number = bool(tensor)

    def __bool__(self) -> bool:
        return bool(self._tensor or self._text)

    def __str__(self) -> str:
        if self._tensor:
            self._text, self._tensor = _text_of(self._tensor), b""
        return self._text


NO_CONSTANT = ShortConstant()
"""The value of all operations that are no short constants."""


def short_constant(tensor: Any) -> ShortConstant:
    """Return the value of a constant if it is short."""
    dims = tensor.tensor_shape.dim
    if not dims and tensor.dtype in _PLAIN:
        # Half of a graph may be scalars, of which a drawing shows a few.
        return ShortConstant(tensor=tensor.SerializeToString())
    elements = 1
    for dim in dims:
        elements *= dim.size
    text = _text_of(tensor.SerializeToString()) if elements <= _SHOWN_ELEMENTS else ""
    return ShortConstant(text) if text else NO_CONSTANT


@lru_cache(maxsize=4096)
def _text_of(tensor: bytes) -> str:
    from tensorflow import make_ndarray
    from tensorflow.core.framework.tensor_pb2 import TensorProto

    try:
        array = make_ndarray(TensorProto.FromString(tensor))
    except (TypeError, ValueError):  # a resource or a variant
        return ""
    text = _write(array)
    # A part of a text is useful, but a part of the numbers would look like all of them.
    return text if array.ndim == 0 or len(text) <= _SHOWN_CHARACTERS else ""


def _write(array: Any) -> str:
    if array.ndim:
        # With an ellipsis, each element remains an array, also for bytes.
        return "[" + ", ".join(_write(array[index, ...]) for index in range(len(array))) + "]"
    value = array[()]
    if isinstance(value, bytes):
        return quote(value)
    return str(value)


def quote(value: bytes, limit: int = _SHOWN_CHARACTERS) -> str:
    r"""Write a string tensor's value on one line, cut to `limit` characters.

    >>> print(quote(b'say "hi"\n'), quote(b"0123456789", limit=6))
    "say \"hi\"\n" "01234…"
    """
    text = value[: 4 * limit].decode("utf-8", "backslashreplace")
    shown = text if len(text) <= limit and len(value) <= 4 * limit else text[: limit - 1] + "…"
    return '"' + "".join(map(_printable, shown)) + '"'


def _printable(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else ascii(character)[1:-1]
