from __future__ import annotations

import base64
import math
import re
import struct
import zlib
from urllib.parse import unquote

import numpy as np
import pytest

from tfspark_magic.inspection.photographs import photograph
from tfspark_magic.inspection.png import png
from tfspark_magic.notebook.cell_picture import cell_picture


def pixels(html: str) -> np.ndarray:
    """Read a PNG as written here: one chunk of data, no filters."""
    data = base64.b64decode(re.search(r'base64,([^"]*)"', html)[1])
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, depth, colour = struct.unpack(">IIBB", data[16:26])
    assert depth == 8
    size = struct.unpack(">I", data[33:37])[0]
    assert data[37:41] == b"IDAT"
    channels = {0: 1, 2: 3, 6: 4}[colour]
    raw = np.frombuffer(zlib.decompress(data[41 : 41 + size]), np.uint8)
    lines = raw.reshape(height, 1 + width * channels)
    assert not lines[:, 0].any()
    return lines[:, 1:].reshape(height, width, channels)


@pytest.mark.parametrize("channels", [None, 1, 3, 4])
def test_bytes_are_shown_as_they_are(channels):
    shape = (9, 12) if channels is None else (9, 12, channels)
    image = np.random.default_rng(0).integers(0, 256, shape)
    image.flat[0] = 255
    shown = cell_picture(image.tolist())
    assert shown.kind == "image"
    assert (pixels(shown.html) == image.reshape(9, 12, -1)).all()
    assert "image-rendering:pixelated" in shown.html


def test_floats_from_0_to_1_and_others_scaled():
    unit = np.linspace(0, 0.5, 64).reshape(8, 8)
    assert pixels(cell_picture(unit.tolist()).html).max() == 128
    other = np.linspace(-3, 7, 64).reshape(8, 8)
    shown = pixels(cell_picture(other.tolist()).html)
    assert (shown.min(), shown.max()) == (0, 255)
    mask = (unit > 0.2).astype(int)
    assert set(pixels(cell_picture(mask.tolist()).html).flat) == {0, 255}


def test_large_images_are_thinned_out():
    shown = cell_picture(np.zeros((300, 200, 3)).tolist())
    assert pixels(shown.html).shape == (75, 50, 3)
    assert len(shown.html) < 1000
    assert "Image, 300 by 200 pixels" in shown.html


@pytest.mark.parametrize(
    "value",
    [
        None, 1.0, "text", [], [1.0, 2.0], ["a"] * 10, [[1.0] * 7] * 8, [[1.0] * 8] * 7,
        [[1.0] * 8, [1.0] * 9] * 4, [[[1.0] * 2] * 8] * 8, [[["a"] * 3] * 8] * 8, [None] * 8,
        [[None] * 8] * 8, [[1.0] * 8] * 7 + [None], [math.nan] * 9, [b"x"] * 9, [{"a": 1}] * 9,
        [[[1.0] * 3] * 8] * 7 + [[1.0] * 8], [[]] * 9,
    ],
)  # fmt: skip
def test_what_is_no_picture(value):
    assert cell_picture(value) is None


def path(html: str) -> str:
    return re.search(r"d='([^']*)'", unquote(html))[1]


def test_a_plot_goes_through_the_values():
    shown = cell_picture([0, 1, 2, 3, 4])
    assert shown.kind == "plot"
    assert path(shown.html) == "M0 18L18 13.5L36 9L54 4.5L72 0"
    assert "5 values from 0 to 4: 0, 1, 2, 3, 4" in shown.html


def test_gaps_and_constants():
    assert path(cell_picture([1, 1, None, math.inf, 1]).html) == "M0 9L18 9M72 9"


def test_long_vectors_keep_their_extremes():
    values = [0.0] * 5000
    values[1234] = 10.0
    shown = cell_picture(values)
    assert "L17.8 0" in path(shown.html)
    assert len(shown.html) < 2500
    assert len(cell_picture([0.5] * 5_000_000).html) < 2500


def coded(form: str, height: int, width: int, channels: int = 3) -> bytes:
    """Return noise as a JPEG or PNG, which is as large as a photograph."""
    from tfspark_magic.graph.runtime import tf

    image = np.random.default_rng(0).integers(0, 256, (height, width, channels), np.uint8)
    return bytes(getattr(tf.io, f"encode_{form}")(image).numpy())


@pytest.mark.parametrize(
    ("form", "channels"), [("jpeg", 3), ("jpeg", 1), ("png", 1), ("png", 3), ("png", 4)]
)
def test_photographs_are_shown_and_made_smaller(form, channels):
    large = coded(form, 600, 400, channels)
    shown = cell_picture(large)
    assert (shown.kind, shown.width, shown.height) == ("image", 64, 96)
    assert shown.title == f"{form.upper()}, 600 by 400 pixels"
    small = base64.b64decode(shown.source.partition("base64,")[2])
    assert photograph(small) == (form, 64, 96)
    assert len(small) < len(large) / 8
    little = coded(form, 8, 12, channels)
    assert base64.b64decode(cell_picture(bytearray(little)).source.partition(",")[2]) == little


def test_a_photograph_keeps_its_colours():
    from tfspark_magic.graph.runtime import tf

    image = np.zeros((400, 400, 3), np.uint8)
    image[:, :200] = (200, 30, 30)
    image[:, 200:] = np.random.default_rng(0).integers(0, 256, (400, 200, 3))
    shown = cell_picture(bytes(tf.io.encode_jpeg(image).numpy()))
    small = tf.io.decode_jpeg(base64.b64decode(shown.source.partition(",")[2])).numpy()
    assert abs(small[48, 10].astype(int) - [200, 30, 30]).max() < 12


def test_bytes_that_are_no_whole_photograph_are_none():
    whole = coded("jpeg", 300, 300)
    for data in (
        whole[:2000],
        b"\xff\xd8\xff" + b"x" * 99,
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"",
    ):
        assert photograph(data) is None or cell_picture(data.ljust(9000, b"\0")) is None
    # A few bytes that stand for a thousand million pixels.
    bomb = bytearray(png(bytes(64), 8, 8, 1))
    bomb[16:24] = struct.pack(">II", 40_000, 40_000)
    assert cell_picture(bytes(bomb)) is None
