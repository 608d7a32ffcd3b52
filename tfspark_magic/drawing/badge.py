"""Draw what a node makes of some rows into its place in an SVG: three lines, and a small picture."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree as ET

from tfspark_magic.inspection.thumbnail import Bars, Pixels, Thumbnail
from tfspark_magic.words import cut

WIDE, HIGH = 146, 34
"""The size of a badge, in units of the SVG."""

_FONT, _LINE, _LEFT = 7.6, 9.8, 5
_SIDE = 28
_LETTERS, _PICTURE_LETTERS = 26, 7


@dataclass(frozen=True, slots=True)
class Badge:
    """What a node makes of some rows.

    Parameters
    ----------
    lines
        Up to three short lines.
    picture
        A picture of the values.
    warning
        The number of the line that warns, of a NaN, an infinity or an error; -1 for none.
    is_first
        Whether the node is the first that made a NaN or infinity.
    is_typed
        Whether the first line is a type.
    """

    lines: tuple[str, ...]
    picture: Thumbnail | None = None
    warning: int = -1
    is_first: bool = False
    is_typed: bool = True


def badge_element(badge: Badge, x: float, y: float) -> ET.Element:
    """Return the SVG element of a badge whose upper left corner is at x, y."""
    named = "tfg-badge" + (" tfg-first" if badge.is_first else "")
    group = ET.Element("g", {"class": named, "transform": f"translate({x:.1f} {y:.1f})"})
    box = {"width": str(WIDE), "height": str(HIGH), "rx": "2.5", "fill": "#ffffff"}
    box |= {"stroke": "#c62828", "stroke-width": "2"} if badge.is_first else {"stroke": "none"}
    ET.SubElement(group, "rect", box)
    for at, line in enumerate(badge.lines):
        is_warning = at == badge.warning
        style = {"fill": "#b71c1c", "font-weight": "bold"} if is_warning else {"fill": "#3a424e"}
        place = {"x": str(_LEFT), "y": f"{_LINE * (at + 0.86):.1f}", "font-size": str(_FONT)}
        classes = {"class": "tfg-warning"} if is_warning else {}
        text = ET.SubElement(group, "text", place | style | classes)
        text.text = cut(line, _LETTERS)
    if badge.picture is not None:
        group.append(_picture(badge.picture, WIDE - _SIDE - 4, (HIGH - _SIDE) / 2))
    return group


def _picture(picture: Thumbnail, x: float, y: float) -> ET.Element:
    if isinstance(picture, Bars):
        return ET.Element("path", {
            "class": "tfg-bars", "d": bars_path(picture, x, y, _SIDE, _SIDE), "fill": "#3c78c8"
        })  # fmt: skip
    if isinstance(picture, Pixels):
        scale = _SIDE / max(picture.width, picture.height)
        wide, high = picture.width * scale, picture.height * scale
        return ET.Element("image", {
            "href": picture.source, "width": f"{wide:.1f}", "height": f"{high:.1f}",
            "x": f"{x + (_SIDE - wide) / 2:.1f}", "y": f"{y + (_SIDE - high) / 2:.1f}",
            "preserveAspectRatio": "none",
        })  # fmt: skip
    text = ET.Element("text", {
        "x": f"{x + _SIDE:.1f}", "y": f"{y + _SIDE / 2 + 3:.1f}", "font-size": str(_FONT + 0.4),
        "text-anchor": "end", "font-weight": "bold", "fill": "#1d2530",
    })  # fmt: skip
    text.text = cut(picture, _PICTURE_LETTERS)
    return text


def bars_path(bars: Bars, x: float, y: float, wide: float, high: float) -> str:
    """Return the outline of bars in a box, as the `d` of an SVG's path."""
    step = wide / max(1, len(bars.heights))
    gap = min(1.0, step / 4)
    pieces = []
    for at, height in enumerate(bars.heights):
        # A bar of no height is seen as a line.
        tall = max(0.4, height * high)
        left, top = x + at * step, y + high - tall
        pieces.append(f"M{left:.1f} {top:.1f}h{step - gap:.1f}v{tall:.1f}h{gap - step:.1f}z")
    return "".join(pieces)
