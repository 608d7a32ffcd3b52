"""Turn DOT source into a picture, with any installed Graphviz engine."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Literal

TIMEOUT = 10.0
"""The time limit of an engine in seconds."""


def engines() -> list[str]:
    """Return the paths of the engines to try, in order.

    The first is `graphviz-pure`, which is installed with this package and draws the same bytes
    on every machine; the second is the system's `dot`.
    """
    suffix = ".exe" if sys.platform == "win32" else ""
    beside = Path(sysconfig.get_path("scripts")) / f"graphviz-pure{suffix}"
    found = [
        str(beside) if beside.is_file() else shutil.which("graphviz-pure"),
        shutil.which("dot"),
    ]
    return [path for path in found if path]


def render(dot: str, picture: Literal["svg", "png"]) -> bytes | None:
    """Draw DOT source.

    >>> render("digraph { a -> b }", "svg")[:5]                     # doctest: +SKIP
    b'<?xml'

    Returns
    -------
    The picture, or None if there is no engine or none can draw it within `TIMEOUT` seconds.
    """
    for engine in engines():
        try:
            done = subprocess.run(  # noqa: S603  (an absolute path, and the source goes to stdin)
                [engine, f"-T{picture}"],
                input=dot.encode(),
                capture_output=True,
                timeout=TIMEOUT,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            continue
        if done.stdout:
            return done.stdout
    return None
