from __future__ import annotations

import numpy as np
import pytest

from tests.notebook.test_preview import HOSTILE, Tags
from tfspark_magic.notebook.values import values
from tfspark_magic.schema.spec import TensorSpec


def spec(name: str, dtype: str, shape=()) -> TensorSpec:
    return TensorSpec(name, f"{name}:0", dtype, shape)


@pytest.mark.parametrize(
    ("value", "dtype", "kind", "text"),
    [
        (np.int64(45), "int64", "int64", "45"),
        (np.float64(12345678901.25), "float64", "float64", "12345678901.25"),
        (np.float32(0.1), "float32", "float32", "0.1"),
        (np.bool_(True), "bool", "bool", "True"),
        (np.float64("nan"), "float64", "float64", "nan"),
        (None, "float64", "float64", "null"),
        ("abc", "string", "string", "abc"),
        (b"abc", "string", "binary", "<3 bytes>"),
        (np.array([1.5, 2.0]), "float64", "float64[2]", "[1.5, 2.0]"),
        (np.array(["a", "b" * 50], object), "string", "string[2]", "['a', '" + "b" * 40 + "'…]"),
        (np.eye(2, dtype=np.int32), "int32", "int32[2,2]", "[[1, 0],\n [0, 1]]"),
        (np.zeros((0, 2)), "float64", "float64[0,2]", "[]"),
        (np.array([1e-9, 1000, np.nan]), "float64", "float64[3]", "[1e-09, 1000.0, NaN]"),
        (np.arange(1000), "int64", "int64[1000]", "[0, 1, 2, …, 997, 998, 999]"),
    ],
)
def test_types_and_values(value, dtype: str, kind: str, text: str) -> None:
    assert values(value, [spec("z", dtype)]).rows == (("z", kind, text),)


def test_large_arrays_of_any_rank_are_abbreviated() -> None:
    for shape in [(5_000_000,), (2000, 2000), (20, 20, 20, 20), (2,) * 7]:
        ((_, _, text),) = values(np.zeros(shape), [spec("z", "float64")]).rows
        assert "…" in text
        assert text.count("\n") <= 40


def test_columns_of_a_matrix_are_aligned() -> None:
    ((_, _, text),) = values(np.array([[1, 10], [100, 2]]), [spec("z", "int64")]).rows
    assert text == "[[  1,  10],\n [100,   2]]"
    ((_, _, text),) = values(np.ones((2, 9, 1)), [spec("z", "float64")]).rows
    assert text.split("\n")[:5] == ["[[[1.0],", "  [1.0],", "  [1.0],", "  …,", "  [1.0],"]
    assert text.split("\n")[7] == " [[1.0],"


def test_text() -> None:
    shown = values(
        [np.eye(2), np.int64(7)], [spec("matrix", "float64"), spec("n", "int64")], "code"
    )
    assert repr(shown) == (
        "fetch   type          value\n"
        "------  ------------  ------------\n"
        "matrix  float64[2,2]  [[1.0, 0.0],\n"
        "                       [0.0, 1.0]]\n"
        "n       int64         7\n"
        "code"
    )


def test_html_needs_no_style_sheet_and_escapes_every_value() -> None:
    shown = values([HOSTILE, np.array([HOSTILE], object)], [spec("a<b>", "string")] * 2, "<b>code")
    html = shown.html()
    tags = Tags()
    tags.feed(html)
    assert tags.tags == {"div", "table", "thead", "tbody", "tr", "th", "td", "span", "b"}
    assert tags.attributes == {"style"}
    assert "&lt;script&gt;" in html
    assert "a&lt;b&gt;" in html
    assert "&lt;b&gt;code" in html
