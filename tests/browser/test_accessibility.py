"""What axe-core finds in the form, the graph, its panels and previews, in both themes: nothing."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.browser import lab
from tests.browser.lab import expect
from tests.node_packages import package

pytestmark = lab.MARKS

START = """\
%load_ext tfspark_magic
import numpy as np
import pandas as pd
df = pd.DataFrame({
    "a_feature_with_a_long_name": list(np.arange(48.0).reshape(3, 16)),
    "another_one": ["a text that is as long as texts in tables may become, and longer"] * 3,
    "third": [1.0, 2.0, 3.0],
})"""
CELL = """\
%%tfgraph score --bind x=a_feature_with_a_long_name
x = tf.placeholder(tf.float64, [None, 16], name='x')
with tf.name_scope('layer'):
    h = tf.math.log(x - 5.0)
z = tf.reduce_sum(h, axis=1, name='z')"""
NAMES = ["x", "layer/Log"]
PARTS = [".tfg-view", ".tfs-form", ".tft-root"]
AXE = """async parts => {
    const include = parts.filter(part => document.querySelector(part)).map(part => [part]);
    const { violations, passes } = await axe.run({ include }, { resultTypes: ['violations'] });
    const found = violations.map(({ id, impact, nodes }) =>
        `${impact} ${id}: ` + nodes.map(({ html }) => html.slice(0, 200)).join(', '));
    return [found, passes.length];
}"""
THEME = "theme => jupyterapp.commands.execute('apputils:change-theme', { theme })"


@pytest.fixture(scope="module")
def notebook(server, browser, folder, kernel):
    spec = {"name": "python3", "display_name": "python3", "language": "python"}
    cells = [new_code_cell(source) for source in (START, CELL)]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": spec}), folder / "axe.ipynb")
    source = (package("axe-core") / "axe.min.js").read_text()
    with server.open(browser, "axe.ipynb", kernel, width=700) as opened:
        opened.run_all()
        opened.page.evaluate(f"{source}; undefined")
        yield opened


def found(notebook) -> list[str]:
    """Return what axe finds, in both themes."""
    page, all_found = notebook.page, []
    for theme in ("Dark", "Light"):
        page.evaluate(THEME, f"JupyterLab {theme}")
        expect(notebook.cell(1).locator(".tfg-view")).to_have_attribute("data-theme", theme.lower())
        violations, passed = page.evaluate(AXE, PARTS)
        assert passed > 5
        all_found += [f"{theme}: {violation}" for violation in violations]
    return all_found


def test_what_axe_would_find_is_found(notebook):
    bar = notebook.cell(1).locator(".tfg-bar")
    bar.evaluate("bar => bar.append(document.createElement('button'))")
    violations = found(notebook)
    bar.evaluate("bar => bar.lastChild.remove()")
    assert ["button-name" in violation for violation in violations] == [True, True]


def test_the_form_and_the_graph(notebook):
    for more in notebook.cell(1).locator(".tfs-form summary").all():
        if more.locator("..").get_attribute("open") is None:
            more.click()
    notebook.cell(1).get_by_role("button", name="Keyboard and mouse").click()
    notebook.cell(1).get_by_role("combobox", name="Search").fill("log")
    expect(notebook.cell(1).locator(".tfg-option")).to_have_count(1)
    assert found(notebook) == []
    notebook.cell(1).get_by_role("combobox", name="Search").fill("")
    notebook.cell(1).get_by_role("button", name="Save as a file").click()
    assert found(notebook) == []


def test_values_details_and_cost(notebook):
    view = notebook.cell(1).locator(".tfg-view")
    view.get_by_role("button", name="Peek").click()
    view.get_by_role("menuitem").first.click()
    view.get_by_role("button", name="Cost").click()
    expect(view.locator(".tfg-costs")).to_be_visible()
    for name in NAMES:
        view.locator(f"[data-id='op:{name}']").click()
        expect(view.locator(".tfg-cells")).to_be_visible()
        expect(view.locator(".tfg-panel-name")).to_have_text(name)
        assert found(notebook) == []


def test_a_preview_and_a_cell_of_it_in_full(notebook):
    cell = notebook.cell(1)
    cell.locator(".tfs-form").get_by_role("button", name="Run", exact=True).click()
    table = cell.locator(".tft-root")
    expect(table.get_by_role("row").nth(3)).to_be_visible()
    assert found(notebook) == []
    for name in ("another_one", "a_feature_with_a_long_name"):
        column = table.locator("th", has_text=name).get_attribute("aria-colindex")
        table.locator(f"td[aria-colindex='{column}']").first.dblclick()
        expect(table.locator(".tft-inspector")).to_contain_text(name)
        assert found(notebook) == []
