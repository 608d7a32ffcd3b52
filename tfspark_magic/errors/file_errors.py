"""Errors of files and paths."""

from __future__ import annotations

from tfspark_magic.errors.tfspark_error import TfSparkError


class PathNotFoundError(TfSparkError, FileNotFoundError):
    """A path without anything to read. Facts: (path, found)."""

    def __init__(self, path: str, found: str = "no such file or folder") -> None:
        super().__init__(path, found)

    def _sentence(self) -> str:
        path, found = self.args
        return f"Nothing to read at {path!r}: {found}."


class TableFormatError(TfSparkError, ValueError):
    """A table whose log decides which files and rows count. Facts: (path, kind, advice, reason)."""

    def __init__(
        self,
        path: str,
        kind: str,
        advice: str,
        reason: str = "whose log says which of its files and rows count",
    ) -> None:
        super().__init__(path, kind, advice, reason)

    def _sentence(self) -> str:
        path, kind, advice, reason = self.args
        return f"{path!r} is {kind}, {reason}: pass {advice}."


class PathAccessError(TfSparkError, RuntimeError):
    """A path that cannot be reached, read or written. Facts: (path, reason, advice)."""

    def __init__(self, path: str, reason: str, advice: str) -> None:
        super().__init__(path, reason, advice)

    def _sentence(self) -> str:
        path, reason, advice = self.args
        return f"{path!r} cannot be used, {reason}: {advice}."


class FileContentError(TfSparkError, ValueError):
    """A file with unexpected content. Facts: (path, expected, found, advice)."""

    def __init__(self, path: str, expected: str, found: str, advice: str) -> None:
        super().__init__(path, expected, found, advice)

    def _sentence(self) -> str:
        path, expected, found, advice = self.args
        return f"File {path!r}: expected {expected}, found {found}; {advice}."
