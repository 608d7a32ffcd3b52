"""Keep the lines of an SVG off the titles of its boxes.

Graphviz puts the title into the upper left corner of a box, and does not care which lines enter the
box there. `clear_titles` moves a title to the first place along the upper edge that no line crosses.
If there is none, the lines have a gap where the title is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from xml.etree import ElementTree as ET

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_LETTER = 0.62
"""The usual width of a letter, in sizes of the font."""
_ABOVE, _BELOW, _BESIDE = 8.0, 3.0, 3.0
_LEFT, _RIGHT = 7.0, 12.0
"""The distances from the sides of the box; at the right there is a page's button."""
_PARTS = 32

Point = tuple[float, float]
Curve = tuple[Point, Point, Point, Point]


@dataclass(frozen=True, slots=True)
class _Rect:
    left: float
    top: float
    right: float
    bottom: float

    def holds(self, point: Point) -> bool:
        return self.left <= point[0] <= self.right and self.top <= point[1] <= self.bottom


@dataclass(slots=True)
class _Line:
    """A line of the drawing, as an element and as curves."""

    element: ET.Element
    pieces: list[list[Curve]]

    def spans(self, strip: _Rect) -> list[tuple[float, float]]:
        """Return where the line runs in a strip, as intervals of x."""
        found = []
        for curve in (curve for piece in self.pieces for curve in piece):
            ys = [y for _, y in curve]
            # A curve lies within its four points.
            if max(ys) < strip.top or min(ys) > strip.bottom:
                continue
            points = [_at(curve, part / _PARTS) for part in range(_PARTS + 1)]
            for (x, y), (after_x, after_y) in pairwise(points):
                if max(y, after_y) >= strip.top and min(y, after_y) <= strip.bottom:
                    found.append((min(x, after_x), max(x, after_x)))
        return found

    def interrupt(self, rect: _Rect) -> None:
        """Leave out what is in a rectangle."""
        pieces: list[list[Curve]] = []
        for piece in self.pieces:
            pieces.append([])
            for curve in piece:
                outside = _outside(curve, rect)
                pieces[-1] += outside[0]
                pieces.extend(outside[1:])
        self.pieces = [piece for piece in pieces if piece]
        self.element.set("d", "".join(map(_written, self.pieces)))


def clear_titles(root: ET.Element) -> None:
    """Move the titles of boxes away from lines, or interrupt the lines.

    Parameters
    ----------
    root
        An engine's SVG, without namespaces.
    """
    boxes = [group for group in root.iter("g") if "cluster" in group.get("class", "").split()]
    edges = [group for group in root.iter("g") if "edge" in group.get("class", "").split()]
    lines = [
        _Line(path, [_curves(path.get("d", ""))]) for edge in edges for path in edge.findall("path")
    ]
    words = [rect for edge in edges for text in edge.findall("text") if (rect := _rect(text))]
    for box in boxes:
        title, outline = box.find("text"), box.find("path")
        if title is None or outline is None:
            continue
        xs = [float(n) for n in _NUMBER.findall(outline.get("d", ""))[::2]]
        left, right = min(xs) + _LEFT, max(xs) - _RIGHT
        title.attrib |= {"text-anchor": "start", "x": f"{left:.1f}"}
        rect = _rect(title)
        if rect is None:
            continue
        strip = _Rect(min(xs), rect.top, max(xs), rect.bottom)
        taken = [span for line in lines for span in line.spans(strip)]
        taken += [
            (word.left, word.right)
            for word in words
            if word.bottom >= strip.top and word.top <= strip.bottom
        ]
        x = _gap(taken, left, right, rect.right - rect.left)
        title.set("x", f"{x if x is not None else left:.1f}")
        if x is None:
            wider = _Rect(rect.left - _BESIDE, rect.top, rect.right + _BESIDE, rect.bottom)
            for line in lines:
                if any(a <= wider.right and b >= wider.left for a, b in line.spans(wider)):
                    line.interrupt(wider)


def _gap(taken: list[tuple[float, float]], left: float, right: float, width: float) -> float | None:
    """Return the first x from which `width` is free."""
    x = left
    for start, end in sorted(taken):
        if start - _BESIDE >= x + width:
            break
        x = max(x, end + _BESIDE)
    return x if x == left or x + width <= right else None


def _rect(text: ET.Element) -> _Rect | None:
    """Return about where a text stands."""
    letters = len(text.text or "")
    if not letters:
        return None
    size = float(text.get("font-size", "0"))
    x, y, width = float(text.get("x", "0")), float(text.get("y", "0")), letters * size * _LETTER
    if text.get("text-anchor") == "middle":
        x -= width / 2
    return _Rect(x, y - _ABOVE, x + width, y + _BELOW)


def _curves(path: str) -> list[Curve]:
    numbers = [float(n) for n in _NUMBER.findall(path)]
    points = list(zip(numbers[::2], numbers[1::2], strict=False))
    return [
        (points[n], points[n + 1], points[n + 2], points[n + 3])
        for n in range(0, len(points) - 3, 3)
    ]


def _outside(curve: Curve, rect: _Rect) -> list[list[Curve]]:
    """Return the parts of a curve before and after a rectangle; the first one may be empty."""
    inside = [rect.holds(_at(curve, part / _PARTS)) for part in range(_PARTS + 1)]
    if not any(inside):
        return [[curve]]
    parts: list[list[Curve]] = []
    start: int | None = None
    for at, is_inside in enumerate([*inside, True]):
        if not is_inside and start is None:
            start = at
        elif is_inside and start is not None:
            parts.append([_part(curve, start / _PARTS, (at - 1) / _PARTS)])
            start = None
    return parts if not inside[0] else [[], *parts]


def _at(curve: Curve, t: float) -> Point:
    a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = curve
    return a * ax + b * bx + c * cx + d * dx, a * ay + b * by + c * cy + d * dy


def _part(curve: Curve, start: float, end: float) -> Curve:
    """Return the part of a curve between two of its parameters."""

    def blossom(r: float, s: float, t: float) -> Point:
        points = list(curve)
        for u in (r, s, t):
            points = [
                (x + (after_x - x) * u, y + (after_y - y) * u)
                for (x, y), (after_x, after_y) in pairwise(points)
            ]
        return points[0]

    return (
        blossom(start, start, start),
        blossom(start, start, end),
        blossom(start, end, end),
        blossom(end, end, end),
    )


def _written(piece: list[Curve]) -> str:
    (x, y), *_ = piece[0]
    curves = " ".join(f"{px:.2f},{py:.2f}" for curve in piece for px, py in curve[1:])
    return f"M{x:.2f},{y:.2f}C{curves}"
