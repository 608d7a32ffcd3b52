"""Take the README's pictures: `python -m docs.screenshots`.

Runs a copy of the quickstart in a JupyterLab of its own and cuts out the cell with the model, as
the light theme and as the dark one show it.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from tests.browser import lab

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[1]
NOTEBOOK = "01_quickstart.ipynb"
CELL = "%%tfgraph arrival"
SCALE = 1.5
WIDTH = 880
"""Of the page: what the widest table of the cell needs, side bars and all."""

# What a reader's eye would stop at, and what only a mouse needs.
_STYLE = """
.jp-Cell.jp-mod-active .jp-Collapser-child, .jp-toolbar-overlap, .jp-cell-menu { display: none; }
.jp-Cell { border-color: transparent !important; }
* { caret-color: transparent !important; }
"""


def main() -> None:
    """Write `docs/quickstart.png` and `docs/quickstart_dark.png`."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "notebooks"
        shutil.copytree(ROOT / "notebooks", folder)
        with lab.serve(folder) as server, lab.chromium() as browser:
            notebook = server.open(browser, NOTEBOOK)
            notebook.run_all()
            notebook.save()
            notebook.close()
            for theme, name in (("light", "quickstart.png"), ("dark", "quickstart_dark.png")):
                server.use_theme(theme)
                notebook = server.open(browser, NOTEBOOK, WIDTH, height=1600, scale=SCALE)
                notebook.wait_for_pictures()
                take(notebook.page, ROOT / "docs" / name)
                notebook.close()


def take(page: Page, path: Path) -> None:
    """Write a picture of the one cell."""
    page.add_style_tag(content=_STYLE)
    cell = page.locator(".jp-CodeCell", has_text=CELL)
    cut = "outputs => outputs.some(output => output.scrollWidth > output.clientWidth)"
    if cell.locator(".jp-OutputArea-output, .jp-OutputArea-output *").evaluate_all(cut):
        message = f"The page is too narrow for what {CELL} shows."
        raise ValueError(message)
    png = cell.screenshot(animations="disabled")
    # Few colours: half of the bytes, and as crisp.
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    main()
