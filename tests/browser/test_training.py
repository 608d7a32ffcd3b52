"""A training in a real JupyterLab: its curves grow while the cell runs, and Cancel ends it."""

from __future__ import annotations

import re

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from tests.browser import lab
from tests.browser.lab import expect
from tests.browser.test_form import evaluate

pytestmark = lab.MARKS

START = """\
import keras, numpy as np, pandas as pd, tfspark_magic as tfs
rows = pd.DataFrame({"x": np.arange(6400, dtype="f4") / 6400, "y": np.arange(6400.) % 3})
model = keras.Sequential([keras.Input((1,), name="x"), keras.layers.Dense(1)], name="net")
model.compile("sgd", "mse", metrics=["mae"])"""
FIT = """\
kept = tfs.fit(model, rows, features="x", label="y", batch_size=32, epochs=100_000, validation=0.1)
print(len(kept.history.epoch) > 1)"""
AT_FIT = 1


def test_curves_grow_and_cancel_keeps_whole_epochs(server, browser, folder, kernel):
    spec = {"name": "python3", "display_name": "python3", "language": "python"}
    cells = [new_code_cell(source) for source in (START, FIT)]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": spec}), folder / "fit.ipynb")
    with server.open(browser, "fit.ipynb", kernel) as notebook:
        notebook.wait_for_kernel()
        # It returns when the last cell has ended.
        notebook.page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells'); }")
        cell = notebook.cell(AT_FIT)
        cell.get_by_text(re.compile(r"step \d+ of \d+ · [\d,]+ rows/s")).first.wait_for()
        line = cell.locator(".tfs-line-training").first
        line.wait_for()
        before = line.get_attribute("d")
        notebook.page.wait_for_function(
            "before => document.querySelector('.tfs-line-training').getAttribute('d') !== before",
            arg=before,
        )
        charts = cell.get_by_role("img", name=re.compile(r"epoch \d+: training .*, validation "))
        assert charts.count() == 2
        assert cell.locator(".jp-InputPrompt").inner_text() == "[*]:"
        cell.get_by_role("button", name="Cancel", exact=True).click()
        cell.get_by_text(
            re.compile(r"net: cancelled after .*, \d+ of 100,000 epochs kept")
        ).first.wait_for()
        cell.get_by_text("True", exact=True).wait_for()
        assert cell.get_by_role("progressbar").count() == 0
        assert not cell.locator(".tfs-still").is_visible()
        notebook.save()
        stored = nbformat.read(folder / "fit.ipynb", as_version=4)
        stored.metadata = {"kernelspec": {**spec, "name": "elsewhere"}}
        nbformat.write(stored, folder / "fit_stored.ipynb")
        again = server.open(browser, "fit_stored.ipynb")
        dialog = again.page.locator(".jp-Dialog")
        dialog.get_by_role("button", name="No Kernel").click()
        dialog.wait_for(state="detached")
        again.wait_for_pictures()
        still = again.cell(AT_FIT).get_by_role(
            "img", name=re.compile("^Curves of the training of net over")
        )
        still.wait_for()
        again.close()


FORM = "%%tfgraph score --no-draw\nmodel"
LOAD = "%load_ext tfspark_magic"
SEES = "print(type(kept).__name__, len(kept.history.epoch) > 1)"
AT_FORM = 2


def test_the_form_trains_below_its_cell(server, browser, folder, kernel):
    spec = {"name": "python3", "display_name": "python3", "language": "python"}
    cells = [new_code_cell(source) for source in (LOAD, START, FORM, "")]
    nbformat.write(
        new_notebook(cells=cells, metadata={"kernelspec": spec}), folder / "form_fit.ipynb"
    )
    with server.open(browser, "form_fit.ipynb", kernel) as notebook:
        notebook.run_all()
        cell = notebook.cell(AT_FORM)
        form = cell.locator(".tfs-form")
        form.get_by_label("Operation").select_option("fit")
        expect(form.get_by_text("Choose the column of the labels.")).to_be_visible()
        form.get_by_label("Label").select_option("y")
        for label, text in {"Epochs": "100000", "Validation": "0.1", "Result": "kept"}.items():
            form.get_by_label(label, exact=True).fill(text)
        expect(form.locator(".tfs-code code").nth(1)).to_have_text(
            "kept = tfs.fit(model, rows, features={}, label='y', epochs=100000, batch_size=32, "
            "validation=0.1)"
        )
        form.get_by_role("button", name="Run").click()
        cell.get_by_text(re.compile(r"step \d+ of \d+ · [\d,]+ rows/s")).first.wait_for()
        cell.locator(".tfs-line-validation").first.wait_for()
        cell.get_by_role("button", name="Cancel", exact=True).click()
        cell.get_by_text(
            re.compile(r"net: cancelled after .*, \d+ of 100,000 epochs kept")
        ).first.wait_for()
        # The form may be used again once the model has its name.
        expect(form.get_by_role("button", name="Run")).to_have_attribute("aria-disabled", "false")
        assert evaluate(notebook, SEES).strip() == "Sequential True"
