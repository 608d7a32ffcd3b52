"""The interactive graph, by mouse and by keyboard, in a real JupyterLab."""

from __future__ import annotations

import re
import time
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.browser import lab
from tests.browser.lab import SECONDS, expect

pytestmark = lab.MARKS

ROOT = Path(__file__).parents[2]
HOSTILE = '<img src=x onerror="window.hacked=1">'

START = f"""\
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.drawing.conftest import program_of, program_of_nodes, tf, tf1
from tfspark_magic.drawing import draw
from tfspark_magic.drawing.explore import Explorer
from tfspark_magic.notebook.graph_view import GraphView

def build():
    h = tf1.placeholder(tf.float32, [None, 64], name="x")
    for number in range(1, 51):
        with tf1.name_scope(f"layer_{{number}}"):
            h = tf.nn.relu(h * 2.0 + 1.0)
            h -= tf.reduce_mean(h, axis=1, keepdims=True)
    return tf.identity(h, name="z")

layers = program_of(build, "layers")
log = []"""
SHOW = """\
display(draw(layers))
view = GraphView(layers, {"x": "price"})
view.on_select(log.append)
view"""
SHOW_HOSTILE = f"""\
name = {HOSTILE!r}
nodes = {{"x": ("Placeholder", []), name: ("Relu", ["x"]), "</text><script>window.hacked=1</script>": ("AddV2", [name, "x"])}}
hostile = GraphView(program_of_nodes(nodes, list(nodes)[-1]))
hostile"""
SHOW_MANY = """\
def build():
    names = [f"worst_{name}" for name in "radius texture perimeter area smoothness compactness".split()]
    names += [f"mean_{name}" for name in "concavity concave_points symmetry fractal_dimension radius area".split()]
    taken = [tf1.placeholder(tf.float32, [None], name=name) for name in names]
    with tf1.name_scope("risk"):
        return tf.sigmoid(tf.reduce_mean(tf.stack(taken, axis=1), axis=1), name="z")

many = GraphView(program_of(build, "many"))
many"""
CELLS = [START, SHOW, SHOW_HOSTILE, SHOW_MANY]
VIEW, BAD, MANY = 1, 2, 3

RESET = (
    "view.selected = ''; view._explorer = view._answer._explorer = Explorer(layers, view.bindings); "
    "view._show()"
)
TRANSFORM = "svg => svg.querySelector('g').getAttribute('transform')"


@pytest.fixture(scope="module")
def notebook(server, browser, folder, kernel):
    spec = {"name": "python3", "display_name": "python3", "language": "python"}
    cells = [new_code_cell(source) for source in CELLS]
    nbformat.write(
        new_notebook(cells=cells, metadata={"kernelspec": spec}), folder / "graphs.ipynb"
    )
    with server.open(browser, "graphs.ipynb", kernel) as opened:
        opened.run_all()
        yield opened


@pytest.fixture
def view(notebook):
    """The graph of fifty layers, as it was at first."""
    notebook.page.keyboard.press("Escape")
    notebook.ask(RESET)
    graph = notebook.cell(VIEW).locator(".tfg-view")
    graph.scroll_into_view_if_needed()
    expect(node(graph, "series:layer_2")).to_be_visible()
    expect(graph.locator(".tfg-panel")).to_be_hidden()
    graph.get_by_role("combobox").fill("")
    graph.get_by_role("button", name="Show everything").click()
    settle(graph)
    return graph


def expect_python(notebook, expression: str, value: str) -> None:
    """Wait until an expression has a value: what the page sets arrives when the kernel is free."""
    deadline = time.monotonic() + SECONDS
    while (said := notebook.ask(f"print({expression})")) != value:
        assert time.monotonic() < deadline, said
        notebook.page.wait_for_timeout(100)


def node(graph, identity: str):
    return graph.locator(f"[data-id={identity!r}]")


