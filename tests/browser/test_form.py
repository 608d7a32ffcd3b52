"""Test the form in a real JupyterLab, by mouse and by keys."""

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
df = pd.DataFrame({"x": np.int32([1, 2]), "features": [np.ones(4, np.float32)] * 2,
                   "note": ["a", "b"], "a b": np.int32([3, 4]), "c": np.int32([5, 6])})
small = df[["x", "note"]]"""
GRAPH = """\
%%tfgraph score --no-form --no-draw
import tensorflow as tf
x = tf.placeholder(tf.int32, [], name='x')
v = tf.placeholder(tf.float32, [4], name='v')
w = tf.placeholder(tf.int32, [], name='w')
[tf.nn.softmax(v, name='p'), tf.add(x, w, name='z')]"""
FORM = """\
from tfspark_magic.notebook.form.widget import Form
shell, asked = get_ipython(), []
magics = shell.magics_manager.registry["TFGraphMagics"]
form = Form(score, magics, on_preview=asked.append, on_run=asked.append)
def refresh(result): form.refresh()
shell.events.register("post_run_cell", refresh)
form"""
LATER = "fresh = df.rename(columns={'c': 'w', 'features': 'v'})"


@pytest.fixture(scope="module")
def notebook(server, browser, folder, kernel):
    cells = [new_code_cell(source) for source in (START, GRAPH, FORM, "")]
    spec = {"name": "python3", "display_name": "python3", "language": "python"}
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": spec}), folder / "form.ipynb")
    with server.open(browser, "form.ipynb", kernel) as notebook:
        notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        notebook.run_all()
        notebook.page.locator(".tfs-form").wait_for()
        yield notebook
        notebook.ask("shell.events.unregister('post_run_cell', refresh)")


@pytest.fixture
def form(notebook):
    return notebook.page.locator(".tfs-form")


def evaluate(notebook, code):
    """Run the last cell with other code, and return what it shows."""
    cell = notebook.cell(3)
    cell.locator(".cm-content").click()
    notebook.page.keyboard.press("Control+a")
    notebook.page.keyboard.type(code)
    before = cell.locator(".jp-InputPrompt").inner_text()
    notebook.page.keyboard.press("Control+Enter")
    notebook.page.wait_for_function(
        """([cell, before]) => {
            const now = cell.querySelector('.jp-InputPrompt').textContent;
            return now !== before && !now.includes('*') && !now.includes('[ ]');
        }""",
        arg=[cell.element_handle(), before],
    )
    return "".join(notebook.texts(3))


def code_of(form):
    return form.locator(".tfs-code code")


def test_a_dataframe_is_asked_for_where_there_are_several(form):
    expect(form.get_by_text("Choose a DataFrame.")).to_be_visible()
    expect(form.get_by_role("button", name="Run")).to_have_attribute("aria-disabled", "true")
    form.get_by_label("DataFrame").select_option("df")
    expect(form.get_by_text("Choose a DataFrame.")).to_be_hidden()
    expect(form.locator(".tfs-summary")).to_have_text("score over df")


def test_a_column_that_does_not_fit_is_grey_with_the_reason(form):
    note = form.get_by_label("x, int32").locator("option", has_text="note")
    expect(note).to_have_text("note · string, takes int32")
    assert note.evaluate("option => option.disabled")


def test_binding_by_mouse_writes_the_line_and_the_code(form):
    expect(form.get_by_text("Choose a column: w takes int32.")).to_be_visible()
    expect(form.get_by_text("Guess: features")).to_be_visible()
    expect(form.get_by_role("status")).to_have_text("To correct first: v, w.")
    form.get_by_role("button", name="Use the guess").click()
    expect(form.get_by_role("button", name="Use the guess")).to_be_hidden()
    expect(form.get_by_role("status")).to_have_text("To correct first: w.")
    form.get_by_label("w, int32").select_option("a b")
    line = "%tfrun score --df df --bind v=features 'w=a b' --out result"
    expect(code_of(form).first).to_have_text(line)
    code = "result = tfs.map_rows(score, df, {'v': 'features', 'w': 'a b'})"
    expect(code_of(form).nth(1)).to_have_text(code)
    expect(form.get_by_role("button", name="Run")).to_have_attribute("aria-disabled", "false")


def test_copy(notebook, form):
    form.get_by_role("button", name="Copy the line of magic").click()
    expect(form.get_by_role("button", name="Copied")).to_be_visible()
    copied = notebook.page.evaluate("navigator.clipboard.readText()")
    assert copied == code_of(form).first.inner_text()
    expect(form.get_by_role("button", name="Copied")).to_be_hidden()  # It says so for a moment.


def test_run_asks_for_what_is_shown(notebook, form):
    form.get_by_label("Result").fill("scored")
    form.get_by_role("button", name="Run").click()
    shown = evaluate(notebook, "print(len(asked), asked[-1].out, asked[-1].bind)")
    assert shown.strip() == "1 scored {'v': 'features', 'w': 'a b'}"
    form.get_by_label("Result").press("Control+Enter")
    assert evaluate(notebook, "print(len(asked))").strip() == "2"


def test_a_wrong_binding_is_explained(form):
    form.get_by_label("DataFrame").select_option("small")
    row = form.locator(".tfs-error", has_text="small has no column 'a b'")
    expect(row).to_be_visible()
    expect(form.locator(".tfs-error", has_text="small has no column 'features'")).to_be_visible()
    expect(code_of(form).first).to_be_hidden()
    # Disabled for screen readers, but it still leads to the first wrong field.
    form.get_by_role("button", name="Run").click(force=True)
    expect(form.get_by_label("v, float32[4]")).to_be_focused()
    form.get_by_label("DataFrame").select_option("df")
    expect(code_of(form).first).to_be_visible()


def test_a_dataframe_of_a_later_cell_is_offered(notebook, form):
    evaluate(notebook, LATER)
    frames = form.get_by_label("DataFrame").locator("option")
    expect(frames).to_have_text(["df · pandas", "small · pandas", "fresh · pandas"])
    evaluate(notebook, "del fresh")
    expect(frames).to_have_count(2)


def test_by_keys_alone(notebook, form):
    keyboard = notebook.page.keyboard
    form.locator(".tfs-head").focus()
    met = []
    for _ in range(13):
        keyboard.press("Tab")
        focused = "document.activeElement"
        met.append(
            notebook.page.evaluate(
                f"{focused}.getAttribute('aria-label') || {focused}.textContent.trim()"
            )
        )
        if met[-1] == "w, int32":
            keyboard.press("ArrowDown")  # the next column that fits
        if met[-1] == "Result":
            keyboard.press("Control+a")
            keyboard.type("by_keys")
    # The notebook did not react to its own keys, such as the key that cuts a cell.
    assert notebook.page.locator(".jp-Notebook .jp-Cell").count() == 4
    assert met == [
        "DataFrame", "x, int32", "v, float32[4]", "w, int32", "Operation", "", "", "Nulls",
        "Result", "More", "Copy the line of magic", "Copy the Python code", "Run",
    ]  # fmt: skip
    expect(code_of(form).nth(1)).to_contain_text("'w': 'c'")
    expect(code_of(form).nth(1)).to_contain_text("by_keys =")
    keyboard.press("Enter")
    shown = evaluate(notebook, "print(len(asked), asked[-1].out)")
    assert shown.strip() == "3 by_keys"


def test_it_folds_to_a_line(notebook, form):
    form.locator(".tfs-head").focus()
    notebook.page.keyboard.press("Enter")
    expect(form.locator(".tfs-body")).to_be_hidden()
    assert evaluate(notebook, "print(form.opened)").strip() == "False"
    evaluate(notebook, "form.opened = True")
    expect(form.locator(".tfs-body")).to_be_visible()
