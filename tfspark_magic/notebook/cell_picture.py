"""Draw a cell as a small picture: a vector as a plot, a matrix, an image or a photograph as a thumbnail."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Any, Literal
from urllib.parse import quote

from tfspark_magic.inspection.mllib import plain
from tfspark_magic.inspection.photographs import small_picture
from tfspark_magic.inspection.png import COLOUR_TYPES, png

_LONGER_THAN = 4
"""The number of elements up to which a text shows a vector as well as a plot."""
_LEAST_SIDE = 8
"""The size in pixels of a matrix that counts as an image."""
_SIDE, LARGEST = 64, 96
"""The sizes in pixels on the page: small images are enlarged to the first, large ones reduced to the second."""
_WIDE, _HIGH = 72, 18
"""Pixels of a plot."""
POINTS = 96
_IN_TITLE = 24
_READ = 100_000
"""The largest number of elements to read; of a longer vector, elements are skipped evenly."""


@dataclass(frozen=True)
class CellPicture:
    """A picture without other files: its data are in its URL.

    Parameters
    ----------
    kind
        A plot is shown beside the text of its cell, an image instead of the text.
    source
        The URL.
    title
        What it shows, in words.
    width, height
        In pixels of the page.
    crisp
        Whether pixels stay squares if they are enlarged.
    """

    kind: Literal["plot", "image"]
    source: str
    title: str
    width: int
    height: int
    crisp: bool = False

    @property
    def html(self) -> str:
        """One HTML element."""
        text, style = escape(self.title), "image-rendering:pixelated" if self.crisp else ""
        return (
            f'<img src="{self.source}" alt="{text}" title="{text}" width="{self.width}" '
            f'height="{self.height}" style="display:inline-block;vertical-align:middle;margin:0;'
            f'max-width:none;{style}">'
        )


def cell_picture(value: Any, points: int = POINTS, side: int = LARGEST) -> CellPicture | None:
    """Draw a value of a DataFrame, if it is a vector, a matrix, an image of numbers, or a photograph.

    >>> cell_picture([1.0, 2.0, 4.0, 8.0, 16.0]).kind
    'plot'
    >>> cell_picture([[0] * 28] * 28).kind
    'image'
    >>> cell_picture([1.0, 2.0]) is None        # too short
    True

    Parameters
    ----------
    value
        The value as Spark returns it: nested lists of shape `[n]`, `[height, width]` or
        `[height, width, channels]` with 1, 3 or 4 channels, and sides of 8 at least; or the bytes
        of a JPEG or PNG.
    points
        The number of points of a plot, at most.
    side
        The longer side of an image in pixels, at most.
    """
    if isinstance(value, bytes | bytearray):
        return _photograph(bytes(value), side)
    value = plain(value)
    if not isinstance(value, list | tuple) or not value:
        return None
    return _image(value, side) if isinstance(value[0], list | tuple) else _plot(value, points)


def _photograph(data: bytes, side: int) -> CellPicture | None:
    found = small_picture(data, side)
    if found is None:
        return None
    return CellPicture("image", found.source, found.title, found.width, found.height)


def _plot(values: Sequence[Any], points: int) -> CellPicture | None:
    if len(values) <= _LONGER_THAN:
        return None
    step = -(-len(values) // _READ)
    numbers = [_number(value) for value in values[::step]]
    finite = [n for n in numbers if n is not None and math.isfinite(n)]
    if None in numbers or not finite:
        return None
    low, high = min(finite), max(finite)
    path = _path([n for n in numbers if n is not None], low, high, points)
    svg = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='-1 -1 {_WIDE + 2} {_HIGH + 2}'>"
        f"<path d='{path}' fill='none' stroke='#3c82eb' stroke-width='1.3' "
        "stroke-linecap='round' stroke-linejoin='round'/></svg>"
    )
    title = f"{len(values):,} values from {low:.4g} to {high:.4g}"
    if points == POINTS:
        some = ", ".join(f"{n:.4g}" for n in numbers[:_IN_TITLE] if n is not None)
        title += f": {some}, …" if len(values) > _IN_TITLE else f": {some}"
    source = "data:image/svg+xml," + quote(svg, safe=" '=:/-,.")
    return CellPicture("plot", source, title, _WIDE, _HIGH)


def _path(numbers: list[float], low: float, high: float, most: int) -> str:
    """Return the line through the numbers; for many numbers, through the extremes of each section."""
    points = list(enumerate(numbers))
    if len(points) > most:
        size = len(points) / (most // 2)
        edges = [round(i * size) for i in range(most // 2 + 1)]
        stretches = [points[a:b] for a, b in pairwise(edges)]
        points = [
            point
            for stretch in stretches
            for point in sorted({min(stretch, key=_height), max(stretch, key=_height)})
        ]
    last = max(1, len(numbers) - 1)
    span = (high - low) or 1.0
    commands, pen = [], "M"
    for position, number in points:
        if not math.isfinite(number):
            pen = "M"
            continue
        y = _HIGH / 2 if high == low else _HIGH * (1 - (number - low) / span)
        commands.append(f"{pen}{round(position / last * _WIDE, 1):g} {round(y, 1):g}")
        pen = "L"
    return "".join(commands)


def _height(point: tuple[int, float]) -> float:
    return point[1] if math.isfinite(point[1]) else math.inf


def _image(value: Sequence[Any], side: int) -> CellPicture | None:
    height, width = len(value), len(value[0])
    if min(height, width) < _LEAST_SIDE:
        return None
    step = -(-max(height, width) // side)
    rows = [row[::step] for row in value[::step] if isinstance(row, list | tuple)]
    if len(rows) * step < height or len({len(row) for row in rows}) != 1:
        return None
    first = rows[0][0]
    channels = len(first) if isinstance(first, list | tuple) else 1
    cells = [pixel for row in rows for pixel in row]
    if isinstance(first, list | tuple):
        even = all(isinstance(pixel, list | tuple) and len(pixel) == channels for pixel in cells)
        if channels not in COLOUR_TYPES or not even:
            return None
        cells = [part for pixel in cells for part in pixel]
    numbers = [_number(part) for part in cells]
    known = [n for n in numbers if n is not None]
    finite = [n for n in known if math.isfinite(n)]
    if len(known) < len(numbers) or not finite:
        return None
    data = _bytes(known, min(finite), max(finite), all(isinstance(p, int) for p in cells))
    size = (len(rows[0]), len(rows))
    source = "data:image/png;base64," + base64.b64encode(png(data, *size, channels)).decode()
    scale = max(1, _SIDE // max(size))
    title = f"Image, {height} by {width} pixels, values from {min(finite):.4g} to {max(finite):.4g}"
    wide, high = size[0] * scale, size[1] * scale
    return CellPicture("image", source, title, wide, high, crisp=True)


def _bytes(numbers: list[float], low: float, high: float, whole: bool) -> bytes:  # noqa: FBT001
    """Return brightnesses: unchanged if numbers are in 0 to 255 or 0 to 1, else scaled from low to high."""
    if whole and low >= 0 and 1 < high <= 255:  # noqa: PLR2004
        black, white = 0.0, 255.0
    elif low >= 0 and high <= 1:
        black, white = 0.0, 1.0
    else:
        black, white = low, high
    factor = 255 / (white - black) if white > black else 0.0
    return bytes(
        round(min(255.0, max(0.0, (n - black) * factor))) if math.isfinite(n) else 0
        for n in numbers
    )


def _number(value: Any) -> float | None:
    """Return a number unchanged, NaN for a missing value, None for any other value."""
    if value is None:
        return math.nan
    return float(value) if isinstance(value, int | float) else None
