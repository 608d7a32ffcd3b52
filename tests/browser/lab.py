"""Start a JupyterLab or Jupyter Notebook, and drive it in the machine's Chromium.

The server does not use the user's files: its settings, kernels' histories and run-time files are in
a temporary folder. It listens only on the loopback interface, with a token.

    with serve(folder) as lab, chromium() as browser:
        notebook = lab.open(browser, "quickstart.ipynb")
        notebook.run_all()
        print(notebook.texts(3))
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

psutil = pytest.importorskip("psutil", reason="psutil is not installed")
pytest.importorskip("playwright", reason="playwright is not installed")
pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
pytest.importorskip("notebook", reason="Jupyter Notebook is not installed")

from playwright.sync_api import (
    Browser,
    Locator,
    Page,
    expect,
    sync_playwright,
)

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 180
"""The time limit for one step, also on a slow machine."""
RUN_SECONDS = 540

expect.set_options(timeout=SECONDS * 1000)

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NOTEBOOK = "jupyterapp.shell.currentWidget"
_KERNEL = f"{NOTEBOOK}?.sessionContext?.session?.kernel"

# A cell that fails ends the command, although later cells may still run. So an empty request is
# sent after all of them.
_RUN_ALL = f"""() => {{
    window.allRan = false;
    const empty = {{ code: '', silent: true, store_history: false }};
    jupyterapp.commands.execute('notebook:run-all-cells')
        .catch(() => {{}})
        .then(() => {_KERNEL}.requestExecute(empty).done)
        .finally(() => {{ window.allRan = true; }});
}}"""

_ASK = f"""async code => {{
    const run = {_KERNEL}.requestExecute({{ code, store_history: false }});
    let said = '';
    run.onIOPub = ({{ header, content }}) => {{
        if (header.msg_type === 'stream') said += content.text;
        if (header.msg_type === 'error') said += content.ename;
    }};
    await run.done;
    return said.trim();
}}"""
_OPEN = "async path => { await jupyterapp.commands.execute('docmanager:open', { path }); }"
# What is not saved is lost.
_CLOSE = f"""() => {{
    const notebook = {NOTEBOOK};
    notebook.context.model.dirty = false;
    notebook.dispose();
}}"""
# The server says that a whole folder is not there if a file in it goes while it lists the folder.
_LEAVE_FOLDER = """() => {
    for (const widget of jupyterapp.shell.widgets('left')) widget.model?._poll?.stop();
}"""
# A kernel as a new one, but for what it has imported, and its Spark session.
_FORGET = """\
from ipywidgets import Widget
Widget.close_all()
get_ipython().extension_manager.loaded.discard("tfspark_magic")
get_ipython().run_line_magic("reset", "-f")"""


def browser_path() -> str | None:
    """Return the first of the browsers that this machine has."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


MARKS = [
    pytest.mark.browser,
    pytest.mark.skipif(
        browser_path() is None, reason=f"none of {', '.join(BROWSERS)} is on the PATH"
    ),
]
"""Of each module of tests here: `pytestmark = lab.MARKS`."""


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser, without a window."""
    path = browser_path()
    if path is None:
        message = f"There is none of {', '.join(BROWSERS)} on the PATH."
        raise FileNotFoundError(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def serve(folder: Path, app: str = "jupyterlab") -> Iterator[Lab]:
    """Start a server of `jupyterlab` or `notebook` for a folder; end it with all it started."""
    with tempfile.TemporaryDirectory(prefix="tfspark_lab_", ignore_cleanup_errors=True) as home:
        lab = Lab(_free_port(), secrets.token_hex(16), Path(home) / "config", app)
        lab.set("apputils-extension", "notification", fetchNews="false", checkForUpdates=False)
        # Cells out of view are in the page, too.
        lab.set("notebook-extension", "tracker", windowingMode="none")
        lab.use_theme("light")
        _configure(lab, folder)
        environment = {k: v for k, v in os.environ.items() if not k.startswith("JUPYTER")}
        for name in ("config", "data", "runtime"):
            environment[f"JUPYTER_{name.upper()}_DIR"] = str(Path(home) / name)
        environment["IPYTHONDIR"] = str(Path(home) / "ipython")
        log = Path(home) / "log"
        with log.open("wb") as output:
            command = [sys.executable, "-m", app, "--no-browser", "--expose-app-in-browser"]
            server = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            lab.wait_until_up(server, log)
            yield lab
        finally:
            _end(server)


@dataclass(frozen=True)
class Lab:
    """A running server, and pages of it that show no notebook now."""

    port: int
    token: str
    config: Path
    app: str
    free: list[Page] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def set(self, extension: str, plugin: str, **values: Any) -> None:
        """Write a user's setting, which pages opened from now on follow."""
        folder = self.config / "lab" / "user-settings" / "@jupyterlab" / extension
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{plugin}.jupyterlab-settings").write_text(json.dumps(values))
        self.free.clear()

    def use_theme(self, theme: str) -> None:
        """Choose `light` or `dark` for pages opened from now on."""
        self.set("apputils-extension", "themes", theme=f"JupyterLab {theme.title()}")

    def wait_until_up(self, server: subprocess.Popen[bytes], log: Path) -> None:
        """Wait for the server's first answer."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline and server.poll() is None:
            with contextlib.suppress(URLError, OSError):
                self._request("status")
                return
            time.sleep(0.1)
        message = f"{self.app} does not answer. Its log ends with:\n{log.read_text()[-3000:]}"
        raise RuntimeError(message)

    def start_kernel(self) -> str:
        """Start a kernel that notebooks can share, and return its identity."""
        identity: str = self._request("kernels", {"name": "python3"})["id"]
        return identity

    def _request(self, path: str, content: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask the server, or send it something to be made."""
        data = json.dumps(content).encode() if content else None
        ask = Request(f"{self.url}/api/{path}", data, {"Authorization": f"token {self.token}"})
        with urlopen(ask, timeout=SECONDS) as answer:
            answered: dict[str, Any] = json.load(answer)
        return answered

    def open(
        self,
        browser: Browser,
        name: str,
        kernel: str | None = None,
        *,
        width: int = 1200,
        height: int = 900,
        scale: float = 1,
    ) -> Notebook:
        """Open a notebook of the served folder, and wait until it is there.

        A page of JupyterLab whose notebook has been closed is used again, which costs a tenth of a
        new one. A notebook that is given a kernel finds it without any names, and leaves it running.
        """
        if kernel:
            session = {"path": name, "name": name, "type": "notebook", "kernel": {"id": kernel}}
            self._request("sessions", session)
        if self.free and scale == 1:
            page = self.free.pop()
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate(_OPEN, name)
        else:
            context = browser.new_context(
                viewport={"width": width, "height": height}, device_scale_factor=scale
            )
            page = context.new_page()
            page.set_default_timeout(SECONDS * 1000)
            workspace = re.sub(r"\W", "", name)
            # As a single document, without side bars.
            at = f"doc/workspaces/{workspace}/tree/{name}?reset&"
            if self.app == "notebook":
                at = f"notebooks/{name}?"
            page.goto(f"{self.url}/{at}token={self.token}")
        page.wait_for_function(f"window.jupyterapp && {NOTEBOOK}?.context?.isReady")
        page.locator(".jp-Notebook .jp-Cell").first.wait_for()
        page.evaluate(_LEAVE_FOLDER)
        notebook = Notebook(page, self, kernel)
        if kernel:
            notebook.wait_for_kernel()
            notebook.ask(_FORGET)
        return notebook


