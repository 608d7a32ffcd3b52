"""Rendering: which engine is run, and what happens where there is none."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from tfspark_magic.drawing import render as render_module
from tfspark_magic.drawing.render import engines, render

DOT = "digraph { a -> b }"


@pytest.fixture
def engine(tmp_path, monkeypatch):
    """Make programs to be tried one after the other, given what each of them does."""
    if sys.platform == "win32":
        pytest.skip("the engines of this test are shell scripts")

    def make(*scripts: str) -> None:
        paths = []
        for index, script in enumerate(scripts):
            path = tmp_path / f"engine{index}"
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
            paths.append(str(path))
        monkeypatch.setattr(render_module, "engines", lambda: paths)

    return make


def test_the_installed_engine_is_called_by_its_path(monkeypatch):
    monkeypatch.setenv("PATH", "")
    first = engines()[0]
    assert Path(first).is_absolute()
    assert Path(first).stem == "graphviz-pure"
    assert b"<svg" in render(DOT, "svg")
    assert render(DOT, "png").startswith(b"\x89PNG")


def test_dot_of_the_system_is_the_second_choice(tmp_path, monkeypatch):
    path = tmp_path / ("dot.exe" if sys.platform == "win32" else "dot")
    path.write_text("")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert engines()[1:] == [str(path)]
    monkeypatch.setattr(render_module.sysconfig, "get_path", lambda _: str(tmp_path / "no"))
    assert engines() == [str(path)]


def test_the_format_and_the_source_are_passed(engine):
    engine('echo "$1"; cat')
    assert render(DOT, "svg") == b"-Tsvg\n" + DOT.encode()


@pytest.mark.parametrize(
    "failing", ["exit 1", "exec /no/such/program", ":", "kill -9 $$", "cat >&2; exit 3"]
)
def test_the_next_engine_is_tried(engine, failing):
    engine(failing, "echo drawn")
    assert render(DOT, "svg") == b"drawn\n"
    engine(failing)
    assert render(DOT, "svg") is None


def test_an_engine_that_hangs_is_given_up(engine, monkeypatch):
    monkeypatch.setattr(render_module, "TIMEOUT", 0.2)
    engine("exec sleep 60", "echo drawn")
    assert render(DOT, "svg") == b"drawn\n"


def test_no_engine(engine):
    engine()
    assert render(DOT, "svg") is None


def test_source_that_is_no_dot():
    assert render("digraph {", "svg") is None
