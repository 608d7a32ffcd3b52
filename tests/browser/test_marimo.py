"""marimo: the graph, the form and the preview of `tfs.graph`, in a real browser."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.browser import lab
from tests.browser.lab import expect

pytest.importorskip("marimo", reason="marimo is not installed")

pytestmark = lab.MARKS

NOTEBOOK = """\
import marimo

app = marimo.App()


@app.cell
def _():
    import pandas as pd
    import tensorflow as tf

    import tfspark_magic as tfs

    df = pd.DataFrame({"price": [1.0, 2.0, 3.0], "note": ["a", "b", "c"]})
    return df, pd, tf, tfs


@app.cell
def _(tf, tfs):
    with tfs.graph("score") as score:
        _x = tf.placeholder(tf.float64, name="x")
        with tf.name_scope("layer"):
            _h = tf.square(_x, name="h")
        _z = tf.add(_h, 1.0, name="z")
    return (score,)


@app.cell
def _(score):
    f"{score}, {score.run(x=3.0)}"
    return


@app.cell
def _(df, tf, tfs):
    with tfs.graph("count --df df") as count:
        _x = tf.placeholder(tf.float64, [], name="price")
        _n = tf.while_loop(lambda n: n < 5e5, lambda n: n + 1, [_x])
        _n = tf.identity(_n, name="n")
    return (count,)


@app.cell
def _(df, score, tf, tfs):
    with tf.Graph().as_default():
        _x = tf.compat.v1.placeholder(tf.float64, name="x")
        with tf.name_scope("layer"):
            _h = tf.exp(_x, name="h")
        _z = tf.add(_h, 1.0, name="z")
    tfs.compare(score, _z, df, {"x": "price"})
    return
"""


@contextmanager
def edited(folder):
    """Start marimo for a notebook, and return the address of its page."""
    (folder / "score.py").write_text(NOTEBOOK)
    (folder / "marimo").mkdir()
    (folder / "marimo" / "marimo.toml").write_text("[runtime]\nauto_instantiate = true\n")
    port, token = lab._free_port(), secrets.token_hex(16)
    options = [f"--port={port}", "--headless", f"--token-password={token}", "--skip-update-check"]
    environment = {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "marimo", "edit", "score.py", *options],
            cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}/?access_token={token}"
        until = time.monotonic() + lab.SECONDS
        while time.monotonic() < until and server.poll() is None:
            with suppress(URLError, OSError), urlopen(address, timeout=lab.SECONDS):
                break
            time.sleep(0.1)
        yield address
    finally:
        lab._end(server)


def test_a_graph_is_bound_and_previewed(browser, tmp_path):
    with edited(tmp_path) as address:
        page = browser.new_page(viewport={"width": 1200, "height": 1000})
        page.set_default_timeout(lab.SECONDS * 1000)
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        expect(page.get_by_text("10.0")).to_contain_text("Program score: x float64 -> z float64")
        view, form = page.locator(".tfg-view").first, page.locator(".tfs-form").first
        view.locator("[data-id='op:z']").click()
        expect(view.locator(".tfg-panel-name")).to_have_text("z")

        form.get_by_label("DataFrame").select_option("df")
        form.get_by_label("x, float64").select_option("price")
        form.get_by_role("button", name="Run", exact=True).click()
        table = page.locator(".tft-root").first
        expect(table.get_by_role("row").nth(3)).to_contain_text("10")
        table.get_by_role("columnheader", name="z").click()
        table.get_by_label("Filter of the rows").fill("z > 3")
        expect(table.get_by_role("status")).to_contain_text("2 of 3 rows")

        # A node has its value for each row.
        view.get_by_role("button", name="Peek").click()
        view.get_by_role("menuitem").first.click()
        expect(view.locator(".tfg-values")).to_contain_text("2 to 10")

        # Two graphs have one selection and one viewport.
        both = page.locator(".tfg-two")
        old, new = both.locator(".tfg-canvas").first, both.locator(".tfg-canvas").last
        changed = "[data-id='op:layer/h']"
        expect(new.locator(changed)).to_contain_text("Square → Exp")
        old.locator(changed).click()
        for side in (old, new):
            expect(side.locator(".tfg-selected")).to_have_attribute("data-id", "op:layer/h")
        expect(both.locator(".tfg-panel")).to_contain_text("new: layer/h")
        expect(page.get_by_text("here they part first").last).to_be_visible()

        # Cancel has the keyboard, and goes: it is not lost.
        long = page.locator(".tfs-form").nth(1)
        run = long.get_by_role("button", name="Run", exact=True)
        expect(run).to_have_attribute("aria-disabled", "false")
        run.focus()
        page.keyboard.press("Enter")
        cancel = page.get_by_role("button", name="Cancel", exact=True)
        cancel.focus()
        expect(cancel).to_be_focused()
        page.keyboard.press("Enter")
        expect(cancel).to_be_hidden()
        expect(run).to_be_focused()
        assert errors == []
        page.close()