def transform(graph) -> list[float]:
    text = graph.locator(".tfg-svg").evaluate(TRANSFORM)
    return [float(number) for number in re.findall(r"-?[\d.]+(?:e-?\d+)?", text)]


def settle(graph) -> list[float]:
    """Wait until nothing moves any more."""
    last: list[float] = []
    while last != (last := transform(graph)):
        graph.page.wait_for_timeout(250)
    return last


def status(graph):
    return graph.locator(".tfg-status")


def test_the_graph_is_drawn_in_place_of_the_static_picture(notebook, view):
    assert view.locator(".tfg-node").count() == 8
    assert notebook.cell(VIEW).locator("img[src*='tfg-static-']").is_hidden()
    assert "column price" in node(view, "op:x").text_content()
    assert "402 operations" in view.locator("[role=application]").get_attribute("aria-label")


def outside(graph):
    """Return the ids of nodes that are not wholly in the drawing's window."""
    return graph.evaluate(
        """graph => {
            const window = graph.querySelector('.tfg-svg').getBoundingClientRect();
            return [...graph.querySelectorAll('.tfg-node')].filter(node => {
                const { left, right, top, bottom } = node.getBoundingClientRect();
                return left < window.left || right > window.right ||
                    top < window.top || bottom > window.bottom;
            }).map(node => node.dataset.id);
        }"""
    )


def smallest_text(graph) -> float:
    """Return the size of the smallest text in the drawing, in pixels."""
    return graph.evaluate(
        """graph => Math.min(...[...graph.querySelectorAll('.tfg-svg text')].map(
            text => Number(text.getAttribute('font-size')) * text.getScreenCTM().a))"""
    )


def test_a_drawing_opens_readable_and_refits_when_its_nodes_grow_and_its_groups_close(notebook):
    graph = notebook.cell(MANY).locator(".tfg-view")
    graph.scroll_into_view_if_needed()
    settle(graph)
    assert smallest_text(graph) >= 12
    assert outside(graph) == []
    notebook.ask("many.bindings = {spec.name: spec.name for spec in many.program.inputs}")
    expect(node(graph, "op:mean_area")).to_contain_text("column")
    settle(graph)
    assert smallest_text(graph) >= 12
    assert outside(graph) == []
    graph.get_by_role("button", name="Zoom in").click()
    settle(graph)
    assert outside(graph)
    expect(graph.get_by_role("button", name="more below")).to_be_visible()
    graph.get_by_role("button", name="Zoom out").click()
    graph.get_by_role("button", name="Close all groups").click()
    expect(node(graph, "scope:risk")).to_have_count(1)
    settle(graph)
    assert outside(graph) == []
    expect(graph.get_by_role("button", name="more below")).to_be_hidden()


