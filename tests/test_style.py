"""Run ruff and mypy, as CONTRIBUTING demands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ["tfspark_magic", "tests", "benchmarks", "docs", "core"]


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "--no-cache", *FOLDERS],
        ["ruff", "format", "--check", "--no-cache", *FOLDERS],
        ["mypy", "--no-incremental"],
    ],
    ids=["lint", "format", "types"],
)
def test_the_code_is_clean(command):
    run = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
