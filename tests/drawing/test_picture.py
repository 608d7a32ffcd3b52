"""Drawings: their forms, and what a notebook gets."""

from __future__ import annotations

import base64
import hashlib
import html
import inspect
import os
import pickle
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from tfspark_magic.drawing import draw, picture
from tfspark_magic.errors import OptionError, PlaceholderNotFoundError
from tfspark_magic.graph.program import Program

import tensorflow as tf

tf1 = tf.compat.v1


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def counts(svg: str) -> tuple[int, ...]:
    classes = [g.get("class", "").split() for g in ET.fromstring(svg).iter()]
    return tuple(sum(kind in c for c in classes) for kind in ("node", "edge", "cluster"))


def test_what_the_pictures_hold(seed, dense, layers):
    """Nodes, edges and clusters; the engine may change how it draws, not what."""
    assert counts(draw(seed).svg) == (5, 4, 0)
    assert counts(draw(dense).svg) == (12, 11, 2)
    assert counts(draw(layers).svg) == (8, 8, 1)
    assert counts(draw(layers, max_nodes=3).svg) == (3, 2, 0)


def test_alt_is_a_sentence(seed):
    drawing = draw(seed)
    sentence = (
        "TensorFlow graph score: 5 operations; placeholders x int32, y int32; fetches z int32"
    )
    assert drawing.alt == sentence
    assert repr(drawing) == sentence


def test_alt_of_programs_with_nothing_or_much_to_feed(make):
    constant = draw(make(lambda: tf.constant(1, name="one")))
    assert constant.alt == (
        "TensorFlow graph score: 1 operation; placeholders none; fetches one int32"
    )

    def build():
        columns = [tf1.placeholder(tf.float32, [], name=f"c{index}") for index in range(12)]
        return tf.add_n(columns, name="sum")

    assert "c7 float32 and 4 more; fetches sum" in draw(make(build)).alt


def test_a_notebook_gets_text_svg_and_a_small_png(seed):
    drawing = draw(seed)
    bundle = drawing._repr_mimebundle_(include=None, exclude=None)
    # Not HTML: Markdown that is made of a notebook has files of images alone.
    assert list(bundle) == ["text/plain", "image/svg+xml", "image/png"]
    assert bundle["text/plain"] == drawing.alt
    mark = f' class="tfg-static-{drawing.uid}"'
    assert bundle["image/svg+xml"].replace(mark, "", 1) == drawing.svg != bundle["image/svg+xml"]
    assert base64.b64decode(bundle["image/png"]) == drawing.png


def test_its_html_is_an_image_with_its_words(seed):
    drawing = draw(seed)
    (div, attributes), (img, image) = Tags(drawing.html).tags
    assert (div, attributes["class"]) == ("div", "tfg-static")
    assert attributes["data-tfg-static"] == drawing.uid == seed.digest[:16]
    assert (img, image["alt"], image["style"]) == ("img", drawing.alt, "max-width:100%")
    prefix = "data:image/svg+xml;base64,"
    assert image["src"].startswith(prefix)
    assert base64.b64decode(image["src"].removeprefix(prefix)).decode() == drawing.svg


def test_a_large_png_is_left_out(seed, layers, monkeypatch):
    monkeypatch.setattr(picture, "_PNG_BYTES", 1_000)
    assert "image/png" not in draw(seed)._repr_mimebundle_()
    monkeypatch.setattr(picture, "_PNG_NODES", 7)
    drawing = draw(layers)
    assert "image/png" not in drawing._repr_mimebundle_()
    assert "png" not in vars(drawing)


def test_an_output_of_another_name_is_shown_with_it(seed, monkeypatch):
    named = replace(seed, outputs=(replace(seed.outputs[0], name="risk"),))
    assert "AddV2 → risk int32" in html.unescape(draw(named).dot)
    monkeypatch.setattr(picture, "render", lambda *_: None)
    assert draw(named).text.splitlines()[-1] == "└─ z: AddV2(x, mul) -> int32, fetched as risk"


