"""The small pictures of tensors, against NumPy's own histogram and bytes."""

from __future__ import annotations

import base64
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tfspark_magic.inspection.thumbnail import Bars, Pixels, number, share, text, thumbnail

FLOATS = st.sampled_from([np.float16, np.float32, np.float64, np.int64, np.uint8, np.bool_])
SHAPES = arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=9)


def pixels(picture: Pixels) -> np.ndarray:
    data = base64.b64decode(picture.source.partition(",")[2])
    raw = zlib.decompress(data[data.index(b"IDAT") + 4 :])
    lines = np.frombuffer(raw, np.uint8).reshape(picture.height, -1)[:, 1:]
    return lines.reshape(picture.height, picture.width, -1)


@given(st.lists(FLOATS.flatmap(lambda dtype: arrays.arrays(dtype, SHAPES)), max_size=3))
@settings(max_examples=150)
def test_any_values_have_a_picture_or_none(values):
    with np.errstate(all="ignore"):
        picture = thumbnail(values)
    if isinstance(picture, Bars):
        assert all(0 <= height <= 1 for height in picture.heights)
    elif isinstance(picture, Pixels):
        assert pixels(picture).shape[:2] == (picture.height, picture.width)
    else:
        assert picture is None or picture


def test_bars_are_numpys_histogram():
    values = np.random.default_rng(0).normal(size=(40, 25))
    picture = thumbnail(list(values))
    counts, edges = np.histogram(values, bins=16)
    np.testing.assert_allclose(picture.heights, counts / counts.max(), atol=6e-4)
    assert picture.alt == f"Histogram from {edges[0]:.4g} to {edges[-1]:.4g}"
    # Of many values some are skipped, but the range is that of all.
    many = np.append(np.zeros(200_001), 7.0)
    assert thumbnail([many[:5], many]).alt == "Histogram from 0 to 7"
    assert thumbnail([np.array([-1.0, 0.0, 3.0])]).heights == (0.0, 0.25, 1.0)
    assert thumbnail([np.array([np.nan, np.inf]), np.array([2.0])]).heights[8] == 1.0
    huge = np.array([-1.7e308, 0.0, 1.7e308])
    assert thumbnail([huge, huge]).heights.count(1.0) == 3


def test_matrices_have_colours_and_images_their_own():
    matrix = np.linspace(0, 1, 16).reshape(4, 4)
    matrix[0, 1] = np.nan
    shown = pixels(thumbnail([matrix])).astype(int)
    assert tuple(shown[0, 1]) == (214, 48, 49)
    assert tuple(shown[0, 0]) == (222, 235, 250)
    assert tuple(shown[3, 3]) == (8, 48, 120)
    image = np.random.default_rng(0).integers(0, 255, (12, 8, 3), dtype=np.uint8)
    np.testing.assert_array_equal(pixels(thumbnail([image, image])), image)
    np.testing.assert_array_equal(pixels(thumbnail([image[None] / 255.0])), image)
    large = thumbnail([np.zeros((300, 100, 1))])
    assert (large.width, large.height, large.alt) == (13, 38, "Image, 300 by 100 pixels")
    assert thumbnail([np.zeros((5, 6, 8))]).alt == "Matrix, 5 by 6, the mean of 8 channels"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (np.array(b"caf\xc3\xa9", object), "café"),
        (np.array(b"\xff\xd8\xff", object), "3 bytes"),
        (np.array("a\nb" + "c" * 90), "a b" + "c" * 56 + "…"),
        (np.array(True), "True"),
        (np.array(-np.inf, np.float32), "-∞"),
        (np.array([np.nan]), "NaN"),
        (np.array(2**60), str(2**60)),
    ],
)
def test_a_single_value_is_written(value, written):
    assert thumbnail([value]) == written


def test_words_for_numbers():
    assert [share(n, 1000) for n in (0, 1, 500, 999, 1000)] == [
        "0 %",
        "< 1 %",
        "50 %",
        "> 99 %",
        "100 %",
    ]
    assert number(np.float32(1 / 3)) == "0.3333"
    assert text("") == ""
