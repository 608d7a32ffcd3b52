"""Adapt an engine's SVG for a page.

Graphviz places the start of each line of text for the font that it measured. The page has another
font, so `tidy` centres the lines in their nodes. It also removes useless parts: titles, comments,
and the font name of each line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree import ElementTree as ET

from tfspark_magic.drawing.badge import HIGH, WIDE, Badge, badge_element
from tfspark_magic.drawing.titles import clear_titles

_FONTS = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif"
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_SHIFTS = {"tfg-variable": (0.0, 2.0), "tfg-scope": (0.0, 1.0), "tfg-series": (-2.0, 1.0)}
"""The distance from the middle of a shape to the middle of its face; a cylinder's face is below its lid."""

_TITLE_RISE, _LINE_GAP = 3.65, 2.4
_BELOW = 5.0
"""The distance from a badge to the lower edge of its node."""


def tidy(svg: bytes, alt: str, badges: Mapping[str, Badge] | None = None) -> str:
    """Centre the text of an engine's SVG, name the fonts once, and add a description.

    Parameters
    ----------
    svg
        The SVG of an engine.
    alt
        The description.
    badges
        What stands in the empty lines that `to_dot` leaves for badges, by the ids of nodes.
    """
    root = ET.fromstring(svg)  # noqa: S314  (what our own engine wrote)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        for child in list(element):
            if child.tag.endswith("title"):
                element.remove(child)
    for group in root.iter("g"):
        classes = group.get("class", "").split()
        if "node" in classes:
            shift = next((_SHIFTS[name] for name in classes if name in _SHIFTS), (0.0, 0.0))
            _centre(group, shift)
            _fill(group, shift, (badges or {}).get(group.get("id", "")))
    clear_titles(root)
    for element in root.iter():
        _lighten(element)
    root.attrib |= {
        "xmlns": "http://www.w3.org/2000/svg",
        "role": "img",
        "aria-label": alt,
        "font-family": _FONTS,
    }
    return ET.tostring(root, encoding="unicode")


def _corners(node: ET.Element) -> tuple[list[float], list[float]]:
    xs: list[float] = []
    ys: list[float] = []
    for shape in node:
        numbers = [float(n) for n in _NUMBER.findall(shape.get("d") or shape.get("points") or "")]
        xs += numbers[::2]
        ys += numbers[1::2]
    return xs, ys


def _fill(node: ET.Element, shift: tuple[float, float], badge: Badge | None) -> None:
    """Replace the empty line of a node by its badge."""
    for line in node.findall("text"):
        if (line.text or "").strip():
            continue
        place = line.get("x", "0"), line.get("y", "0")
        node.remove(line)
        if badge is not None:
            xs, ys = _corners(node)
            right, down = shift
            x = (min(xs) + max(xs)) / 2 + right if xs else float(place[0])
            y = max(ys) - HIGH - _BELOW - down if ys else float(place[1])
            node.append(badge_element(badge, x - WIDE / 2, y))


def _centre(node: ET.Element, shift: tuple[float, float]) -> None:
    xs, ys = _corners(node)
    lines = node.findall("text")
    if not xs or not lines:
        return
    right, down = shift
    steps = [float(line.get("font-size", "0")) + _LINE_GAP for line in lines]
    steps[0] = 0.0
    x = (min(xs) + max(xs)) / 2 + right
    y = (min(ys) + max(ys)) / 2 + down + _TITLE_RISE - sum(steps) / 2
    y += 0.0 if len(lines) == 1 else 0.2
    for line, step in zip(lines, steps, strict=True):
        y += step
        line.attrib |= {"text-anchor": "middle", "x": f"{x:.1f}", "y": f"{y:.1f}"}


def _lighten(element: ET.Element) -> None:
    for name in ("font-family", "{http://www.w3.org/XML/1998/namespace}space"):
        element.attrib.pop(name, None)
    for name in ("d", "points"):
        path = element.get(name)
        if path:
            element.set(name, _NUMBER.sub(_round, path))
    if element.text and not element.text.strip():
        element.text = None
    if element.tail and not element.tail.strip():
        element.tail = "\n"


def _round(match: re.Match[str]) -> str:
    return f"{float(match[0]):.1f}".removesuffix(".0")
