"""Sphinx builds the site of this: `make docs` writes it to `build/site`, without a network.

The source is the whole repository, so that links between its pages are the same in a clone.
"""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tfspark_magic

project = "tfspark_magic"
author = "tfspark_magic"
version = release = tfspark_magic.__version__
root_doc = "docs/index"
include_patterns = [
    "docs/**.md", "docs/reference/*.rst", "notebooks/*.ipynb", "benchmarks/README.md", "CHANGELOG.md", "CONTRIBUTING.md",
]  # fmt: skip
exclude_patterns = [".venv", "build", "js", "core"]

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon"]
myst_enable_extensions = ["attrs_block", "colon_fence"]
myst_heading_anchors = 4
nb_execution_mode = "off"
nb_mime_priority_overrides = [
    # Pictures of graphs are better without a kernel than the widgets' state.
    ("html", "application/vnd.jupyter.widget-view+json", None),
    ("html", "text/html", 0),
    ("html", "image/svg+xml", 1),
]
suppress_warnings = ["mystnb.unknown_mime_type"]
autodoc_member_order = "bysource"
autodoc_typehints = "none"
autosummary_generate = True
napoleon_google_docstring = False
add_module_names = False
default_role = "code"
nitpicky = False

templates_path = ["docs/templates"]

html_theme = "pydata_sphinx_theme"
html_title = "tfspark_magic"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "navigation_with_keys": False,
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "navbar_align": "left",
    "navbar_persistent": ["search-button"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_nav_level": 2,
    "show_toc_level": 2,
}


def setup(app: object) -> None:
    """Let `index.html` of the whole site lead to its first page."""

    def write_start(app: object, _: object) -> None:
        Path(app.outdir, "index.html").write_text(
            '<!doctype html><meta http-equiv="refresh" content="0; url=docs/index.html">'
            '<a href="docs/index.html">tfspark_magic</a>\n'
        )

    app.connect("build-finished", write_start)
