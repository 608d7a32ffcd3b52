"""The run panel and the paged table in a real JupyterLab, with mouse and keyboard."""

from __future__ import annotations

import re
import time

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.browser import lab
from tests.browser.lab import expect

pytestmark = lab.MARKS

START = '''\
import math, time
import tfspark_magic as tfs
from pyspark.sql import Row, types as T
from tfspark_magic.frames.first_rows import FirstRows
from tfspark_magic.frames.row_reader import WholeReader
from tfspark_magic.notebook.live_table import LiveTable
from tfspark_magic.notebook.preview import Previewing
from tfspark_magic.notebook.run_panel import RunPanel
spark = tfs.session("local[2]", spark_ui_enabled=False)

def slow(pause, partitions=8):
    def wait(blocks):
        for block in blocks:
            for _ in range(20):
                time.sleep(pause / 20)
            yield block
    return spark.range(0, 80_000, 1, partitions).mapInArrow(wait, "id long")

def fail(blocks):
    for _ in blocks:
        raise ValueError("no such colour: <b>red</b>")
    yield

fields = (T.StructField("name", T.StringType()), T.StructField("id", T.LongType()),
    T.StructField("v", T.ArrayType(T.FloatType())),
    T.StructField("img", T.ArrayType(T.ArrayType(T.FloatType()))), T.StructField("z", T.DoubleType()))
def row(i):
    plot = [math.sin(k / 5 + i) for k in range(64)]
    image = [[(r * c + i) % 29 / 28 for c in range(28)] for r in range(28)]
    return Row(f"<i>row</i> {i} of a table that is rather wide", i, plot, image, i * 1.5)
rows = FirstRows(fields, tuple(map(row, range(45))))
made = Previewing(WholeReader(lambda count: rows.columns), "tfs.map_rows(p, df)", {"x": "v"}, ["z"])
table = LiveTable(made.read(45))

import pathlib, threading
from tfspark_magic.executor.jobs import start

def active():
    return len(spark.sparkContext.statusTracker().getActiveJobsIds())

def until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)

def when_active(number, file):
    """Write a file when so many jobs run, also while a cell waits for one of them."""
    def wait():
        until(lambda: active() == number)
        pathlib.Path(file).touch()
    threading.Thread(target=wait).start()

def wait_for_file(blocks):
    for block in blocks:
        until(pathlib.Path("../enough").exists)
        yield block'''
CELLS = {
    "start": START,
    "panel": "panel = RunPanel()\npanel",
    "run": "_ = panel.run('scored', slow(1, 16).count, spark, summary=lambda n: f'{n:,} rows')",
    "long": "_ = panel.run('forever', slow(60).count, spark)",
    "fail": "_ = panel.run('painted', spark.range(9).mapInArrow(fail, 'id long').count, spark)",
    "state": "print(panel.state)",
    "table": "table",
}


def at(name: str) -> int:
    return list(CELLS).index(name)


@pytest.fixture(scope="module")
def notebook(server, browser, folder, kernel):
    spec = {"name": "python3", "display_name": "python3", "language": "python"}
    cells = [new_code_cell(source) for source in CELLS.values()]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": spec}), folder / "run.ipynb")
    with server.open(browser, "run.ipynb", kernel, width=800) as opened:
        opened.wait_for_kernel()
        for name in ("start", "panel", "table"):
            run(opened, name)
        yield opened


def run(notebook: lab.Notebook, name: str) -> None:
    """Run one cell and wait until it has ended; what it starts goes on."""
    notebook.cell(at(name)).locator(".cm-content").click()
    notebook.page.evaluate("jupyterapp.commands.execute('notebook:run-cell')")


def panel(notebook: lab.Notebook):
    return notebook.outputs(at("panel"))


def button(notebook: lab.Notebook, name: str):
    return notebook.page.get_by_role("button", name=name, exact=True)


def wait_for_tasks(notebook: lab.Notebook) -> None:
    panel(notebook).get_by_text(re.compile(r"of \d+ tasks")).first.wait_for()


def test_a_run_shows_its_progress_and_what_it_made(notebook):
    run(notebook, "run")
    bar = panel(notebook).get_by_role("progressbar", name="scored")
    bar.wait_for()
    seen = set()
    while bar.count():
        texts = bar.evaluate_all("bars => bars.map(bar => bar.ariaValueText)")
        seen |= {int(n) for text in texts for n in re.findall(r"(\d+) of 16 tasks", text)}
        time.sleep(0.1)
    assert len(seen) > 2
    assert re.search(r"scored: 80,000 rows in \d", panel(notebook).inner_text())
    assert not button(notebook, "Cancel").is_visible()


def test_cancel_by_mouse_and_by_keyboard(notebook):
    took = []
    for by_keyboard in (False, True):
        run(notebook, "long")
        wait_for_tasks(notebook)
        asked = time.monotonic()
        if by_keyboard:
            button(notebook, "Cancel").focus()
            notebook.page.keyboard.press("Enter")
        else:
            button(notebook, "Cancel").click()
        panel(notebook).get_by_text("forever: cancelled after").first.wait_for()
        took.append(time.monotonic() - asked)
        assert panel(notebook).get_by_role("progressbar").count() == 0
    # One of the two, because something else may keep the machine busy.
    assert min(took) < 3


