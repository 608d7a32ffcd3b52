"""Test the magics in a real JupyterLab, as a user sees them."""

from __future__ import annotations

import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.browser import lab

pytestmark = lab.MARKS

SEED = """\
%%tfgraph score --df df --out scored --preview 5
import tensorflow as tf
x=tf.placeholder(tf.int32, name='x')
y=tf.placeholder(tf.int32, name='y')
output=tf.add(x, y*3, name='z')
session= tf.Session()
output_value=session.run(output, {x:3, y:4})"""
START = """\
%load_ext tfspark_magic
import tfspark_magic as tfs
spark = tfs.session("local[2]", spark_ui_enabled=False)
df = spark.range(10).selectExpr("cast(id as int) x", "cast(id * 10 as int) y")"""
IN_CELL = """\
%%tfgraph wrong --df df
x = tf.placeholder(tf.int32, name='x')
wrong_line = x + missing"""
WORKBENCH = """\
%%tfgraph shown
shown = tf.identity(tf.placeholder(tf.int32, name='a'), name='b')"""
CELLS = {
    "start": START,
    "seed": SEED,
    "workbench": WORKBENCH,
    "value": "print(output_value)",
    "count": "print(scored.count())",
    "our error": "%tfrun score --df df --bind x=colour",
    "error in the cell": IN_CELL,
    "to complete": "",
}
STOPS = {"our error", "error in the cell"}


def at(name: str) -> int:
    return list(CELLS).index(name)


def write(path, kernel: str) -> None:
    cells = [
        new_code_cell(source, metadata={"tags": ["raises-exception"]} if name in STOPS else {})
        for name, source in CELLS.items()
    ]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": spec(kernel)}), path)


def spec(kernel: str) -> dict[str, str]:
    return {"name": kernel, "display_name": kernel, "language": "python"}


def assert_seed_is_shown(notebook: lab.Notebook, *, live: bool) -> None:
    """The graph or its picture, what the program is, and the table."""
    picture = notebook.cell(at("seed")).locator("img")
    alt = picture.get_attribute("alt")
    assert {"x", "y", "z"} <= set(re.findall(r"\w+", alt)), alt
    # If a kernel runs, the interactive graph replaces the picture.
    assert picture.is_visible() is not live
    assert notebook.cell(at("seed")).locator(".tfg-svg .tfg-placeholder").count() == (
        2 if live else 0
    )
    assert picture.evaluate("image => image.naturalWidth") > 0
    texts = notebook.texts(at("seed"))
    assert "tfs.map_rows(score, df)" in texts[0]
    # If a kernel runs, the table that answers replaces the other one.
    table = notebook.cell(at("seed")).locator(".tft-root" if live else ".tfs-rows")
    table.locator("tbody tr").first.wait_for()
    rows = table.locator("tbody tr").all()
    assert notebook.cell(at("seed")).locator(".tfs-rows").is_visible() is not live
    values = [[int(text) for text in row.locator("td").all_inner_texts()] for row in rows]
    assert values == [[31 * n, n, 10 * n] for n in range(5)]


@pytest.fixture(scope="module")
def ran(server, browser, folder, kernel):
    """A notebook of all cells, which have run."""
    write(folder / "live.ipynb", "python3")
    with server.open(browser, "live.ipynb", kernel) as notebook:
        notebook.run_all()
        yield notebook


def test_the_seed_cell_shows_its_graph_and_its_rows(ran):
    assert_seed_is_shown(ran, live=True)


def test_later_cells_have_its_value_and_its_dataframe(ran):
    assert ran.texts(at("start")) == []
    assert ran.texts(at("value")) == ["15\n"]
    assert ran.texts(at("count")) == ["10\n"]


def test_an_error_of_ours_is_one_message(ran):
    (text,) = ran.texts(at("our error"))
    assert "colour" in text
    assert "Traceback" not in text
    assert "--->" not in text
    assert len(text.strip().splitlines()) <= 2


def test_an_error_in_the_cell_shows_its_line(ran):
    (text,) = ran.texts(at("error in the cell"))
    assert re.search(r"^-+> 3 wrong_line = x \+ missing", text, re.MULTILINE)
    assert "NameError: name 'missing' is not defined" in text
    assert "tfspark_magic" not in text


def test_tab_offers_the_options(ran):
    cell = ran.cell(at("to complete"))
    cell.locator(".cm-content").click()
    ran.page.keyboard.type("%%tfgraph s --d")
    ran.page.keyboard.press("Tab")
    offers = ran.page.locator(".jp-Completer:visible .jp-Completer-item")
    offers.first.wait_for()
    offered = {offer.get_attribute("data-value") for offer in offers.all()}
    assert offered == {"--df", "--device"}
    ran.page.keyboard.press("Escape")


def test_a_stored_notebook_shows_it_without_a_kernel(ran, server, browser, folder):
    ran.save()
    stored = nbformat.read(folder / "live.ipynb", as_version=4)
    assert len(nbformat.writes(stored)) < 100_000
    # What another machine stored: this one knows neither the signature nor the kernel.
    stored.metadata = {"kernelspec": spec("elsewhere")}
    nbformat.write(stored, folder / "stored.ipynb")
    notebook = server.open(browser, "stored.ipynb")
    dialog = notebook.page.locator(".jp-Dialog")
    dialog.get_by_role("button", name="No Kernel").click()
    dialog.wait_for(state="detached")
    cells = "jupyterapp.shell.currentWidget.content.widgets"
    assert not notebook.page.evaluate(f"{cells}[{at('seed')}].model.trusted")
    assert notebook.page.evaluate("!jupyterapp.shell.currentWidget.sessionContext.session")
    notebook.wait_for_pictures()
    assert_seed_is_shown(notebook, live=False)
    workbench = notebook.cell(at("workbench"))
    assert workbench.locator("img").is_visible()
    assert "widget" not in workbench.inner_text()
    notebook.close()
