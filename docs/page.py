"""Make a page of a notebook: `python -m docs.page notebooks/01_quickstart.ipynb build/01_quickstart.html`.

The notebook runs from its start to its end. The page follows the reader's theme, fetches nothing, and
its graphs can be walked about in: the answers of the kernel are asked for while it lives.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

ROOT = Path(__file__).parents[1]
TEMPLATES = Path(__file__).parent / "templates"
STATE = "application/vnd.jupyter.widget-state+json"
SECONDS = 600
ROWS = 8
"""The rows whose values are in the page."""

_ASK = f"""\
import json, time
from contextlib import suppress
from ipywidgets.widgets.widget import _instances
from tfspark_magic import GraphView, TfSparkError


def recorded(graph):
    with suppress(TfSparkError):
        graph._answer({{"ask": "peek", "rows": {ROWS}, "drawn": False}})
    while graph.peeking["state"] == "busy":
        time.sleep(0.05)
    directions = {{}}
    for direction in ("right", "down"):
        graph.direction = direction
        directions[direction] = {{"svg": graph.svg, "view": graph.view}}
    parts = [part["id"] for kind in ("nodes", "boxes") for part in graph.view[kind]]
    ask = lambda **facts: graph._answer(facts)
    state = {{key: value for key, value in graph.get_state().items() if key[0] != "_" and key != "layout"}}
    return {{
        # No other rows can be asked for.
        "state": {{**state, "peeking": {{**state["peeking"], "can": False}}}},
        "answers": {{
            "directions": directions,
            "exports": {{kind: ask(ask="export", format=kind)["text"] for kind in ("dot", "pbtxt")}},
            "details": {{node: {{**ask(ask="details", node=node), "fetched": None}} for node in parts}},
            "sizes": {{node: ask(ask="size", node=node) for node in parts}},
            "values": {{node: [ask(ask="values", node=node, row=row) for row in range({ROWS})] for node in parts}},
        }},
    }}


found = {{key: one for key, one in _instances.items() if isinstance(one, GraphView)}}
print(json.dumps({{key: recorded(one) for key, one in found.items()}}, allow_nan=False))
"""


def run(notebook: nbformat.NotebookNode, folder: Path) -> dict[str, Any]:
    """Run a notebook in its folder; return what its graphs show and answer, by their models."""
    client = NotebookClient(
        notebook,
        timeout=SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
    )
    with client.setup_kernel():
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
        asked = nbformat.v4.new_code_cell(_ASK)
        notebook.cells.append(asked)
        client.execute_cell(asked, len(notebook.cells) - 1, store_history=False)
        notebook.cells.pop()
        widgets = client.widget_state
    graphs: dict[str, Any] = json.loads("".join(output.text for output in asked.outputs))
    return {key: graphs[graph] for key in widgets if (graph := _graph_in(key, widgets, graphs))}


def _graph_in(key: str, widgets: dict[str, Any], graphs: dict[str, Any]) -> str:
    """Return the model of the graph that a widget is, or shows first; empty if there is none."""
    if key in graphs:
        return key
    children = [child.removeprefix("IPY_MODEL_") for child in widgets[key].get("children", ())]
    return next((child for child in children if child in graphs), "")


def page(notebook: nbformat.NotebookNode, title: str, graphs: dict[str, Any]) -> str:
    """Return the page of a notebook that has run."""
    # Tells the exporter that there are widgets to show.
    notebook.metadata["widgets"] = {STATE: {"state": {key: {} for key in graphs}}}
    exporter = HTMLExporter(
        template_name="page", extra_template_basedirs=[str(TEMPLATES)], embed_images=True
    )
    module = (ROOT / "tfspark_magic" / "static" / "graph_view.js").read_text()
    # The module's only export is the widget.
    widget = re.sub(r"export\{([\w$]+) as default\};?\s*$", r"const view=\1;", module)
    live = (TEMPLATES / "page" / "live.js").read_text()
    resources = {
        "metadata": {"name": title}, "graphs": graphs, "widget": f"{widget}\n{live}",
    }  # fmt: skip
    made, _ = exporter.from_notebook_node(notebook, resources=resources)
    return str(made)


def main(source: str, target: str) -> None:
    """Run a notebook, and write its page."""
    path = Path(source)
    notebook = nbformat.read(path, as_version=4)
    graphs = run(notebook, path.parent)
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    Path(target).write_text(page(notebook, path.stem, graphs))


if __name__ == "__main__":
    main(*sys.argv[1:])
