"""Errors of workers: TensorFlow, memory, and processes."""

from __future__ import annotations

from tfspark_magic.errors.tfspark_error import TfSparkError


class WorkerFailedError(TfSparkError, RuntimeError):
    """TensorFlow or a worker failed beside the data. Facts: (what, reason), or (sentence, "")."""

    def __init__(self, what: str, reason: str = "") -> None:
        super().__init__(what, reason)

    def _sentence(self) -> str:
        what, reason = self.args
        return f"{what}: {reason}" if reason else str(what)

    def at(self, place: str) -> WorkerFailedError:
        """Return this error with the place of its rows in the message."""
        what, reason = self.args
        return type(self)(f"{what} in {place}", reason) if reason else self


class OutOfMemoryError(WorkerFailedError, MemoryError):
    """A graph needs more memory than there is. Facts: those of `WorkerFailedError`."""