def test_without_an_engine_there_is_text(seed, monkeypatch):
    monkeypatch.setattr(picture, "render", lambda *_: None)
    program = Program("<b>", seed.graph_def, seed.inputs, seed.outputs)
    drawing = draw(program, {"x": "<price>"})
    assert drawing.svg is None
    assert drawing.png is None
    assert drawing.text.splitlines() == [
        "<b>: 5 operations",
        "├─ x: placeholder int32 <- column <price>",
        "├─ y: placeholder int32",
        "├─ mul: Mul(y, 3)",
        "└─ z: AddV2(x, mul) -> int32, fetched",
    ]
    bundle = drawing._repr_mimebundle_()
    assert list(bundle) == ["text/plain", "text/html"]
    page = Tags(bundle["text/html"])
    assert [tag for tag, _ in page.tags] == ["div", "pre"]
    assert page.text == drawing.text + "pip install graphviz-pure for a picture."


def test_names_cannot_break_out_of_the_html(seed):
    program = Program('"><script>', seed.graph_def, seed.inputs, seed.outputs)
    tags = Tags(draw(program).html).tags
    assert [tag for tag, _ in tags] == ["div", "img"]
    assert tags[1][1]["alt"].startswith('TensorFlow graph "><script>: 5')


def test_text_has_the_scopes(dense):
    assert draw(dense).text.splitlines()[:8] == [
        "dense: 17 operations",
        "├─ features: placeholder float32[?,128]",
        "├─ hidden/",
        "│  ├─ kernel: variable float32[128,256]",
        "│  ├─ MatMul: MatMul(features, kernel)",
        "│  ├─ bias: variable float32[256]",
        "│  └─ BiasAdd: BiasAdd(MatMul, bias)",
        "├─ Relu: Relu(hidden/BiasAdd)",
    ]


def test_svg_is_lean_and_says_what_it_is(dense):
    svg = draw(dense).svg
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    assert root.get("aria-label").startswith("TensorFlow graph dense")
    assert "sans-serif" in root.get("font-family")
    assert svg.count("font-family") == 1
    assert "<title" not in svg
    assert "<!--" not in svg
    assert not re.search(r'fill="(white|#ffffff)" stroke="(none|transparent)"', svg)


def test_text_is_in_the_middle_of_its_node(seed):
    root = ET.fromstring(draw(seed).svg)
    for group in root.iter("{http://www.w3.org/2000/svg}g"):
        if "tfg-fetch" in group.get("class", ""):
            polygon = next(group.iter("{http://www.w3.org/2000/svg}polygon"))
            xs = [float(pair.split(",")[0]) for pair in polygon.get("points").split()]
            for line in group.iter("{http://www.w3.org/2000/svg}text"):
                assert line.get("text-anchor") == "middle"
                assert float(line.get("x")) == pytest.approx((min(xs) + max(xs)) / 2, abs=0.1)


def test_what_cannot_be_drawn(seed):
    with pytest.raises(PlaceholderNotFoundError, match=r"no placeholder 'w'\. There are: x, y\."):
        draw(seed, {"w": "price"})
    with pytest.raises(OptionError, match="max_nodes is 1: a drawing needs at least 2 nodes"):
        draw(seed, max_nodes=1)


def digests(program: Program) -> list[str]:
    forms: list[bytes] = []
    for max_nodes in (2, 12, 40):
        drawing = draw(program, max_nodes=max_nodes)
        forms += [form.encode() for form in (drawing.dot, drawing.svg, drawing.text, drawing.html)]
    return [hashlib.sha256(form).hexdigest() for form in (*forms, drawing.png)]


def test_it_is_the_same_in_every_process(dense, tmp_path):
    """Byte for byte, with other hashes of strings."""
    path = tmp_path / "program.pickle"
    path.write_bytes(pickle.dumps(dense))
    script = (
        "import hashlib, pickle, sys\n"
        "from tfspark_magic.drawing import draw\n"
        f"{inspect.getsource(digests).replace(': Program', '')}\n"
        "print(*digests(pickle.load(open(sys.argv[1], 'rb'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        env={**os.environ, "PYTHONHASHSEED": "1", "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == digests(dense)


def test_importing_it_imports_neither_tensorflow_nor_a_notebook():
    script = (
        "import sys, tfspark_magic.drawing, tfspark_magic.graph.structure\n"
        "print([m for m in ('tensorflow', 'IPython', 'ipywidgets') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