def test_a_larger_drawing_begins_at_its_inputs_and_says_that_there_is_more(notebook, view):
    notebook.ask("view.expand_all()")
    expect(node(view, "scope:layer_9")).to_have_count(1)
    view.get_by_role("button", name="Left to right").click()
    expect(view.get_by_role("button", name="Left to right")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(view.get_by_role("button", name="more ▶")).to_be_visible()
    settle(view)
    assert smallest_text(view) >= 12
    assert "op:x" not in outside(view)
    expect_python(notebook, "view.direction", "right")
    node(view, "op:x").focus()
    notebook.page.keyboard.press("ArrowRight")
    expect(node(view, "op:layer_1/mul")).to_be_focused()
    notebook.page.keyboard.press("l")
    expect_python(notebook, "view.direction", "down")


def test_a_map_shows_where_the_window_is(notebook, view):
    small = view.locator(".tfg-map")
    expect(small).to_be_hidden()
    notebook.ask("view.expand_all()")
    view.get_by_role("button", name="Zoom in").click(click_count=3)
    expect(small).to_be_visible()
    view.locator(".tfg-svg").focus()
    notebook.page.keyboard.press("m")
    expect(small).to_be_hidden()
    notebook.page.keyboard.press("m")
    expect(small).to_be_visible()


def test_a_legend_names_the_colours(view):
    legend = view.get_by_role("list", name="Colours")
    expect(legend.get_by_role("listitem")).to_have_text(
        ["activation", "arithmetic", "pooling, reduction"]
    )
    fill = "shape => getComputedStyle(shape).fill"
    colour = "swatch => getComputedStyle(swatch).backgroundColor"
    relu = node(view, "op:layer_1/Relu").locator("path").first.evaluate(fill)
    assert legend.locator(".tfg-swatch").first.evaluate(colour) == relu
    view.get_by_role("button", name="Close all groups").click()
    expect(legend).to_be_hidden()


def test_zoom_fit_and_drag(notebook, view):
    page = notebook.page
    before = settle(view)
    view.get_by_role("button", name="Zoom in").click()
    zoomed = settle(view)
    assert zoomed[2] == pytest.approx(1.3 * before[2])
    view.get_by_role("button", name="Show everything").click()
    assert settle(view) == pytest.approx(before)
    canvas = view.locator(".tfg-svg")
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.wheel(0, 1)
    expect(view.locator(".tfg-hint")).to_contain_text("wheel zooms")
    assert settle(view) == pytest.approx(before)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    assert settle(view)[2] > 1.2 * before[2]
    here = settle(view)
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 85, steps=4)
    page.mouse.up()
    there = settle(view)
    assert (there[0] - here[0], there[1] - here[1]) == pytest.approx((50, 25), abs=6)


def test_a_series_and_a_scope_in_it_open_and_close(view):
    node(view, "series:layer_2").dblclick()
    expect(node(view, "scope:layer_33")).to_have_count(1)
    assert node(view, "scope:layer_33").get_attribute("aria-expanded") == "false"
    view.locator('[data-toggle="scope:layer_2"]').click()
    expect(node(view, "op:layer_2/Relu")).to_be_visible()
    expect(status(view)).to_contain_text("Opened")
    view.locator('[data-toggle="scope:layer_2"]').click()
    expect(node(view, "op:layer_2/Relu")).to_have_count(0)
    view.get_by_role("button", name="Close all groups").click()
    expect(node(view, "series:layer_2")).to_have_count(0)
    expect(status(view)).to_contain_text("Closed all")


def test_what_was_opened_stays_where_it_was(view):
    settle(view)
    before = node(view, "op:layer_1/Relu").bounding_box()
    view.locator('[data-toggle="scope:layer_1"]').click()
    expect(node(view, "op:layer_1/Relu")).to_have_count(0)
    settle(view)
    after = node(view, "scope:layer_1").bounding_box()
    assert abs(after["y"] - before["y"]) < 120


def test_search_and_jump(notebook, view):
    view.get_by_role("combobox").fill("layer_33 op:relu")
    option = view.get_by_role("option")
    expect(option).to_contain_text("layer_33/Relu")
    expect(view.locator(".tfg-found-count")).to_have_text("1 operation")
    notebook.page.keyboard.press("Enter")
    expect(node(view, "op:layer_33/Relu")).to_be_visible()
    expect(node(view, "op:layer_33/Relu")).to_be_focused()
    expect(view.locator(".tfg-panel-name")).to_have_text("layer_33/Relu")
    settle(view)
    window = view.locator(".tfg-svg").bounding_box()
    place = node(view, "op:layer_33/Relu").bounding_box()
    assert window["y"] < place["y"] < window["y"] + window["height"]
    expect_python(notebook, "view.selected", "layer_33/Relu")


