"""Graphs that report when they run, and then wait, so that a test can make a fault meanwhile."""

from __future__ import annotations

import os
from pathlib import Path

from tests.cluster.nodes import until
from tests.executor.test_mapping import program

_HOLD = """
shown = tf.io.write_file(
    tf.strings.join([folder, '/inside_', tf.strings.as_string(tf.cast(x[0], tf.int64))]), '')
with tf.control_dependencies([shown]):
    waited = tf.io.write_file(folder + '/go', '')
with tf.control_dependencies([waited]):
    x = tf.identity(x)
"""


class Hold:
    """A folder that all nodes see: files in it show that a block is computed, and let it go on.

    Parameters
    ----------
    folder
        An empty folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # Who opens a pipe to write waits until it is read.
        self._go = folder / "go"
        os.mkfifo(self._go)

    def program(self, source: str, placeholder: str = "x"):
        """Return a program of `x`, a block of float64; each of its runs waits for `go`."""
        begin = f"x = tf.placeholder(tf.float64, [None], name='{placeholder}')\n"
        return program(begin + _HOLD + source, folder=str(self._folder))

    def wait(self, blocks: int = 1) -> None:
        """Wait until this number of blocks is being computed."""
        until(lambda: len(list(self._folder.glob("inside_*"))) >= blocks)

    def go(self) -> None:
        """Let all blocks go on: waiting ones and later ones."""
        file = self._folder / "file"
        file.touch()
        reader = os.open(self._go, os.O_RDONLY | os.O_NONBLOCK)
        file.replace(self._go)
        os.close(reader)
