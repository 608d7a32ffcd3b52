from __future__ import annotations

from html.parser import HTMLParser

import pytest
from pyspark.sql import Row
from pyspark.sql import types as T

from tfspark_magic.frames.first_rows import FirstRows
from tfspark_magic.notebook.cell_text import cell_text
from tfspark_magic.notebook.preview import preview


@pytest.mark.parametrize(
    ("value", "dtype", "text", "kind"),
    [
        (None, "int32", "null", "null"),
        ("null", "string", "'null'", "text"),
        ("", "string", "''", "text"),
        (" a", "string", "' a'", "text"),
        (float("nan"), "float64", "NaN", "nan"),
        (float("-inf"), "float64", "-inf", "number"),
        (15, "int64", "15", "number"),
        (True, "bool", "True", "number"),
        (15.0, "float64", "15.0", "number"),
        (0.10000000149011612, "float32", "0.1", "number"),
        (1e300, "float64", "1e+300", "number"),
        (b"x" * 12345, "binary", "<12,345 bytes>", "bytes"),
        (bytearray(b"x"), "binary", "<1 byte>", "bytes"),
        ([1, 2, 3], "int32", "[1, 2, 3]", "tensor"),
        ([], "int32", "[]", "tensor"),
        ([0.1, 0.2] * 32, "float32", "[0.1, 0.2, … ×64]", "tensor"),
        ([1, None], "int32", "[1, null]", "tensor"),
        ([[0.5] * 28] * 28, "float32", "[[0.5, 0.5, … ×28], … ×28]", "tensor"),
        ([[1, 2], [3, 4]], "int32", "[[1, 2], [3, 4]]", "tensor"),
        (["a", "b"], "string", "['a', 'b']", "tensor"),
        ("a\nb\x1b[31m", "string", "a\\nb\\x1b[31m", "text"),
        ("word " * 100, "string", "word word word word word word word word…", "text"),
    ],
)  # fmt: skip
def test_values(value: object, dtype: str, text: str, kind: str) -> None:
    assert cell_text(value, dtype).text == text
    assert cell_text(value, dtype).kind == kind


def test_a_value_of_millions_is_shortened_without_writing_it_out() -> None:
    assert len(cell_text([0.125] * 5_000_000, "float64").text) < 50
    assert len(cell_text("x" * 50_000_000).text) < 50


FIELDS = (
    T.StructField("a<b>", T.StringType()),
    T.StructField("v", T.ArrayType(T.FloatType()), metadata={"tfspark_magic.shape": [64]}),
    T.StructField("when", T.DateType()),
    T.StructField("z", T.DoubleType()),
)
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"


def table(rows=((HOSTILE, [1.0] * 64, None, 0.5), (None, None, None, None))):
    first = FirstRows(FIELDS, tuple(Row(*row) for row in rows))
    return preview(first, "tfs.map_rows(p, df, {'x': 'v'}) <b>", {"x": "v"}, ["z"], len(rows))


def test_text() -> None:
    assert repr(table([("a", [1.0] * 64, None, 0.5), (None, [2.0] * 64, None, None)])) == (
        "a<b>    v                  when         z\n"
        "string  float32[64]        date   float64\n"
        "        -> x                     computed\n"
        "------  -----------------  ----  --------\n"
        "a       [1.0, 1.0, … ×64]  null       0.5\n"
        "null    [2.0, 2.0, … ×64]  null      null\n"
        "The first 2 rows of tfs.map_rows(p, df, {'x': 'v'}) <b>"
    )


class Tags(HTMLParser):
    """Collects what a page holds besides text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_html_needs_no_style_sheet_and_escapes_every_value() -> None:
    html = table().html()
    tags = Tags()
    tags.feed(html)
    assert tags.tags == {"div", "table", "thead", "tbody", "tr", "th", "td", "span", "img"}
    assert tags.attributes == {"style", "src", "alt", "title", "width", "height"}
    assert "&lt;script&gt;" in html
    assert "a&lt;b&gt;" in html
    assert table().html() == html


def test_fed_and_computed_columns_are_marked() -> None:
    html = table().html()
    heads = html.partition("</thead>")[0].split("<th ")[1:]
    # A wide table: they come first.
    assert ["background" in head for head in heads] == [True, True, False, False]
    assert "→ x" in heads[0]
    assert "computed" in heads[1]


def test_many_columns_leave_out_those_that_pass_through() -> None:
    fields = [T.StructField(f"c{i}", T.LongType()) for i in range(30)]
    first = FirstRows((*fields, T.StructField("z", T.LongType())), (Row(*range(31)),))
    shown = preview(first, "code", {"x": "c29"}, ["z"], 5)
    assert "c29" in repr(shown).splitlines()[0]
    assert "z" in repr(shown).splitlines()[0]
    assert "… and 19 more columns, passed through" in repr(shown)
    assert shown.html().count("<th ") == 12
    assert repr(shown).endswith("All 1 row of code")


def test_no_rows() -> None:
    assert "All 0 rows of" in repr(preview(FirstRows(FIELDS, ()), "code", {}, ["z"], 5))
