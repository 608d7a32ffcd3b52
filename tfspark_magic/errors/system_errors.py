"""Errors of processes and of what is installed: workers, memory, packages and versions."""

from __future__ import annotations

from tfspark_magic.errors.tfspark_error import TfSparkError


class WorkerFailedError(TfSparkError, RuntimeError):
    """TensorFlow or a worker failed beside the data. Facts: (what, reason), or (sentence, "")."""

    of_values = False
    """Whether TensorFlow says that values are the reason, as of a picture that it cannot decode."""

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


class WorkerPythonError(TfSparkError, RuntimeError):
    """Local workers of Spark run a Python that cannot be used. Facts: (found, fault, here, version)."""

    def __init__(self, found: str, fault: str, here: str, version: str) -> None:
        super().__init__(found, fault, here, version)

    def _sentence(self) -> str:
        found, fault, here, version = self.args
        return (
            f"Spark's workers run another Python than this process, {found} instead of {here} "
            f"({version}), {fault}: call spark.stop(), then "
            f'os.environ["PYSPARK_PYTHON"] = sys.executable, make the session again, for example '
            f"with tfs.session(), and read its DataFrames again."
        )


class MissingDependencyError(TfSparkError, ImportError):
    """A dependency that must be installed first. Facts: (what, purpose, command)."""

    def __init__(self, what: str, purpose: str, command: str) -> None:
        super().__init__(what, purpose, command)

    def _sentence(self) -> str:
        what, purpose, command = self.args
        return f"{what} is needed {purpose} and is not installed: {command}."


class VersionError(TfSparkError, ImportError):
    """A version that is too old. Facts: (what, oldest, found, where, remedy)."""

    def __init__(self, what: str, oldest: str, found: str, where: str, remedy: str) -> None:
        super().__init__(what, oldest, found, where, remedy)

    def _sentence(self) -> str:
        what, oldest, found, where, remedy = self.args
        return f"{what} {oldest} or later is needed, and {where} has {found}: {remedy}."