def test_a_node_is_selected_by_mouse_and_read_in_python(notebook, view):
    notebook.ask("log.clear()")
    node(view, "op:layer_1/Relu").click()
    panel = view.locator(".tfg-panel")
    expect(panel).to_contain_text("float32[?,64]")
    expect(panel).to_contain_text("layer_1/Mean")
    expect_python(notebook, "(view.selected, log)", "('layer_1/Relu', ['layer_1/Relu'])")
    panel.get_by_role("button", name="layer_1/Mean").click()
    expect(node(view, "op:layer_1/Mean")).to_have_class(re.compile("tfg-selected"))
    expect(panel).to_contain_text("keep_dims")
    panel.get_by_role("button", name="Close details").click()
    expect(panel).to_be_hidden()
    expect_python(notebook, "repr(view.selected)", "''")


def test_the_details_can_be_made_wider(notebook, view):
    node(view, "op:layer_1/Relu").click()
    panel, line = view.locator(".tfg-panel"), view.get_by_role("separator")
    before = panel.bounding_box()
    line.focus()
    notebook.page.keyboard.press("ArrowLeft")
    wider = panel.bounding_box()
    assert wider["x"] < before["x"]
    notebook.page.mouse.move(wider["x"], wider["y"] + 90)
    notebook.page.mouse.down()
    notebook.page.mouse.move(wider["x"] - 100, wider["y"] + 90, steps=3)
    notebook.page.mouse.up()
    assert panel.bounding_box()["x"] == pytest.approx(wider["x"] - 100, abs=6)
    canvas = view.locator(".tfg-canvas").bounding_box()
    assert canvas["x"] + canvas["width"] <= panel.bounding_box()["x"] + 1


def test_in_a_narrow_page_what_was_clicked_is_seen_with_its_details(notebook, view):
    page, size = notebook.page, notebook.page.viewport_size
    page.set_viewport_size({"width": 700, "height": 640})
    try:
        view.evaluate("view => view.scrollIntoView()")
        settle(view)
        lowest = view.evaluate("""view => {
            const bottom = node => node.getBoundingClientRect().bottom;
            const end = Math.min(bottom(view.querySelector(".tfg-canvas")), innerHeight - 40);
            const seen = [...view.querySelectorAll(".tfg-svg g.node")].filter(node => bottom(node) < end);
            return seen.sort((a, b) => bottom(b) - bottom(a))[0].dataset.id;
        }""")
        clicked = node(view, lowest)
        clicked.click()
        expect(view.locator(".tfg-panel-name")).to_be_in_viewport(ratio=1)
        expect(view.locator(".tfg-panel-buttons")).to_be_in_viewport(ratio=1)
        settle(view)
        canvas, box = view.locator(".tfg-canvas").bounding_box(), clicked.bounding_box()
        assert box["y"] + box["height"] <= canvas["y"] + canvas["height"]
    finally:
        page.set_viewport_size(size)


def test_a_selection_from_python_is_revealed(notebook, view):
    notebook.ask("view.selected = 'layer_40/Relu'")
    expect(node(view, "op:layer_40/Relu")).to_have_class(re.compile("tfg-selected"))
    expect(view.locator(".tfg-panel-name")).to_have_text("layer_40/Relu")
    assert notebook.ask("view.selected = 'nowhere'") == "OptionError"


