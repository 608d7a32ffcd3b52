"""From a cell to a written Parquet file, in JupyterLab and Jupyter Notebook; and opened again."""

from __future__ import annotations

import base64
import re
import shutil

import nbformat
import pyarrow.parquet as pq
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.browser import lab
from tests.browser.lab import expect

pytestmark = lab.MARKS

START = """\
%load_ext tfspark_magic
import tfspark_magic as tfs
spark = tfs.session("local[2]", spark_ui_enabled=False)
df = spark.range(10).selectExpr("cast(id as int) x", "cast(id * 10 as int) amount")"""
SEED = """\
%%tfgraph score
x = tf.placeholder(tf.int32, name='x')
y = tf.placeholder(tf.int32, name='y')
output = tf.add(x, y * 3, name='z')"""
WAIT = """\
%%tfgraph wait --no-draw
x = tf.placeholder(tf.int32, [], name='x')
rounds = tf.while_loop(lambda i: i < 10**9, lambda i: i + 1, [x])
z = tf.identity(rounds, name='z')"""
AT_SEED, AT_WAIT = 1, 2
PANDAS = """\
import numpy as np, pandas as pd
df = pd.DataFrame({"x": np.int32([1]), "amount": np.int32([2])})"""
LINE = "%tfrun score --df df --bind y=amount --out scored"
HINT = "Run this cell again to go on"
KERNEL = {"name": "python3", "display_name": "python3", "language": "python"}


def write(path) -> None:
    cells = [new_code_cell(source) for source in (START, SEED, WAIT)]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), path)


def wait_for_text(area, text: str | re.Pattern[str]) -> None:
    area.get_by_text(text).first.wait_for()


def written(folder, name: str) -> list[int]:
    table = pq.read_table(folder / name)
    assert table.column_names == ["x", "amount", "z"]
    return sorted(table.column("z").to_pylist())


EXPECTED = [31 * n for n in range(10)]


@pytest.fixture(
    scope="module", params=["jupyterlab", pytest.param("notebook", marks=pytest.mark.long)]
)
def running(request, folder):
    """A server, and a kernel of it."""
    if request.param == "jupyterlab":
        yield request.getfixturevalue("server"), request.getfixturevalue("kernel")
        return
    with lab.serve(folder, request.param) as server:
        yield server, server.start_kernel()


@pytest.fixture(scope="module")
def opened(running, browser, folder):
    server, kernel = running
    # Both servers show this folder, and Spark leaves an empty one of a write that was cancelled.
    for written in ("kept", "again", "never"):
        shutil.rmtree(folder / written, ignore_errors=True)
    write(folder / "workbench.ipynb")
    with server.open(browser, "workbench.ipynb", kernel, height=1600) as notebook:
        notebook.run_all()
        yield notebook, folder


def test_from_the_cell_to_a_parquet_file_by_mouse(opened):
    notebook, folder = opened
    area = notebook.cell(AT_SEED).locator(".jp-OutputArea")
    wait_for_text(area, "Use the guess first, or choose the column.")
    run = area.get_by_role("button", name="Run", exact=True)
    assert run.is_disabled()
    area.get_by_role("button", name="Use the guess").click()
    area.locator(".tfs-more > summary").click()
    area.get_by_label("Rows in preview").fill("10")
    expect(area.get_by_role("button", name="Preview")).to_be_hidden()  # Run is one.
    run.click()
    area.locator("tbody tr:visible").first.wait_for()
    rows = [row.locator("td").all_inner_texts() for row in area.locator("tbody tr:visible").all()]
    assert [int(row[0]) for row in rows] == EXPECTED
    area.get_by_label("Result").fill("scored")
    area.get_by_label("Then").select_option("write")
    area.get_by_label("Path").fill("kept")
    run.click()
    wait_for_text(area, "written to kept")
    assert written(folder, "kept") == EXPECTED