@dataclass(frozen=True)
class Notebook:
    """An open notebook; its cells, also text cells, are counted from 0."""

    page: Page
    lab: Lab
    shared_kernel: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Close the notebook, and end its own kernel, with the Spark that it started."""
        if not self.shared_kernel:
            self.page.evaluate(f"{NOTEBOOK}?.sessionContext?.shutdown()")
        self.close()

    def cell(self, index: int) -> Locator:
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index)

    def outputs(self, index: int) -> Locator:
        """Return the outputs of a cell, one element for each."""
        return self.cell(index).locator(".jp-OutputArea-output")

    def texts(self, index: int) -> list[str]:
        """Return the visible text of each output of a cell."""
        return self.outputs(index).all_inner_texts()

    def wait_for_kernel(self) -> None:
        self.page.wait_for_function(
            f"{NOTEBOOK}?.sessionContext?.isReady && {_KERNEL}?.status === 'idle'"
        )

    def run_all(self) -> None:
        """Run all cells as the menu does, and wait until the last one has ended."""
        self.wait_for_kernel()
        self.page.evaluate(_RUN_ALL)
        self.page.wait_for_function(
            f"""window.allRan && {_KERNEL}.status === 'idle' &&
                ![...document.querySelectorAll('.jp-Notebook .jp-InputPrompt')]
                    .some(prompt => prompt.textContent.includes('*'))""",
            timeout=RUN_SECONDS * 1000,
        )
        self.wait_for_pictures()

    def wait_for_pictures(self) -> None:
        """Wait until the browser has decoded every picture."""
        self.page.wait_for_function(
            "[...document.querySelectorAll('.jp-Notebook img')].every(image => image.complete)"
        )

    def save(self) -> None:
        self.page.evaluate("jupyterapp.commands.execute('docmanager:save')")
        self.page.wait_for_function(f"!{NOTEBOOK}.context.model.dirty")

    def begin(self, code: str) -> None:
        """Send code to the kernel, and do not wait for it."""
        self.page.evaluate(f"code => {{ window.answer = ({_ASK})(code); }}", code)

    def answer(self) -> str:
        """Return what the code that was begun prints, or the name of its error."""
        said: str = self.page.evaluate("window.answer")
        return said

    def ask(self, code: str) -> str:
        """Run code in the kernel, and return what it prints, or the name of its error."""
        self.begin(code)
        return self.answer()

    def close(self) -> None:
        """Close the notebook; the kernel keeps running, and the page serves another notebook."""
        if self.lab.app == "notebook":
            self.page.context.close()
            return
        self.page.evaluate(_CLOSE)
        self.lab.free.append(self.page)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _configure(lab: Lab, folder: Path) -> None:
    settings = {
        "IdentityProvider": {"token": lab.token},
        "LabApp": {
            "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
            "news_url": None,
        },
        "ServerApp": {
            "allow_root": hasattr(os, "geteuid") and os.geteuid() == 0,
            "ip": "127.0.0.1",
            "port": lab.port,
            "port_retries": 0,
            "root_dir": str(folder),
        },
    }
    # Not on the command line, which every user of the machine can read.
    file = lab.config / "jupyter_server_config.json"
    file.write_text(json.dumps(settings))
    file.chmod(0o600)


def _end(server: subprocess.Popen[bytes]) -> None:
    """End the server, its kernels, and the processes that they have started."""
    started = []
    with contextlib.suppress(psutil.NoSuchProcess):
        started = psutil.Process(server.pid).children(recursive=True)
    server.terminate()
    try:
        server.wait(30)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    _, left = psutil.wait_procs(started, timeout=5)
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=30)
