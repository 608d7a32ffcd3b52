"""Pages and Markdown that nbconvert makes of the stored notebooks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

nbconvert = pytest.importorskip("nbconvert", reason="nbconvert is not installed")

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
SHOWN = {"07_interface": 4, "09_training": 3}
"""The pictures of graphs and trainings, by the notebook: those of plots are PNGs."""
DEAD = re.compile("running notebook|Run this cell|RunPanel|Workbench|GraphView\\(")


@pytest.mark.parametrize("name", SHOWN)
def test_markdown_has_files_of_the_pictures_and_no_dead_words(name):
    made, resources = nbconvert.MarkdownExporter().from_filename(str(NOTEBOOKS / f"{name}.ipynb"))
    pictures = re.findall(r"!\[svg\]\((.+?)\)", made)
    assert len(pictures) == SHOWN[name]
    assert all(resources["outputs"][file].startswith(b"<svg") for file in pictures)
    outputs = re.sub(r"```.*?```|<style>.*?</style>", "", made, flags=re.DOTALL)
    assert not DEAD.search(outputs)


def test_a_page_shows_each_graph_once():
    made, _ = nbconvert.HTMLExporter().from_filename(str(NOTEBOOKS / "07_interface.ipynb"))
    # The second picture, of the widgets, is hidden by the style sheet of the first.
    assert made.count("jp-RenderedSVG jp-OutputArea-output") == SHOWN["07_interface"]
    assert (
        made.count(".jp-OutputArea-child:has(.tfs-last)+.jp-OutputArea-child:has(.jp-RenderedSVG)")
        >= 1
    )
    words = re.sub(r"<(style|pre|script).*?</\1>|<[^>]*>", "", made, flags=re.DOTALL)
    assert not DEAD.search(words)
