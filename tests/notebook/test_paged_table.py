from __future__ import annotations

import math
import re
from html.parser import HTMLParser

import pytest
from pyspark.sql import Row
from pyspark.sql import types as T

from tfspark_magic.frames.first_rows import FirstRows
from tfspark_magic.notebook.paged_table import PagedTable
from tfspark_magic.notebook.preview import preview

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"
FIELDS = (
    T.StructField("note", T.StringType()),
    T.StructField("id", T.LongType()),
    T.StructField("v", T.ArrayType(T.FloatType()), metadata={"tfspark_magic.shape": [64]}),
    T.StructField(
        "img", T.ArrayType(T.ArrayType(T.FloatType())), metadata={"tfspark_magic.shape": [28, 28]}
    ),
    T.StructField("z", T.DoubleType()),
)


def row(i: int) -> Row:
    plot = [math.sin(k / 5 + i) for k in range(64)]
    image = [[(r * c + i) % 29 / 28 for c in range(28)] for r in range(28)]
    return Row(f"{HOSTILE} {i}", i, plot, image, i * 1.5)


def table(count: int = 45, fields=FIELDS, make=row, **arguments) -> PagedTable:
    first = FirstRows(fields, tuple(make(i) for i in range(count)))
    fed = {"x": "v", "pixels": "img"}
    return PagedTable(preview(first, "tfs.map_rows(p, df)", fed, ["z"], count), **arguments)


def numbers(count: int, **arguments) -> PagedTable:
    fields = (T.StructField("id", T.LongType()), T.StructField("z", T.LongType()))
    return table(count, fields, lambda i: Row(i, 10 * i), **arguments)


class Cells(HTMLParser):
    """Collects the text of each row of a table's body, and its tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag == "td":
            self.rows[-1].append("")

    def handle_data(self, data) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def on_show(paged: PagedTable) -> list[list[str]]:
    html = paged.table.value.partition("</tbody>")[0]
    return [row for row in Cells(html).rows if row]


def place(paged: PagedTable) -> str:
    return re.sub("<[^>]*>", "", paged.place.value)


def test_pages() -> None:
    paged = numbers(45)
    assert place(paged) == "rows 1–10 of 45"
    assert on_show(paged) == [[str(i), str(10 * i)] for i in range(10)]
    assert (paged.first.disabled, paged.previous.disabled) == (True, True)
    paged.next.click()
    assert place(paged) == "rows 11–20 of 45"
    assert on_show(paged)[0] == ["10", "100"]
    paged.last.click()
    assert place(paged) == "rows 41–45 of 45"
    assert (paged.next.disabled, paged.last.disabled) == (True, True)
    paged.next.click()
    assert place(paged) == "rows 41–45 of 45"
    paged.previous.click()
    assert place(paged) == "rows 31–40 of 45"
    paged.size.value = 25
    assert place(paged) == "rows 26–45 of 45"
    paged.first.click()
    assert place(paged) == "rows 1–25 of 45"
    assert repr(paged) == "PagedTable(45 rows)"


def test_every_row_is_on_one_page() -> None:
    paged = numbers(23, page_size=7)
    seen = on_show(paged)
    while not paged.next.disabled:
        paged.next.click()
        seen += on_show(paged)
    assert seen == [[str(i), str(10 * i)] for i in range(23)]


@pytest.mark.parametrize("count", [0, 1, 5])
def test_few_rows_need_no_buttons(count: int) -> None:
    paged = numbers(count)
    assert paged.bar.layout.display == "none"
    assert len(on_show(paged)) == count


IDS = ("children", "layout", "style")
"""Traits that name other widgets, by random digits."""


def test_only_the_page_on_show_is_in_the_state() -> None:
    paged = numbers(1000)
    widgets = (paged, paged.table, paged.place, paged.bar)
    state = repr([{k: v for k, v in w.get_state().items() if k not in IDS} for w in widgets])
    assert "9990" not in state
    assert len(state) < 12_000


def test_vectors_and_images_are_pictures_and_strings_are_text() -> None:
    paged = table()
    html = paged.table.value
    assert html.count('src="data:image/svg+xml,') == 10
    assert html.count('src="data:image/png;base64,') == 10
    assert html.count("<img") == 20
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert len(html) < 100_000
    assert "Image, 28 by 28 pixels, values from 0 to 1" in html
    assert re.search(r"64 values from -[\d.]+ to [\d.]+: ", html)


def test_what_is_fed_and_computed_comes_first_in_a_wide_table() -> None:
    heads = table().table.value.partition("</thead>")[0].split("<th ")[1:]
    names = [re.search(r"bold\">([^<]*)", head)[1] for head in heads]
    assert names == ["v", "img", "z", "note", "id"]
    heads = numbers(3).table.value.partition("</thead>")[0].split("<th ")[1:]
    assert ["computed" in head for head in heads] == [False, True]
