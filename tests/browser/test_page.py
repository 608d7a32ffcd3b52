"""The page that `make demo` makes: it follows the theme, fetches nothing, and its graphs are alive."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

from docs.page import page, run
from tests.browser import lab

pytestmark = lab.MARKS

START = """\
%load_ext tfspark_magic
import pandas as pd
df = pd.DataFrame({"x": [1, 2, 3], "y": [10, 20, 30]})"""
GRAPH = """\
%%tfgraph score --df df
x = tf.placeholder(tf.int64, name="x")
y = tf.placeholder(tf.int64, name="y")
z = tf.add(x, y * 3, name="z")"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    notebook = new_notebook(cells=[new_code_cell(START), new_code_cell(GRAPH)])
    nbformat.validate(notebook)
    path = folder / "score.html"
    path.write_text(page(notebook, "score", run(notebook, folder)))
    return path


@pytest.fixture(params=["light", "dark"])
def shown(made, browser, request):
    context = browser.new_context(
        color_scheme=request.param, viewport={"width": 1200, "height": 900}
    )
    opened = context.new_page()
    asked: list[str] = []
    opened.on("request", lambda one: asked.append(one.url))
    opened.goto(made.as_uri())
    yield opened, request.param
    assert asked == [made.as_uri()]
    context.close()


def test_its_graph_is_alive(shown):
    opened, theme = shown
    view = opened.locator(".tfg-view")
    expect(view).to_have_attribute("data-theme", theme)
    bright = opened.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0]"
    )
    assert (bright > 200) == (theme == "light")
    expect(opened.locator(".tfs-last img")).to_be_hidden()
    view.locator("[data-id='op:z']").click()
    panel = view.locator(".tfg-panel")
    expect(panel).to_contain_text("AddV2")
    expect(panel.locator(".tfg-cells-row").first).to_contain_text("31")
    panel.get_by_role("button", name="Next row").click()
    expect(panel.locator(".tfg-cells-row").first).to_contain_text("62")
    view.get_by_role("combobox").fill("mul")
    view.get_by_role("option").first.click()
    expect(panel.get_by_role("heading", name="mul", exact=True)).to_be_visible(timeout=20_000)
