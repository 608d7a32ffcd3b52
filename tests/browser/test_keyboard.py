"""A cell with twelve placeholders by keys alone: from the cell to the preview, and in the graph."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.browser import lab
from tests.browser.lab import expect

pytestmark = lab.MARKS

START = """\
%load_ext tfspark_magic
import numpy as np, pandas as pd
names = [f"mean_{at}" for at in range(12)]
df = pd.DataFrame({name.replace("_", " "): np.arange(3.0) for name in names})"""
CELL = """\
%%tfgraph risk --df df
columns = [tf.placeholder(tf.float64, [None], name=name) for name in names]
risk = tf.add_n(columns, name='risk')"""
FOCUSED = """() => {
    const now = document.activeElement;
    return now.getAttribute('aria-label') || now.textContent.trim();
}"""
# JupyterLab's own buttons are on the way, too.
SEEN = """() => {
    const now = document.activeElement;
    const isOurs = now.closest('.tfg-view, .tfs-form, .tft-root');
    return !isOurs || getComputedStyle(now).outlineStyle !== 'none';
}"""


@pytest.fixture(scope="module")
def notebook(server, browser, folder, kernel):
    spec = {"name": "python3", "display_name": "python3", "language": "python"}
    cells = [new_code_cell(source) for source in (START, CELL)]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": spec}), folder / "keys.ipynb")
    with server.open(browser, "keys.ipynb", kernel) as opened:
        opened.run_all()
        yield opened


def tab_to(page, name: str) -> int:
    """Press Tab until something is reached, each stop of which can be seen; return how often."""
    for count in range(1, 60):
        page.keyboard.press("Tab")
        assert page.evaluate(SEEN), page.evaluate(FOCUSED)
        if page.evaluate(FOCUSED).startswith(name):
            return count
    raise AssertionError(f"Tab does not lead to {name}.")


def test_from_the_cell_to_the_preview_by_keys_alone(notebook):
    page, cell = notebook.page, notebook.cell(1)
    view, form, table = (cell.locator(part) for part in (".tfg-view", ".tfs-form", ".tft-root"))
    press = page.keyboard.press
    # The way of a user of JupyterLab out of the editor.
    cell.locator(".cm-content").focus()
    press("Escape")
    assert tab_to(page, "mean_0, placeholder") < 25
    assert tab_to(page, "Bind and run") == 1
    assert tab_to(page, "Use the 12 guesses") == 14
    press("Enter")
    expect(form.get_by_role("button", name="Use the")).to_be_hidden()
    assert page.evaluate(FOCUSED) == "Run"
    press("Enter")
    expect(table.get_by_role("row").nth(3)).to_contain_text("24")
    # The form has been drawn anew several times.
    assert page.evaluate(FOCUSED) == "Run"

    # Preview, Start over, and nothing that only scrolls.
    assert tab_to(page, "Filter of the rows") == 3
    press("Tab")
    press("Enter")
    expect(table.locator(".tft-inspector")).to_be_visible()
    press("Escape")
    expect(table.locator(".tft-inspector")).to_be_hidden()

    view.locator(".tfg-svg").focus()
    for keys, part in (("?", ".tfg-help"), ("Tab Space", ".tfg-panel")):
        for key in keys.split():
            press(key)
        expect(view.locator(part)).to_be_visible()
        press("Escape")
        expect(view.locator(part)).to_be_hidden()
    assert page.evaluate(FOCUSED).startswith("mean_0, placeholder")


def test_what_goes_leaves_the_keyboard_in_the_graph(notebook):
    page, view = notebook.page, notebook.cell(1).locator(".tfg-view")
    peek = view.get_by_role("button", name="Peek")
    peek.focus()
    for _ in range(2):
        page.keyboard.press("Enter")
    expect(view.locator(".tfg-badge").first).to_be_visible()
    view.get_by_role("button", name="Hide values").focus()
    page.keyboard.press("Enter")
    expect(peek).to_be_focused()