def test_all_by_keyboard(notebook, view):
    page = notebook.page
    view.get_by_role("button", name="Keyboard and mouse").focus()
    page.keyboard.press("Tab")
    expect(view.locator(".tfg-svg")).to_be_focused()
    cells = notebook.page.locator(".jp-Notebook .jp-Cell").count()
    for key in ("b", "d", "d", "x"):
        page.keyboard.press(key)
    assert notebook.page.locator(".jp-Notebook .jp-Cell").count() == cells
    before = settle(view)
    page.keyboard.press("ArrowRight")
    assert settle(view)[0] < before[0]
    page.keyboard.press("0")
    settle(view)
    page.keyboard.press("Tab")
    page.keyboard.press("Home")
    expect(node(view, "op:x")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(node(view, "op:layer_1/mul")).to_be_focused()
    # A zoom keeps the node of the keyboard in sight, also one at the edge of the window.
    page.keyboard.press("0")
    page.keyboard.press("Home")
    settle(view)
    for key in "+++-":
        page.keyboard.press(key)
        settle(view)
        assert "op:x" not in outside(view), key
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(status(view)).to_contain_text("Selected: layer_1/mul")
    page.keyboard.press("d")
    expect(node(view, "op:x")).to_have_class(re.compile("tfg-dimmed"))
    page.keyboard.press("Escape")
    expect(node(view, "op:x")).not_to_have_class(re.compile("tfg-dimmed"))
    page.keyboard.press("Backspace")
    expect(node(view, "scope:layer_1")).to_be_focused()
    page.keyboard.press("Enter")
    expect(node(view, "op:layer_1/mul")).to_have_count(1)
    expect(node(view, "scope:layer_1")).to_be_focused()
    page.keyboard.press("/")
    expect(view.get_by_role("combobox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(view.locator(".tfg-svg")).to_be_focused()


def test_traces_dim_what_they_do_not_reach(view):
    node(view, "op:layer_1/Relu").click()
    up = view.get_by_role("button", name="Trace up")
    up.click()
    expect(status(view)).to_contain_text("layer_1/Relu depends on 3 nodes.")
    expect(node(view, "op:z")).to_have_class(re.compile("tfg-dimmed"))
    expect(node(view, "op:x")).not_to_have_class(re.compile("tfg-dimmed"))
    view.get_by_role("button", name="Trace down").click()
    expect(node(view, "op:z")).not_to_have_class(re.compile("tfg-dimmed"))
    up.click()
    expect(node(view, "op:x")).to_have_class(re.compile("tfg-dimmed"))


@pytest.mark.parametrize(
    ("choice", "name", "begins"),
    [
        ("SVG", "graph.svg", b"<svg"),
        ("PNG", "graph.png", b"\x89PNG"),
        ("DOT", "graph.dot", b"digraph"),
        ("pbtxt", "graph.pbtxt", b"node {"),
    ],
)
def test_saving_as_a_file(notebook, view, choice, name, begins):
    view.get_by_role("button", name="Save as a file").click()
    with notebook.page.expect_download() as download:
        view.get_by_role("menuitem", name=choice).click()
    assert download.value.suggested_filename == name
    assert Path(download.value.path()).read_bytes().startswith(begins)
    expect(status(view)).to_have_text(f"Saved {name}.")


def test_names_from_graphs_are_only_text(notebook):
    page = notebook.page
    graph = notebook.cell(BAD).locator(".tfg-view")
    graph.scroll_into_view_if_needed()
    graph.locator(".tfg-node").nth(1).click()
    expect(graph.locator(".tfg-panel-name")).to_have_text(HOSTILE)
    expect(graph.locator(".tfg-panel")).to_contain_text("</text><script>")
    graph.get_by_role("combobox").fill("script")
    expect(graph.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(graph.locator(".tfg-panel-name")).to_contain_text("<script>")
    expect_python(notebook, "hostile.selected[:15]", "</text><script>")
    assert graph.locator("img, script, a, foreignObject").count() == 0
    assert page.evaluate("window.hacked") is None


def test_the_dark_theme(notebook, view):
    change = "theme => jupyterapp.commands.execute('apputils:change-theme', { theme })"
    outline = node(view, "op:layer_1/Relu").locator("path").first
    fill = "shape => getComputedStyle(shape).fill"
    light = outline.evaluate(fill)
    notebook.page.evaluate(change, "JupyterLab Dark")
    try:
        expect(view).to_have_attribute("data-theme", "dark")
        dark = outline.evaluate(fill)
        assert brightness(light) > 200
        assert brightness(dark) < 80
    finally:
        notebook.page.evaluate(change, "JupyterLab Light")
        expect(view).to_have_attribute("data-theme", "light")


def brightness(colour: str) -> float:
    numbers = [int(n) for n in re.findall(r"\d+", colour)[:3]]
    return sum(numbers) / 3
