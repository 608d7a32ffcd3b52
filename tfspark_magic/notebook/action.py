"""Act on a lazy result at once: show its first rows, count it, collect it, or write it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tfspark_magic.errors import OptionError
from tfspark_magic.words import count

ACTIONS = ("preview", "count", "collect", "write")
MODES = ("error", "overwrite")
_PATTERN = frozenset("*?[]{}\\")
"""What means more than itself in a path that Spark reads."""


@dataclass(frozen=True)
class Action:
    """An action of Spark on the result of a call.

    >>> Action("write", "scored.parquet").python("scored")
    ["scored.write.parquet('scored.parquet')"]

    Parameters
    ----------
    name
        One of `ACTIONS`; or `"nothing"`, which leaves the result lazy.
    path, mode
        The folder for Parquet, and what happens if there is something in it: `"error"`, or it is
        overwritten.
    """

    name: str = "nothing"
    path: str = ""
    mode: str = "error"

    def python(self, result: str) -> list[str]:
        """Return the lines of Python after the call; `name` is the name of its result."""
        mode = "" if self.mode == "error" else f".mode({self.mode!r})"
        lines = {
            "count": f"{result}.count()",
            "collect": f"{result} = {result}.toPandas()",
            "write": f"{result}.write{mode}.parquet({self.path!r})",
        }
        return [lines[self.name]] if self.name in lines else []

    def run(self, result: Any) -> tuple[Any, str]:
        """Return the new value of the result's name, and a description of the result."""
        if self.name == "count":
            return result, count(result.count(), "row")
        if self.name == "collect":
            frame = result.toPandas()
            return frame, f"{count(len(frame), 'row')} in pandas"
        if self.name == "write":
            self._write(result)
            return result, f"written to {self.path}"
        return result, "a lazy DataFrame: nothing has run yet"

    def _write(self, result: Any) -> None:
        try:
            result.write.mode(self.mode).parquet(self.path)
        except Exception as error:
            if "[PATH_ALREADY_EXISTS]" not in str(error):
                raise
            if not _is_empty_folder(result.sparkSession, self.path):
                raise OptionError(
                    f"There is something at {self.path} already: choose another path, or overwrite it."
                ) from error
            # A write that is cancelled leaves it.
            result.write.mode("append").parquet(self.path)


def _is_empty_folder(spark: Any, path: str) -> bool:
    """Whether Spark, which may be elsewhere, finds a folder and nothing in it, not even hidden files."""
    from pyspark.errors import AnalysisException

    if not _PATTERN.isdisjoint(path):
        return False
    files = spark.read.format("binaryFile")
    try:
        files.load(f"{path}/*").inputFiles()
    except AnalysisException as error:
        # A file is found by its own path.
        return "[PATH_NOT_FOUND]" in str(error) and not files.load(path).inputFiles()
    return False
