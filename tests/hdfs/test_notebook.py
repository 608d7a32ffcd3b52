"""The notebook that compares the ways from data to graph, on a real HDFS."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "08_three_ways.ipynb"


@pytest.mark.long
def test_every_way_gives_the_same_answers(hdfs, monkeypatch, tmp_path):
    monkeypatch.setenv("FLIGHTS", f"{hdfs.uri}/notebook/flights")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": tmp_path}}).execute()
    printed = [o.text for c in notebook.cells for o in c.get("outputs", ()) if "text" in o]
    assert "16 carriers, all ways within 1e-9: True\n" in printed
    assert "12 fragments, 19 columns, 336,776 rows\n" in printed
    assert not list(tmp_path.iterdir())
