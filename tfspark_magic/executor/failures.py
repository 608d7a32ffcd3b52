"""Find the one sentence in what Spark reports when a worker fails."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from tfspark_magic import errors
from tfspark_magic.errors import TfSparkError

_REPORT = re.compile(
    # The sentence ends where Spark goes on: with its own code, Java's stack, or another cause.
    r"^tfspark_magic\.errors\.(\w+): (.*?)(?=\s*SQLSTATE: |\n\tat |\n\nDuring |\n\nThe above |\Z)",
    re.DOTALL | re.MULTILINE,
)


def short_error(exception: BaseException) -> TfSparkError | None:
    """Return the error of ours that a worker raised and Spark wrapped, or None.

    >>> short_error(error)                                          # doctest: +SKIP
    NullValuesError("Column 'x' holds 1 null in a block of 3 rows, ...")

    Parameters
    ----------
    exception
        Whatever an action on a DataFrame raised, classic or Connect.

    Returns
    -------
    An error of the class that the worker raised, with its sentence; its facts stayed behind.
    """
    if isinstance(exception, TfSparkError):
        return exception
    text = str(exception)
    reports = list(_REPORT.finditer(text))
    # The last exception of a chain is the one that was raised.
    if not reports or "Traceback (most recent call last)" in text[reports[-1].end() :]:
        return None
    found = reports[-1]
    kind = getattr(errors, found[1], None)
    if not (isinstance(kind, type) and issubclass(kind, TfSparkError)):
        return None
    return _reported(found[1], found[2].strip())


@contextlib.contextmanager
def sentences() -> Iterator[None]:
    """Raise an error of ours in the place of what Spark makes of it; others pass.

    >>> with sentences():                                           # doctest: +SKIP
    ...     rows = df.collect()
    """
    try:
        yield
    except Exception as error:
        # Classic Spark's iterators give a worker's error as one of Java.
        short = short_error(error)
        if short is None:
            raise
        raise short from None


def _reported(name: str, sentence: str) -> TfSparkError:
    error: TfSparkError = _as_reported(name)(sentence)
    return error


@lru_cache
def _as_reported(name: str) -> Any:
    # The facts of an error do not come back in Spark's report, only its sentence.
    kind = getattr(errors, name)
    members = {
        "__module__": kind.__module__,
        "__doc__": kind.__doc__,
        "__init__": Exception.__init__,
        "__str__": Exception.__str__,
        "__reduce__": lambda self: (_reported, (name, str(self))),
    }
    return type(name, (kind,), members)
