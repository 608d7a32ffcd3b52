"""DOT: classes, ids, colours, and names that mean something to DOT, HTML or XML."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from tfspark_magic.drawing import Drawing, draw
from tfspark_magic.drawing.dot import _GREY, _STYLES

import tensorflow as tf

tf1 = tf.compat.v1

HOSTILE = [
    "a:b",
    "a:b:ne",
    r"\N",
    r"\\N \G \L \l",
    "<b>bold</b>",
    "<<B>title</B>>",
    '<script>alert("x")</script>',
    "x\ny\r\tz\x00",
    "&amp; &lt; &#92;N",
    "]]> --> -- ->",
    "{|} [] ; #",
    "'\"`",
    "end\\",
    "naïve 漢字 🎉",
    "left\u202eright",
    "digraph",
    "cluster_0",
    "%n n0",
]


def texts(drawing: Drawing) -> list[str]:
    return [text.text or "" for text in ET.fromstring(drawing.svg).iter() if "text" in text.tag]


def ids(drawing: Drawing, kind: str) -> list[str]:
    groups = ET.fromstring(drawing.svg).iter()
    return [g.get("id", "") for g in groups if kind in g.get("class", "").split()]


def shown(text: str) -> str:
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_plain_text(make_of_nodes, name):
    nodes = {
        "x": ("Placeholder", []),
        name: ("<Op>&\\N", ["x"]),
        "z": ("NoSuchOp", [name, f"^{name}"]),
    }
    drawing = draw(make_of_nodes(nodes, "z"), {"x": name})
    lines = texts(drawing)
    assert shown(name) in lines or any(line[0] == "…" for line in lines)
    assert "<Op>&\\N" in lines
    assert any(line.startswith(f"column {shown(name)}"[:30]) for line in lines)
    assert f"op:{shown(name)}" in ids(drawing, "node")
    assert sorted(ids(drawing, "edge")) == sorted(
        [f"edge:op:x->op:{shown(name)}", f"edge:op:{shown(name)}->op:z"]
    )
    assert {element.tag.rpartition("}")[2] for element in ET.fromstring(drawing.svg).iter()} <= {
        *("svg", "g", "path", "polygon", "polyline", "ellipse", "text"),
    }


@pytest.mark.parametrize("name", HOSTILE)
def test_scopes_are_plain_text(make_of_nodes, name):
    name = name.replace("/", "|")
    nodes = {
        f"{name}/a": ("NoSuchOp", []),
        f"{name}/b": ("NoSuchOp", [f"{name}/a"]),
        "z": ("NoSuchOp", [f"{name}/b"]),
    }
    drawing = draw(make_of_nodes(nodes, "z"))
    assert ids(drawing, "cluster") == [f"scope:{shown(name)}"]
    assert shown(name) in texts(drawing)


def test_constants_are_plain_text(make):
    hostile = b'<img src=x onerror="alert(1)">'

    def build():
        x = tf1.placeholder(tf.string, [], name="x")
        return tf.strings.join([x, tf.constant(hostile), tf.constant(b"\\N\n&amp;\xff")], name="z")

    lines = texts(draw(make(build)))
    assert '"<img src=x onerror=\\"alert(1…"' in lines
    assert r'"\\N\n&amp;\\xff"' in lines


def test_every_element_has_a_class_and_an_id(dense):
    source = draw(dense, {"features": "pixels"}).dot
    elements = [line for line in source.splitlines() if re.match(r"\s+n\d+ ", line)]
    assert len(elements) == 12 + 11
    assert all("class=" in line and " id=" in line for line in elements)
    assert 'class="tfg-node tfg-placeholder"' in source
    assert 'class="tfg-node tfg-fetch tfg-fetched"' in source
    assert 'class="tfg-node tfg-variable"' in source
    assert "column pixels" in source
    assert "float32[?,128]" in source


def test_kinds_differ_in_shape_and_colour(dense, seed):
    sources = draw(dense).dot + draw(seed).dot
    looks = {}
    for line in sources.splitlines():
        kind = re.search(r"tfg-node tfg-(\w+)", line)
        if kind:
            keys = ("shape", "style", "fillcolor")
            looks[kind[1]] = tuple(re.search(rf" {key}=(\S+?)[ \]]", line)[1] for key in keys)
    assert set(looks) == {"placeholder", "fetch", "variable", "constant", "op"}
    assert len({look[:2] for look in looks.values()}) >= 4
    assert len({look[2] for look in looks.values()}) == 5


def luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("page", ["#ffffff", "#111111"])
def test_it_reads_on_a_light_and_on_a_dark_page(page):
    assert contrast(_GREY, page) > 4.2
    for style in _STYLES.values():
        fill = page if style.fill == "none" else style.fill
        assert contrast(style.text, fill) > 4.2


def test_a_control_edge_is_dashed(make):
    def build():
        x = tf1.placeholder(tf.float32, [], name="x")
        with tf.control_dependencies([tf.exp(x, name="first")]):
            return tf.identity(x, name="then")

    (line,) = (line for line in draw(make(build)).dot.splitlines() if "tfg-control" in line)
    assert "style=dashed" in line
    assert "label" not in line