def test_rows_flow_through_the_graph(opened):
    notebook, _ = opened
    area = notebook.cell(AT_SEED).locator(".jp-OutputArea")
    graph, page = area.locator(".tfg-view"), notebook.page
    # By keyboard alone.
    graph.get_by_role("button", name="Peek").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wait_for_text(graph, "10 rows of df, each alone")
    expect(graph.locator("[data-id='op:z'] .tfg-badge")).to_contain_text("0 … 279")
    graph.locator("[data-id='op:x']").focus()
    page.keyboard.press("Space")
    cells = graph.locator(".tfg-cells")
    expect(cells).to_have_text("0")
    for _ in range(3):
        page.keyboard.press(".")
    expect(cells).to_have_text("3")
    # The next node is shown for the same row.
    graph.locator("[data-id='op:z']").click()
    expect(cells).to_have_text("93")
    graph.get_by_role("button", name="Previous row").click()
    expect(cells).to_have_text("62")
    graph.get_by_role("button", name="Hide values").click()
    expect(graph.locator(".tfg-badge")).to_have_count(0)


def test_keys_are_those_of_the_view_and_with_ctrl_those_of_the_notebook(opened):
    notebook, _ = opened
    area, page = notebook.cell(AT_SEED).locator(".jp-OutputArea"), notebook.page
    cells = page.locator(".jp-Notebook .jp-Cell")
    count = cells.count()
    # The command is counted, and not what is saved: a save that comes while one is not done is none.
    page.evaluate("""
        window.saves = 0;
        jupyterapp.commands.commandExecuted.connect((_, { id }) => { window.saves += id === "docmanager:save"; });
    """)
    for saves, focused in enumerate((
        area.locator("[data-id='op:z']"), area.get_by_label("Nulls"), area.locator("tbody td:visible").first,
    ), 1):  # fmt: skip
        focused.focus()
        # It would cut the cell.
        page.keyboard.press("x")
        expect(focused).to_be_focused()
        page.keyboard.press("Control+s")
        page.wait_for_function("saves => window.saves >= saves", arg=saves)
    expect(cells).to_have_count(count)


def test_jupyter_notebook_puts_the_form_into_no_low_window(opened):
    notebook, _ = opened
    cell, low = notebook.cell(AT_SEED), "jp-mod-outputsScrolled"
    cell.evaluate("(cell, low) => cell.classList.add(low)", low)
    area = cell.locator(".jp-Cell-outputArea")
    is_low = area.evaluate("area => area.scrollHeight > area.clientHeight + 1")
    cell.evaluate("(cell, low) => cell.classList.remove(low)", low)
    # In JupyterLab, only who asks for it has it.
    assert is_low == (notebook.lab.app == "jupyterlab")


