"""Temporary folders that do not pile up: those of processes that were killed are removed by others."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import weakref
from functools import cache
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: what killed processes leave stays there.
    fcntl = None  # type: ignore[assignment]

_PREFIX, _OWNED = "tfspark_magic_", ".owned"


class TemporaryFolder(tempfile.TemporaryDirectory[str]):
    """A folder that is removed at the end of a `with` block, or when nobody holds it any more.

    >>> with TemporaryFolder() as folder:
    ...     Path(folder, "rows").touch()

    If its process is killed, the next process of this user that makes a folder in the same place
    removes it: the system then no longer locks the file that says who owns it.

    Parameters
    ----------
    where
        The folder in which it is made; if not given, the system's for temporary files.
    """

    def __init__(self, where: str | None = None) -> None:
        _remove_left(where or tempfile.gettempdir())
        super().__init__(prefix=_PREFIX, dir=where, ignore_cleanup_errors=True)
        owned = _own(Path(self.name))
        if owned is not None:
            weakref.finalize(self, os.close, owned)


@cache
def _remove_left(where: str) -> None:
    """Remove the folders of killed processes, once in a process."""
    if fcntl is None:
        return
    with contextlib.suppress(OSError), os.scandir(where) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX) and entry.is_dir(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    if entry.stat(follow_symlinks=False).st_uid == os.getuid():
                        _remove_if_left(Path(entry.path))


def _remove_if_left(folder: Path) -> None:
    # A folder without this file is just being made, or is somebody else's.
    with (folder / _OWNED).open("rb") as owned:
        fcntl.flock(owned, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)


def _own(folder: Path) -> int | None:
    """Lock a file in a folder, for as long as the returned descriptor is open."""
    if fcntl is None:
        return None
    new = folder / f"{_OWNED}.new"
    owned = os.open(new, os.O_WRONLY | os.O_CREAT)
    # Locked before it has its name: nobody sees it unlocked.
    with contextlib.suppress(OSError):  # a filesystem without locks
        fcntl.flock(owned, fcntl.LOCK_EX)
        new.rename(folder / _OWNED)
    return owned
