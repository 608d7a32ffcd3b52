"""Take the README's pictures: `python -m docs.screenshots`.

Runs copies of the notebooks in a new JupyterLab, and takes pictures of a cell of each, in the light
and in the dark theme.
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
PICTURES = {
    "quickstart": ("01_quickstart.ipynb", "%%tfgraph arrival"),
    "interface": ("07_interface.ipynb", "%%tfgraph edges"),
}
SCALE = 1.5
WIDTH = 960
"""The width of the page, with side bars, for the widest table of the cells."""

# Hides details that distract a reader, or that only a mouse needs.
_STYLE = """
.jp-Collapser, .jp-toolbar-overlap, .jp-cell-menu { visibility: hidden; }
.jp-Cell { border-color: transparent !important; }
* { caret-color: transparent !important; }
"""


def main() -> None:
    """Write `docs/NAME.png` and `docs/NAME_dark.png` of each picture."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "notebooks"
        shutil.copytree(ROOT / "notebooks", folder)
        with lab.serve(folder) as server, lab.chromium() as browser:
            for name, (file, cell) in PICTURES.items():
                for theme, suffix in (("light", ""), ("dark", "_dark")):
                    server.use_theme(theme)
                    # A new kernel has no DataFrames of an earlier run.
                    copy = shutil.copy(folder / file, folder / f"{name}{suffix}.ipynb")
                    notebook = server.open(
                        browser, Path(copy).name, width=WIDTH, height=2000, scale=SCALE
                    )
                    notebook.run_all()
                    # Widgets are drawn after their cell has ended.
                    notebook.page.wait_for_timeout(3000)
                    if name == "interface":
                        look_inside(notebook.page, cell)
                    take(notebook.page, cell, ROOT / "docs" / f"{name}{suffix}.png")
                    notebook.close()


def look_inside(page: Page, cell: str) -> None:
    """Let rows flow through the graph of a cell, and open its form."""
    shown = page.locator(".jp-CodeCell", has_text=cell).first
    shown.get_by_role("button", name="Peek", exact=True).click()
    page.get_by_role("menuitem", name="First 20 rows").click()
    shown.get_by_role("button", name="Hide values").wait_for()
    form = shown.locator(".tfs-form")
    if form.get_attribute("open") is None:
        form.locator("summary").first.click()
    page.mouse.move(0, 0)
    # The values are drawn after the button.
    page.wait_for_timeout(3000)


def take(page: Page, cell: str, path: Path) -> None:
    """Write a picture of one cell."""
    page.add_style_tag(content=_STYLE)
    png = page.locator(".jp-CodeCell", has_text=cell).first.screenshot(animations="disabled")
    # Few colours halve the size, and the picture is as sharp.
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    main()