def test_the_same_by_keyboard_alone(opened):
    notebook, folder = opened
    area = notebook.cell(AT_SEED).locator(".jp-OutputArea")
    page = notebook.page
    path = area.get_by_label("Path")
    # Where a user of the keyboard gets to from the cell above by Tab; from there on, keys alone.
    area.get_by_label("Result").focus()
    page.keyboard.press("Tab")
    while not path.evaluate("field => field === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("again")
    run = area.get_by_role("button", name="Run", exact=True)
    for _ in range(20):
        page.keyboard.press("Tab")
        if run.evaluate("button => button === document.activeElement"):
            break
    page.keyboard.press("Enter")
    wait_for_text(area, "written to again")
    assert written(folder, "again") == EXPECTED


def test_what_runs_is_cancelled_by_the_button_below_the_form(opened):
    notebook, folder = opened
    area = notebook.cell(AT_WAIT).locator(".jp-OutputArea")
    area.get_by_label("DataFrame").select_option("df")
    area.get_by_label("Then").select_option("write")
    area.get_by_label("Path").fill("never")
    run = area.get_by_role("button", name="Run", exact=True)
    run.click()
    wait_for_text(area, re.compile(r"of \d+ tasks"))
    area.get_by_role("button", name="Cancel").focus()
    notebook.page.keyboard.press("Enter")
    wait_for_text(area, "result: cancelled after")
    assert not area.get_by_role("button", name="Cancel").is_visible()
    # The button that had the keyboard is gone.
    expect(run).to_be_focused()
    assert not list(folder.glob("never/*.parquet"))


@pytest.mark.long  # test_notebook.py has it for JupyterLab.
def test_opened_again_without_its_kernel(opened, running, browser):
    notebook, folder = opened
    notebook.save()
    stored = nbformat.read(folder / "workbench.ipynb", as_version=4)
    # What another machine stored: this one knows neither the signature nor the kernel.
    stored.metadata = {"kernelspec": {**KERNEL, "name": "elsewhere"}}
    nbformat.write(stored, folder / "elsewhere.ipynb")
    again = running[0].open(browser, "elsewhere.ipynb")
    dialog = again.page.locator(".jp-Dialog")
    dialog.get_by_role("button", name="No Kernel").click()
    dialog.wait_for(state="detached")
    again.wait_for_pictures()
    picture = again.cell(AT_SEED).locator("img")
    assert picture.is_visible()
    assert LINE in "".join(again.texts(AT_SEED))
    again.close()


def test_opened_again_and_trusted(opened, running, browser):
    notebook, folder = opened
    notebook.save()
    # The same, so that its signature is known; its kernel is a new one.
    shutil.copy(folder / "workbench.ipynb", folder / "trusted.ipynb")
    with running[0].open(browser, "trusted.ipynb") as again:
        again.wait_for_kernel()
        again.wait_for_pictures()
        cell = again.cell(AT_SEED)
        cell.locator("img").wait_for()
        # Lab may show what is saved before it knows of widgets, and then tries none.
        again.page.evaluate("jupyterapp.restored.then(() => true)")
        assert cell.locator("img").is_visible()
        assert "Error displaying widget" not in cell.inner_text()
        cells = "jupyterapp.shell.currentWidget.content.widgets"
        assert again.page.evaluate(f"{cells}[{AT_SEED}].model.trusted")
        assert_last_is_on_show(cell)
        # The form and the graph are as they were, in a kernel that has not seen them.
        again.ask(f"%load_ext tfspark_magic\n{PANDAS}")
        cell.locator(".cm-content").click()
        again.page.evaluate("jupyterapp.commands.execute('notebook:run-cell')")
        expect(cell.locator(".tfs-code code").first).to_have_text(LINE)
        expect(cell.locator(".tfg-placeholder", has_text="column amount")).to_be_visible()
        expect(cell.locator(".tfs-hint")).to_be_hidden()
        expect(cell.locator("img")).to_be_hidden()
        # The page has written that the picture has a column; the form that is gone is not on show.
        expect(cell.locator("pre.tfs-last", has_text=LINE)).to_have_count(1)
        again.page.evaluate(
            "jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
        )
        expect(cell.locator(".tfs-hint")).to_be_visible()
        expect(cell.locator(".tfs-form")).to_be_hidden()
        expect(cell.locator("pre.tfs-last", has_text=LINE)).to_be_visible()
        expect(cell.locator("img")).to_be_visible()


def assert_last_is_on_show(cell):
    """The picture with its columns, the line, and the last preview."""
    assert "column amount" in picture_of(cell)
    # The sentence is in the style sheet, which pages and files made of the notebook do not follow.
    said = "hint => getComputedStyle(hint, '::after').content"
    assert HINT in cell.locator(".tfs-hint").evaluate(said)
    expect(cell.locator(".tfs-hint")).to_be_visible()
    expect(cell.locator("pre.tfs-last", has_text=LINE)).to_be_visible()
    rows = [row.locator("td").all_inner_texts() for row in cell.locator("tbody tr:visible").all()]
    assert [int(row[0]) for row in rows] == EXPECTED


def picture_of(cell) -> str:
    source = cell.locator("img").first.get_attribute("src")
    return base64.b64decode(source.partition(",")[2]).decode()
