"""Temporary folders, also those of processes that are killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tfspark_magic.temporary import TemporaryFolder

MAKES = """
import sys
from tfspark_magic.temporary import TemporaryFolder
with TemporaryFolder(sys.argv[1]) as folder:
    print(folder, flush=True)
    sys.stdin.read()
"""


def making(where):
    """A process that makes a folder, and its path."""
    process = subprocess.Popen(
        [sys.executable, "-c", MAKES, where], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )  # fmt: skip
    return process, Path(process.stdout.readline().strip())


def test_what_a_killed_process_leaves_is_removed_by_the_next(tmp_path):
    killed, left = making(tmp_path)
    living, kept = making(tmp_path)
    (left / "rows.arrow").write_bytes(b"rows")
    foreign = tmp_path / "tfspark_magic_foreign"
    foreign.mkdir()
    (tmp_path / "tfspark_magic_1.log").touch()
    killed.kill()
    killed.communicate()
    assert left.is_dir()
    with TemporaryFolder(str(tmp_path)) as folder:
        assert not left.exists()
        assert {path.name for path in tmp_path.iterdir()} == {
            Path(folder).name, kept.name, foreign.name, "tfspark_magic_1.log"
        }  # fmt: skip
    assert not Path(folder).exists()
    living.communicate("")
    assert not kept.exists()
