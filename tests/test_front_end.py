"""The front end: its own checks and tests, and that the modules in the package are current."""

from __future__ import annotations

from pathlib import Path

import pytest

import tfspark_magic
from tests.node_packages import SOURCES, package, run

STATIC = Path(tfspark_magic.__file__).parent / "static"
SMALL = 70_000

pytestmark = pytest.mark.skipif(
    not (SOURCES / "package.json").is_file(), reason="the front end's sources are not here"
)


@pytest.fixture(scope="module", autouse=True)
def _installed():
    package("esbuild")


def test_types_and_style_are_clean():
    run("npm", "run", "check")


def test_its_own_tests_pass():
    run("npm", "test")


def test_the_modules_in_the_package_are_current(tmp_path):
    run("npm", "run", "build", "--", "--out", str(tmp_path))
    built = {path.name: path.read_bytes() for path in tmp_path.glob("*.js")}
    kept = {path.name: path.read_bytes() for path in STATIC.glob("*.js")}
    assert built
    assert kept.keys() == built.keys()
    stale = [name for name in built if kept[name] != built[name]]
    assert stale == [], "run make front-end"


def test_the_modules_are_small():
    """Every widget in a notebook's saved state carries one."""
    sizes = {path.name: path.stat().st_size for path in STATIC.glob("*.js")}
    assert sizes
    assert {name: size for name, size in sizes.items() if size >= SMALL} == {}


def test_the_modules_use_nothing_that_some_front_ends_forbid():
    forbidden = ("new Worker", "importScripts", "requirejs", "fetch(", "eval(", "innerHTML")
    for path in STATIC.glob("*.js"):
        text = path.read_text()
        assert [word for word in forbidden if word in text] == [], path.name
