"""The table of a preview: what it sends to the page, and how it answers."""

from __future__ import annotations

import math

from pyspark.sql import Row
from pyspark.sql import types as T

from tests.notebook.test_preview import HOSTILE, previewing
from tfspark_magic.notebook.live_table import LiveTable
from tfspark_magic.notebook.preview_area import more_of

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


def made(count: int = 45, fields=FIELDS, make=row):
    rows = [make(i) for i in range(count)]
    return previewing(fields, rows, "tfs.map_rows(p, df)", {"x": "v", "pixels": "img"})


def numbers(count: int):
    fields = (T.StructField("id", T.LongType()), T.StructField("z", T.LongType()))
    return made(count, fields, lambda i: Row(i, 10 * i % 70))


def ask(table: LiveTable, question: str, **facts):
    """Ask as the page does, and return the answer or the error."""
    told = []
    table.send = lambda content, buffers=None: told.append(content)
    table._handle_custom_msg({"id": 7, "ask": question, **facts}, [])
    (answer,) = told
    assert answer["id"] == 7
    return answer.get("answer", answer.get("error"))


def texts(block) -> list[list[str]]:
    return [[cell[0] for cell in cells] for cells in block["cells"]]


def test_what_the_page_gets_at_first() -> None:
    table = LiveTable(numbers(100).read(100), None, "")
    assert [column["name"] for column in table.columns] == ["z", "id"]
    assert [column["role"] for column in table.columns] == ["output", ""]
    assert texts(table.start) == [[str(10 * i % 70), str(i)] for i in range(40)]
    assert table.start["numbers"] == list(range(1, 41))
    assert (table.state["rows"], table.state["shown"]) == (100, 100)
    assert table.state["caption"] == "The first 100 rows of tfs.map_rows(p, df)"
    assert repr(table) == "LiveTable(100 rows)"


def test_only_what_is_in_sight_is_sent() -> None:
    table = LiveTable(numbers(5000).read(5000))
    state = repr({name: getattr(table, name) for name in ("columns", "start", "state")})
    assert len(state) < 10_000
    found = ask(table, "cells", rows=[4960, 5000], columns=[0, 24])
    assert (found["first"], found["numbers"][-1]) == (4960, 5000)
    assert texts(found)[-1] == ["10", "4999"]
    assert ask(table, "cells", rows=[9000, 9040], columns=[0, 24])["cells"] == []
    # A question for everything gets a part.
    assert len(ask(table, "cells", rows=[0, 5000], columns=[0, 24])["cells"]) == 2000


def test_rows_are_sorted_and_filtered_among_all() -> None:
    table = LiveTable(numbers(100).read(100))
    assert ask(table, "arrange", filter="z >= 50 and id < 20", column=0, falling=True) == {}
    assert table.state["shown"] == 5
    assert texts(table.start)[:4] == [["60", "6"], ["60", "13"], ["50", "5"], ["50", "12"]]
    assert table.start["numbers"] == [7, 14, 6, 13, 20]
    assert ask(table, "cell", row=1, column=1)["row"] == 14
    before = table.state
    assert "There is no column 'y'" in ask(table, "arrange", filter="y > 1", column=None)
    assert table.state == before
    ask(table, "arrange", filter="", column=None, falling=False)
    assert table.start["numbers"] == list(range(1, 41))


def test_more_rows_keep_the_order_and_the_filter() -> None:
    rows = numbers(100)
    asked = []
    table = LiveTable(rows.read(10), lambda: asked.append(1), "90 more rows")
    ask(table, "arrange", filter="z > 30", column=1, falling=True)
    assert table.state["shown"] == 3
    ask(table, "more")
    table.say(busy="Computing…")
    # A second click does nothing.
    ask(table, "more")
    assert asked == [1]
    table.update(rows.read(90))
    assert (table.state["rows"], table.state["busy"], table.state["more"]) == (100, "", "")
    assert texts(table.start)[:2] == [["60", "97"], ["50", "96"]]
    assert table.columns[1]["sum"]["says"] == "0 … 99"