def test_an_interrupt_of_the_idle_kernel_cancels(notebook):
    run(notebook, "long")
    wait_for_tasks(notebook)
    notebook.wait_for_kernel()
    notebook.page.evaluate("jupyterapp.commands.execute('notebook:interrupt-kernel')")
    panel(notebook).get_by_text("forever: cancelled after").first.wait_for()
    run(notebook, "state")
    notebook.outputs(at("state")).get_by_text("cancelled").wait_for()


def stop(notebook, folder, code: str, active: int) -> str:
    """Press the stop button when so many jobs run while a cell waits; return what it said."""
    # Beside the folder that the server lists: see `lab._LEAVE_FOLDER`.
    running = folder.parent / "running"
    notebook.begin(f"when_active({active}, '../running'); {code}")
    while not running.exists():
        time.sleep(0.05)
    notebook.page.evaluate("jupyterapp.commands.execute('notebook:interrupt-kernel')")
    running.unlink()
    return notebook.answer()


def test_the_stop_button_stops_the_jobs_of_its_cell_and_no_others(notebook, folder):
    assert notebook.ask("%load_ext tfspark_magic") == ""
    for _ in range(3):
        assert stop(notebook, folder, "slow(600).collect()", 1) == "KeyboardInterrupt"
        assert notebook.ask("until(lambda: not active())") == ""
    start = "kept = start(spark.range(0, 1, 1, 1).mapInArrow(wait_for_file, 'id long').count, spark=spark)"
    assert notebook.ask(f"{start}; until(lambda: active() == 1)") == ""
    assert stop(notebook, folder, "slow(600).count()", 2) == "KeyboardInterrupt"
    assert notebook.ask("until(lambda: active() == 1)") == ""
    (folder.parent / "enough").touch()
    assert notebook.ask("print(kept.wait(60), kept.result)") == "done 1"


def test_a_failure_is_one_sentence_and_unfolds(notebook):
    run(notebook, "fail")
    shown = panel(notebook)
    shown.get_by_text("painted: failed after").first.wait_for()
    assert shown.get_by_text("ValueError: no such colour: <b>red</b>", exact=True).is_visible()
    whole = shown.locator("details pre")
    assert not whole.is_visible()
    shown.locator("summary").focus()
    notebook.page.keyboard.press("Enter")
    whole.wait_for()
    assert "Traceback (most recent call last)" in whole.inner_text()
    assert shown.locator("b", has_text="red").count() == 0


def shown(notebook: lab.Notebook):
    return notebook.outputs(at("table")).locator(".tft-root")


def test_the_table_by_keyboard(notebook):
    table, page = shown(notebook), notebook.page
    heads = table.get_by_role("columnheader")
    assert [head.split("\n")[0] for head in heads.all_inner_texts()] == [
        "row", "z", "v", "name", "id", "img",
    ]  # fmt: skip
    assert table.locator("tr[aria-rowindex='2'] img").count() == 2
    # Into the table by Tab, and to its last row.
    table.get_by_label("Filter of the rows").focus()
    page.keyboard.press("Tab")
    focused = table.locator(":focus")
    expect(focused).to_have_text("0.0")
    page.keyboard.press("Control+End")
    expect(focused.locator("img")).to_have_attribute("alt", re.compile("28 by 28 pixels"))
    expect(table.locator("tr[aria-rowindex='46'] th")).to_have_text("45")
    # The head sorts.
    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(table.locator("tr[aria-rowindex='2'] th")).to_have_text("45")
    expect(table.locator("[aria-sort='descending']")).to_contain_text("z")
    # A cell in full, which follows the arrows; a tag in it is text.
    page.keyboard.press("ArrowDown")
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    full = table.locator(".tft-inspector")
    expect(full.locator("pre")).to_have_text("<i>row</i> 44 of a table that is rather wide")
    page.keyboard.press("End")
    expect(full.locator("img")).to_have_attribute("width", "280")
    page.keyboard.press("Escape")
    expect(full).to_be_hidden()
    expect(focused).to_have_attribute("data-column", "4")


def test_the_table_by_mouse(notebook):
    table = shown(notebook)
    filled = table.get_by_label("Filter of the rows")
    filled.fill("id > 40")
    expect(table.get_by_role("status")).to_have_text("4 of 45 rows · the heads sum up all of them")
    filled.fill("nothing > 40")
    expect(table.locator(".tft-error").first).to_contain_text("There is no column 'nothing'")
    filled.fill("")
    expect(table.get_by_role("status")).to_have_text("45 rows · the heads sum up these")
    # The last bar of z.
    table.locator("[data-row='-1'][data-column='0'] .tft-where").last.click()
    expect(filled).to_have_value("z >= 61.875 and z <= 66")
    expect(table.get_by_role("status")).to_contain_text("3 of 45 rows")
    assert all(
        table.locator(".tft-scroll").evaluate_all(
            "all => all.map(one => one.scrollHeight <= one.clientHeight)"
        )
    )
    # What is computed stays in sight beside the row's number.
    scroll = table.locator(".tft-scroll")
    scroll.evaluate("one => { one.scrollLeft = 1000; }")
    head, frame = table.locator("th", has_text="computed").bounding_box(), scroll.bounding_box()
    assert frame["x"] <= head["x"] < frame["x"] + 100
