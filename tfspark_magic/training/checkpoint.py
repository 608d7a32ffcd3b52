"""Checkpoints in a folder that all workers see: a file for each epoch, which is whole or absent."""

from __future__ import annotations

import contextlib
import re

from pyarrow import fs

from tfspark_magic.errors import PathAccessError, PathNotFoundError, TfSparkError
from tfspark_magic.sources.filesystem import open_filesystem, shown, shown_errors
from tfspark_magic.sources.writing import whole_file
from tfspark_magic.training.report import Report
from tfspark_magic.training.training_state import State

_NAME = re.compile(r"epoch-(\d+)\.npz$")
_REPORT = "progress.json"


def newest(folder: str) -> bytes | None:
    """Return the content of the newest checkpoint of a folder; None if there is none.

    Raises
    ------
    PathAccessError
        If the folder cannot be reached.
    FileContentError
        If the file is no checkpoint.
    """
    found = _files(folder)
    if not found:
        return None
    path = found[max(found)]
    filesystem, _ = open_filesystem(folder)
    with shown_errors(folder), filesystem.open_input_file(path) as file:
        content: bytes = file.read()
    State.from_bytes(content, shown(path))
    return content


def write(folder: str, state: State, *, creates_folder: bool = True) -> None:
    """Write a state, and remove the states of earlier epochs.

    Raises
    ------
    PathAccessError
        If the file cannot be written.
    """
    path = f"{folder.rstrip('/')}/epoch-{state.epoch:05}.npz"
    with whole_file(path, overwrite=True, creates_folder=creates_folder) as file:
        file.write(state.to_bytes())
    _remove(folder, kept=state.epoch)


def check_writable(folder: str) -> None:
    """Raise PathAccessError if nothing can be written to a folder: not only after an epoch."""
    path = f"{folder.rstrip('/')}/{_REPORT}"
    try:
        with whole_file(path, overwrite=True) as file:
            file.write(b"{}")
        clear_report(folder)
    except PathNotFoundError:
        message = "it cannot be made"
        raise PathAccessError(shown(folder), message, "name a folder that can") from None


def clear(folder: str) -> None:
    """Remove the checkpoints of a folder."""
    _remove(folder)


def write_report(folder: str, report: Report, *, creates_folder: bool = True) -> None:
    """Write how far a training is; one that cannot be written is left out."""
    with (
        contextlib.suppress(TfSparkError, OSError),
        whole_file(_report_of(folder), overwrite=True, creates_folder=creates_folder) as file,
    ):
        file.write(report.to_bytes())


def read_report(folder: str) -> Report | None:
    """Return how far a training is; None if nothing can be read."""
    try:
        filesystem, inside = open_filesystem(_report_of(folder))
        with filesystem.open_input_file(inside) as file:
            return Report.from_bytes(file.read())
    except (TfSparkError, OSError, ValueError):
        return None


def clear_report(folder: str) -> None:
    """Remove what was written of how far a training is."""
    with contextlib.suppress(TfSparkError, OSError):
        filesystem, inside = open_filesystem(_report_of(folder))
        filesystem.delete_file(inside)


def _report_of(folder: str) -> str:
    return f"{folder.rstrip('/')}/{_REPORT}"


def _remove(folder: str, *, kept: int = -1) -> None:
    filesystem, _ = open_filesystem(folder)
    for epoch, path in _files(folder).items():
        if epoch != kept:
            with contextlib.suppress(OSError):
                filesystem.delete_file(path)


def _files(folder: str) -> dict[int, str]:
    filesystem, inside = open_filesystem(folder)
    with shown_errors(folder):
        files = filesystem.get_file_info(fs.FileSelector(inside, allow_not_found=True))
    named = ((_NAME.search(file.base_name), file.path) for file in files)
    return {int(found[1]): path for found, path in named if found}