def test_the_heads_sum_up_the_rows() -> None:
    table = LiveTable(made().read(45))
    sums = {column["name"]: column["sum"] for column in table.columns}
    assert sums["z"]["says"] == "0 … 66"
    assert sum(bar["height"] > 0 for bar in sums["z"]["bars"]) == 16
    where = sums["z"]["bars"][-1]["where"]
    ask(table, "arrange", filter=where, column=None, falling=False)
    assert table.state["shown"] == 3
    assert [float(text) for text, *_ in texts(table.start)] == [63.0, 64.5, 66.0]
    # A bar of the numbers inside arrays is no condition on rows.
    assert {bar["where"] for bar in sums["v"]["bars"]} == {""}
    assert sums["note"]["says"] == "45 different"


def test_vectors_and_images_are_pictures_and_strings_are_text() -> None:
    table = LiveTable(made().read(45))
    found = table.start["cells"][39]
    names = [column["name"] for column in table.columns]
    assert names == ["z", "v", "img", "note", "id"]
    plot, image = found[1][2], found[2][2]
    assert plot["source"].startswith("data:image/svg+xml,")
    assert image["source"].startswith("data:image/png;base64,")
    assert (plot["kind"], image["kind"]) == ("plot", "image")
    assert image["title"] == "Image, 28 by 28 pixels, values from 0 to 1"
    assert found[3][0].startswith("<script>alert(1)")
    # In every row.
    assert all(len(cell) == 3 for line in table.start["cells"] for cell in line[1:3])


def test_a_cell_in_full() -> None:
    table = LiveTable(made().read(45))
    page = ask(table, "cell", row=44, column=1)
    assert (page["row"], page["name"], page["type"]) == (45, "v", "float32[64]")
    assert ["Values", "64"] in [list(fact) for fact in page["facts"]]
    assert page["text"].count(",") == 63
    assert page["picture"]["width"] == 480
    assert ask(table, "copy", row=44, column=1)["text"] == str(row(44)[2])
    image = ask(table, "cell", row=0, column=2)["picture"]
    assert (image["width"], image["height"], image["crisp"]) == (280, 280, True)
    text = ask(table, "cell", row=3, column=3)["text"]
    assert text == f"{HOSTILE} 3"


def test_a_large_value_is_cut_and_one_that_is_too_large_is_not_copied() -> None:
    fields = (T.StructField("z", T.ArrayType(T.LongType())),)
    table = LiveTable(made(1, fields, lambda _: Row([1234567] * 700_000)).read(1))
    page = ask(table, "cell", row=0, column=0)
    assert len(page["text"]) == 100_000
    assert page["left"] == "The first 100,000 characters; Copy takes all."
    assert "too many to copy" in ask(table, "copy", row=0, column=0)


def test_no_rows_and_no_columns() -> None:
    table = LiveTable(made(0).read(10))
    assert (table.state["rows"], table.start["cells"]) == (0, [])
    assert table.state["caption"] == "All 0 rows of tfs.map_rows(p, df)"
    assert "list index" in ask(table, "cell", row=3, column=0)


def test_how_many_more_rows_a_click_reads() -> None:
    rows = numbers(2000)
    rows.read(5)
    found = []
    while (more := more_of(rows))[0]:
        found.append(more)
        rows.read(more[0])
    # `WholeReader` computes the first ones again, and says so.
    assert found == [
        (95, "100 rows, all computed anew"),
        (900, "1,000 rows, all computed anew"), (9000, "10,000 rows, all computed anew"),
    ]  # fmt: skip
    # Rows of large arrays are fewer.
    fields = (T.StructField("z", T.ArrayType(T.LongType())),)
    large = made(50, fields, lambda _: Row([0] * 100_000))
    large.read(10)
    assert more_of(large)[0] == 30
    large.read(30)
    assert more_of(large) == (0, "")
