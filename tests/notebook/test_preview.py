from __future__ import annotations

import math
import re
from html.parser import HTMLParser

import pytest
from pyspark.sql import Row
from pyspark.sql import types as T

from tfspark_magic.frames.first_rows import FirstRows
from tfspark_magic.frames.row_reader import WholeReader
from tfspark_magic.notebook.cell_text import cell_text
from tfspark_magic.notebook.preview import Previewing


def previewing(fields, rows, source="code", fed=None, outputs=("z",), **more) -> Previewing:
    """Return rows of Spark to preview, of which none is read."""
    first = WholeReader(lambda count: FirstRows(tuple(fields), tuple(rows[:count])).columns)
    return Previewing(first, source, fed or {}, outputs, **more)


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
    made = tuple(Row(*row) for row in rows)
    code = "tfs.map_rows(p, df, {'x': 'v'}) <b>"
    return previewing(FIELDS, made, code, {"x": "v"}).read(len(rows))


def test_text() -> None:
    assert repr(table([("a", [1.0] * 64, None, 0.5), (None, [2.0] * 64, None, None)])) == (
        "       z  v                  a<b>    when\n"
        " float64  float32[64]        string  date\n"
        "computed  -> x\n"
        "--------  -----------------  ------  ----\n"
        "     0.5  [1.0, 1.0, … ×64]  a       null\n"
        "    null  [2.0, 2.0, … ×64]  null    null\n"
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
    assert tags.attributes == {"class", "style", "src", "alt", "title", "width", "height"}
    assert "&lt;script&gt;" in html
    assert "a&lt;b&gt;" in html
    assert table().html() == html


def heads(html: str) -> list[str]:
    """Return the heads of the columns, after that of the rows' numbers."""
    return html.partition("</thead>")[0].split("<th ")[2:]


def test_outputs_come_first_then_what_is_fed_then_the_rest() -> None:
    shown = heads(table().html())
    assert ["background" in head for head in shown] == [True, True, False, False]
    assert "computed" in shown[0]
    assert "→ x" in shown[1]
    assert [re.search(r"bold\">([^<]*)", head)[1] for head in shown] == [
        "z",
        "v",
        "a&lt;b&gt;",
        "when",
    ]


def test_rows_are_numbered_from_one() -> None:
    body = table().html().partition("<tbody>")[2]
    assert re.findall(r"<tr><th [^>]*><span [^>]*>(\d+)<", body) == ["1", "2"]


def wide(columns: int, rows: int = 1):
    fields = [T.StructField(f"c{i}", T.LongType()) for i in range(columns)]
    found = tuple(Row(*range(columns + 1)) for _ in range(rows))
    bound = {f"x{i}": f"c{i}" for i in range(columns - 19, columns)}
    return previewing([*fields, T.StructField("z", T.LongType())], found, fed=bound).read(5)


def test_with_many_columns_the_output_is_in_sight_and_none_is_dropped() -> None:
    shown = wide(31)
    assert len(heads(shown.html())) == 32
    assert ">z<" in heads(shown.html())[0]
    # A line of text holds the first ones.
    assert repr(shown).split()[:2] == ["z", "c12"]
    assert max(map(len, repr(shown).splitlines())) <= 120
    assert re.search(r"… and \d+ more columns\n", repr(shown))
    assert repr(shown).endswith("All 1 row of code")


def test_more_columns_than_a_page_holds_are_counted() -> None:
    html = wide(3000, rows=5).html()
    assert len(html) < 130_000
    shown = len(heads(html))
    assert 50 < shown < 3001
    assert f"… and {3001 - shown:,} more columns" in html


def test_each_row_has_its_plot() -> None:
    fields = (T.StructField("v", T.ArrayType(T.FloatType())), T.StructField("z", T.LongType()))
    rows = tuple(Row([math.sin(k + i) for k in range(500)], i) for i in range(100))
    html = previewing(fields, rows, fed={"x": "v"}).read(100).html()
    assert html.count("data:image/svg+xml") == 100
    assert len(html) < 130_000


def test_no_rows() -> None:
    assert "All 0 rows of" in repr(previewing(FIELDS, ()).read(5))


def test_the_caption_says_how_many_rows_there_are() -> None:
    fields, rows = [T.StructField("z", T.LongType())], [Row(n) for n in range(12)]
    made = previewing(fields, rows)
    counts = [made.read(count).caption for count in (0, 1, 9, 5)]
    assert counts == [
        "The schema of code", "The first 1 row of code", "The first 10 rows of code",
        "All 12 rows of code",
    ]  # fmt: skip


def test_the_keys_of_groups_come_first() -> None:
    fields = [T.StructField(name, T.LongType()) for name in ("k", "z")]
    shown = previewing(fields, [Row(1, 2)], fed={"z_input": "k"}, keys=("k",)).read(1)
    assert [(column.name, column.note) for column in shown.columns] == [
        ("k", "key"), ("z", "computed"),
    ]  # fmt: skip
