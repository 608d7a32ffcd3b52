"""Two graphs side by side in a real JupyterLab, with one selection and one viewport."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.browser import lab
from tests.browser.lab import expect

pytestmark = lab.MARKS

ROOT = Path(__file__).parents[2]
START = f"""\
import sys
sys.path.insert(0, {str(ROOT)!r})
%load_ext tfspark_magic
import pandas as pd, tensorflow as tf
import tfspark_magic as tfs

def network(activation, deeper):
    with tf.Graph().as_default():
        x = tf.compat.v1.placeholder(tf.float64, [], name="x")
        with tf.name_scope("dense"):
            h = activation(x * 2.0, name="act")
        with tf.name_scope("head"):
            h = tf.add(h, 1.0, name="shift")
            h = tf.sqrt(h, name="root") if deeper else h
        z = tf.identity(h, name="z")
        from tfspark_magic.graph.freeze import freeze
        return freeze([z], "deeper" if deeper else "flat")

df = pd.DataFrame({{"x": [0.5, 1.5, 2.5]}})"""
SHOW = "tfs.compare(network(tf.nn.relu, False), network(tf.tanh, True), df)"


@pytest.fixture(scope="module")
def notebook(server, browser, folder, kernel):
    spec = {"name": "python3", "display_name": "python3", "language": "python"}
    cells = [new_code_cell(source) for source in (START, SHOW)]
    path = folder / "comparison.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": spec}), path)
    with server.open(browser, path.name, kernel) as opened:
        opened.run_all()
        yield opened


def test_both_graphs_have_one_selection_and_one_viewport(notebook):
    view = notebook.cell(1).locator(".tfg-view")
    view.scroll_into_view_if_needed()
    old, new = view.locator(".tfg-canvas").all()
    expect(new.locator("[data-id='op:head/root']")).to_be_visible()
    ghost = "tfg-ghost"
    for side, gone in ((old, "op:head/root"), (new, "op:dense/act")):
        assert ghost in side.locator(f"[data-id='{gone}']").get_attribute("class").split() or (
            gone == "op:dense/act"
        )
    assert ghost not in new.locator("[data-id='op:head/root']").get_attribute("class").split()
    expect(new.locator("[data-id='op:head/root']")).to_contain_text("+ came")
    expect(new.locator("[data-id='op:dense/act']")).to_contain_text("Relu → Tanh")
    expect(new.locator("[data-id='op:dense/act']")).to_contain_text("≠ changed")
    assert notebook.cell(1).locator("[data-tfg-static]").is_hidden()

    old.locator("[data-id='op:dense/mul']").click()
    for side in (old, new):
        expect(side.locator(".tfg-selected")).to_have_attribute("data-id", "op:dense/mul")
    panel = view.locator(".tfg-panel")
    expect(panel).to_contain_text("old: dense/mul")
    expect(panel).to_contain_text("new: dense/mul")

    view.get_by_role("button", name="Zoom in").click()
    where = "svg => svg.querySelector('g').getAttribute('transform')"
    notebook.page.wait_for_timeout(400)
    assert old.locator("svg").first.evaluate(where) == new.locator(".tfg-svg").evaluate(where)

    view.get_by_role("button", name="Go to where they part").click()
    expect(new.locator(".tfg-selected")).to_have_attribute("data-id", "op:dense/act")
    expect(panel).to_contain_text("part: 3 of 3")
