"""Titles of boxes: no line strikes one through, and no line loses an end."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from tests.drawing.conftest import program_of
from tfspark_magic.drawing import draw
from tfspark_magic.drawing.titles import clear_titles

import tensorflow as tf

tf1 = tf.compat.v1

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def points(path):
    """Yield points along a path of curves, one list for each piece."""
    for piece in path.split("M")[1:]:
        numbers = list(map(float, NUMBER.findall(piece)))
        corners = list(zip(numbers[::2], numbers[1::2], strict=True))
        yield [
            tuple(
                (1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t * t * (1 - t) * c + t**3 * d
                for a, b, c, d in zip(*corners[n : n + 4], strict=True)
            )
            for n in range(0, len(corners) - 3, 3)
            for t in (step / 200 for step in range(201))
        ]


def struck(svg):
    """Return the titles that a line crosses."""
    root = ET.fromstring(svg)
    groups = [group for group in root.iter() if group.tag.endswith("}g")]
    paths = [
        piece
        for group in groups
        if "edge" in group.get("class", "").split()
        for path in group
        if path.tag.endswith("}path")
        for piece in points(path.get("d"))
    ]
    found = []
    for group in groups:
        title = next((part for part in group if part.tag.endswith("}text")), None)
        if "cluster" not in group.get("class", "").split() or title is None:
            continue
        x, y, size = (float(title.get(name)) for name in ("x", "y", "font-size"))
        wide, top = 0.5 * size * len(title.text), y - 0.7 * size
        x -= wide / 2 if title.get("text-anchor") == "middle" else 0
        right = x + wide
        if any(x < px < right and top < py < y for piece in paths for px, py in piece):
            found.append(title.text)
    return found


@pytest.fixture(scope="module")
def nested():
    """A box that is as narrow as its title, and that a line enters from above."""

    def build():
        x = tf1.placeholder(tf.float32, [None, 4], name="x")
        with tf1.name_scope("features_of_each"):
            h = tf.nn.relu(tf.exp(x))
        return tf.identity(h, name="z")

    return program_of(build, "nested")


def test_no_line_strikes_a_title_through(nested, monkeypatch):
    assert struck(draw(nested).svg) == []
    monkeypatch.setattr("tfspark_magic.drawing.svg.clear_titles", lambda root: None)
    assert struck(draw(nested).svg) != []


def box(title, line):
    return ET.fromstring(
        f"""<svg><g class="cluster"><path d="M0,0 100,0 100,60 0,60"/>
        <text x="30" y="12" text-anchor="middle" font-size="9">{title}</text></g>
        <g class="edge"><path d="{line}"/></g></svg>"""
    )


def test_a_title_moves_beside_a_line():
    root = box("layer", "M10,-20C10,0 10,20 10,40")
    clear_titles(root)
    assert float(root.find(".//text").get("x")) > 12
    assert root.find("g[@class='edge']/path").get("d") == "M10,-20C10,0 10,20 10,40"


def test_a_line_has_a_gap_where_a_title_finds_no_place():
    root = box("a_long_title_of_it", "M50,-20C50,0 50,20 50,40")
    clear_titles(root)
    assert float(root.find(".//text").get("x")) < 12
    before, after = points(root.find("g[@class='edge']/path").get("d"))
    assert (before[0], after[-1]) == ((50, -20), (50, 40))
    assert before[-1][1] < 6
    assert after[0][1] > 12
    assert all(x == pytest.approx(50) for piece in (before, after) for x, _ in piece)
    assert all(a[1] <= b[1] for piece in (before, after) for a, b in pairwise(piece))
