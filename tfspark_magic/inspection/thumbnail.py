"""Make a small picture of the values of a tensor: bars, a matrix of colours, an image, or a text."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfspark_magic.inspection.node_values import Array
from tfspark_magic.inspection.photographs import picture_words, small_picture
from tfspark_magic.inspection.png import COLOUR_TYPES, png
from tfspark_magic.words import count, cut

_BARS = 16
_MOST_VALUES = 50_000
"""The largest number of values in a histogram; of more values, some are skipped evenly."""
_LEAST_SIDE = 2
_LEAST_CELLS = 9
"""The least size of a matrix that is drawn as one."""
_LEAST_IMAGE = 6
"""The least side of an image, in pixels."""
_LOW, _HIGH, _NAN = np.array([222, 235, 250]), np.array([8, 48, 120]), np.array([214, 48, 49])
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars beside each other.

    Parameters
    ----------
    heights
        From 0 to 1.
    alt
        What they show.
    """

    heights: tuple[float, ...]
    alt: str


@dataclass(frozen=True, slots=True)
class Pixels:
    """A picture of pixels.

    Parameters
    ----------
    source
        A URL that holds the PNG, or the JPEG of a photograph.
    width, height
        In pixels.
    alt
        What they show.
    is_photograph
        Whether the values are the bytes of this picture, and not its numbers.
    """

    source: str
    width: int
    height: int
    alt: str
    is_photograph: bool = False


Thumbnail = Bars | Pixels | str
"""A picture; a `str` is a text, or a number alone."""


def thumbnail(values: Sequence[Array], side: int = 40) -> Thumbnail | None:
    """Make a picture of the values of a tensor.

    >>> thumbnail([np.array(2.5)])
    '2.5'
    >>> thumbnail([np.array([0, 1, 1])]).heights[-1]
    1.0

    Parameters
    ----------
    values
        An array for each row. A matrix, an image, or the bytes of a JPEG or PNG are those of the first
        row; bars show all rows.
    side
        The longest side of a picture of pixels; a larger one is made smaller.

    Returns
    -------
    The picture; None if there are no values to show.
    """
    if not values or not values[0].size:
        return None
    first = values[0]
    if first.dtype.kind in "OSU":
        value = first.reshape(-1)[0]
        found = small_picture(value, side) if isinstance(value, bytes) else None
        return text(value) if found is None else Pixels(*found, is_photograph=True)
    if first.dtype.kind not in "biuf":
        if first.dtype.kind == "c":
            return None
        values = [value.astype(np.float32) for value in values]
        first = values[0]
    if len(values) == 1 and first.size == 1:
        return number(first.reshape(-1)[0])
    return _pixels(first, side) or _bars(values)


def text(value: Any) -> str:
    r"""Write a text, also of bytes, in one line, cut if it is long; of other bytes, what they are.

    >>> text(b"caf\xc3\xa9"), text(b"\xff\xd8")
    ('café', '2 bytes')
    """
    if isinstance(value, bytes):
        try:
            value = value.decode()
        except UnicodeDecodeError:
            return picture_words(value) or count(len(value), "byte")
    line = "".join(letter if letter.isprintable() else " " for letter in str(value))
    return cut(line, _LONGEST)


def number(value: Any) -> str:
    """Write a number or truth value in a few digits.

    >>> number(np.float32(0.1)), number(1234567), number(float("nan")), number(np.True_)
    ('0.1', '1234567', 'NaN', 'True')
    """
    value = value.item() if hasattr(value, "item") else value
    if not isinstance(value, float):
        return str(value)
    return "NaN" if value != value else f"{value:.4g}".replace("inf", "∞")  # noqa: PLR0124


def share(count: int, of: int) -> str:
    """Write a share in percent.

    >>> share(0, 8), share(1, 8), share(1, 10**6), share(8, 8)
    ('0 %', '12 %', '< 1 %', '100 %')
    """
    percent = 100 * count / max(1, of)
    if 0 < percent < 1:
        return "< 1 %"
    return "> 99 %" if 99 < percent < 100 else f"{percent:.0f} %"  # noqa: PLR2004


