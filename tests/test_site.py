"""The pages of the site: their examples run, their links lead somewhere, and nothing is left out."""

from __future__ import annotations

import doctest
import inspect
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

import tfspark_magic as tfs
from tfspark_magic import errors
from tfspark_magic.graph.runtime import tf

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [DOCS / "tutorial.md", DOCS / "files.md", *sorted((DOCS / "questions").glob("*.md"))]
EXAMPLES = {
    page.stem: re.findall(r"```pycon\n(.*?)```", page.read_text(), re.DOTALL) for page in PAGES
}
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.mark.parametrize("page", [f"{name}-classic" for name, found in EXAMPLES.items() if found])
def test_the_examples_of_a_page(page, classic, monkeypatch):
    # Functions of an example have no file, which AutoGraph wants.
    monkeypatch.setattr(tf, "function", partial(tf.function, autograph=False))
    blocks, names = EXAMPLES[page.removesuffix("-classic")], {"spark": classic}
    example = doctest.DocTestParser().get_doctest("\n".join(blocks), names, page, None, None)
    said: list[str] = []
    result = doctest.DocTestRunner(optionflags=FLAGS).run(example, out=said.append)
    assert not result.failed, "".join(said)


def test_each_public_name_and_each_error_has_its_place():
    reference = (DOCS / "reference.md").read_text()
    names = re.findall(r"^   (\w+)$", reference, re.MULTILINE)
    assert sorted(names) == sorted(set(tfs.__all__) - {"__version__"})
    headings = re.findall(
        r"^### (\w+)$", (DOCS / "questions" / "errors.md").read_text(), re.MULTILINE
    )
    known = {error.__name__ for _, error in inspect.getmembers(errors, inspect.isclass)}
    assert sorted(headings) == sorted(
        n for n in known if n.endswith("Error") and n != "TfSparkError"
    )


def test_it_is_built_and_each_link_leads_somewhere(tmp_path):
    options = ["--quiet", "--fail-on-warning", "--keep-going", "-d", str(tmp_path / "read")]
    run = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, "-c", "docs", ".", str(tmp_path / "site")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    start = (tmp_path / "site" / "index.html").read_text()
    assert (tmp_path / "site" / re.search(r"url=([^\"]+)", start)[1]).is_file()
    pages = {path.stem for path in (tmp_path / "site").rglob("*.html")}
    assert {"map_rows", "GraphView"} <= {page.removeprefix("tfspark_magic.") for page in pages}
    assert "01_quickstart" in pages
