"""Find our error message in Spark's report about a failed worker."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from tfspark_magic.errors import NotAvailableError, TfSparkError, WorkerFailedError, error_of

_REPORT = re.compile(
    # The message ends where Spark adds its own text: an error code, Java's stack, or another cause.
    r"^tfspark_magic\.errors\.(\w+): (.*?)(?=\s*SQLSTATE: |\n\tat |\n\nDuring |\n\nThe above |\Z)",
    re.DOTALL | re.MULTILINE,
)

_FRAME = re.compile(r'^ +File ".*", line \d+, in .*$', re.MULTILINE)
_STACK = re.compile(r"\n\s+at |\nDriver stacktrace|\nJVM stacktrace")
_STOPPED = re.compile(
    r"stopped SparkContext|SparkContext was shut down|SparkContext has been shut down|"
    r"'NoneType' object has no attribute '(?:sc|_jvm|setLocalProperty)'"
)
_NO_JAVA = ("Py4JNetworkError", "ConnectionRefusedError")
_NO_ANSWER = "Answer from Java side is empty"
_NO_SERVER = re.compile(
    r"StatusCode\.UNAVAILABLE|NO_ACTIVE_SESSION|SESSION_CLOSED|INVALID_HANDLE\.SESSION_"
)
_CRASH = re.compile(
    r"Python worker exited unexpectedly|ExecutorLostFailure|Remote RPC client disas"
)
_TASK = re.compile(r"Task (\d+) in stage (\d+)\.\d+ failed (\d+) times")
_NO_ARROW = re.compile(r"No module named '(pyarrow|numpy)'|(PyArrow|NumPy)\b.* must be installed")
_ARROW_CACHE = re.compile(
    # Raised if Spark passes cached Arrow columns to a function unchanged, or reads them after their
    # release.
    r"Batch size mismatch: pass-through has \d+ rows but UDF result has|"
    r"IndexOutOfBoundsException: index: \d+, length: \d+ \(expected: range\(0, 0\)\)"
)
NO_DYNAMIC_ALLOCATION = (
    "fit needs all of its workers at once, and Spark gives none such under dynamic allocation: start "
    "the session (on Connect, its server) with spark.dynamicAllocation.enabled=false."
)
TOO_MANY_WORKERS = (
    "fit has more workers than Spark runs tasks at a time here, and all have to run at once: pass a "
    "smaller workers=, or start the session (on Connect, its server) with more cores."
)
NO_EXECUTORS = (
    "Spark has no executors yet, and fit needs all of its workers at once: look into the cluster's "
    "manager for the reason, and call fit again once they have started."
)
_NO_BARRIER = {"[SPARK-24942]": NO_DYNAMIC_ALLOCATION, "[SPARK-24819]": TOO_MANY_WORKERS}
"""What Spark says of a stage whose tasks have to run all at once, and cannot."""
_FAILURE = re.compile(
    r"^(?:(?:[\w$]+\.)+[\w$]+(?:Exception|Error): )?(?:Job aborted due to stage failure: )?"
)
_CODE = re.compile(r"\[[A-Z_.]+\]")
_LONGEST = 300


def short_error(exception: BaseException) -> TfSparkError | None:
    """Return our own error that a worker raised and Spark wrapped, or None.

    >>> short_error(error)                                          # doctest: +SKIP
    NullValuesError("Column 'x' holds 1 null in a block of 3 rows, ...")

    Parameters
    ----------
    exception
        The exception that an action on a DataFrame raised, classic or Connect.

    Returns
    -------
    An error of the class that the worker raised, with its message but without its facts. For a
    worker that was killed, or that lacks a package, our own error instead of Spark's.
    """
    if isinstance(exception, TfSparkError):
        return exception
    text = _text(exception)
    reports = list(_REPORT.finditer(text))
    # The last exception of a chain is the exception that was raised.
    if not reports:
        return _crash(text)
    if "Traceback (most recent call last)" in text[reports[-1].end() :]:
        return None
    found = reports[-1]
    # Spark's report holds only the message of an error, not its facts.
    return error_of(found[1], found[2].strip())


@contextlib.contextmanager
def sentences() -> Iterator[None]:
    """Raise our own error instead of the one that Spark makes of it; other errors pass.

    >>> with sentences():                                           # doctest: +SKIP
    ...     rows = df.collect()
    """
    try:
        yield
    except Exception as error:
        # Iterators of classic Spark raise a worker's error as a Java error.
        short = short_error(error)
        if short is None:
            raise
        raise short from None


def was_cancelled(exception: BaseException | None) -> bool:
    """Whether Spark ended the action because someone cancelled its jobs."""
    names = ("SPARK_JOB_CANCELLED", "OPERATION_CANCELED", "SPARK_JOB_GROUP_CANCELLED")
    return exception is not None and any(name in _java_text(exception) for name in names)


def has_another_server(exception: BaseException) -> bool:
    """Whether the server of a Connect session has restarted, after which PySpark calls it stopped."""
    found: BaseException | None = exception
    while found is not None:
        if "SESSION_CHANGED" in _text(found):
            return True
        found = found.__cause__ or found.__context__
    return False


def one_sentence(exception: BaseException) -> str:
    """Say in one sentence why an action failed: our own message, or else the main line of the error.

    >>> one_sentence(ZeroDivisionError("division by zero"))
    'ZeroDivisionError: division by zero'
    """
    short = short_error(exception)
    if short is not None:
        return str(short)
    if isinstance(exception, KeyboardInterrupt | SystemExit):
        kind = type(exception).__name__
        return f"The action ended itself by {kind}: remove exit() and interrupts from it."
    text = _java_text(exception)
    gone = _gone(text, type(exception).__name__)
    if gone is not None:
        where, remedy = gone
        return f"Spark is gone ({where}): {remedy} and read the data again."
    raised = _raised_in_worker(text)
    lines = (raised or _STACK.split(text, maxsplit=1)[0]).strip().splitlines()
    first = _FAILURE.sub("", lines[0].strip() if lines else "")
    kind = type(exception).__name__
    if not first:
        return f"{kind}."
    first = first if len(first) <= _LONGEST else f"{first[: _LONGEST - 1]}…"
    known = raised or kind.startswith("Py4J") or _CODE.match(first)
    return first if known else f"{kind}: {first}"


def _gone(text: str, kind: str) -> tuple[str, str] | None:
    """Say how Spark ended and how to start it again; empty if Spark is running."""
    if _NO_SERVER.search(text):
        # PySpark returns the lost session until it is stopped.
        return "its server has ended or restarted", "call spark.stop(), start a new session"
    if kind in _NO_JAVA or _NO_ANSWER in text:
        return "its Java has ended", "start a new session by tfs.session()"
    return ("stopped", "start a new session") if _STOPPED.search(text) else None


def _crash(text: str) -> TfSparkError | None:
    """Return an error for a worker that ended without a message, or could not start."""
    refused = next((said for code, said in _NO_BARRIER.items() if code in text), None)
    if refused is not None:
        return NotAvailableError(refused)
    task = _TASK.search(text)
    lacks = _NO_ARROW.search(text)
    # A report without a worker's stack is about a package that the driver itself cannot import.
    if lacks and (task or "Traceback (most recent call last)" in text):
        what = "PyArrow" if (lacks[1] or lacks[2]).lower() == "pyarrow" else "NumPy"
        return WorkerFailedError(
            f"A node of the cluster lacks {what}, which each node needs in addition to TensorFlow, for the "
            f"Python that Spark starts there (PYSPARK_PYTHON)",
            f"pip install {what.lower()}.",
        )
    if _ARROW_CACHE.search(text):
        return WorkerFailedError(
            "Spark cannot hand columns of its Arrow cache (spark.sql.cache.serializer) to a function "
            "in SQL in more than one batch",
            'write spark.conf.set("spark.sql.inMemoryColumnarStorage.enableVectorizedReader", '
            '"false"), or call tfs.udf or tfs.map_rows instead of SQL.',
        )
    if not _CRASH.search(text):
        return None
    where = f" in task {task[1]} of stage {task[2]}, {task[3]} times" if task else ""
    return WorkerFailedError(
        f"A Python worker was killed or crashed{where}, often because memory is short",
        "give it fewer rows per block, or more memory.",
    )


def _raised_in_worker(text: str) -> str:
    """Return the lines after the last Python frame: the exception that was raised."""
    frames = list(_FRAME.finditer(text))
    below = text[frames[-1].end() :].splitlines() if frames else []
    return next((line for line in below if line and not line[0].isspace()), "")


def _text(exception: BaseException) -> str:
    try:
        return str(exception)
    except Exception:  # noqa: BLE001  (Java is asked for the text of its own errors, and may have ended)
        return _NO_ANSWER if type(exception).__name__ == "Py4JJavaError" else ""


def _java_text(exception: BaseException) -> str:
    text = _text(exception)
    if type(exception).__name__ == "Py4JJavaError":
        # "An error occurred while calling o1.collect.\n: " does not help a reader.
        text = text.partition("\n: ")[2] or text
    return text
