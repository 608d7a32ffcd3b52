"""A JupyterLab, its kernel and a browser that all tests share; each module has a notebook of its own."""

from __future__ import annotations

import pytest

from tests.browser import lab


@pytest.fixture(scope="session")
def browser():
    with lab.chromium() as running:
        yield running


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """The folder that the server shows."""
    return tmp_path_factory.mktemp("notebooks")


@pytest.fixture(scope="session")
def server(folder):
    with lab.serve(folder) as running:
        yield running


@pytest.fixture(scope="session")
def kernel(server):
    """A kernel that modules share, one after another: none finds names of those before it."""
    return server.start_kernel()