def _bars(values: Sequence[Array]) -> Bars | None:
    extremes = [each for each in map(_extremes, values) if each is not None]
    if not extremes:
        return None
    low, high = min(low for low, _ in extremes), max(high for _, high in extremes)
    first = values[0]
    if len(values) == 1 and first.size <= 2 * _BARS and np.isfinite(first).all():
        # A short vector itself; bars stand on zero or hang from it.
        floor, top = min(0.0, low), max(0.0, high)
        heights = (first.reshape(-1).astype(np.float64) - floor) / ((top - floor) or 1.0)
        return Bars(_rounded(heights), f"{first.size} values")
    every = max(1, sum(value.size for value in values) // _MOST_VALUES)
    flat = np.concatenate([value.reshape(-1)[::every] for value in values]).astype(np.float64)
    # A single value stands in the middle.
    scaled = _scaled(flat[np.isfinite(flat)], low, high)
    at = np.minimum(scaled * _BARS, _BARS - 1).astype(int)
    counts = np.bincount(at, minlength=_BARS)
    heights = counts / max(1, counts.max())
    return Bars(_rounded(heights), f"Histogram from {number(low)} to {number(high)}")


def _extremes(value: Array) -> tuple[float, float] | None:
    finite = value[np.isfinite(value)]
    return (float(finite.min()), float(finite.max())) if finite.size else None


def _rounded(heights: Array) -> tuple[float, ...]:
    return tuple(round(float(height), 3) for height in heights)


def _pixels(cell: Array, side: int) -> Pixels | None:
    while cell.ndim > 3 or (cell.ndim == 3 and cell.shape[0] == 1):  # noqa: PLR2004
        cell = cell[0]
    if cell.ndim < 2 or min(cell.shape[:2]) < _LEAST_SIDE:  # noqa: PLR2004
        return None
    high, wide = cell.shape[:2]
    step = -(-max(high, wide) // side)
    cell = cell[::step, ::step]
    is_image = cell.ndim == 3 and cell.shape[2] in COLOUR_TYPES and min(high, wide) >= _LEAST_IMAGE  # noqa: PLR2004
    shape = f"{high} by {wide}"
    if is_image:
        return _png(_brightness(cell), f"Image, {shape} pixels")
    if cell.ndim == 3:  # noqa: PLR2004
        shape += f", the mean of {cell.shape[2]} channels"
        cell = cell.astype(np.float64).mean(axis=2) if cell.shape[2] else cell[:, :, :0]
    if cell.ndim != 2 or high * wide < _LEAST_CELLS:  # noqa: PLR2004
        return None
    return _png(_colours(cell.astype(np.float64)), f"Matrix, {shape}")


def _png(pixels: Array, alt: str) -> Pixels:
    high, wide, channels = pixels.shape
    data = base64.b64encode(png(pixels.astype(np.uint8).tobytes(), wide, high, channels)).decode()
    return Pixels(f"data:image/png;base64,{data}", wide, high, alt)


def _brightness(cell: Array) -> Array:
    """Return bytes: unchanged if numbers are in 0 to 255 or 0 to 1, else scaled."""
    is_whole = cell.dtype.kind in "iu"
    numbers = cell.astype(np.float64)
    low, high = _extremes(numbers) or (0.0, 0.0)
    if is_whole and low >= 0 and 1 < high <= 255:  # noqa: PLR2004
        low, high = 0.0, 255.0
    elif low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    return np.round(255 * _scaled(numbers, low, high))


def _colours(cell: Array) -> Array:
    low, high = _extremes(cell) or (0.0, 0.0)
    colours: Array = _LOW + _scaled(cell, low, high)[:, :, None] * (_HIGH - _LOW)
    colours[np.isnan(cell)] = _NAN
    return colours.round()


def _scaled(numbers: Array, low: float, high: float) -> Array:
    if low == high:
        return np.where(np.isnan(numbers), 0.0, np.full(numbers.shape, 0.5))
    scaled = (numbers / 2 - low / 2) / (high / 2 - low / 2)
    scaled = np.nan_to_num(scaled, nan=0.0, posinf=1.0, neginf=0.0)
    return np.asarray(np.clip(scaled, 0.0, 1.0))
